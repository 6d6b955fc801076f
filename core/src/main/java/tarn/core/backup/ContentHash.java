package tarn.core.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Engine;
import tarn.core.engine.QueryJob;
import tarn.core.engine.Relation;
import tarn.core.engine.ResultColumn;
import tarn.core.engine.RowSink;
import tarn.core.engine.View;
import tarn.core.table.At;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/**
 * Says in 32 hex digits which rows a table has, in whatever order and files. Each row is the JSON
 * array of its values; of the MD5 of its UTF-8, the first and the last eight bytes are a
 * little-endian number each; the numbers of all rows are added, modulo 2^64, and printed in hex,
 * first the one of the first eight bytes. Equal tables have equal hashes; a row more, less or
 * different, or the same one once more, changes it. Finds accidents, not forgeries.
 */
public final class ContentHash {
  private static final long MOST_BYTES = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TableStore tables;
  private final Engine engine;
  private final Duration timeout;

  public ContentHash(TableStore tables, Engine engine, Duration timeout) {
    this.tables = tables;
    this.engine = engine;
    this.timeout = timeout;
  }

  /**
   * What a table has.
   *
   * @param snapshot which state was read; empty if it never had rows
   * @param hash 32 hex digits
   */
  public record Content(TableName table, OptionalLong snapshot, long rows, String hash) {}

  /** Reads a table's newest state from end to end. */
  public Content of(TableName table) {
    Scan scan = tables.scan(table, new At.Now(), Expressions.alwaysTrue());
    List<JsonNode> answer = new ArrayList<>();
    engine.query(
        new QueryJob(
            sql(scan), List.of(new View("t", new Relation.OfTable(scan))), timeout, 1, MOST_BYTES),
        new RowSink() {
          @Override
          public void columns(List<ResultColumn> columns) {}

          @Override
          public void rows(byte[] jsonRows, int count) {
            try {
              JSON.readTree(jsonRows).get(0).forEach(answer::add);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
    return new Content(
        table, scan.snapshotId(), answer.get(0).asLong(), hex(answer.get(1)) + hex(answer.get(2)));
  }

  private static String sql(Scan scan) {
    String values =
        scan.schema().columns().stream()
            .map(Types.NestedField::name)
            .map(name -> '"' + name.replace("\"", "\"\"") + '"')
            .collect(Collectors.joining(", "));
    return "SELECT count(*), "
        + sum("upper")
        + ", "
        + sum("lower")
        + " FROM (SELECT CAST(json_array("
        + values
        + ") AS VARCHAR) AS r FROM t)";
  }

  private static String sum(String half) {
    return "CAST(coalesce(sum(md5_number_" + half + "(r)), 0) AS VARCHAR)";
  }

  private static String hex(JsonNode sum) {
    return String.format("%016x", new BigInteger(sum.asText()).longValue());
  }
}
