package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.TableName;

/**
 * One walk over a parsed tree by the shapes of {@code tree.txt}: refuses what is not known or not
 * allowed, and remembers tables, columns with their scopes, and volatile functions. Names compare
 * as in DuckDB: ASCII letters without case.
 */
final class TreeWalk {
  private static final Pattern CTE_NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_ -]*");
  private static final List<String> ENGINE_NAMES =
      List.of("duckdb_", "pragma_", "sqlite_", "pg_", "information_schema");
  private static final Set<String> COMMON =
      Set.of("class", "type", "alias", "query_location", "query_location_length");

  final List<Scope.Site> sites = new ArrayList<>();
  final List<ColumnUse> columns = new ArrayList<>();
  final List<VolatileUse> volatiles = new ArrayList<>();
  final Set<String> cteNames = new HashSet<>();

  /**
   * A column reference and what it can see.
   *
   * @param node its COLUMN_REF
   * @param scope where it stands
   */
  record ColumnUse(ObjectNode node, Scope scope) {}

  /** Walks the tree of one statement: {@code {"error": false, "statements": [{"node": …}]}}. */
  TreeWalk(JsonNode tree) {
    JsonNode statements = tree.path("statements");
    if (statements.size() != 1) {
      throw refused("the SQL text holds " + statements.size() + " statements: send one");
    }
    statement(statements.get(0), null);
  }

  private void statement(JsonNode statement, @Nullable Scope around) {
    onlyFields(statement, Set.of("node", "named_param_map"), "statement");
    if (!holdsNothing(statement.path("named_param_map"))) {
      throw refused("prepared parameters have no value here: write the values themselves");
    }
    query(statement.path("node"), around);
  }

  private void query(JsonNode node, @Nullable Scope around) {
    walk("query", text(node, "type"), node, new Scope(around));
  }

  /** Reads one node; {@code type} chooses its shape. */
  private void walk(String kind, String type, JsonNode node, Scope scope) {
    Map<String, Shapes.Part> shape = Shapes.of(kind, type);
    if (shape == null || !node.isObject()) {
      throw unknown(type);
    }
    refuseUnknownFields(type, shape, node);
    shape.forEach((field, part) -> read(part, field, node, scope));
  }

  private static void refuseUnknownFields(
      String type, Map<String, Shapes.Part> shape, JsonNode node) {
    Iterator<Map.Entry<String, JsonNode>> fields = node.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      String name = field.getKey();
      boolean known =
          shape.containsKey(name) || (COMMON.contains(name) && field.getValue().isValueNode());
      if (!known && !holdsNothing(field.getValue())) {
        throw unknown(type + "." + name);
      }
    }
  }

  private void read(Shapes.Part part, String field, JsonNode node, Scope scope) {
    JsonNode value = node.path(field);
    switch (part) {
      case PLAIN -> plain(value, field);
      case DATA -> data(value, field);
      case EMPTY -> empty(value, field, node);
      case EXPR -> expression(value, scope);
      case EXPRS -> value.forEach(item -> expression(item, scope));
      case ROWS -> value.forEach(row -> row.forEach(item -> expression(item, scope)));
      case ARGS -> value.forEach(item -> argument(item, scope));
      case QUERY -> query(value, scope);
      case QUERIES -> value.forEach(item -> query(item, scope));
      case RECURSION -> recursion(value, node, scope);
      case STATEMENT -> statement(value, scope);
      case CTES -> ctes(value, scope);
      case TABLE -> table(value, scope);
      case MODIFIERS -> value.forEach(item -> walk("modifier", text(item, "type"), item, scope));
      case MODIFIER -> {
        if (!holdsNothing(value)) {
          walk("modifier", text(value, "type"), value, scope);
        }
      }
      case ORDERS -> value.forEach(item -> walk("order", "ORDER", item, scope));
      case CHECKS -> value.forEach(item -> check(item, scope));
      case REPLACEMENTS -> value.forEach(item -> replacement(item, scope));
      case PIVOTS -> value.forEach(item -> walk("pivot", "PIVOT", item, scope));
      case ENTRIES -> value.forEach(item -> walk("entry", "ENTRY", item, scope));
      case SAMPLE -> sample(value);
      case AT -> {} // read with its table
      case PATH -> path(value, node);
      case TABLEFUNCTION -> tableFunction(value, scope);
      case FUNCTION -> function(node);
      case QUALIFIER -> qualifier(value, node);
      case TYPE -> type(value);
      case COLLATION -> collation(value);
    }
  }

  private void expression(JsonNode node, Scope scope) {
    if (node.isNull() || node.isMissingNode()) {
      return;
    }
    String type = text(node, "class") + "/" + text(node, "type");
    if (type.startsWith("PARAMETER/")) {
      throw refused("prepared parameters have no value here: write the values themselves");
    }
    walk("expr", type, node, scope);
    if (type.startsWith("COLUMN_REF/")) {
      column((ObjectNode) node, scope);
    }
  }

  private void column(ObjectNode node, Scope scope) {
    JsonNode names = node.path("column_names");
    if (names.size() == 1 && Allowed.isVolatileColumn(lower(names.get(0).asText()))) {
      volatiles.add(new VolatileUse(lower(names.get(0).asText()), location(node)));
    }
    columns.add(new ColumnUse(node, scope));
  }

  private void argument(JsonNode argument, Scope scope) {
    onlyFields(argument, Set.of("name", "expression"), "argument");
    plain(argument.path("name"), "name");
    expression(argument.path("expression"), scope);
  }

  private void check(JsonNode check, Scope scope) {
    onlyFields(check, Set.of("when_expr", "then_expr"), "CASE");
    expression(check.path("when_expr"), scope);
    expression(check.path("then_expr"), scope);
  }

  private void replacement(JsonNode replacement, Scope scope) {
    onlyFields(replacement, Set.of("key", "value"), "REPLACE");
    plain(replacement.path("key"), "key");
    expression(replacement.path("value"), scope);
  }

  /** Each WITH query sees those before it; only a recursive one's second half sees itself. */
  private void ctes(JsonNode map, Scope scope) {
    onlyFields(map, Set.of("map"), "WITH");
    for (JsonNode entry : map.path("map")) {
      onlyFields(entry, Set.of("key", "value"), "WITH");
      String name = cteName(text(entry, "key"));
      walk("cte", "CTE", entry.path("value"), scope);
      scope.addCte(name);
    }
  }

  private void recursion(JsonNode right, JsonNode node, Scope scope) {
    Scope inner = new Scope(scope);
    inner.addCte(cteName(text(node, "cte_name")));
    query(right, inner);
  }

  private String cteName(String name) {
    String lower = lower(name);
    boolean engine = ENGINE_NAMES.stream().anyMatch(lower::startsWith);
    if (!CTE_NAME.matcher(name).matches() || engine) {
      throw refused(
          "'"
              + name
              + "' cannot name a WITH query: use letters, digits and '_', and no name of the engine's own");
    }
    cteNames.add(lower);
    return lower;
  }

  private void table(JsonNode node, Scope scope) {
    String type = text(node, "type");
    if (type.equals("SHOW_REF")) {
      throw refused(
          "SHOW, DESCRIBE and SUMMARIZE cannot stand inside FROM: send DESCRIBE or SHOW TABLES on its own");
    }
    walk("table", type, node, scope);
    if (type.equals("BASE_TABLE")) {
      baseTable((ObjectNode) node, scope);
    } else if (type.equals("TABLE_FUNCTION") && ChangesCall.is(node.path("function"))) {
      changes((ObjectNode) node, scope);
    } else if (!text(node, "alias").isEmpty()) {
      addItem(scope, new Scope.Item(lower(text(node, "alias")), null));
    }
  }

  private void baseTable(ObjectNode node, Scope scope) {
    String schema = text(node, "schema_name");
    String name = text(node, "table_name");
    String alias = text(node, "alias");
    String called = lower(alias.isEmpty() ? name : alias);
    if (isCte(schema, name, scope)) {
      if (!holdsNothing(node.path("at_clause"))) {
        throw refused("AT does not apply to the WITH query '" + name + "': give it to a table");
      }
      addItem(scope, new Scope.Item(called, null));
      return;
    }
    String catalog = text(node, "catalog_name");
    if (!catalog.isEmpty()) {
      throw refused(
          "the table name '"
              + catalog
              + "."
              + schema
              + "."
              + name
              + "' has three parts: write namespace.name");
    }
    TableRef ref =
        new TableRef(
            schema.isEmpty() ? null : legal(schema, name, schema),
            legal(schema, name, name),
            alias.isEmpty() ? null : alias,
            AtClause.read(node.path("at_clause")));
    Scope.Site site = new Scope.Site(node, ref);
    sites.add(site);
    addItem(scope, new Scope.Item(called, site));
  }

  private void changes(ObjectNode node, Scope scope) {
    JsonNode function = node.path("function");
    ChangesCall call = ChangesCall.read(function);
    if (!text(node, "with_ordinality").equals("WITHOUT_ORDINALITY")) {
      throw unknown("WITH ORDINALITY");
    }
    volatiles.add(new VolatileUse(ChangesCall.NAME, location(node)));
    String alias = text(node, "alias");
    TableRef ref =
        new TableRef(
            call.namespace().isEmpty()
                ? null
                : legal(call.namespace(), call.table(), call.namespace()),
            legal(call.namespace(), call.table(), call.table()),
            alias.isEmpty() ? null : alias,
            call.at());
    Scope.Site site = new Scope.Site(node, ref);
    sites.add(site);
    addItem(scope, new Scope.Item(lower(alias.isEmpty() ? ChangesCall.NAME : alias), site));
  }

  /** {@code recurring.r} is a recursive query's own rows so far. */
  private static boolean isCte(String schema, String name, Scope scope) {
    return (schema.isEmpty() || lower(schema).equals("recurring")) && scope.seesCte(lower(name));
  }

  private static String legal(String schema, String name, String part) {
    String lower = lower(part);
    if (!TableName.isPart(lower)) {
      String full = schema.isEmpty() ? name : schema + "." + name;
      throw new TarnException(
          ErrorCode.NOT_FOUND,
          "no table is called '" + full + "'; a query reads the lake's tables, not files");
    }
    return lower;
  }

  private static void addItem(Scope scope, Scope.Item item) {
    for (Scope.Item other : scope.items) {
      boolean unaliased = isUnaliased(item) || isUnaliased(other);
      if (other.name().equals(item.name()) && unaliased) {
        throw new TarnException(
            ErrorCode.SQL_INVALID,
            "two tables of one FROM are both called '" + item.name() + "': give one an alias");
      }
    }
    scope.items.add(item);
  }

  private static boolean isUnaliased(Scope.Item item) {
    return item.site() != null && item.site().ref().alias() == null;
  }

  private void tableFunction(JsonNode function, Scope scope) {
    String name = lower(text(function, "function_name"));
    if (ChangesCall.is(function)) {
      return; // read with its place
    }
    if (!Allowed.tableFunction(name)) {
      throw refused(
          "the table function '"
              + name
              + "' is not allowed: FROM takes tables, unnest, range, generate_series and table_changes");
    }
    expression(function, scope);
  }

  private void function(JsonNode node) {
    String name = lower(text(node, "function_name"));
    if (!Allowed.function(name)) {
      throw refused("the function '" + name + "' is not allowed in queries");
    }
    if (Allowed.isVolatile(name, node.path("arguments").size())) {
      volatiles.add(new VolatileUse(name, location(node)));
    }
  }

  private static void qualifier(JsonNode value, JsonNode node) {
    if (!holdsNothing(value)) {
      String name = text(node, "function_name");
      throw refused(
          "the function name '"
              + value.asText()
              + "."
              + name
              + "' has a prefix: write "
              + name
              + "(…), its arguments inside");
    }
  }

  private static void type(JsonNode value) {
    if (!Allowed.type(lower(value.asText()))) {
      throw refused("the type '" + value.asText() + "' is not allowed in queries");
    }
  }

  private static void collation(JsonNode value) {
    if (!Allowed.collation(lower(value.asText()))) {
      throw refused("the collation '" + value.asText() + "' is not allowed in queries");
    }
  }

  private void sample(JsonNode value) {
    if (holdsNothing(value)) {
      return;
    }
    data(value, "sample");
    volatiles.add(new VolatileUse("SAMPLE", 0));
  }

  /** DuckDB keeps a name twice; both must say the same. */
  private static void path(JsonNode value, JsonNode node) {
    onlyFields(value, Set.of("path"), "name");
    List<String> expected = new ArrayList<>();
    for (String field :
        List.of(
            "catalog",
            "catalog_name",
            "schema",
            "schema_name",
            "function_name",
            "table_name",
            "type_name")) {
      String part = text(node, field);
      if (!part.isEmpty()) {
        expected.add(part);
      }
    }
    List<String> actual = new ArrayList<>();
    value.path("path").forEach(part -> actual.add(part.asText()));
    if (!expected.equals(actual)) {
      throw unknown("qualified_name");
    }
  }

  private static void plain(JsonNode value, String field) {
    if (value.isObject()) {
      throw unknown(field);
    }
    if (value.isArray()) {
      value.forEach(item -> plain(item, field));
    }
  }

  private static void data(JsonNode value, String field) {
    if (value.isObject() && value.has("class")) {
      throw unknown(field);
    }
    if (value.isContainerNode()) {
      value.forEach(item -> data(item, field));
    }
  }

  private static void empty(JsonNode value, String field, JsonNode node) {
    if (!holdsNothing(value)) {
      throw unknown(text(node, "type") + "." + field);
    }
  }

  private static void onlyFields(JsonNode node, Set<String> fields, String what) {
    Iterator<String> names = node.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw unknown(what + "." + name);
      }
    }
  }

  static boolean holdsNothing(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isContainerNode() && value.isEmpty())
        || (value.isTextual() && value.asText().isEmpty())
        || (value.isBoolean() && !value.asBoolean());
  }

  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? value.asText() : "";
  }

  /**
   * ASCII only, as DuckDB compares names: no letter from elsewhere can stand in for one of these.
   */
  static String lower(String name) {
    StringBuilder lower = new StringBuilder(name);
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        lower.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return lower.toString();
  }

  private static int location(JsonNode node) {
    JsonNode location = node.path("query_location");
    return location.canConvertToInt() ? location.asInt() + 1 : 0;
  }

  static TarnException refused(String message) {
    return new TarnException(ErrorCode.SQL_REFUSED, message);
  }

  private static TarnException unknown(String what) {
    return refused("the query uses " + what + ", which is not allowed: " + SqlText.ALLOWED);
  }
}
