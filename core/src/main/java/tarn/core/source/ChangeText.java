package tarn.core.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
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
  private static final byte COMMA = ',';
  private static final byte QUOTE = '"';
  private static final byte LINE_FEED = '\n';
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonFactory JSON = MAPPER.getFactory();

  private final SourceTable table;
  private final Path file;
  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER];
  private int buffered;
  private long written;

  /** The transaction of the last change, and what each of its rows says of it. */
  private @Nullable Transaction transaction;

  private byte[] place = new byte[0];
  private byte[] told = new byte[0];

  ChangeText(SourceTable table, Path file) throws IOException {
    this.table = table;
    this.file = file;
    this.out = Files.newOutputStream(file);
  }

  SourceTable table() {
    return table;
  }

  Path file() {
    return file;
  }

  /** How many bytes have been written. */
  long bytes() {
    return written + buffered;
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
    if (transaction != this.transaction) {
      this.transaction = transaction;
      place = ascii("," + transaction.commit().value() + ",");
      told = ascii("," + transaction.id() + "," + transaction.at() + ",");
    }
    put(op(change.op()));
    put(place, 0, place.length);
    byte[] digits = ascii(Long.toString(ordinal));
    put(digits, 0, digits.length);
    put(told, 0, told.length);
    value(unchanged(after));
    put(COMMA);
    value(change.op() == Change.Op.UPDATE ? before(change) : null);
    for (int i = 0; i < table.columns().size(); i++) {
      put(COMMA);
      value(values == null || values[i] == Change.UNCHANGED ? null : values[i]);
    }
    put(LINE_FEED);
  }

  private static byte op(Change.Op op) {
    String name =
        switch (op) {
          case INSERT -> ChangeColumns.INSERT;
          case UPDATE -> ChangeColumns.UPDATE;
          case DELETE -> ChangeColumns.DELETE;
          case TRUNCATE -> ChangeColumns.TRUNCATE;
        };
    return (byte) name.charAt(0);
  }

  private byte @Nullable [] unchanged(byte @Nullable [] @Nullable [] after) throws IOException {
    List<String> names = null;
    for (int i = 0; after != null && i < after.length; i++) {
      if (after[i] == Change.UNCHANGED) {
        names = names == null ? new ArrayList<>() : names;
        names.add(table.columns().get(i).name());
      }
    }
    return names == null ? null : MAPPER.writeValueAsBytes(names);
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

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void value(byte @Nullable [] value) throws IOException {
    if (value == null) {
      return;
    }
    put(QUOTE);
    int from = 0;
    for (int i = 0; i < value.length; i++) {
      if (value[i] == QUOTE) {
        put(value, from, i + 1 - from);
        put(QUOTE);
        from = i + 1;
      }
    }
    put(value, from, value.length - from);
    put(QUOTE);
  }

  private void put(byte one) throws IOException {
    if (buffered == BUFFER) {
      flush();
    }
    buffer[buffered++] = one;
  }

  private void put(byte[] bytes, int from, int length) throws IOException {
    if (length > BUFFER - buffered) {
      flush();
    }
    if (length > BUFFER) {
      out.write(bytes, from, length);
      written += length;
    } else {
      System.arraycopy(bytes, from, buffer, buffered, length);
      buffered += length;
    }
  }

  private void flush() throws IOException {
    if (buffered > 0) {
      out.write(buffer, 0, buffered);
      written += buffered;
      buffered = 0;
    }
  }

  @Override
  public void close() throws IOException {
    try (out) {
      flush();
    }
  }
}
