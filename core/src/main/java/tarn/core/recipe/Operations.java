package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.Kind.COLUMN;
import static tarn.core.recipe.Parameter.Kind.COLUMNS;
import static tarn.core.recipe.Parameter.Kind.DIGITS;
import static tarn.core.recipe.Parameter.Kind.NEW_COLUMN;
import static tarn.core.recipe.Parameter.Kind.NUMBER;
import static tarn.core.recipe.Parameter.Kind.TEXT;
import static tarn.core.recipe.Parameter.Kind.VALUE;
import static tarn.core.recipe.Parameter.Kind.VALUES;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;

/** The open table of operations: a new one is a new line here, with its test and its example. */
public final class Operations {
  private static final Parameter SOURCE =
      required("sourceColumn", COLUMN, "The column that it works on.");
  private static final Parameter NEW =
      required("targetColumn", NEW_COLUMN, "The name of the new column.");
  private static final Parameter INTO =
      optional(
          "targetColumn", NEW_COLUMN, "The name of the new column; without it, in place (Tarn's).");

  /** All of them, in the order of the docs. */
  public static final List<Operation> ALL =
      List.of(
          new Operation(
              "RENAME",
              "Columns",
              List.of(SOURCE, required("targetColumn", NEW_COLUMN, "The column's new name.")),
              "Gives a column another name; its place stays.",
              "{sourceColumn: ts, targetColumn: ordered_at}",
              a -> a.rename(a.text("sourceColumn"), "targetColumn")),
          new Operation(
              "DELETE",
              "Columns",
              List.of(SOURCE),
              "Removes a column.",
              "{sourceColumn: internal_note}",
              a -> a.without(a.text("sourceColumn"))),
          new Operation(
              "DUPLICATE",
              "Columns",
              List.of(SOURCE, NEW),
              "Copies a column to the end.",
              "{sourceColumn: email, targetColumn: email_raw}",
              a -> a.append("targetColumn", a.column("sourceColumn"))),
          new Operation(
              "CHANGE_DATA_TYPE",
              "Columns",
              List.of(
                  SOURCE,
                  required("columnDataType", TEXT, "The new type: " + DataTypes.label() + "."),
                  optional(
                      "dateTimeFormat",
                      TEXT,
                      "How a text is read as a date or timestamp, in the letters of Java's DateTimeFormatter; ISO 8601 without it (Tarn's).")),
              "Changes a column's type. A value that does not fit sends its row to quarantine; DataBrew would make it null.",
              "{sourceColumn: ordered_on, columnDataType: date, dateTimeFormat: dd/MM/yyyy}",
              DataTypes::change),
          inPlace(
              "UPPER_CASE", "Changes a text to upper case.", "{sourceColumn: country}", Fn.UPPER),
          inPlace("LOWER_CASE", "Changes a text to lower case.", "{sourceColumn: email}", Fn.LOWER),
          inPlace(
              "CAPITAL_CASE",
              "Makes the first letter of each word upper case, the others lower case.",
              "{sourceColumn: city}",
              Fn.CAPITALIZE),
          new Operation(
              "TRIM",
              "Text",
              List.of(SOURCE, INTO),
              "Removes white space at both ends.",
              "{sourceColumn: name}",
              a ->
                  a.appendOrReplace(
                      a.text("sourceColumn"), call(Fn.TRIM, a.column("sourceColumn")))),
          new Operation(
              "REMOVE_COMBINED",
              "Text",
              Removals.parameters(SOURCE),
              "Removes characters from a text, by kinds. White space at both ends is removed last.",
              "{sourceColumn: name, removeLeadingAndTrailingWhitespace: true, collapseConsecutiveWhitespace: true}",
              Removals::compile),
          new Operation(
              "REPLACE_TEXT",
              "Text",
              List.of(
                  SOURCE,
                  required(
                      "pattern",
                      TEXT,
                      "A regular expression (RE2), also where it looks like plain text: write \\. for a dot."),
                  required("value", TEXT, "The replacement; \\1 is the pattern's first group.")),
              "Replaces every occurrence of a pattern.",
              "{sourceColumn: phone, pattern: '[^0-9+]', value: ''}",
              Patterns::replace),
          new Operation(
              "FILL_WITH_CUSTOM",
              "Missing values",
              List.of(
                  SOURCE,
                  optional(
                          "columnDataType", TEXT, "The value's type; without it, as it is written.")
                      .oneOf(List.of("string", "number", "boolean", "date", "timestamp")),
                  required("value", VALUE, "What takes the place of null.")),
              "Replaces null by a value. An empty text is not null; an empty field of a CSV file is.",
              "{sourceColumn: country, value: unknown}",
              DataTypes::fill),
          new Operation(
              "REMOVE_MISSING",
              "Missing values",
              List.of(SOURCE),
              "Drops the rows in which the column is null; they are counted as filtered.",
              "{sourceColumn: order_id}",
              a -> List.of(new Step.Filter(not(call(Fn.IS_NULL, a.column("sourceColumn")))))),
          new Operation(
              "REMOVE_VALUES",
              "Filters",
              List.of(
                  SOURCE,
                  required(
                          "condition",
                          TEXT,
                          "Which values: " + String.join(", ", Conditions.names()) + ".")
                      .oneOf(Conditions.names()),
                  optional(
                      "value",
                      VALUES,
                      "What to compare with: quoted for texts, plain for numbers and dates. IS and IS_NOT take a list too, IS_BETWEEN a list of two (both count).")),
              "Drops the rows whose value meets the condition; they are counted as filtered. Null meets IS_MISSING, IS_NOT and the conditions that begin with NOT. (DataBrew writes condition and value beside the step, as ConditionExpressions; its IS_INVALID is not there: values that do not fit their type are in quarantine.)",
              "{sourceColumn: status, condition: IS, value: [test, internal]}",
              Conditions::remove),
          arithmetic(
              "MULTIPLY",
              "Multiplies two numbers.",
              Fn.MULTIPLY,
              "{sourceColumn1: quantity, sourceColumn2: unit_price, targetColumn: total}"),
          arithmetic(
              "SUBTRACT",
              "Subtracts the second number from the first.",
              Fn.SUBTRACT,
              "{sourceColumn1: total, sourceColumn2: discount, targetColumn: net}"),
          arithmetic(
              "DIVIDE",
              "Divides the first number by the second; by zero gives null.",
              Fn.DIVIDE,
              "{sourceColumn1: cents, value2: 100, targetColumn: euros}"),
          new Operation(
              "ROUND",
              "Numbers",
              List.of(
                  SOURCE,
                  INTO,
                  optional("decimals", DIGITS, "Decimal places; 0 without it (Tarn's).")),
              "Rounds a number, halves away from zero. (DataBrew rounds halves up.)",
              "{sourceColumn: total, decimals: 2}",
              a ->
                  a.appendOrReplace(
                      a.text("sourceColumn"),
                      call(
                          Fn.ROUND,
                          a.column("sourceColumn"),
                          literal(a.optional("decimals").map(Long::valueOf).orElse(0L))))),
          new Operation(
              "MERGE",
              "Columns",
              List.of(
                  required("sourceColumns", COLUMNS, "The columns, in order."),
                  optional("delimiter", TEXT, "What stands between them; nothing without it."),
                  NEW),
              "Writes columns one after another into a new text. Null counts as an empty text.",
              "{sourceColumns: [first_name, last_name], delimiter: ' ', targetColumn: full_name}",
              DataTypes::merge),
          new Operation(
              "CRYPTOGRAPHIC_HASH",
              "Privacy",
              List.of(
                  required("sourceColumns", COLUMNS, "The columns."),
                  required("algorithm", TEXT, "SHA256. The keyed ones (HMAC) are not there yet.")
                      .oneOf(List.of("SHA256"))),
              "Replaces values by the SHA-256 of their text, as 64 lower case hex digits; null stays null. Values that can be guessed can be found by trying them all.",
              "{sourceColumns: [email], algorithm: SHA256}",
              DataTypes::hash));

  private Operations() {}

  /** An operation by its name. */
  public static Optional<Operation> find(String name) {
    return ALL.stream().filter(operation -> operation.name().equals(name)).findFirst();
  }

  /** All names. */
  public static List<String> names() {
    return ALL.stream().map(Operation::name).toList();
  }

  static Expr not(Expr condition) {
    return call(Fn.NOT, condition);
  }

  private static Operation inPlace(String name, String meaning, String example, Fn function) {
    Function<Arguments, List<Step>> compile =
        a -> a.replace(a.text("sourceColumn"), call(function, a.column("sourceColumn")));
    return new Operation(name, "Text", List.of(SOURCE), meaning, example, compile);
  }

  private static Operation arithmetic(String name, String meaning, Fn function, String example) {
    List<Parameter> parameters =
        List.of(
            optional("sourceColumn1", COLUMN, "The first number's column."),
            optional("value1", NUMBER, "The first number, if it is a constant."),
            optional("sourceColumn2", COLUMN, "The second number's column."),
            optional("value2", NUMBER, "The second number, if it is a constant."),
            NEW);
    return new Operation(
        name,
        "Numbers",
        parameters,
        meaning + " Into a new column.",
        example,
        a -> {
          Optional<Expr> left = operand(a, name, "1");
          Optional<Expr> right = operand(a, name, "2");
          return left.isEmpty() || right.isEmpty()
              ? List.of()
              : a.append("targetColumn", call(function, left.get(), right.get()));
        });
  }

  private static Optional<Expr> operand(Arguments a, String operation, String which) {
    boolean column = a.has("sourceColumn" + which);
    if (column == a.has("value" + which)) {
      a.problem(
          "value" + which,
          operation + " needs either 'sourceColumn" + which + "' or 'value" + which + "'",
          "");
      return Optional.empty();
    }
    return Optional.of(column ? a.column("sourceColumn" + which) : a.numberOf("value" + which));
  }
}
