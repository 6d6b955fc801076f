package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Positions of deleted rows, given as files of little-endian 64-bit integers, as a table {@code
 * (file VARCHAR, pos BIGINT)}.
 */
final class PositionTable {
  private final DuckDBConnection connection;

  PositionTable(DuckDBConnection connection) {
    this.connection = connection;
  }

  void load(JsonNode request) throws SQLException, IOException {
    String table = request.path("table").asText();
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TEMP TABLE IF NOT EXISTS \"" + table + "\" (file VARCHAR, pos BIGINT)");
    }
    try (DuckDBAppender appender = connection.createAppender("temp", "main", table)) {
      for (JsonNode file : request.path("files")) {
        append(appender, file.path("file").asText(), Path.of(file.path("positions").asText()));
      }
    }
  }

  private static void append(DuckDBAppender appender, String file, Path positions)
      throws SQLException, IOException {
    ByteBuffer buffer =
        ByteBuffer.wrap(Files.readAllBytes(positions)).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.remaining() >= Long.BYTES) {
      appender.beginRow();
      appender.append(file);
      appender.append(buffer.getLong());
      appender.endRow();
    }
  }
}
