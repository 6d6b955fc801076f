package tarn.core.engine;

import java.util.List;
import org.apache.iceberg.types.Types;

/**
 * The columns that a raw file of changes has before those of its table. Their names begin with two
 * underscores, which those of a source's columns may not.
 */
public final class ChangeColumns {
  /** What their names begin with. */
  public static final String PREFIX = "__";

  /** What happened: one of {@link #INSERT}, {@link #UPDATE}, {@link #DELETE}, {@link #TRUNCATE}. */
  public static final String OP = "__op";

  /** Where the transaction's commit is in the source's log. */
  public static final String LSN = "__lsn";

  /** The change's place in its transaction, from 0. */
  public static final String ORDINAL = "__ordinal";

  /** The transaction's number. */
  public static final String TRANSACTION = "__xid";

  /** When it was committed. */
  public static final String AT = "__at";

  /**
   * The names of columns whose values the source did not say, because they stayed: a JSON array of
   * texts, or null for none. In the columns themselves these are null.
   */
  public static final String UNCHANGED = "__unchanged";

  /**
   * The row before an update, as far as the source told it: a JSON object of the source's texts,
   * null if it did not tell. A delete has what was told in the table's columns.
   */
  public static final String BEFORE = "__before";

  /**
   * Values that do not fit their column's type: a JSON object of the source's texts, null if all
   * fit. In the columns themselves these are null. The last column of those files that have such
   * values.
   */
  public static final String UNFIT = "__unfit";

  public static final String INSERT = "c";
  public static final String UPDATE = "u";
  public static final String DELETE = "d";
  public static final String TRUNCATE = "t";

  /** Those that stand in a text of changes, before the table's: all but {@link #UNFIT}. */
  public static final List<Column> OF_CHANGES =
      List.of(
          new Column(OP, Types.StringType.get()),
          new Column(LSN, Types.LongType.get()),
          new Column(ORDINAL, Types.LongType.get()),
          new Column(TRANSACTION, Types.LongType.get()),
          new Column(AT, Types.TimestampType.withZone()),
          new Column(UNCHANGED, Types.StringType.get()),
          new Column(BEFORE, Types.StringType.get()));

  private ChangeColumns() {}
}
