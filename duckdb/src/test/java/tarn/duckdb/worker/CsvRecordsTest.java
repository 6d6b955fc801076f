package tarn.duckdb.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvRecordsTest {
  private static final String[] PIECES = {
    "a", "\"", "\"\"", ",", ",", "\n", "\r\n", "\"\r\"", " ", "é", "\\", "'", "\u0001", "\u0002n",
    "\t"
  };

  /** Whatever strict reading accepts, our reading must give the same values. */
  @Test
  void whatTheEngineReadsStrictlyIsReadTheSame(@TempDir Path temp) throws Exception {
    Random random = new Random(11);
    Path file = temp.resolve("a.csv");
    int accepted = 0;
    List<String> differences = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
      for (int i = 0; i < 3_000; i++) {
        String text = "x,y\n" + text(random);
        Files.writeString(file, text);
        List<List<@Nullable String>> strict = strictly(connection, file);
        if (strict != null) {
          accepted++;
          Found found = read(text.getBytes(UTF_8), 2);
          if (!found.records.equals(strict)) {
            differences.add(
                text.replace("\n", "\\n").replace("\r", "\\r")
                    + " strict "
                    + strict
                    + " ours "
                    + found.records
                    + found.bad);
          }
        }
      }
    }
    assertThat(differences).isEmpty();
    assertThat(accepted).isGreaterThan(300);
  }

  private static String shown(String text) {
    return text.replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\u0001", "\\1")
        .replace("\u0002", "\\2");
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int records = 1 + random.nextInt(3);
    for (int i = 0; i < records; i++) {
      for (int n = random.nextInt(4); n > 0; n--) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      text.append(',');
      if (random.nextBoolean()) {
        text.append('"');
        for (int n = random.nextInt(4); n > 0; n--) {
          text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        text.append('"');
      }
      text.append(random.nextInt(8) == 0 ? "" : "\n");
    }
    return text.toString();
  }

  private static @Nullable List<List<@Nullable String>> strictly(Connection connection, Path file) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT * FROM read_csv(['"
                    + file
                    + "'], auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"',"
                    + " nullstr = '', strict_mode = true, columns = {'x': 'VARCHAR', 'y': 'VARCHAR'})")) {
      while (result.next()) {
        rows.add(Arrays.asList(result.getString(1), result.getString(2)));
      }
      return rows;
    } catch (SQLException e) {
      return null;
    }
  }

  private static final class Found implements RecordReader.Sink {
    final List<List<@Nullable String>> records = new ArrayList<>();
    final List<String> bad = new ArrayList<>();
    private final List<ByteArrayOutputStream> fields = new ArrayList<>();

    @Override
    public void begin(long line, long offset, int length) {
      fields.clear();
    }

    @Override
    public void field() {
      fields.add(new ByteArrayOutputStream());
    }

    @Override
    public void text(byte[] buffer, int start, int length) {
      fields.get(fields.size() - 1).write(buffer, start, length);
    }

    @Override
    public void plain(byte[] buffer, int start, int length) {
      text(buffer, start, length);
    }

    @Override
    public void end() {
      List<@Nullable String> record = new ArrayList<>();
      fields.forEach(f -> record.add(f.size() == 0 ? null : f.toString(UTF_8)));
      records.add(record);
    }

    @Override
    public void bad(long line, long offset, long length, String reason) {
      bad.add(line + "@" + offset + "+" + length + " " + reason);
    }

    @Override
    public void damaged(long offset, String reason) {
      bad.add("damaged");
    }
  }

  private static Found read(byte[] file, int fields) throws IOException {
    Found found = new Found();
    new CsvRecords(new ByteArrayInputStream(file), (byte) ',', (byte) '"', fields, true)
        .forEach(found);
    return found;
  }

  @Test
  void linesMayEndWithCarriageReturnsAlone() throws IOException {
    Found found = read("x,y\r1,2\r\r3,\"4\r5\"\r6\r7,8".getBytes(UTF_8), 2);
    assertThat(found.records)
        .containsExactly(List.of("1", "2"), List.of("3", "4\r5"), List.of("7", "8"));
    assertThat(found.bad).containsExactly("5@17+1 1 fields where the header has 2");
  }

  @Test
  void aCarriageReturnInALineIsNoEnd() throws IOException {
    Found found = read("x,y\n1,2\r3\n4,5\n".getBytes(UTF_8), 2);
    assertThat(found.records).containsExactly(List.of("4", "5"));
    assertThat(found.bad).containsExactly("2@4+5 a carriage return that ends no line");
  }

  @Test
  void emptyFieldsTooManyAreNothingToLose() throws IOException {
    Found found = read("x,y\n1,2,,\"\"\n4,5,6\n".getBytes(UTF_8), 2);
    assertThat(found.records).containsExactly(List.of("1", "2"));
    assertThat(found.bad).containsExactly("3@12+5 3 fields where the header has 2");
  }

  /** {@code 10.5} cut behind the {@code 1} would be another number. */
  @Test
  void aFileThatIsCutGivesNoShortenedValue() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("x,y\na,100000\nb,200000\nc,300000\n".getBytes(UTF_8));
    }
    byte[] whole = bytes.toByteArray();
    for (int length = 20; length < whole.length; length++) {
      Found found = new Found();
      try (GZIPInputStream in =
          new GZIPInputStream(new ByteArrayInputStream(Arrays.copyOf(whole, length)))) {
        new CsvRecords(in, (byte) ',', (byte) '"', 2, true).forEach(found);
      }
      assertThat(found.bad).isNotEmpty().last().isEqualTo("damaged");
      assertThat(List.of(List.of("a", "100000"), List.of("b", "200000"), List.of("c", "300000")))
          .containsAll(found.records);
    }
  }

  @Test
  void aRecordWithoutEndTakesNoMoreMemoryThanItMay() throws IOException {
    byte[] line = new byte[40 << 20];
    Arrays.fill(line, (byte) 'x');
    byte[] first = "x,y\n1,2\n".getBytes(ISO_8859_1);
    byte[] last = "\n3,4\n".getBytes(ISO_8859_1);
    byte[] file = new byte[first.length + line.length + last.length];
    System.arraycopy(first, 0, file, 0, first.length);
    System.arraycopy(line, 0, file, first.length, line.length);
    System.arraycopy(last, 0, file, first.length + line.length, last.length);
    Found found = read(file, 2);
    assertThat(found.records).containsExactly(List.of("1", "2"), List.of("3", "4"));
    assertThat(found.bad).containsExactly("3@8+" + line.length + " longer than 16 MiB");
  }
}
