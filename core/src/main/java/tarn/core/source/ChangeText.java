package tarn.core.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.core.change.Change;
import tarn.core.change.SourceTable;
import tarn.core.change.Transaction;
import tarn.core.engine.ChangeColumns;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;

/**
 * Changes of one table in a local file, as {@link ColumnarJob#text} says: {@link
 * ChangeColumns#OF_CHANGES}, then the table's columns.
 */
final class ChangeText implements Closeable {
  private static final int BUFFER = 1 << 16;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonFactory JSON = MAPPER.getFactory();

  private final SourceTable table;
  private final Path file;
  private final OutputStream out;
  private long bytes;

  ChangeText(SourceTable table, Path file) throws IOException {
    this.table = table;
    this.file = file;
    this.out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
  }

  SourceTable table() {
    return table;
  }

  Path file() {
    return file;
  }

  /** How many bytes have been written. */
  long bytes() {
    return bytes;
  }

  /** What the columns of its rows are. */
  List<Column> columns() {
    List<Column> columns = new ArrayList<>(ChangeColumns.OF_CHANGES);
    columns.addAll(columns(table));
    return columns;
  }

  /** What the columns of a table's rows are. */
  static List<Column> columns(SourceTable table) {
    return table.columns().stream().map(c -> new Column(c.name(), c.type())).toList();
  }

  void write(Transaction transaction, long ordinal, Change change) throws IOException {
    byte @Nullable [] @Nullable [] after = change.after();
    byte @Nullable [] @Nullable [] values = after == null ? change.before() : after;
    plain(op(change.op()));
    number(transaction.commit().value());
    number(ordinal);
    number(transaction.id());
    next();
    plain(transaction.at().toString());
    next();
    value(unchanged(after));
    next();
    value(change.op() == Change.Op.UPDATE ? before(change) : null);
    for (int i = 0; i < table.columns().size(); i++) {
      next();
      value(values == null || values[i] == Change.UNCHANGED ? null : values[i]);
    }
    put('\n');
  }

  private static String op(Change.Op op) {
    return switch (op) {
      case INSERT -> ChangeColumns.INSERT;
      case UPDATE -> ChangeColumns.UPDATE;
      case DELETE -> ChangeColumns.DELETE;
      case TRUNCATE -> ChangeColumns.TRUNCATE;
    };
  }

  private byte @Nullable [] unchanged(byte @Nullable [] @Nullable [] after) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; after != null && i < after.length; i++) {
      if (after[i] == Change.UNCHANGED) {
        names.add(table.columns().get(i).name());
      }
    }
    return names.isEmpty() ? null : MAPPER.writeValueAsBytes(names);
  }

  /** The key, and whatever else the source told. */
  private byte @Nullable [] before(Change change) throws IOException {
    byte @Nullable [] @Nullable [] before = change.before();
    if (before == null) {
      return null;
    }
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator generator = JSON.createGenerator(json)) {
      generator.writeStartObject();
      for (int i = 0; i < before.length; i++) {
        byte[] value = before[i];
        if (value != null && value != Change.UNCHANGED) {
          generator.writeFieldName(table.columns().get(i).name());
          generator.writeUTF8String(value, 0, value.length);
        }
      }
      generator.writeEndObject();
    }
    return json.toByteArray();
  }

  private void number(long value) throws IOException {
    next();
    plain(Long.toString(value));
  }

  private void next() throws IOException {
    put(',');
  }

  private void plain(String text) throws IOException {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    out.write(ascii);
    bytes += ascii.length;
  }

  private void value(byte @Nullable [] value) throws IOException {
    if (value == null) {
      return;
    }
    put('"');
    int from = 0;
    for (int i = 0; i < value.length; i++) {
      if (value[i] == '"') {
        out.write(value, from, i + 1 - from);
        put('"');
        from = i + 1;
      }
    }
    out.write(value, from, value.length - from);
    bytes += value.length;
    put('"');
  }

  private void put(char ascii) throws IOException {
    out.write(ascii);
    bytes++;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
