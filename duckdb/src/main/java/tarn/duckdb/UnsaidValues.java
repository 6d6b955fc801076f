package tarn.duckdb;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types;
import tarn.core.change.Lsn;
import tarn.core.engine.ChangeColumns;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.ScanFile;
import tarn.core.table.TableState;

/**
 * Values that changes did not say, because they stayed as they were.
 *
 * <p>The changes of one key are cut into <b>lives</b>, from an insert, or a row that comes from
 * another key, to a delete, or a row that leaves. Lives of the same row under several keys make a
 * <b>chain</b>. An unsaid value is the one that was last said in the chain; if none was, it is that
 * of the copy's row with the key of the chain's first life, if that life goes on one from before
 * the batch.
 *
 * <p>If the copy's rows are of several moments, that row may be newer than the change (its value is
 * as good, because what changed it comes later) or gone: then whatever took it away comes later,
 * and the change leaves no row. A row that came from another key is another matter: who has that
 * key in the copy may be a newer row, and not this one. But if nothing of the batch was before it
 * at its own key, a row that is there is newer than it came, and so its value is as good. Otherwise
 * it cannot be told and is refused.
 */
final class UnsaidValues {
  private final WorkerSession session;
  private final TableSql tables;
  private final OldVersions versions;
  private final TableState table;
  private final List<String> key;
  private final Lsn settled;

  UnsaidValues(WorkerSession session, TableSql tables, OldVersions versions, Copy copy) {
    this.session = session;
    this.tables = tables;
    this.versions = versions;
    this.table = copy.table();
    this.key = copy.key();
    this.settled = copy.settled();
  }

  /**
   * Where the values are.
   *
   * @param settled {@link tarn.core.engine.ApplyJob#settled}
   */
  record Copy(TableState table, List<String> key, Lsn settled) {}

  /** Whether a change of {@code changes} said the value of a column. */
  static String says(String changes, String column) {
    String unchanged = changes + "." + ChangeColumns.UNCHANGED;
    return "("
        + unchanged
        + " IS NULL OR NOT list_contains(json_extract_string("
        + unchanged
        + ", '$[*]'), "
        + Sql.text(column)
        + "))";
  }

  /**
   * Makes {@code completed}: the rows of {@code changes} that are last ones and have unsaid values,
   * with these.
   *
   * @param moves whether there are rows in {@code moved}
   * @param files those of the copy where {@code hits} are
   * @return false if there is no such row
   */
  boolean complete(boolean moves, List<ScanFile> files) {
    session.execute(
        "CREATE OR REPLACE TEMP TABLE lacking AS SELECT c.rowid AS "
            + Applier.AT
            + ", c."
            + ChangeColumns.UNCHANGED
            + " FROM changes c WHERE c."
            + ChangeColumns.UNCHANGED
            + " IS NOT NULL AND c.rowid IN (SELECT "
            + Applier.AT
            + " FROM lasts)");
    if (session.value("SELECT count(*) FROM lacking").asLong() == 0) {
      return false;
    }
    List<String> unsaid = unsaidColumns();
    findLives(moves);
    findChains(moves);
    findSaid(unsaid);
    findCopied(unsaid, files);
    if (!settled.equals(Lsn.ZERO)) {
      findMovedUnsettled(unsaid, files);
      passUnsettled(unsaid, files);
    }
    refuseMissing(unsaid);
    makeCompleted(unsaid);
    return true;
  }

  private List<String> unsaidColumns() {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode row :
        session.rows(
            "SELECT DISTINCT unnest(json_extract_string("
                + ChangeColumns.UNCHANGED
                + ", '$[*]')) FROM lacking ORDER BY 1")) {
      Types.NestedField column = table.schema().findField(row.path(0).asText());
      if (column != null && !key.contains(column.name())) {
        names.add(column.name());
      }
    }
    return List.copyOf(names);
  }

  /** {@code lives}: every change, and every row that leaves a key, with its life. */
  private void findLives(boolean moves) {
    String keys = Sql.names(key);
    String events =
        "SELECT "
            + keys
            + ", "
            + ChangeRows.ORDER
            + ", rowid AS "
            + Applier.AT
            + ", "
            + ChangeColumns.OP
            + " = 'c' AS inserts, "
            + (moves ? "rowid IN (SELECT " + Applier.AT + " FROM moved)" : "false")
            + " AS comes, "
            + ChangeColumns.OP
            + " = 'd' AS ends, false AS leaves FROM changes"
            + (moves
                ? " UNION ALL SELECT "
                    + keys
                    + ", "
                    + ChangeRows.ORDER
                    + " - 1, "
                    + Applier.AT
                    + ", false, false, true, true FROM moved"
                : "");
    String window = " OVER (PARTITION BY " + keys + " ORDER BY " + ChangeRows.ORDER + ")";
    session.execute(
        "CREATE OR REPLACE TEMP TABLE lives AS SELECT *, max(CASE WHEN begins THEN "
            + ChangeRows.ORDER
            + " END)"
            + window
            + " AS life FROM (SELECT *, inserts OR comes OR coalesce(ended, true) AS begins FROM (SELECT *, lag(ends)"
            + window
            + " AS ended FROM ("
            + events
            + ")))");
  }

  /** {@code chains}: each life's first one. */
  private void findChains(boolean moves) {
    session.execute(
        moves
            ? "CREATE OR REPLACE TEMP TABLE chains AS WITH RECURSIVE links AS (SELECT l.life, p.life AS earlier FROM lives l LEFT JOIN lives p ON l.comes AND p.leaves AND p."
                + Applier.AT
                + " = l."
                + Applier.AT
                + " WHERE l.begins), found AS (SELECT life, life AS chain FROM links WHERE earlier IS NULL UNION ALL"
                + " SELECT l.life, f.chain FROM links l JOIN found f ON l.earlier = f.life) SELECT * FROM found"
            : "CREATE OR REPLACE TEMP TABLE chains AS SELECT DISTINCT life, life AS chain FROM lives");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE needy AS SELECT x.*, h.chain FROM lacking x JOIN lives l ON l."
            + Applier.AT
            + " = x."
            + Applier.AT
            + " AND NOT l.leaves JOIN chains h ON h.life = l.life");
  }

  /** {@code said}: for each chain that needs it, and each column, the last change that said it. */
  private void findSaid(List<String> unsaid) {
    String lasts =
        each(
            unsaid,
            (i, name) ->
                ", arg_max(l."
                    + Applier.AT
                    + ", l."
                    + ChangeRows.ORDER
                    + ") FILTER ("
                    + says("c", name)
                    + ") AS s"
                    + i);
    session.execute(
        "CREATE OR REPLACE TEMP TABLE said AS SELECT h.chain"
            + lasts
            + " FROM lives l JOIN chains h ON h.life = l.life JOIN changes c ON c.rowid = l."
            + Applier.AT
            + " WHERE NOT l.leaves AND c."
            + ChangeColumns.OP
            + " <> 'd' AND h.chain IN (SELECT chain FROM needy) GROUP BY ALL");
  }

  /** {@code copied}: for each chain that needs it, the copy's row from before the batch. */
  private void findCopied(List<String> unsaid, List<ScanFile> files) {
    String keys = Sql.names(key);
    session.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT l."
            + ChangeRows.ORDER
            + " AS chain, "
            + keys
            + " FROM lives l WHERE l.begins AND l.ended IS NULL AND NOT l.inserts AND NOT l.comes AND l."
            + ChangeRows.ORDER
            + " IN (SELECT n.chain FROM "
            + lacking(unsaid)
            + ")");
    session.execute("CREATE OR REPLACE TEMP TABLE copied AS " + rowsOfWanted(unsaid, files));
  }

  /** The chains without a change that said all, {@code n}. */
  private static String lacking(List<String> unsaid) {
    return "needy n JOIN said s ON s.chain = n.chain WHERE (false"
        + each(unsaid, (i, name) -> " OR NOT " + says("n", name) + " AND s.s" + i + " IS NULL")
        + ")";
  }

  /**
   * {@code crossed}: the chains that lack a value and came from another key before {@link
   * Copy#settled}. Theirs is that of the copy's row with their own key, if no change of the batch
   * was there before.
   */
  private void findMovedUnsettled(List<String> unsaid, List<ScanFile> files) {
    session.execute(
        "CREATE OR REPLACE TEMP TABLE crossed AS SELECT n.chain, n."
            + Applier.AT
            + " FROM "
            + lacking(unsaid)
            + " AND n.chain IN (SELECT chain FROM chains WHERE life <> chain AND life < "
            + ChangeRows.order(settled.value())
            + ")");
    session.execute("DELETE FROM copied WHERE chain IN (SELECT chain FROM crossed)");
    session.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT x.chain, "
            + Sql.names(key)
            + " FROM crossed x JOIN (SELECT *, min("
            + ChangeRows.ORDER
            + ") OVER (PARTITION BY "
            + Sql.names(key)
            + ") AS first FROM lives) l ON l."
            + Applier.AT
            + " = x."
            + Applier.AT
            + " WHERE NOT l.leaves AND l.first = l.life");
    session.execute("INSERT INTO copied " + rowsOfWanted(unsaid, files));
  }

  /** What was not found of other changes before {@link Copy#settled}: the change leaves no row. */
  private void passUnsettled(List<String> unsaid, List<ScanFile> files) {
    String unsettled =
        "(SELECT rowid FROM changes WHERE "
            + ChangeRows.ORDER
            + " < "
            + ChangeRows.order(settled.value())
            + ")";
    session.execute(
        "DELETE FROM needy WHERE chain IN (SELECT n.chain FROM "
            + lacking(unsaid)
            + " AND n.chain NOT IN (SELECT chain FROM copied UNION ALL SELECT chain FROM crossed) AND n."
            + Applier.AT
            + " IN "
            + unsettled
            + ")");
    session.execute(
        "UPDATE copied SET known = true WHERE chain IN (SELECT chain FROM needy WHERE "
            + Applier.AT
            + " IN "
            + unsettled
            + ")");
  }

  /** The copy's rows with the keys of {@code wanted}, by chain. */
  private String rowsOfWanted(List<String> unsaid, List<ScanFile> files) {
    String values = each(unsaid, (i, name) -> ", e." + Sql.name(name) + " AS v" + i);
    boolean none = files.isEmpty() || session.value("SELECT count(*) FROM wanted").asLong() == 0;
    String rows =
        none ? null : tables.rows(versions.scan(versions.touched("hits", files).values()));
    String same =
        key.stream()
            .map(k -> "e." + Sql.name(k) + " = w." + Sql.name(k))
            .collect(Collectors.joining(" AND "));
    return rows == null
        ? "SELECT 0::HUGEINT AS chain, false AS known"
            + each(
                unsaid,
                (i, name) ->
                    ", CAST(NULL AS "
                        + SqlTypes.sql(table.schema().findField(name).type())
                        + ") AS v"
                        + i)
            + " WHERE false"
        : "SELECT w.chain, false AS known"
            + values
            + " FROM ("
            + rows
            + ") e JOIN wanted w ON "
            + same;
  }

  /**
   * A value that is large is not null: if it is null in the copy, it is not the value, unless the
   * row is {@code known} to be newer.
   */
  private void refuseMissing(List<String> unsaid) {
    for (int i = 0; i < unsaid.size(); i++) {
      long missing =
          session
              .value(
                  "SELECT count(*) FROM needy n JOIN said s ON s.chain = n.chain WHERE NOT "
                      + says("n", unsaid.get(i))
                      + " AND s.s"
                      + i
                      + " IS NULL AND n.chain NOT IN (SELECT chain FROM copied WHERE known OR v"
                      + i
                      + " IS NOT NULL)")
              .asLong();
      if (missing > 0) {
        throw new TarnException(
            ErrorCode.DATA_INVALID,
            table.name()
                + ": "
                + missing
                + " changes do not say the value of the column '"
                + unsaid.get(i)
                + "', because it stayed, and the copy does not have it: load the table again");
      }
    }
  }

  private void makeCompleted(List<String> unsaid) {
    String columns =
        table.schema().columns().stream()
            .map(
                c -> {
                  String name = Sql.name(c.name());
                  int i = unsaid.indexOf(c.name());
                  return i < 0
                      ? "c." + name
                      : "CASE WHEN "
                          + says("n", c.name())
                          + " THEN c."
                          + name
                          + " WHEN s.s"
                          + i
                          + " IS NOT NULL THEN c"
                          + i
                          + "."
                          + name
                          + " ELSE p.v"
                          + i
                          + " END AS "
                          + name;
                })
            .collect(Collectors.joining(", "));
    session.execute(
        "CREATE OR REPLACE TEMP TABLE completed AS SELECT "
            + columns
            + " FROM needy n JOIN changes c ON c.rowid = n."
            + Applier.AT
            + " JOIN said s ON s.chain = n.chain LEFT JOIN copied p ON p.chain = n.chain"
            + each(
                unsaid,
                (i, name) -> " LEFT JOIN changes c" + i + " ON c" + i + ".rowid = s.s" + i));
  }

  /** SQL of a column and its number. */
  private interface OfColumn {
    String sql(int number, String name);
  }

  private static String each(List<String> columns, OfColumn of) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      parts.add(of.sql(i, columns.get(i)));
    }
    return String.join("", parts);
  }
}
