package tarn.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.SqliteDatabase;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;
import tarn.core.engine.CompareJob;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.QueryJob;
import tarn.core.engine.QueryOutcome;
import tarn.core.engine.RawInput;
import tarn.core.engine.RewriteJob;
import tarn.core.engine.RowSink;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ingest.Landings;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.observe.Progress;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.table.WrittenFile;

class CrawlerTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-05T08:00:00Z"), ZoneOffset.UTC);

  @TempDir Path home;
  private SqliteDatabase database;
  private LocalObjectStore objects;
  private Landings landings;
  private Datasets datasets;
  private final GuessingEngine engine = new GuessingEngine();
  private Crawler crawler;

  @BeforeEach
  void openLake() {
    database = SqliteDatabase.open(home.resolve("catalog.db"));
    objects = new LocalObjectStore(home.resolve("zones"), new Buckets("lake", "dev"), false);
    Ledger ledger = new SqlLedger(database);
    landings = new Landings(objects, ledger, CLOCK);
    datasets = new Datasets(database);
    crawler = new Crawler(ledger, new RawInputs(objects), engine, datasets, CLOCK);
  }

  @AfterEach
  void closeLake() {
    objects.close();
    database.close();
  }

  @Test
  void whatACrawlOfOneSourceLeftOutIsFoundLater() {
    land("second", "", "b.csv");
    land("first", "", "a.csv");
    crawl("first");
    crawl();
    assertThat(names()).containsExactly("raw.first", "raw.second");
  }

  @Test
  void aCrawlThatFailsEntersNothingAndCanBeRepeated() {
    land("shop", "customers", "a.csv");
    land("shop", "orders", "b.csv");
    engine.failAfter = 1;
    assertThatThrownBy(this::crawl).isInstanceOf(TarnException.class);
    assertThat(names()).isEmpty();
    engine.failAfter = Integer.MAX_VALUE;
    crawl();
    assertThat(names()).containsExactly("raw.shop_customers", "raw.shop_orders");
  }

  @Test
  void everyFileCountsOnce() {
    land("shop", "", "a.csv");
    crawl();
    land("shop", "", "b.csv");
    crawl();
    crawl();
    assertThat(datasets.list()).singleElement().extracting(Dataset::files).isEqualTo(2L);
  }

  @Test
  void sourcesWithFilesThatNoCrawlHasSeenAreBehind() {
    land("orders", "", "a.csv");
    land("shop", "items", "a.csv");
    assertThat(crawler.behind()).extracting(SourceName::value).containsExactly("orders", "shop");
    crawl("orders", "shop");
    assertThat(crawler.behind()).isEmpty();
    land("shop", "clients", "b.csv");
    assertThat(crawler.behind()).extracting(SourceName::value).containsExactly("shop");
    crawl("shop");
    assertThat(crawler.behind()).isEmpty();
    database.write(h -> h.execute("DELETE FROM dataset WHERE name = 'shop_items'"));
    assertThat(crawler.behind()).extracting(SourceName::value).containsExactly("shop");
  }

  private void crawl(String... sources) {
    crawler.crawl(
        Set.of(sources).stream().map(SourceName::new).collect(java.util.stream.Collectors.toSet()),
        false,
        Progress.NONE);
  }

  private void land(String source, String folder, String name) {
    byte[] bytes = ("id,name\n1," + name + "\n").getBytes(StandardCharsets.UTF_8);
    landings.land(new SourceName(source), folder, name, new ByteArrayInputStream(bytes));
  }

  private List<String> names() {
    return datasets.list().stream().map(d -> d.name().toString()).toList();
  }

  /** Finds the same column everywhere. */
  private static final class GuessingEngine implements Engine {
    private int failAfter = Integer.MAX_VALUE;

    @Override
    public List<Column> infer(List<RawInput> inputs) {
      if (failAfter-- <= 0) {
        throw new TarnException(ErrorCode.ENGINE_CRASHED, "the engine's process died");
      }
      return List.of(new Column("id", Types.LongType.get()));
    }

    @Override
    public JsonNode parse(String sql, java.time.Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ColumnarJob.Stored columnar(ColumnarJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompareJob.Result compare(CompareJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ApplyJob.Result apply(ApplyJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Text unparse(JsonNode tree, java.time.Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Column> describe(List<Column> columns, List<Step> steps) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Column> describe(QueryJob query) {
      throw new UnsupportedOperationException();
    }

    @Override
    public QueryOutcome query(QueryJob query, RowSink sink) {
      throw new UnsupportedOperationException();
    }

    @Override
    public LoadResult load(LoadJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<WrittenFile> build(BuildJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public java.util.Map<tarn.core.engine.plan.Measure, java.math.BigDecimal> measure(
        tarn.core.engine.MeasureJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<WrittenFile> rewrite(RewriteJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
