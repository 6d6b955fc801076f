package tarn.duckdb;

import java.util.List;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.LoadJob;
import tarn.core.engine.WriteMode;
import tarn.core.storage.ObjectStore;
import tarn.core.table.DataChange;
import tarn.core.table.ScanFile;

/** Rows of {@code incoming} into a table with a key, the newest of each key. */
final class Upserts {
  private final WorkerSession session;
  private final OldVersions versions;
  private final WriteMode.Upsert upsert;
  private final String columns;

  Upserts(
      WorkerSession session,
      ObjectStore objects,
      TableSql tables,
      LoadJob job,
      WriteMode.Upsert upsert) {
    this.session = session;
    this.versions =
        new OldVersions(
            session,
            objects,
            tables,
            new OldVersions.Keyed(job.table(), upsert.key(), job.existing(), upsert.mergeOnRead()));
    this.upsert = upsert;
    this.columns =
        Sql.names(job.table().schema().columns().stream().map(Types.NestedField::name).toList());
  }

  /** The change, and how many rows of {@code incoming} it brings in. */
  record Result(DataChange change, long stored) {}

  /** Winners older than what is there leave {@code winners}. */
  Result run() {
    session.execute(
        "CREATE OR REPLACE TEMP TABLE winners AS SELECT "
            + columns
            + " FROM incoming QUALIFY row_number() OVER (PARTITION BY "
            + Sql.names(upsert.key())
            + " ORDER BY "
            + ordering()
            + "__tarn_input DESC, __tarn_at DESC, rowid DESC) = 1");
    List<ScanFile> files =
        versions.find("winners", "k.rowid AS winner, " + stale(upsert.ordering()) + " AS stale");
    if (!files.isEmpty()) {
      session.execute("DELETE FROM winners WHERE rowid IN (SELECT winner FROM hits WHERE stale)");
    }
    long stored = session.value("SELECT count(*) FROM winners").asLong();
    return new Result(
        versions.replace(
            "SELECT " + columns + " FROM winners",
            "SELECT file, pos FROM hits WHERE NOT stale",
            files),
        stored);
  }

  private static String stale(@Nullable String ordering) {
    if (ordering == null) {
      return "false";
    }
    String column = Sql.name(ordering);
    return "coalesce(e."
        + column
        + " > k."
        + column
        + ", e."
        + column
        + " IS NOT NULL AND k."
        + column
        + " IS NULL)";
  }

  private String ordering() {
    return upsert.ordering() == null ? "" : Sql.name(upsert.ordering()) + " DESC NULLS LAST, ";
  }
}
