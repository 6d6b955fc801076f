package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import tarn.core.database.Database;
import tarn.core.database.SqliteDatabase;
import tarn.testkit.Sha256;

/**
 * A lake folder whose server is killed, and what must be in it: {@code clean.things} made of many
 * small files that are archived, {@code clean.logs} of files that expire, {@code clean.gated} whose
 * rule never lets a load in. What its tables must have is known here without reading them.
 */
final class KilledLake {
  /** Of {@code n}, which goes from 0 to 99: rows below are put aside. */
  private int least = 10;

  private final Path folder;
  private final List<int[]> things = new ArrayList<>();
  private long logs;
  private long gated;

  KilledLake(Path folder) throws IOException {
    this.folder = folder;
    write(
        "lake.yaml",
        """
        name: killed
        landing: {settle: 0s}
        engine: {memory: 256MB, threads: 1}
        lifecycle:
          - {zone: raw, prefix: landing/things/, transition: {after: 30d}}
          - {zone: raw, prefix: landing/logs/, expire: {after: 30d}}
        """);
    write("tables/logs.yaml", "from: logs\n");
    write(
        "tables/gated.yaml", "from: gated\nquality: ['ColumnValues \"n\" > 0', RowCount > 999]\n");
    write("models/counted.sql", "SELECT count(*) AS n FROM clean.things");
    define();
  }

  private void define() throws IOException {
    write(
        "tables/things.yaml",
        "from: things\non_change: backfill\nquality: ['ColumnValues \"n\" >= " + least + "']\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Other rows are good now: the table is to be made anew. */
  void redefine() throws IOException {
    least = 60 - least;
    define();
  }

  // ---- what is copied into the landing folder ----

  void dropThings(int files) throws IOException {
    for (int i = 0; i < files; i++) {
      StringBuilder text = new StringBuilder("id,n\n");
      for (int row = 0; row < 10; row++) {
        int id = things.size();
        things.add(new int[] {id, id * 37 % 100});
        text.append(id + "," + id * 37 % 100 + "\n");
      }
      drop("things", text.toString());
    }
  }

  void dropLogs(int files) throws IOException {
    for (int i = 0; i < files; i++) {
      drop("logs", "line\n" + logs++ + "\n");
    }
  }

  void dropGated() throws IOException {
    drop("gated", "n\n" + ++gated + "\n-" + gated + "\n");
  }

  /** Of which some are not good. */
  long gatedRows() {
    return 2 * gated;
  }

  long gatedBad() {
    return gated;
  }

  private void drop(String source, String text) throws IOException {
    Path in = Files.createDirectories(zone("raw").resolve("landing").resolve(source));
    Files.writeString(in.resolve(Sha256.hex(text.getBytes(UTF_8)).substring(0, 9) + ".csv"), text);
  }

  // ---- what must be in the tables ----

  /** {@code table rows hash} of the table, and of its quarantine {@code table rows}. */
  List<String> things() {
    long good = things.stream().filter(t -> t[1] >= least).count();
    return List.of(
        "clean.things " + good + " " + hash(things.stream().filter(t -> t[1] >= least)),
        "quarantine.things " + (things.size() - good));
  }

  /** As {@link #things}, of the first rows only. */
  List<String> things(int files) {
    List<int[]> later = new ArrayList<>(things.subList(10 * files, things.size()));
    things.removeAll(later);
    List<String> fewer = things();
    things.addAll(later);
    return fewer;
  }

  int files() {
    return things.size() / 10;
  }

  long logs() {
    return logs;
  }

  private static String hash(Stream<int[]> rows) {
    long[] sums = new long[2];
    rows.forEach(
        row -> {
          ByteBuffer md5 = ByteBuffer.wrap(md5("[" + row[0] + "," + row[1] + "]"));
          md5.order(ByteOrder.LITTLE_ENDIAN);
          sums[0] += md5.getLong(0);
          sums[1] += md5.getLong(8);
        });
    return String.format("%016x%016x", sums[0], sums[1]);
  }

  private static byte[] md5(String text) {
    try {
      return MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- its files, while no server is there ----

  Path zone(String zone) {
    return folder.resolve(".datalake/zones/killed-" + zone + "-dev");
  }

  /** How many objects are below a folder just now. */
  static long objects(Path below) {
    if (!Files.isDirectory(below)) {
      return 0;
    }
    while (true) {
      try (Stream<Path> files = Files.walk(below)) {
        return files.filter(KilledLake::isObject).count();
      } catch (UncheckedIOException | IOException e) {
        Thread.onSpinWait(); // one went while it was counted
      }
    }
  }

  private static boolean isObject(Path path) {
    return Files.isRegularFile(path) && !path.toString().contains("/.staging");
  }

  /** Lets time pass for the lake: all that it has is older by so much. */
  void age(Duration by) throws IOException {
    long micros = by.toMillis() * 1_000;
    try (Database database = database()) {
      database.write(
          h ->
              h.execute("UPDATE ledger_batch SET landed_at = landed_at - ?", micros)
                  + h.execute("UPDATE ledger_file SET state_since = state_since - ?", micros)
                  + h.execute("UPDATE ledger_left SET left_at = left_at - ?", micros));
    }
    for (String zone : List.of("raw", "archive")) {
      try (Stream<Path> files = Files.walk(zone(zone))) {
        for (Path file : files.filter(KilledLake::isObject).toList()) {
          Instant then = Files.getLastModifiedTime(file).toInstant();
          Files.setLastModifiedTime(file, FileTime.from(then.minus(by)));
        }
      }
    }
  }

  private Database database() {
    return SqliteDatabase.open(folder.resolve(".datalake/catalog.db"));
  }

  /** A raw file as the ledger has it: in which state, under which name, with which content. */
  private record Listed(String source, String state, String path, String sha256) {}

  private List<Listed> listed() {
    try (Database database = database()) {
      return database.read(
          h ->
              h.createQuery(
                      "SELECT source, state, coalesce(archive_path, path) AS path, sha256 FROM ledger_file")
                  .map(
                      (row, c) ->
                          new Listed(
                              row.getString("source"),
                              row.getString("state"),
                              row.getString("path"),
                              row.getString("sha256")))
                  .list());
    }
  }

  /** Reads each file where the ledger says that it is. */
  void everyFileIsWhereTheLedgerSays() throws IOException {
    List<Listed> listed = listed();
    assertThat(listed).extracting(Listed::sha256).doesNotHaveDuplicates();
    assertThat(listed).hasSize(files() + Math.toIntExact(logs + gated));
    for (Listed file : listed) {
      if (!file.state.equals("expired")) {
        assertThat(sha256(file)).as(file.toString()).isEqualTo(file.sha256);
      } else {
        assertThat(file.source).isEqualTo("logs");
      }
    }
  }

  private String sha256(Listed file) throws IOException {
    try (InputStream in = Files.newInputStream(place(file));
        InputStream plain = file.path.endsWith(".gz") ? new GZIPInputStream(in) : in) {
      return Sha256.hex(plain.readAllBytes());
    }
  }

  private Path place(Listed file) {
    return zone(file.state.equals("archived") ? "archive" : "raw").resolve(file.path);
  }

  /** How many files are in each state, by source and state. */
  Map<String, Long> states() {
    return listed().stream()
        .collect(
            java.util.stream.Collectors.groupingBy(
                f -> f.source + " " + f.state, java.util.stream.Collectors.counting()));
  }

  /** Whether raw and archive have the files that the ledger lists, and nothing else. */
  void nothingIsLeftOver() throws IOException {
    List<Path> there = new ArrayList<>();
    for (String zone : List.of("raw", "archive")) {
      try (Stream<Path> files = Files.walk(zone(zone))) {
        files.filter(KilledLake::isObject).forEach(there::add);
      }
    }
    there.removeAll(
        listed().stream().filter(f -> !f.state.equals("expired")).map(this::place).toList());
    assertThat(there).isEmpty();
  }
}
