package tarn.core.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The second gate of the query door: one parsed query, as DuckDB 2.0's {@code json_serialize_sql}
 * gives it, of which every node, function, type and table is known to be allowed. What this class
 * does not know it refuses. Immutable.
 */
public final class SqlTree {
  private static final int MAX_JSON_DEPTH = 4000;
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(MAX_JSON_DEPTH).build())
              .streamWriteConstraints(
                  StreamWriteConstraints.builder().maxNestingDepth(MAX_JSON_DEPTH).build())
              .build());

  private final JsonNode tree;
  private final List<TableRef> tables;
  private final List<VolatileUse> volatiles;

  private SqlTree(JsonNode tree, TreeWalk walk) {
    this.tree = tree;
    this.tables = walk.sites.stream().map(Scope.Site::ref).toList();
    this.volatiles = List.copyOf(walk.volatiles);
  }

  /**
   * Reads and checks a tree.
   *
   * @param json what {@code json_serialize_sql} returned, with or without {@code skip_default}
   * @throws TarnException {@code SQL_INVALID} with DuckDB's own words if the text did not parse;
   *     {@code SQL_REFUSED} for anything that is not allowed; {@code NOT_FOUND} for a table name
   *     that cannot be one, such as a file's path
   */
  public static SqlTree read(String json) {
    try {
      return read(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new TarnException(ErrorCode.INTERNAL, "the engine's parsed tree is not JSON", e);
    }
  }

  /** Reads and checks a tree, as {@link #read(String)}. */
  public static SqlTree read(JsonNode tree) {
    if (tree.path("error").asBoolean()) {
      throw notParsed(tree);
    }
    return new SqlTree(tree, new TreeWalk(tree));
  }

  private static TarnException notParsed(JsonNode error) {
    String message = error.path("error_message").asText();
    if (error.path("error_type").asText().equals("not implemented")) {
      return new TarnException(
          ErrorCode.SQL_REFUSED, "this kind of statement is not allowed: " + SqlText.ALLOWED);
    }
    String position = error.path("position").asText();
    String where = position.isEmpty() ? "" : " (character " + (Long.parseLong(position) + 1) + ")";
    return new TarnException(
        ErrorCode.SQL_INVALID, "the SQL text does not parse: " + message + where);
  }

  /** The catalog tables that the query names, one for each place, in reading order. */
  public List<TableRef> tables() {
    return tables;
  }

  /** Where the query asks for something that differs each time; fine in queries, not in models. */
  public List<VolatileUse> volatileFunctions() {
    return volatiles;
  }

  /**
   * What keeps the query from going row by row: its rows for a table with more rows are those that
   * it gives for the table, and those that it gives for the rows that came. Empty if it does: one
   * SELECT of columns and expressions from one table, with or without WHERE.
   */
  public Optional<WholeUse> wholeUse() {
    return Optional.ofNullable(RowByRow.obstacle(tree.path("statements").path(0).path("node")));
  }

  /**
   * Finds each table in the catalog and rewrites the query to read a view of its own for each table
   * and state.
   *
   * @throws TarnException {@code NOT_FOUND}, {@code NAME_AMBIGUOUS}; {@code SQL_INVALID} for a
   *     column written as {@code namespace.table.column} that cannot be told apart
   */
  public Resolved resolve(CatalogNames names) {
    JsonNode copy = tree.deepCopy();
    return new Rewrite(copy, new TreeWalk(copy), names).resolved();
  }

  static String write(JsonNode tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new TarnException(ErrorCode.INTERNAL, "a parsed tree cannot be written as JSON", e);
    }
  }
}
