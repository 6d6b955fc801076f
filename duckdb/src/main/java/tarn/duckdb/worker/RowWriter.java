package tarn.duckdb.worker;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/**
 * Turns result rows into JSON: numbers exact, NaN and infinities as texts, times in ISO 8601,
 * binary in Base64, structs as objects.
 */
final class RowWriter {
  private static final int FULL_BYTES = 1 << 18;

  private final ResultSet result;
  private final int width;
  private final Buffer bytes = new Buffer();
  private JsonGenerator json;
  private int count;

  RowWriter(ResultSet result) throws SQLException, IOException {
    this.result = result;
    this.width = result.getMetaData().getColumnCount();
    this.json = begin();
  }

  ArrayNode columns() throws SQLException {
    ResultSetMetaData meta = result.getMetaData();
    ArrayNode columns = Frames.MAPPER.createArrayNode();
    for (int i = 1; i <= width; i++) {
      columns
          .addObject()
          .put("name", meta.getColumnLabel(i))
          .put("type", meta.getColumnTypeName(i));
    }
    return columns;
  }

  /**
   * Adds the result's row, unless the rows since the last {@link #take} would have more bytes than
   * the limit then.
   */
  boolean add(long limit) throws SQLException, IOException {
    int before = bytes.size();
    json.writeStartArray();
    for (int i = 1; i <= width; i++) {
      write(result.getObject(i));
    }
    json.writeEndArray();
    json.flush();
    if (bytes.size() > limit) {
      bytes.cut(before);
      return false;
    }
    count++;
    return true;
  }

  int count() {
    return count;
  }

  boolean full() {
    return bytes.size() >= FULL_BYTES;
  }

  /** The rows since the last call, as a JSON array. */
  byte[] take() throws IOException {
    json.writeEndArray();
    json.close();
    byte[] rows = bytes.toByteArray();
    bytes.reset();
    count = 0;
    json = begin();
    return rows;
  }

  private static final class Buffer extends ByteArrayOutputStream {
    void cut(int size) {
      count = size;
    }
  }

  private JsonGenerator begin() throws IOException {
    JsonGenerator generator = Frames.MAPPER.getFactory().createGenerator(bytes);
    generator.writeStartArray();
    return generator;
  }

  private void write(@Nullable Object value) throws SQLException, IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (value instanceof BigInteger integer) {
      json.writeNumber(integer);
    } else if (value instanceof Double || value instanceof Float) {
      writeFloating(((Number) value).doubleValue(), value.toString());
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      writeOther(value);
    }
  }

  private void writeFloating(double value, String text) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(text);
    } else {
      json.writeString(text);
    }
  }

  private void writeOther(Object value) throws SQLException, IOException {
    if (value instanceof Timestamp timestamp) {
      json.writeString(iso(timestamp.toLocalDateTime()));
    } else if (value instanceof OffsetDateTime time) {
      json.writeString(
          iso(time.withOffsetSameInstant(java.time.ZoneOffset.UTC).toLocalDateTime()) + "Z");
    } else if (value instanceof Blob blob) {
      json.writeBinary(blob.getBytes(1, Math.toIntExact(blob.length())));
    } else if (value instanceof byte[] binary) {
      json.writeBinary(binary);
    } else if (value instanceof DuckDBStruct struct) {
      writeMap(struct.getMap());
    } else if (value instanceof Struct struct) {
      writeArray(struct.getAttributes());
    } else if (value instanceof Array array) {
      writeArray((Object[]) array.getArray());
    } else if (value instanceof Object[] array) {
      writeArray(array);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map);
    } else {
      json.writeString(value.toString());
    }
  }

  private void writeMap(Map<?, ?> map) throws SQLException, IOException {
    json.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      json.writeFieldName(String.valueOf(entry.getKey()));
      write(entry.getValue());
    }
    json.writeEndObject();
  }

  private void writeArray(@Nullable Object[] values) throws SQLException, IOException {
    json.writeStartArray();
    for (Object value : values) {
      write(value);
    }
    json.writeEndArray();
  }

  private static String iso(LocalDateTime time) {
    return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
  }
}
