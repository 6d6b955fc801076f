package tarn.core.lake;

import java.util.List;
import java.util.Optional;

/**
 * One test of {@code tests/*.yaml}: when these tables have these rows, those have those.
 *
 * @param place where it begins
 * @param name what it claims
 * @param given tables and datasets, with all their rows
 * @param expected tables, with all their rows
 */
public record LakeTest(Place place, String name, List<Given> given, List<Expected> expected) {
  public LakeTest {
    given = List.copyOf(given);
    expected = List.copyOf(expected);
  }

  /**
   * What is there before.
   *
   * @param place where it is written
   * @param table {@code raw.orders}, {@code clean.orders}
   * @param file what lands in its place: one JSON object per line, or a file's text as it is
   */
  public record Given(Place place, String table, String file) {}

  /**
   * What is there afterwards.
   *
   * @param place where it is written
   * @param table {@code clean.orders}, {@code quarantine.orders}
   * @param count how many rows, where only that is said
   * @param rows each row's values by column; columns that a row does not name may have any value
   */
  public record Expected(Place place, String table, Optional<Long> count, List<Node.Mapping> rows) {
    public Expected {
      rows = List.copyOf(rows);
    }
  }
}
