package tarn.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.engine.QueryJob;
import tarn.core.engine.Relation;
import tarn.core.engine.View;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.table.ScanFile;
import tarn.core.table.TableName;
import tarn.testkit.EngineWorld;

/**
 * What a text can reach that got past the guard: these texts are handed to the engine as they are,
 * and the walls around its process must hold alone.
 */
@Timeout(120)
class EngineWallsTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()));

  @TempDir static Path temp;
  private static EngineWorld world;
  private static View planned;
  private static String ownFile;
  private static String otherFile;

  @BeforeAll
  static void open() {
    world = DuckDbWorld.open(temp);
    TableName own = filled("own.csv", "id,name\n1,one\n2,two\n");
    TableName other = filled("other.csv", "id,name\n1,hunter2\n");
    planned = new View("t", new Relation.OfTable(world.scan(own, Expressions.alwaysTrue())));
    ownFile = path(own);
    otherFile = path(other);
  }

  @AfterAll
  static void close() {
    world.close();
  }

  private static TableName filled(String file, String text) {
    TableName table = world.table(SCHEMA, 2);
    world.load(
        table,
        EngineWorld.Plan.append(SCHEMA),
        List.of(world.readable(file, text.getBytes(StandardCharsets.UTF_8))));
    return table;
  }

  private static String path(TableName table) {
    ScanFile file = world.scan(table, Expressions.alwaysTrue()).files().get(0);
    try (FileLease lease = world.objects().localize(file.key())) {
      return lease.path().toString();
    }
  }

  @Test
  void thePlannedFilesAreRead() {
    assertThat(rows("SELECT id FROM t ORDER BY id")).isEqualTo("[[1], [2]]");
    assertThat(rows("SELECT count(*) FROM read_parquet(" + Sql.text(ownFile) + ")"))
        .isEqualTo("[[2]]");
  }

  @Test
  void noOtherFileIsRead() {
    String folder = String.valueOf(Path.of(ownFile).getParent());
    String around = folder + "/" + Path.of(folder).relativize(Path.of(otherFile));
    for (String file :
        List.of(
            "/etc/passwd",
            "/proc/self/environ",
            "/proc/self/cmdline",
            otherFile,
            around,
            folder + "/*.parquet",
            temp.resolve("catalog.db").toString(),
            System.getProperty("java.class.path").split(File.pathSeparator, -1)[0])) {
      String text = Sql.text(file);
      refused("SELECT * FROM read_text(" + text + ")");
      refused("SELECT * FROM read_blob(" + text + ")");
      refused("SELECT * FROM read_csv(" + text + ", all_varchar = true)");
      refused("SELECT * FROM read_parquet(" + text + ")");
      refused("SELECT * FROM " + Sql.name(file));
      refused("SELECT * FROM sniff_csv(" + text + ")");
    }
    refused("SELECT * FROM read_parquet([" + Sql.text(ownFile) + ", " + Sql.text(otherFile) + "])");
  }

  @Test
  void noFolderIsListed() {
    for (String pattern : List.of("/etc/*", "/*", temp + "/**", "*", "../**")) {
      assertThat(rowsOrRefusal("SELECT * FROM glob(" + Sql.text(pattern) + ")")).isEqualTo("[]");
    }
  }

  @Test
  void noAddressIsOpened() {
    for (String address :
        List.of("http://127.0.0.1:1/x.csv", "https://example.org/x.csv", "s3://bucket/x.csv")) {
      refused("SELECT * FROM read_csv(" + Sql.text(address) + ")");
      refused("SELECT * FROM read_text(" + Sql.text(address) + ")");
      refused("SELECT * FROM " + Sql.name(address));
    }
  }

  @Test
  void nothingIsWritten() throws IOException {
    Path out = temp.resolve("out");
    byte[] before = Files.readAllBytes(Path.of(ownFile));
    refused("COPY (SELECT 1) TO " + Sql.text(out.toString()));
    refused("COPY (SELECT 1) TO " + Sql.text(out + ".parquet"));
    refused("COPY (SELECT 1) TO " + Sql.text(otherFile));
    refused("COPY (SELECT 1) TO 'out.csv'");
    refused("COPY (SELECT 1) TO " + Sql.text(ownFile));
    refused("EXPORT DATABASE " + Sql.text(out.toString()));
    refused("ATTACH " + Sql.text(out + ".db"));
    refused("ATTACH " + Sql.text(temp.resolve("catalog.db").toString()) + " AS c (TYPE sqlite)");
    refused("ATTACH " + Sql.text(otherFile) + " AS c");
    refused("CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')");
    refused("PRAGMA enable_profiling = 'json'; PRAGMA profile_output = " + Sql.text(out + ".json"));
    assertThat(Files.list(temp).map(Path::getFileName).map(Path::toString))
        .noneMatch(name -> name.startsWith("out"));
    assertThat(Files.readAllBytes(Path.of(ownFile))).isEqualTo(before);
  }

  @Test
  void noExtensionIsLoaded() {
    refused("INSTALL httpfs");
    refused("INSTALL httpfs FROM 'http://127.0.0.1:1'");
    refused("LOAD httpfs");
    refused("LOAD sqlite_scanner");
    refused("LOAD " + Sql.text(temp.resolve("x.duckdb_extension").toString()));
  }

  @Test
  void noSettingIsChanged() {
    for (String setting :
        List.of(
            "lock_configuration = false",
            "enable_external_access = true",
            "allowed_paths = ['/etc/passwd']",
            "allowed_directories = ['/']",
            "memory_limit = '100GB'",
            "max_temp_directory_size = '100GB'",
            "temp_directory = '/tmp'",
            "threads = 64",
            "max_execution_time = 0",
            "max_expression_depth = 100000",
            "autoinstall_known_extensions = true",
            "secret_directory = '/tmp'",
            "home_directory = '/root'",
            "log_query_path = '/tmp/log'")) {
      refused("SET " + setting);
      refused("SET GLOBAL " + setting);
      refused("SET SESSION " + setting);
      refused("PRAGMA " + setting);
      refused("RESET " + setting.substring(0, setting.indexOf(' ')));
    }
  }

  @Test
  void thereIsNoEnvironmentAndNoSecret() {
    assertThat(rowsOrRefusal("SELECT getenv('PATH') WHERE getenv('PATH') <> ''")).isEqualTo("[]");
    assertThat(rowsOrRefusal("SELECT * FROM duckdb_secrets()")).isEqualTo("[]");
    refused("SELECT * FROM read_text('.duckdb/stored_secrets')");
  }

  /** A statement before the last is run by the driver, too. */
  private static void refused(String sql) {
    for (String each : List.of(sql, sql + "; SELECT 1")) {
      TarnException e = catchThrowableOfType(TarnException.class, () -> run(each));
      assertThat(e).as(each).isNotNull();
      assertThat(e.line()).as(each).doesNotContain("hunter2", "root:");
    }
  }

  private static String rowsOrRefusal(String sql) {
    try {
      return rows(sql);
    } catch (TarnException e) {
      return "[]";
    }
  }

  private static String rows(String sql) {
    return run(sql).rows().toString();
  }

  private static EngineWorld.Rows run(String sql) {
    EngineWorld.Rows rows = new EngineWorld.Rows();
    QueryJob job = new QueryJob(sql, List.of(planned), Duration.ofSeconds(20), 1000, 1 << 20);
    world.engine().query(job, rows);
    return rows;
  }
}
