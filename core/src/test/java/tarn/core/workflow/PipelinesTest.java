package tarn.core.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.TableChoice;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;

class PipelinesTest {
  @TempDir private Path dir;
  private final List<String> asked = new ArrayList<>();
  private SourceWork.Done done = new SourceWork.Done(5, 3, 1, 0);

  /** Remembers what it was asked. */
  private final class Source implements SourceWork {
    @Override
    public Done load(SourceName source, TableChoice t, Progress p, BooleanSupplier c) {
      asked.add("load " + source + " " + t);
      return done;
    }

    @Override
    public Done seed(SourceName source, TableChoice t, Progress p, BooleanSupplier c) {
      asked.add("seed " + source + " " + t);
      return done;
    }

    @Override
    public Done incremental(SourceName source, TableChoice t, Progress p, BooleanSupplier c) {
      asked.add("incremental " + source + " " + t);
      return done;
    }

    @Override
    public Done continuous(SourceName source, Progress p, BooleanSupplier c) {
      asked.add("continuous " + source);
      return done;
    }
  }

  @BeforeEach
  void aLake() throws IOException {
    write("lake.yaml", "name: shop\n");
    write(
        "sources/shop.yaml",
        "connection: {host: localhost, database: shop, user: tarn, password: env:P}\ntables: [public.*]\n");
    write("models/sales.sql", "SELECT 1 AS n");
    write(
        "pipelines/a.yaml",
        "{type: jdbc_load, source: shop, tables: [public.a], next_pipeline: b}");
    write("pipelines/b.yaml", "{type: seed, source: shop}");
    write("pipelines/c.yaml", "{type: incremental, source: shop, after: b}");
    write("pipelines/d.yaml", "{type: continuous, source: shop, after: b}");
    write("pipelines/e.yaml", "{type: custom, models: [sales], after: c}");
  }

  @Test
  void eachTypeAsksForItsOwnWork() {
    assertThat(run("a")).isEqualTo(new Counts(5, 3, 1));
    run("b");
    run("c");
    run("e");
    assertThat(asked)
        .containsExactly("load shop public.a", "seed shop ", "incremental shop ", "models [sales]");
  }

  @Test
  void chainsAreTheSameFromBothEnds() {
    assertThat(workflows(Map.of()))
        .extracting(w -> w.name() + w.next())
        .containsExactly("a[b]", "b[c, d]", "c[e]", "d[]", "e[]");
  }

  @Test
  void nothingReadAlthoughThereIsSomethingIsAFailure() {
    done = new SourceWork.Done(0, 0, 0, 4_096);
    assertThatThrownBy(() -> run("c"))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("nothing was read although 4096 bytes of the log of shop");
    done = new SourceWork.Done(1, 0, 0, 4_096);
    assertThat(run("c").read()).isEqualTo(1);
    done = new SourceWork.Done(0, 0, 0, 0);
    assertThat(run("c").read()).isZero();
  }

  @Test
  void whatIsContinuousEndsOnlyByBeingStopped() {
    assertThatThrownBy(() -> run("d"))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
  }

  @Test
  void settingsByCommandAreLaidOverTheFileAndThoseThatNoLongerFitAreNot() {
    RunStore.Kept kept =
        new RunStore.Kept(
            "",
            Instant.EPOCH,
            null,
            "",
            Map.of("retries", "2", "tables.public.b.enabled", "true", "gone", "1"));
    Workflow a = workflows(Map.of("a", kept)).get(0);
    assertThat(a.retries()).isEqualTo(2);
    a.body().run(context());
    assertThat(asked).containsExactly("load shop public.a, public.b");
  }

  private Counts run(String name) {
    return workflows(Map.of()).stream()
        .filter(w -> w.name().equals(name))
        .findFirst()
        .orElseThrow()
        .body()
        .run(context());
  }

  private static Body.Context context() {
    Run run =
        new Run(
            "r1",
            "x",
            new Trigger.Manual(),
            Run.State.RUNNING,
            1,
            0,
            Instant.EPOCH,
            Instant.EPOCH,
            null,
            Counts.NONE,
            "",
            "",
            "",
            false,
            null);
    return new Body.Context(run, Progress.NONE, () -> false, log -> {});
  }

  private List<Workflow> workflows(Map<String, RunStore.Kept> kept) {
    Pipelines pipelines =
        new Pipelines(
            new Source(),
            (models, context) -> {
              asked.add("models " + models);
              return Counts.NONE;
            },
            new Commands(dir.resolve("processes")));
    return pipelines.of(LakeFolder.load(dir).orThrow(), kept);
  }

  private void write(String file, String text) throws IOException {
    Path path = dir.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
