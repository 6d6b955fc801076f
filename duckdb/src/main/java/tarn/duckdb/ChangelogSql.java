package tarn.duckdb;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.Relation;
import tarn.core.table.Changelog.FileChange;
import tarn.core.table.Changelog.Step;
import tarn.core.table.Scan;
import tarn.core.table.ScanFile;

/**
 * What happened to a table's rows as something to SELECT from. Each commit is some rows that went
 * and some that came: all of a file, or those at positions that are deleted since or are no more.
 * Equal rows of both are none; of what is left, those with the same key were updated.
 */
final class ChangelogSql {
  private static final String ORDINAL = "__tarn_ordinal";
  private static final String SIGN = "__tarn_sign";
  private static final String TIMES = "__tarn_times";
  private static final int ROWS_PER_INSERT = 1_000;

  private final WorkerSession session;
  private final TableSql tables;
  private final Relation.OfChanges changes;
  private final String name;
  private final String columns;

  /** Those of {@code r}. */
  private final String columnsOfRows;

  private final PositionSets positions;
  private int ids;

  /**
   * Rows that came or went with a commit.
   *
   * @param ordinal the commit's
   * @param sign 1 if they came, -1 if they went
   * @param id positions in the file; null for none
   * @param some only the rows at these positions, or all but them
   */
  private record Rows(
      ScanFile file, int ordinal, int sign, @Nullable String id, boolean some, boolean both) {
    /** Rows that are read in one way. */
    Branch branch() {
      return new Branch(both, some, id != null);
    }

    Rows inBoth(boolean comeAndGo) {
      return new Rows(file, ordinal, sign, id, some, comeAndGo);
    }
  }

  /**
   * @param both rows came and went
   */
  private record Branch(boolean both, boolean some, boolean positions)
      implements Comparable<Branch> {
    @Override
    public int compareTo(Branch other) {
      return number() - other.number();
    }

    int number() {
      return (both ? 4 : 0) + (some ? 2 : 0) + (positions ? 1 : 0);
    }
  }

  /**
   * @param view its name: what is put into the session has names of its own for each view
   */
  ChangelogSql(WorkerSession session, TableSql tables, Relation.OfChanges changes, String view) {
    this.session = session;
    this.tables = tables;
    this.changes = changes;
    this.name = "__tarn_" + view;
    List<Types.NestedField> fields = changes.log().schema().columns();
    this.columns = Sql.names(fields.stream().map(Types.NestedField::name).toList());
    this.columnsOfRows =
        fields.stream().map(f -> "r." + Sql.name(f.name())).collect(Collectors.joining(", "));
    this.positions = new PositionSets(session, name + "_positions");
  }

  /** The SELECT. It reads tables of the session, which it makes. */
  String rows() {
    List<Rows> all = rowsOfSteps();
    positions.load();
    commits();
    Map<Branch, List<Rows>> branches = new TreeMap<>();
    all.forEach(r -> branches.computeIfAbsent(r.branch(), b -> new ArrayList<>()).add(r));
    files(branches);
    List<String> alone = new ArrayList<>();
    List<String> both = new ArrayList<>();
    branches.forEach((branch, rows) -> (branch.both() ? both : alone).add(read(branch, rows)));
    List<String> typed = new ArrayList<>();
    if (!alone.isEmpty() || both.isEmpty()) {
      typed.add(alone(alone.isEmpty() ? nothing() : union(alone)));
    }
    if (!both.isEmpty()) {
      typed.add(changed(union(both)));
    }
    return "SELECT r."
        + Relation.OfChanges.TYPE
        + ", r."
        + ORDINAL
        + " AS "
        + Relation.OfChanges.ORDINAL
        + ", c.snapshot AS "
        + Relation.OfChanges.SNAPSHOT
        + ", c.committed AS "
        + Relation.OfChanges.TIME
        + ", "
        + columnsOfRows
        + " FROM ("
        + union(typed)
        + ") r JOIN "
        + name
        + "_commits c ON c.ordinal = r."
        + ORDINAL;
  }

  private static String union(List<String> selects) {
    return String.join(" UNION ALL ", selects);
  }

  // ---- which rows ----

  private List<Rows> rowsOfSteps() {
    List<Rows> all = new ArrayList<>();
    List<Step> steps = changes.log().steps();
    for (int i = 0; i < steps.size(); i++) {
      List<Rows> of = new ArrayList<>();
      for (FileChange change : steps.get(i).files()) {
        add(of, change, i);
      }
      if (changes.net()) {
        all.addAll(of);
      } else {
        comeAndGo(of, all);
      }
    }
    if (!changes.net()) {
      return all;
    }
    List<Rows> net = new ArrayList<>();
    comeAndGo(all, net);
    return net;
  }

  private static void comeAndGo(List<Rows> some, List<Rows> all) {
    boolean both = some.stream().map(Rows::sign).distinct().count() > 1;
    some.forEach(rows -> all.add(rows.inBoth(both)));
  }

  private void add(List<Rows> rows, FileChange change, int ordinal) {
    ScanFile before = change.before();
    ScanFile after = change.after();
    if (before == null || after == null) {
      ScanFile file = change.file();
      String id = file.deletes().isEmpty() ? null : deletedIn(file, null);
      rows.add(new Rows(file, ordinal, after == null ? -1 : 1, id, false, false));
      return;
    }
    String gone = deletedIn(after, before);
    if (gone != null) {
      rows.add(new Rows(after, ordinal, -1, gone, true, false));
    }
    String back = deletedIn(before, after);
    if (back != null) {
      rows.add(new Rows(after, ordinal, 1, back, true, false));
    }
  }

  // ---- positions ----

  /** The id of the positions that are deleted in one state of a file and not in another. */
  private @Nullable String deletedIn(ScanFile state, @Nullable ScanFile other) {
    String id = Integer.toString(ids++);
    if (hasVectors(state) && (other == null || hasVectors(other))) {
      BitSet deleted = deleted(state);
      if (other != null) {
        deleted.andNot(deleted(other));
      }
      if (deleted.isEmpty()) {
        return null;
      }
      positions.add(id, visitor -> deleted.stream().forEach(visitor::accept));
      return id;
    }
    positions.load(); // the table is there, and what has come for it so far
    long found =
        session.execute(
            "INSERT INTO "
                + name
                + "_positions SELECT "
                + Sql.text(id)
                + ", pos FROM ("
                + deletedSql(state)
                + (other == null ? "" : " EXCEPT " + deletedSql(other))
                + ")");
    return found == 0 ? null : id;
  }

  private static boolean hasVectors(ScanFile file) {
    return file.deletes().stream().allMatch(ScanFile.DeleteSource::vector);
  }

  private BitSet deleted(ScanFile file) {
    BitSet deleted = new BitSet();
    if (!file.deletes().isEmpty()) {
      tables.deletedPositions(file, position -> deleted.set(Math.toIntExact(position)));
    }
    return deleted;
  }

  private String deletedSql(ScanFile file) {
    if (file.deletes().isEmpty()) {
      return "SELECT 0::BIGINT AS pos WHERE false";
    } else if (!hasVectors(file)) {
      return "SELECT DISTINCT pos FROM "
          + tables.positionDeletes(List.of(file))
          + " WHERE file_path = "
          + Sql.text(file.uri());
    }
    String id = "of " + ids++;
    positions.add(id, visitor -> tables.deletedPositions(file, visitor));
    positions.load();
    return "SELECT pos FROM " + name + "_positions WHERE file = " + Sql.text(id);
  }

  // ---- what is put into the session ----

  private void commits() {
    session.execute(
        "CREATE TEMP TABLE "
            + name
            + "_commits (ordinal INTEGER, snapshot BIGINT, committed TIMESTAMPTZ)");
    List<String> rows = new ArrayList<>();
    for (Step step : changes.log().steps()) {
      rows.add(
          "("
              + rows.size()
              + ", "
              + (step.snapshotId() == null ? "NULL" : step.snapshotId())
              + ", TIMESTAMPTZ "
              + Sql.text(step.at().toString())
              + ")");
    }
    insert(name + "_commits", rows);
  }

  private void files(Map<Branch, List<Rows>> branches) {
    session.execute(
        "CREATE TEMP TABLE "
            + name
            + "_files (branch INTEGER, file VARCHAR, ordinal INTEGER, sign INTEGER, id VARCHAR)");
    List<String> inserted = new ArrayList<>();
    branches.forEach(
        (branch, all) -> {
          Map<ScanFile, String> local = tables.localize(all.stream().map(Rows::file).toList());
          for (Rows rows : all) {
            inserted.add(
                "("
                    + branch.number()
                    + ", "
                    + Sql.text(local.getOrDefault(rows.file(), ""))
                    + ", "
                    + rows.ordinal()
                    + ", "
                    + rows.sign()
                    + ", "
                    + (rows.id() == null ? "NULL" : Sql.text(rows.id()))
                    + ")");
          }
        });
    insert(name + "_files", inserted);
  }

  private void insert(String table, List<String> rows) {
    for (int from = 0; from < rows.size(); from += ROWS_PER_INSERT) {
      List<String> some = rows.subList(from, Math.min(rows.size(), from + ROWS_PER_INSERT));
      session.execute("INSERT INTO " + table + " VALUES " + String.join(", ", some));
    }
  }

  // ---- the text ----

  private String read(Branch branch, List<Rows> rows) {
    String files =
        " FROM ("
            + tables.withPositions(whole(rows.stream().map(Rows::file).toList()))
            + ") r JOIN "
            + name
            + "_files f ON f.file = r."
            + TableSql.FILE;
    String same = " p ON p.file = f.id AND p.pos = r." + TableSql.POSITION;
    String positions =
        branch.positions()
            ? (branch.some() ? " JOIN " : " ANTI JOIN ") + name + "_positions" + same
            : "";
    return "SELECT "
        + columnsOfRows
        + ", f.ordinal AS "
        + ORDINAL
        + ", f.sign AS "
        + SIGN
        + files
        + positions
        + " WHERE f.branch = "
        + branch.number();
  }

  /** Each file once, with all its rows. */
  private Scan whole(Collection<ScanFile> some) {
    Map<String, ScanFile> files = new LinkedHashMap<>();
    for (ScanFile file : some) {
      files.put(
          file.uri(),
          new ScanFile(
              file.uri(),
              file.key(),
              file.bytes(),
              file.rows(),
              0,
              file.partition(),
              file.specId(),
              file.schemaId(),
              List.of()));
    }
    return new Scan(
        changes.log().table(),
        OptionalLong.empty(),
        changes.log().schema(),
        List.copyOf(files.values()),
        files.size());
  }

  private String nothing() {
    return "SELECT "
        + columns
        + ", 0 AS "
        + ORDINAL
        + ", 0 AS "
        + SIGN
        + " FROM ("
        + tables.rows(whole(List.of()))
        + ")";
  }

  private String alone(String rows) {
    return "SELECT "
        + columns
        + ", "
        + ORDINAL
        + ", "
        + type("INSERT", "DELETE")
        + " AS "
        + Relation.OfChanges.TYPE
        + " FROM ("
        + rows
        + ")";
  }

  private static String type(String came, String went) {
    return "CASE WHEN " + SIGN + " > 0 THEN '" + came + "' ELSE '" + went + "' END";
  }

  /** Of commits with which rows came and went. */
  private String changed(String rows) {
    String left = left(rows);
    List<String> key = changes.log().key();
    if (key.isEmpty()) {
      return alone(left);
    }
    String same = "PARTITION BY " + Sql.names(key) + (changes.net() ? "" : ", " + ORDINAL);
    String pairs =
        "least(count(*) FILTER (WHERE "
            + SIGN
            + " > 0) OVER ("
            + same
            + "), count(*) FILTER (WHERE "
            + SIGN
            + " < 0) OVER ("
            + same
            + "))";
    return "SELECT "
        + columns
        + ", "
        + (changes.net() ? "max(" + ORDINAL + ") OVER (" + same + ") AS " + ORDINAL : ORDINAL)
        + ", CASE WHEN row_number() OVER ("
        + same
        + ", "
        + SIGN
        + ") <= "
        + pairs
        + " THEN "
        + type("UPDATE_AFTER", "UPDATE_BEFORE")
        + " ELSE "
        + type("INSERT", "DELETE")
        + " END AS "
        + Relation.OfChanges.TYPE
        + " FROM ("
        + left
        + ")";
  }

  /** Without rows that came as they went; one for each time that a row came or went more often. */
  private String left(String rows) {
    String ordinal =
        changes.net()
            ? "CASE WHEN sum("
                + SIGN
                + ") > 0 THEN max("
                + ORDINAL
                + ") FILTER (WHERE "
                + SIGN
                + " > 0) ELSE max("
                + ORDINAL
                + ") FILTER (WHERE "
                + SIGN
                + " < 0) END AS "
                + ORDINAL
            : ORDINAL;
    return "SELECT * EXCLUDE ("
        + TIMES
        + ") FROM (SELECT "
        + columns
        + ", "
        + ORDINAL
        + ", sign("
        + TIMES
        + ") AS "
        + SIGN
        + ", unnest(range(abs("
        + TIMES
        + ")::BIGINT)) AS "
        + TIMES
        + " FROM (SELECT "
        + columns
        + ", "
        + ordinal
        + ", sum("
        + SIGN
        + ") AS "
        + TIMES
        + " FROM ("
        + rows
        + ") GROUP BY "
        + columns
        + (changes.net() ? "" : ", " + ORDINAL)
        + " HAVING sum("
        + SIGN
        + ") <> 0))";
  }
}
