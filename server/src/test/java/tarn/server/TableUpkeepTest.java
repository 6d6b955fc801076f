package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tarn.api.TableRun;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

class TableUpkeepTest {
  @Test
  void aTableThatFailsDropsNoOther() {
    TableUpkeep upkeep = new TableUpkeep();
    for (String table : List.of("clean.a", "clean.b", "clean.c")) {
      upkeep.loaded(Collections.nCopies(100, written(table)));
    }
    Set<String> tried = new TreeSet<>();
    assertThatThrownBy(
            () ->
                upkeep.maintain(
                    table -> {
                      tried.add(table);
                      throw new TarnException(ErrorCode.FILE_DAMAGED, table + " is damaged");
                    }))
        .hasMessageContaining("is damaged")
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(2));
    assertThat(tried).containsExactly("clean.a", "clean.b", "clean.c");
    upkeep.maintain(table -> assertThat(table).as("due again after as many commits").isNull());
  }

  private static TableRun written(String table) {
    return new TableRun(table, "written", 1, 1, 0, 1L, 1, null);
  }
}
