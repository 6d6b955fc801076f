package tarn.core.catalog;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.Compression;
import tarn.core.engine.RawFormat;
import tarn.core.lake.DatasetDefinition;

/** Tells what a raw file is from its first bytes, whatever its name says: a name can be wrong. */
final class FileSniffer {
  /** How much of a file is looked at. */
  static final int HEAD_BYTES = 64 << 10;

  private static final char[] DELIMITERS = {',', ';', '\t', '|'};
  private static final int LINES = 20;

  private static final Pattern JSON_ARRAY = Pattern.compile("\\s*\\[\\s*([\\[{]|\\]\\s*$)");

  /** An object that goes on in the next line, with a key. */
  private static final Pattern OPEN_OBJECT =
      Pattern.compile(
          "\\s*\\{(([^\\n]*[,{])?[ \\t]*\\r?\\n\\s*\"|[^\\n]*\\[[ \\t]*\\r?\\n\\s*[\"{\\[0-9])");

  private static final List<RawFormat.Lines> LOGS =
      List.of(
          Grok.compile("combined-log", "%{COMBINEDAPACHELOG}", Map.of()),
          Grok.compile("common-log", "%{COMMONAPACHELOG}", Map.of()));

  private FileSniffer() {}

  /**
   * What a file is.
   *
   * @param format how to read it; null if it holds no record (empty, or white space only)
   * @param problem why it cannot be read; empty if it can
   */
  record Sniffed(@Nullable RawFormat format, Compression compression, String problem) {}

  static Sniffed sniff(byte[] head, Optional<DatasetDefinition> said) {
    Compression compression = compression(head);
    byte[] plain;
    try {
      plain = plain(head, compression);
    } catch (IOException e) {
      String why = e.getMessage() == null ? "it ends too early" : e.getMessage();
      return new Sniffed(null, compression, "it cannot be decompressed: " + why);
    }
    boolean parquet = startsWith(plain, 'P', 'A', 'R', '1');
    String problem = parquet ? parquetProblem(compression) : knownBinary(plain);
    if (problem.isEmpty()) {
      problem = said.map(d -> contradiction(d, parquet, plain.length == 0)).orElse("");
    }
    if (!problem.isEmpty()) {
      return new Sniffed(null, compression, problem);
    }
    return parquet
        ? new Sniffed(new RawFormat.Parquet(), compression, "")
        : text(plain, compression, said);
  }

  private static String parquetProblem(Compression compression) {
    return compression == Compression.NONE
        ? ""
        : "it is a compressed Parquet file: unpack it first";
  }

  private static String contradiction(DatasetDefinition said, boolean parquet, boolean empty) {
    boolean wanted = said.format().equals(Optional.of(DatasetDefinition.Format.PARQUET));
    boolean open = said.format().isEmpty() && said.pattern().isEmpty();
    if (open || wanted == parquet || empty) {
      return "";
    }
    return wanted
        ? "it is no Parquet file, but " + said.file() + " says so"
        : "it is a Parquet file, but " + said.file() + " says otherwise";
  }

  private static Sniffed text(
      byte[] plain, Compression compression, Optional<DatasetDefinition> said) {
    Charset encoding =
        said.flatMap(DatasetDefinition::encoding)
            .orElse(looksLikeUtf16(plain) ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    String text = decoded(plain, encoding);
    String noRecords = noRecords(text);
    if (!noRecords.isEmpty()) {
      return new Sniffed(null, compression, noRecords);
    } else if (text.isBlank()) {
      return new Sniffed(null, compression, "");
    }
    RawFormat format = format(text, encoding, said);
    return format.encoding().equals(encoding)
        ? new Sniffed(format, compression, "")
        : new Sniffed(
            null, compression, "it is JSON in " + encoding + ": convert it to UTF-8 first");
  }

  /** The text of a head, without a byte order mark. UTF-16 without one is little-endian. */
  private static String decoded(byte[] plain, Charset encoding) {
    Charset exact =
        encoding.equals(StandardCharsets.UTF_16) && !isUtf16(plain)
            ? StandardCharsets.UTF_16LE
            : encoding;
    String text = new String(plain, exact);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  /** A mark alone may be broken text: what has records has line ends, commas or digits, too. */
  private static boolean looksLikeUtf16(byte[] head) {
    if (isUtf16(head)) {
      for (byte b : head) {
        if (b == 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isUtf16(byte[] head) {
    return startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff);
  }

  private static RawFormat format(String text, Charset encoding, Optional<DatasetDefinition> said) {
    Optional<String> pattern = said.flatMap(DatasetDefinition::pattern);
    if (pattern.isPresent()) {
      return Grok.compile(
          "grok", pattern.get(), said.map(DatasetDefinition::patterns).orElse(Map.of()), encoding);
    }
    Optional<DatasetDefinition.Format> format = said.flatMap(DatasetDefinition::format);
    if (format.equals(Optional.of(DatasetDefinition.Format.CSV))) {
      return csv(text, encoding, said);
    } else if (JSON_ARRAY.matcher(text).lookingAt()) {
      return new RawFormat.JsonDocuments(true);
    } else if (text.stripLeading().startsWith("{") || format.isPresent()) {
      return OPEN_OBJECT.matcher(text).lookingAt()
          ? new RawFormat.JsonDocuments(false)
          : new RawFormat.JsonLines();
    }
    Optional<RawFormat> log =
        encoding.equals(StandardCharsets.UTF_8) ? log(text) : Optional.empty();
    return log.orElseGet(() -> csv(text, encoding, said));
  }

  private static Compression compression(byte[] head) {
    if (startsWith(head, 0x1f, 0x8b)) {
      return Compression.GZIP;
    } else if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
      return Compression.ZSTD;
    }
    return Compression.NONE;
  }

  /**
   * The head may end in the middle of a compressed block: what could be read until then is enough.
   */
  private static byte[] plain(byte[] head, Compression compression) throws IOException {
    if (compression == Compression.NONE) {
      return head;
    }
    byte[] buffer = new byte[HEAD_BYTES];
    int count = 0;
    try (InputStream bytes = new ByteArrayInputStream(head);
        InputStream in =
            compression == Compression.GZIP
                ? new GZIPInputStream(bytes)
                : new ZstdInputStream(bytes).setContinuous(true)) {
      int read = in.read(buffer, 0, buffer.length);
      while (read > 0) {
        count += read;
        read = in.read(buffer, count, buffer.length - count);
      }
    } catch (IOException e) {
      if (count == 0) {
        throw e;
      }
    }
    return java.util.Arrays.copyOf(buffer, count);
  }

  private static String knownBinary(byte[] head) {
    if (startsWith(head, 'P', 'K', 3, 4)) {
      return "it is a ZIP file: unpack it first";
    }
    return "";
  }

  /** Why a text would give rows that nobody means; empty if it would not. */
  private static String noRecords(String text) {
    long nuls = text.chars().filter(c -> c == 0).count();
    if (nuls * 10 > text.length()) {
      return "it is UTF-16 text, or no text at all: convert it to UTF-8 first, or write encoding: utf-16 in datasets/<name>.yaml";
    } else if (nuls > 0 && text.chars().filter(c -> c == '\ufffd').count() * 10 > text.length()) {
      return "it is no text: it holds NUL characters and bytes that are not UTF-8";
    }
    return "";
  }

  /** A web server's log, if most of the first lines are of one. */
  private static Optional<RawFormat> log(String text) {
    List<String> lines = text.lines().filter(l -> !l.isBlank()).limit(LINES).toList();
    for (RawFormat.Lines log : LOGS) {
      Pattern pattern = Pattern.compile(log.regex());
      long matching = lines.stream().filter(l -> pattern.matcher(l).matches()).count();
      if (matching * 2 >= lines.size()) {
        return Optional.of(log);
      }
    }
    return Optional.empty();
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    if (bytes.length < start.length) {
      return false;
    }
    for (int i = 0; i < start.length; i++) {
      if ((bytes[i] & 0xff) != start[i]) {
        return false;
      }
    }
    return true;
  }

  // ---- delimited text ----

  private static RawFormat csv(String head, Charset encoding, Optional<DatasetDefinition> said) {
    String text = head.indexOf('\n') < 0 ? head.replace('\r', '\n') : head;
    char quote = said.map(DatasetDefinition::quote).orElse('"');
    char delimiter =
        said.flatMap(DatasetDefinition::delimiter).orElseGet(() -> delimiter(text, quote));
    List<String> first = records(text, delimiter, quote).get(0);
    boolean header = said.flatMap(DatasetDefinition::header).orElseGet(() -> isHeader(first));
    List<String> names =
        header
            ? distinct(first)
            : List.copyOf(said.map(d -> List.copyOf(d.columns().keySet())).orElse(List.of()));
    List<String> columns = new ArrayList<>(header ? names : List.of());
    for (int i = 0; !header && i < Math.max(first.size(), names.size()); i++) {
      columns.add(i < names.size() ? names.get(i) : "c" + (i + 1));
    }
    return new RawFormat.Csv(delimiter, quote, header, List.copyOf(columns), encoding);
  }

  /** A name that stands twice, in whichever case, gets a number: each field is a column. */
  private static List<String> distinct(List<String> fields) {
    Set<String> seen = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (String field : fields) {
      String name = field.strip();
      for (int n = 2; !seen.add(name.toLowerCase(Locale.ROOT)); n++) {
        name = field.strip() + "_" + n;
      }
      names.add(name);
    }
    return names;
  }

  private static char delimiter(String text, char quote) {
    char best = ',';
    int bestFields = 1;
    boolean bestEven = false;
    for (char delimiter : DELIMITERS) {
      List<List<String>> records = records(text, delimiter, quote);
      int fields = records.get(0).size();
      boolean even =
          records.stream().filter(r -> r.size() == fields).count() * 10 >= records.size() * 7L;
      if (fields > 1 && (even && !bestEven || even == bestEven && fields > bestFields)) {
        best = delimiter;
        bestFields = fields;
        bestEven = even;
      }
    }
    return best;
  }

  /** Names: none empty, none twice, none a number. */
  private static boolean isHeader(List<String> record) {
    Set<String> seen = new HashSet<>();
    for (String field : record) {
      String name = field.strip();
      if (name.isEmpty()
          || name.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?")
          || !seen.add(name.toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return true;
  }

  /** The first records, as a reader of RFC 4180 sees them; at least one. */
  private static List<List<String>> records(String text, char delimiter, char quote) {
    List<List<String>> records = new ArrayList<>();
    List<String> record = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length() && records.size() < LINES; i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c == quote && i + 1 < text.length() && text.charAt(i + 1) == quote) {
          field.append(c);
          i++;
        } else if (c == quote) {
          quoted = false;
        } else {
          field.append(c);
        }
      } else if (c == quote && field.length() == 0) {
        quoted = true;
      } else if (c == delimiter) {
        record.add(field.toString());
        field.setLength(0);
      } else if (c == '\n') {
        end(records, record, field);
        record = new ArrayList<>();
      } else if (c != '\r') {
        field.append(c);
      }
    }
    if (records.isEmpty()) {
      end(records, record, field);
    }
    return records.isEmpty() ? List.of(List.of("")) : records;
  }

  private static void end(List<List<String>> records, List<String> record, StringBuilder field) {
    record.add(field.toString());
    field.setLength(0);
    if (record.size() > 1 || !record.get(0).isEmpty()) {
      records.add(record);
    }
  }
}
