package tarn.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tarn.core.change.ChangeSource.Check;
import tarn.core.change.ChangeSource.Check.Result;

/** What a source needs, looked at without changing anything. */
final class Checks {
  private static final int OLDEST = 13;

  /** The newest version that the tests run on; they do on all from the oldest. */
  private static final int NEWEST = 18;

  private static final String ROLE =
      "SELECT rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";

  private static final String FACTS =
      "SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE'), GREATEST(c.reltuples, 0)::int8"
          + " FROM pg_catalog.pg_class c WHERE c.oid = ?";

  private static final String MAY_PUBLISH =
      "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')";

  private static final String BEGIN_ANEW =
      "begin anew with `datalake source reload`: rows that were deleted meanwhile go, too";

  private static final String FREE_SLOTS =
      "SELECT current_setting('max_replication_slots')::int - count(*)"
          + " FROM pg_catalog.pg_replication_slots";

  private final PostgresSettings settings;
  private final Publications publications;
  private final FollowedTables followed;
  private final ReplicationSlot slot;
  private final Connection connection;
  private final List<Check> checks = new ArrayList<>();
  private boolean owner = true;

  Checks(
      PostgresSettings settings,
      Publications publications,
      FollowedTables followed,
      ReplicationSlot slot,
      Connection connection) {
    this.settings = settings;
    this.publications = publications;
    this.followed = followed;
    this.slot = slot;
    this.connection = connection;
  }

  /**
   * @param landed whether rows of it are in the lake
   */
  List<Check> all(boolean landed) throws SQLException {
    version();
    encoding();
    log();
    role();
    List<Catalog.Entry> all = followed.all(connection);
    List<Catalog.Entry> tables = tables(all);
    publication(
        publications.ofAll(),
        tables.stream().filter(entry -> !publications.isAppendOnly(entry)).toList());
    if (!settings.appendOnly().isEmpty()) {
      publication(
          publications.ofInserts(), tables.stream().filter(publications::isAppendOnly).toList());
    }
    named(all);
    slot(landed);
    return List.copyOf(checks);
  }

  private void add(String what, Result result, String found, String remedy) {
    checks.add(new Check(what, result, found, result == Result.OK ? "" : remedy));
  }

  private void version() throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    String found = "PostgreSQL " + value("SHOW server_version").split(" ", 2)[0];
    if (version < OLDEST) {
      add("version", Result.ERROR, found, "it must be " + OLDEST + " or newer");
    } else {
      add(
          "version",
          version <= NEWEST ? Result.OK : Result.WARNING,
          found,
          "it should work, and is not tested: " + OLDEST + " to " + NEWEST + " are");
    }
  }

  private void encoding() throws SQLException {
    String encoding = value("SHOW server_encoding");
    boolean known = !encoding.equals(ReplicationSlot.NO_ENCODING);
    add(
        "encoding",
        known ? Result.OK : Result.ERROR,
        known ? encoding : encoding + ": nobody knows what its texts are in",
        "move the database to one of UTF8");
  }

  private void log() throws SQLException {
    String level = value("SHOW wal_level");
    add(
        "wal_level",
        level.equals("logical") ? Result.OK : Result.ERROR,
        level,
        "a superuser: ALTER SYSTEM SET wal_level = 'logical'; then restart the server");
    String kept = value("SHOW max_slot_wal_keep_size");
    add(
        "max_slot_wal_keep_size",
        kept.equals("-1") ? Result.WARNING : Result.OK,
        kept.equals("-1") ? "unlimited: while nobody follows, the log fills the disk" : kept,
        "a superuser: ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf()");
  }

  private void role() throws SQLException {
    boolean may = value(ROLE).equals("t");
    add(
        "role " + settings.user(),
        may ? Result.OK : Result.ERROR,
        may ? "may follow changes" : "may not follow changes",
        "a superuser: ALTER ROLE " + Sql.name(settings.user()) + " REPLICATION");
  }

  /** Those that can be copied. */
  private List<Catalog.Entry> tables(List<Catalog.Entry> all) throws SQLException {
    for (Catalog.Entry entry : all) {
      table(entry);
    }
    if (all.isEmpty()) {
      add(
          "tables",
          Result.ERROR,
          "there is none like " + String.join(", ", settings.tables()),
          "correct `tables` in the source's file");
    }
    return all.stream().filter(entry -> entry.table().obstacle().isEmpty()).toList();
  }

  private void table(Catalog.Entry entry) throws SQLException {
    String what = "table " + entry.table().fullName();
    String obstacle = entry.table().obstacle();
    try (PreparedStatement statement = connection.prepareStatement(FACTS)) {
      statement.setLong(1, entry.oid());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String rows = String.format(Locale.ROOT, "about %,d rows", row.getLong(2));
        owner &= row.getBoolean(1);
        add(
            what,
            obstacle.isEmpty()
                ? Result.OK
                : entry.identified() || publications.isAppendOnly(entry)
                    ? Result.ERROR
                    : Result.WARNING,
            rows
                + (obstacle.isEmpty()
                    ? some(entry)
                    : ", it is not copied: " + obstacle.split("; ", 2)[0]),
            obstacle.contains("; ") ? obstacle.split("; ", 2)[1] : "");
      }
    }
  }

  private String some(Catalog.Entry entry) {
    String name = entry.table().fullName();
    return (publications.isAppendOnly(entry) ? ", only what is added is followed" : "")
        + (settings.copied().columns().containsKey(name)
            ? ", " + entry.table().columns().size() + " columns are copied"
            : "")
        + settings
            .copied()
            .condition(entry.table())
            .map(condition -> ", those rows are copied where " + condition)
            .orElse("");
  }

  /** What settings say of single tables and columns is of some that are there. */
  private void named(List<Catalog.Entry> all) {
    Copied copied = settings.copied();
    List<String> tables = all.stream().map(e -> e.table().fullName()).toList();
    if (!tables.isEmpty()) {
      unmatched("tables", settings.tables(), tables);
    }
    unmatched("append_only", settings.appendOnly(), tables);
    missing("columns", copied.columns().keySet(), tables);
    missing("rows", copied.rows().keySet(), tables);
    List<String> columns =
        all.stream()
            .flatMap(
                e -> e.table().columns().stream().map(c -> e.table().fullName() + "." + c.name()))
            .toList();
    for (String text : copied.texts()) {
      if (!columns.contains(text)) {
        add(
            "column " + text,
            Result.ERROR,
            "there is none, its table is not followed, or it is not under `columns`",
            "correct `texts` in the source's file");
      }
    }
  }

  private void unmatched(String setting, List<String> patterns, List<String> tables) {
    for (String pattern : PostgresSettings.unmatched(patterns, tables)) {
      add(
          "table " + pattern,
          Result.WARNING,
          "none is followed because `" + setting + "` says so",
          "correct `" + setting + "` in the source's file, unless the table is yet to come");
    }
  }

  private void missing(String setting, Set<String> named, List<String> tables) {
    for (String table : new TreeSet<>(named)) {
      if (!tables.contains(table)) {
        add(
            "table " + table,
            Result.ERROR,
            "there is none, and `" + setting + "` names it",
            "correct `" + setting + "` in the source's file");
      }
    }
  }

  private void publication(Publication publication, List<Catalog.Entry> tables)
      throws SQLException {
    String what = "publication " + publication.name();
    if (publication.isThere(connection)) {
      boolean fits = publication.fits(connection, tables);
      boolean same = fits && publication.saysWhatIsDeclared(connection, tables);
      add(
          what,
          same ? Result.OK : Result.WARNING,
          same
              ? "it has these tables"
              : fits
                  ? "its filters are others than those under `rows`; of a publication of somebody"
                      + " else's they are the ones that count"
                  : "it has other tables, other filters, or not all of their changes",
          "its owner, or the source when it begins to follow, lets it have exactly these");
    } else {
      boolean may = owner && value(MAY_PUBLISH).equals("t");
      add(
          what,
          may ? Result.OK : Result.ERROR,
          may ? "it will be made" : "there is none, and this user may not make it",
          "an owner of the tables: " + publication.create(tables));
    }
  }

  private void slot(boolean landed) throws SQLException {
    String what = "slot " + settings.slot();
    Optional<ReplicationSlot.Found> found =
        slot.find(connection, ReplicationSlot.logEnd(connection));
    if (found.isPresent()) {
      boolean usable = found.get().slot().usable();
      long megabytes = found.get().slot().keptBytes() >> 20;
      add(
          what,
          usable ? Result.OK : Result.ERROR,
          usable
              ? (found.get().slot().active() ? "it is followed" : "nobody follows it now")
                  + ", "
                  + megabytes
                  + " MB of log are kept for it"
              : "it was invalidated: changes are lost",
          BEGIN_ANEW);
      return;
    }
    if (landed) {
      add(what, Result.ERROR, "it is gone: changes are lost", BEGIN_ANEW);
      return;
    }
    int free = Integer.parseInt(value(FREE_SLOTS));
    add(
        what,
        free > 0 ? Result.OK : Result.ERROR,
        free > 0 ? "it will be made" : "there is none, and all slots of the server are taken",
        "a superuser: raise max_replication_slots, or drop a slot that nobody needs");
  }

  private String value(String sql) throws SQLException {
    return ReplicationSlot.value(connection, sql);
  }

  /** What cannot be reached cannot be looked at. */
  static List<Check> unreachable(String why) {
    return List.of(new Check("connection", Result.ERROR, why, ""));
  }
}
