package tarn.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A source's tables against their copies.
 *
 * @param equal whether no table that was compared differs
 * @param lsn the place in the source's log as of which they were compared
 * @param tables in order of name
 * @param notCompared tables that were not, each with the reason
 */
public record SourceVerifyAnswer(
    boolean equal, String lsn, List<Table> tables, List<String> notCompared) implements Message {

  /**
   * A table and its copy.
   *
   * @param snapshot of the copy; null if it has no rows yet
   * @param sourceRows those that were compared
   * @param lakeRows likewise
   * @param changing keys that changed since {@code lsn} and were passed over
   * @param differing keys that are not the same on both sides
   * @param ranges all of them, in order of key
   * @param differences the first of the keys that differ, in order
   */
  public record Table(
      String table,
      String copy,
      @Nullable Long snapshot,
      long sourceRows,
      long lakeRows,
      long changing,
      long differing,
      List<Range> ranges,
      List<Difference> differences)
      implements Message {
    @Override
    public Fields fields() {
      return new Fields()
          .with("table", table)
          .with("copy", copy)
          .with("snapshot", snapshot)
          .with("source_rows", sourceRows)
          .with("lake_rows", lakeRows)
          .with("changing", changing)
          .with("differing", differing)
          .with("ranges", ranges)
          .with("differences", differences);
    }

    static Table from(Fields fields) {
      return new Table(
          fields.text("table"),
          fields.text("copy"),
          fields.numberOrNull("snapshot"),
          fields.number("source_rows"),
          fields.number("lake_rows"),
          fields.number("changing"),
          fields.number("differing"),
          fields.objects("ranges", Range::from),
          fields.objects("differences", Difference::from));
    }
  }

  /**
   * A range of keys.
   *
   * @param first its lowest key
   * @param last its highest
   * @param sourceHash of its rows, in whatever order
   * @param differing keys in it that are not the same on both sides
   */
  public record Range(
      List<String> first,
      List<String> last,
      long sourceRows,
      long lakeRows,
      String sourceHash,
      String lakeHash,
      long differing)
      implements Message {
    @Override
    public Fields fields() {
      return new Fields()
          .with("first", first)
          .with("last", last)
          .with("source_rows", sourceRows)
          .with("lake_rows", lakeRows)
          .with("source_hash", sourceHash)
          .with("lake_hash", lakeHash)
          .with("differing", differing);
    }

    static Range from(Fields fields) {
      return new Range(
          fields.texts("first"),
          fields.texts("last"),
          fields.number("source_rows"),
          fields.number("lake_rows"),
          fields.text("source_hash"),
          fields.text("lake_hash"),
          fields.number("differing"));
    }
  }

  /**
   * A key that differs.
   *
   * @param key the values of its columns
   * @param how {@code only_in_source}, {@code only_in_lake}, {@code different} or {@code repeated}
   * @param columns those whose values are different
   */
  public record Difference(List<String> key, String how, List<String> columns) implements Message {
    @Override
    public Fields fields() {
      return new Fields().with("key", key).with("how", how).with("columns", columns);
    }

    static Difference from(Fields fields) {
      return new Difference(fields.texts("key"), fields.text("how"), fields.texts("columns"));
    }
  }

  @Override
  public Fields fields() {
    return new Fields()
        .with("equal", equal)
        .with("lsn", lsn)
        .with("tables", tables)
        .with("not_compared", notCompared);
  }

  public static SourceVerifyAnswer from(Fields fields) {
    return new SourceVerifyAnswer(
        fields.flag("equal"),
        fields.text("lsn"),
        fields.objects("tables", Table::from),
        fields.texts("not_compared"));
  }
}
