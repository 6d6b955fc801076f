package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Measure.Kind;
import tarn.core.engine.plan.RegexText;
import tarn.core.table.TableName;

/** The open table of rule types: a new one is a new line here, with its test and its example. */
public final class RuleTypes {

  /**
   * A type of rule.
   *
   * @param name DQDL's name for it
   * @param perRow whether it is checked row by row, or judged for the whole table
   * @param syntax what follows the name
   * @param meaning what passes, and how null is treated
   * @param example a whole rule
   * @param compile reads what follows the name
   */
  record RuleType(
      String name,
      boolean perRow,
      String syntax,
      String meaning,
      String example,
      Function<RuleParser, Draft> compile) {}

  private static RuleType rows(
      String name,
      String syntax,
      String meaning,
      String example,
      Function<RuleParser, Draft> compile) {
    return new RuleType(name, true, syntax, meaning, example, compile);
  }

  private static RuleType table(
      String name,
      String syntax,
      String meaning,
      String example,
      Function<RuleParser, Draft> compile) {
    return new RuleType(name, false, syntax, meaning, example, compile);
  }

  static final List<RuleType> ALL =
      List.of(
          rows(
              "IsComplete",
              "column",
              "Passes rows whose value is not null. An empty text is not null.",
              "IsComplete \"order_id\"",
              parser -> complete(parser.column())),
          rows(
              "IsUnique",
              "column …",
              "Passes the row that landed first with its value, or values; rows with a null among them pass.",
              "IsUnique \"email\"",
              parser -> new Draft.Keys(List.of(), parser.columns())),
          rows(
              "IsPrimaryKey",
              "column …",
              "IsComplete for each column, and IsUnique for all of them together.",
              "IsPrimaryKey \"order_id\" \"line\"",
              RuleTypes::primaryKey),
          rows(
              "ColumnValues",
              "column condition",
              "Passes rows whose value meets the condition. Null fails, except with != and not in; name NULL to have it otherwise.",
              "ColumnValues \"status\" in [\"paid\", \"shipped\", NULL]",
              RuleTypes::values),
          rows(
              "ColumnLength",
              "column condition with numbers",
              "Passes rows whose text has a length, in characters, that meets the condition. Null counts as length 0.",
              "ColumnLength \"country\" = 2",
              RuleTypes::length),
          rows(
              "ColumnDataType",
              "column = \"type\"",
              "Passes rows whose value has an exact meaning in the type (Boolean, Date, Timestamp, Integer, Long, Float, Double), and null. `1.5` is no Integer.",
              "ColumnDataType \"reference\" = \"Integer\"",
              RuleTypes::dataType),
          table(
              "Completeness",
              "column condition",
              "The part of the rows whose value is not null, 0 to 1.",
              "Completeness \"email\" >= 0.95",
              parser -> {
                List<String> column = List.of(parser.column());
                NumberCondition condition = parser.condition();
                return whole(
                    where ->
                        Numbers.ratio(
                            "Completeness",
                            condition,
                            Numbers.of(Kind.PRESENT, column, where),
                            Numbers.rows(where)));
              }),
          table(
              "Uniqueness",
              "column … condition",
              "The part of the rows (those with a null left out) whose value, or values, no other row has, 0 to 1.",
              "Uniqueness \"email\" > 0.99",
              parser -> ratio(parser, "Uniqueness", Kind.SINGLE, Kind.PRESENT)),
          table(
              "UniqueValueRatio",
              "column … condition",
              "Of the different values, the part that one row only has, 0 to 1. Null is no value.",
              "UniqueValueRatio \"score\" between 0 and 0.5",
              parser -> ratio(parser, "UniqueValueRatio", Kind.SINGLE, Kind.DISTINCT)),
          table(
              "DistinctValuesCount",
              "column … condition",
              "How many different values, or combinations, there are. Null is no value.",
              "DistinctValuesCount \"country\" <= 250",
              parser -> {
                List<String> columns = parser.columns();
                NumberCondition condition = parser.condition();
                return whole(
                    where ->
                        Numbers.check(
                            "DistinctValuesCount",
                            condition,
                            Numbers.of(Kind.DISTINCT, columns, where)));
              }),
          table(
              "RowCount",
              "condition",
              "How many rows the table has.",
              "RowCount between 10 and 100",
              parser -> {
                NumberCondition condition = parser.condition();
                return whole(where -> Numbers.check("RowCount", condition, Numbers.rows(where)));
              }),
          table(
              "Sum",
              "column condition",
              "The sum of the values; 0 without any.",
              "Sum \"total\" > 0",
              parser -> statistic(parser, "Sum", Kind.SUM)),
          table(
              "Mean",
              "column condition",
              "The arithmetic mean. Without values it has none, and fails.",
              "Mean \"stars\" > 3",
              parser -> statistic(parser, "Mean", Kind.MEAN)),
          table(
              "StandardDeviation",
              "column condition",
              "The population's standard deviation. Without values it has none, and fails.",
              "StandardDeviation \"stars\" < 1.5",
              parser -> statistic(parser, "StandardDeviation", Kind.DEVIATION)),
          table(
              "Entropy",
              "column condition",
              "Shannon's entropy of the values, in bits. Without values it has none, and fails.",
              "Entropy \"feedback\" > 1",
              parser -> {
                List<String> column = List.of(parser.column());
                NumberCondition condition = parser.condition();
                return whole(
                    where ->
                        Numbers.check(
                            "Entropy", condition, Numbers.of(Kind.ENTROPY, column, where)));
              }),
          table(
              "ColumnCorrelation",
              "column column condition",
              "Pearson's coefficient of two columns, -1 to 1. If a column never changes it has none, and fails.",
              "ColumnCorrelation \"height\" \"weight\" > 0.8",
              parser -> {
                List<String> columns = List.of(parser.numberColumn(), parser.numberColumn());
                NumberCondition condition = parser.condition();
                return whole(
                    where ->
                        Numbers.check(
                            "ColumnCorrelation",
                            condition,
                            Numbers.of(Kind.CORRELATION, columns, where)));
              }),
          table(
              "ColumnExists",
              "column",
              "The recipe's output has the column. Case does not count.",
              "ColumnExists \"middle_name\"",
              RuleTypes::exists),
          table(
              "ColumnCount",
              "condition",
              "How many columns the recipe's output has.",
              "ColumnCount between 10 and 20",
              parser -> {
                NumberCondition condition = parser.condition();
                Optional<BigDecimal> count =
                    parser.known().map(all -> BigDecimal.valueOf(all.size()));
                return constant("ColumnCount", condition, count);
              }),
          table(
              "ColumnNamesMatchPattern",
              "\"regex\" [condition]",
              "The part of the recipe's output columns whose whole names match, 0 to 1; without a condition all must.",
              "ColumnNamesMatchPattern \"aws_.*_[a-zA-Z]+\"",
              RuleTypes::namesMatch),
          table(
              "ReferentialIntegrity",
              "\"column,…\" \"table.column\" condition",
              "The part of the rows whose values are found in another clean table, 0 to 1; several columns are written `\"a,b\" \"clean.t.{c,d}\"`. Null is not found.",
              "ReferentialIntegrity \"customer_id\" \"clean.customers.customer_id\" >= 0.9",
              RuleTypes::referential),
          table(
              "RowCountMatch",
              "\"table\" condition",
              "The table's rows divided by those of another clean table.",
              "RowCountMatch \"clean.customers\" >= 0.9",
              RuleTypes::rowCountMatch),
          table(
              "AggregateMatch",
              "\"f(column)\" \"f(table.column)\" condition",
              "A sum or mean (`sum`, `avg`) divided by that of another clean table.",
              "AggregateMatch \"sum(total)\" \"sum(clean.invoices.total)\" >= 0.95",
              RuleTypes::aggregateMatch),
          table(
              "DatasetMatch",
              "\"table\" \"key,…\" [\"column,…\"] condition",
              "The part of the rows that are in another clean table too, 0 to 1: found by the key, with the same values in the columns named, or in all others of this table. A column that is called otherwise there is written `mine->theirs`. If a key is null or comes twice, in either table, there is no such number, and the rule fails.",
              "DatasetMatch \"clean.ledger\" \"id->order_id\" \"total->amount,currency\" >= 0.9",
              DatasetMatch::read),
          table(
              "SchemaMatch",
              "\"table\" condition",
              "Of all columns of this table's recipe and of another clean table, the part that both have with the same name and type, 0 to 1.",
              "SchemaMatch \"clean.archive\" = 1.0",
              RuleTypes::schemaMatch),
          table(
              "CustomSql",
              "\"SELECT …\" [condition]",
              "The one number that a query gives; without one the rule is not met. `primary` is the table, as it would be after the commit; other clean tables have their names. Without a condition it is a rule for rows, written `\"select column from primary where condition\"`: rows for which the condition is true pass.",
              "CustomSql \"select count(distinct country) from primary\" between 10 and 250",
              CustomSql::read));

  /** Rule types that DQDL has and Tarn refuses, and why. */
  static final Map<String, String> REFUSED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "DataFreshness",
                  "a table that depends on the time of its run cannot be rebuilt; compare with a date in ColumnValues"),
              Map.entry(
                  "FileFreshness", "a table that depends on the time of its run cannot be rebuilt"),
              Map.entry("FileMatch", "the ledger keeps every file's hash and lands it once"),
              Map.entry("FileUniqueness", "the ledger lands the same file only once"),
              Map.entry("FileSize", "rules look at rows, not at files"),
              Map.entry(
                  "DetectAnomalies", "a rule that depends on the runs before it is not repeatable"),
              Map.entry("AllStatistics", "it is an analyzer, not a rule")));

  private RuleTypes() {}

  static Optional<RuleType> find(String name) {
    return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  static Optional<String> refusal(String name) {
    return Optional.ofNullable(REFUSED.get(name));
  }

  /** All names. */
  public static List<String> names() {
    return ALL.stream().map(RuleType::name).toList();
  }

  /**
   * For the docs: what is written, what it means, an example; in Markdown.
   *
   * @param perRow those that are checked row by row, or the others
   */
  public static List<List<String>> rows(boolean perRow) {
    return ALL.stream()
        .filter(type -> type.perRow() == perRow)
        .map(
            type ->
                List.of(
                    "`" + type.name() + "` " + type.syntax(),
                    type.meaning(),
                    "`" + type.example() + "`"))
        .toList();
  }

  /** For the docs: what is refused, and why. */
  public static List<List<String>> refusals() {
    return REFUSED.entrySet().stream()
        .map(e -> List.of("`" + e.getKey() + "`", e.getValue()))
        .toList();
  }

  /** For the docs: functions that may stand in {@code where}. */
  public static String whereFunctions() {
    return RowCondition.functions();
  }

  // ---- row by row ----

  private static Draft complete(String column) {
    return new Draft.Rows(column, Numbers.notNull(column));
  }

  private static Draft primaryKey(RuleParser parser) {
    List<String> columns = parser.columns();
    return new Draft.Keys(columns, columns);
  }

  private static Draft values(RuleParser parser) {
    String column = parser.column();
    return new Draft.Rows(column, Condition.read(parser.tokens(), true).on(Expr.column(column)));
  }

  private static Draft length(RuleParser parser) {
    String column = parser.column();
    Expr length = call(Fn.LENGTH, call(Fn.COALESCE, Expr.column(column), Expr.literal("")));
    return new Draft.Rows(column, Condition.read(parser.tokens(), false).on(length));
  }

  private static Draft dataType(RuleParser parser) {
    String column = parser.column();
    parser.tokens().expectSymbol("=");
    Token token = parser.quoted("a type");
    Type.PrimitiveType type =
        switch (token.text().toUpperCase(Locale.ROOT)) {
          case "BOOLEAN" -> Types.BooleanType.get();
          case "DATE" -> Types.DateType.get();
          case "TIMESTAMP" -> Types.TimestampType.withoutZone();
          case "INTEGER", "INT" -> Types.IntegerType.get();
          case "LONG" -> Types.LongType.get();
          case "FLOAT" -> Types.FloatType.get();
          case "DOUBLE" -> Types.DoubleType.get();
          default ->
              throw new SyntaxException(
                  token,
                  "'" + token.text() + "' is not a type of this rule",
                  "there are Boolean, Date, Timestamp, Integer, Long, Float, Double");
        };
    Expr fits = new Expr.Fits(Expr.column(column), type);
    return new Draft.Rows(column, call(Fn.COALESCE, fits, Expr.literal(true)));
  }

  // ---- the whole table ----

  private static Draft whole(Function<Expr, Check> check) {
    return new Draft.Whole(true, check::apply);
  }

  private static Draft ratio(RuleParser parser, String name, Kind part, Kind of) {
    List<String> columns = parser.columns();
    NumberCondition condition = parser.condition();
    return whole(
        where ->
            Numbers.ratio(
                name, condition, Numbers.of(part, columns, where), Numbers.of(of, columns, where)));
  }

  private static Draft statistic(RuleParser parser, String name, Kind kind) {
    List<String> column = List.of(parser.numberColumn());
    NumberCondition condition = parser.condition();
    return whole(where -> Numbers.check(name, condition, Numbers.of(kind, column, where)));
  }

  private static Draft constant(
      String name, NumberCondition condition, Optional<BigDecimal> value) {
    Check check = Numbers.check(name, condition, seen -> value);
    return new Draft.Whole(false, where -> check);
  }

  private static Draft exists(RuleParser parser) {
    String name = parser.name("a column's name in double quotes").text();
    Optional<BigDecimal> missing =
        parser
            .known()
            .map(
                all ->
                    all.stream().anyMatch(name::equalsIgnoreCase)
                        ? BigDecimal.ZERO
                        : BigDecimal.ONE);
    return constant("columns missing", NumberCondition.zero(), missing);
  }

  private static Draft namesMatch(RuleParser parser) {
    Token token = parser.quoted("a regular expression");
    Optional<String> problem = RegexText.problem(token.text());
    if (problem.isPresent()) {
      throw new SyntaxException(
          token, token.shown() + " is not a regular expression: " + problem.get(), "");
    }
    Pattern pattern = Pattern.compile(token.text());
    NumberCondition condition = parser.conditionIfAny();
    Optional<BigDecimal> part =
        parser
            .known()
            .map(
                all ->
                    fraction(
                        all.stream().filter(n -> pattern.matcher(n).matches()).count(),
                        all.size()));
    return constant(
        "ColumnNamesMatchPattern", condition == null ? NumberCondition.one() : condition, part);
  }

  private static BigDecimal fraction(long part, long whole) {
    return whole == 0
        ? BigDecimal.ONE
        : BigDecimal.valueOf((double) part / whole).stripTrailingZeros();
  }

  // ---- with another table ----

  /** {@code clean.customers.id}, {@code customers.{a,b}}: a table and columns of it. */
  private record Other(TableName table, List<String> columns) {
    private static final Pattern FORM =
        Pattern.compile("(?:clean\\.)?([a-z][a-z0-9_]*)\\.(?:\\{([^{}]+)\\}|([^{}.]+))");

    static Other read(Token token, String text) {
      var matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new SyntaxException(
            token,
            "'" + text + "' is not a clean table's column",
            "write \"clean.table.column\" or \"clean.table.{column,column}\"");
      }
      String several = matcher.group(2);
      return new Other(
          new TableName("clean", matcher.group(1)),
          several == null ? List.of(matcher.group(3).strip()) : split(several));
    }
  }

  private static List<String> split(String names) {
    List<String> split = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      split.add(name.strip());
    }
    return split;
  }

  static TableName otherTable(RuleParser parser) {
    Token token = parser.quoted("another clean table's name");
    if (!token.text().matches("(clean\\.)?[a-z][a-z0-9_]*")) {
      throw new SyntaxException(
          token, "'" + token.text() + "' is not a clean table's name", "write \"clean.table\"");
    }
    return new TableName("clean", token.text().replace("clean.", ""));
  }

  private static Draft referential(RuleParser parser) {
    Token mine = parser.quoted("the columns");
    List<String> columns =
        split(mine.text()).stream()
            .map(c -> parser.known().check(new Token(mine.kind(), c, mine.at())))
            .toList();
    Token token = parser.quoted("the other table's columns");
    Other other = Other.read(token, token.text());
    if (other.columns().size() != columns.size()) {
      throw new SyntaxException(
          token, columns.size() + " columns cannot be found in " + other.columns().size(), "");
    }
    NumberCondition condition = parser.condition();
    Measure found = new Measure.Found(columns, other.table(), other.columns());
    return new Draft.Whole(
        false,
        where -> Numbers.ratio("ReferentialIntegrity", condition, found, Numbers.rows(null)));
  }

  private static Draft rowCountMatch(RuleParser parser) {
    TableName table = otherTable(parser);
    NumberCondition condition = parser.condition();
    return quotient(
        "RowCountMatch",
        condition,
        Numbers.rows(null),
        new Measure.OfRows(Kind.ROWS, List.of(), null, table));
  }

  /** Without the other number, or divided by 0, there is no value. */
  private static Draft quotient(
      String name, NumberCondition condition, Measure mine, Measure other) {
    Check check =
        Numbers.check(
            name,
            condition,
            seen ->
                seen.number(mine)
                    .flatMap(
                        a ->
                            seen.number(other)
                                .filter(b -> b.signum() != 0)
                                .map(
                                    b ->
                                        BigDecimal.valueOf(a.doubleValue() / b.doubleValue())
                                            .stripTrailingZeros())),
            mine,
            other);
    return new Draft.Whole(false, where -> check);
  }

  private static final Pattern AGGREGATE = Pattern.compile("\\s*(sum|avg)\\s*\\((.+)\\)\\s*");

  private static Draft aggregateMatch(RuleParser parser) {
    Token first = parser.quoted("sum(column) or avg(column)");
    var mine = AGGREGATE.matcher(first.text());
    Token second = parser.quoted("sum(table.column) or avg(table.column)");
    var other = AGGREGATE.matcher(second.text());
    if (!mine.matches() || !other.matches()) {
      Token wrong = mine.matches() ? second : first;
      throw new SyntaxException(
          wrong, wrong.shown() + " is no sum and no mean", "write sum(column) or avg(column)");
    }
    String column =
        parser.known().checkNumber(new Token(first.kind(), mine.group(2).strip(), first.at()));
    Other theirs = Other.read(second, other.group(2).strip());
    NumberCondition condition = parser.condition();
    return quotient(
        "AggregateMatch",
        condition,
        Numbers.of(kind(mine.group(1)), List.of(column), null),
        new Measure.OfRows(kind(other.group(1)), theirs.columns(), null, theirs.table()));
  }

  private static Kind kind(String aggregate) {
    return aggregate.equals("sum") ? Kind.SUM : Kind.MEAN;
  }

  private static Draft schemaMatch(RuleParser parser) {
    TableName table = otherTable(parser);
    NumberCondition condition = parser.condition();
    Map<String, Type> mine = parser.known().types();
    Check check =
        new Check.OfNumber(
            "SchemaMatch",
            List.of(),
            Set.of(table),
            seen -> Optional.of(inBoth(mine, seen.columns().apply(table))),
            condition,
            Numbers.NO_VALUE);
    return new Draft.Whole(false, where -> check);
  }

  private static BigDecimal inBoth(Map<String, Type> mine, List<Column> theirs) {
    Set<String> all = new HashSet<>();
    mine.forEach((name, type) -> all.add(described(name, type)));
    long both = theirs.stream().filter(c -> all.contains(described(c.name(), c.type()))).count();
    theirs.forEach(c -> all.add(described(c.name(), c.type())));
    return fraction(both, all.size());
  }

  /** Field ids of nested types are a table's own and do not count. */
  private static String described(String name, Type type) {
    return name.toLowerCase(Locale.ROOT) + " " + type.toString().replaceAll("\\d+: ", "");
  }
}
