package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Rule;

/** The open table of rule types: a new one is a new line here, with its test and its example. */
public final class RuleTypes {

  /**
   * A type of rule.
   *
   * @param name DQDL's name for it
   * @param syntax what follows the name
   * @param meaning what passes, and how null is treated
   * @param example a whole rule
   * @param compile reads what follows the name, and makes the plan's rules of it
   */
  record RuleType(
      String name,
      String syntax,
      String meaning,
      String example,
      Function<RuleParser, List<Rule>> compile) {}

  static final List<RuleType> ALL =
      List.of(
          new RuleType(
              "IsComplete",
              "column",
              "Passes rows whose value is not null. An empty text is not null.",
              "IsComplete \"order_id\"",
              parser -> List.of(complete(parser, parser.column()))),
          new RuleType(
              "IsUnique",
              "column …",
              "Passes the row that landed first with its value, or values; rows with a null among them pass.",
              "IsUnique \"email\"",
              parser -> List.of(new Rule.Unique(parser.text(), parser.columns()))),
          new RuleType(
              "IsPrimaryKey",
              "column …",
              "IsComplete for each column, and IsUnique for all of them together.",
              "IsPrimaryKey \"order_id\" \"line\"",
              RuleTypes::primaryKey),
          new RuleType(
              "ColumnValues",
              "column condition",
              "Passes rows whose value meets the condition. Null fails, except with != and not in; name NULL to have it otherwise.",
              "ColumnValues \"status\" in [\"paid\", \"shipped\", NULL]",
              RuleTypes::values),
          new RuleType(
              "ColumnLength",
              "column condition with numbers",
              "Passes rows whose text has a length, in characters, that meets the condition. Null counts as length 0.",
              "ColumnLength \"country\" = 2",
              RuleTypes::length));

  private RuleTypes() {}

  static Optional<RuleType> find(String name) {
    return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  /** All names. */
  public static List<String> names() {
    return ALL.stream().map(RuleType::name).toList();
  }

  /** For the docs: what is written, what it means, an example; in Markdown. */
  public static List<List<String>> rows() {
    return ALL.stream()
        .map(
            type ->
                List.of(
                    "`" + type.name() + "` " + type.syntax(),
                    type.meaning(),
                    "`" + type.example() + "`"))
        .toList();
  }

  private static Rule complete(RuleParser parser, String column) {
    Expr valid = call(Fn.NOT, call(Fn.IS_NULL, Expr.column(column)));
    return new Rule.Each(parser.text(), column, valid);
  }

  private static List<Rule> primaryKey(RuleParser parser) {
    List<String> columns = parser.columns();
    List<Rule> rules = new ArrayList<>();
    columns.forEach(column -> rules.add(complete(parser, column)));
    rules.add(new Rule.Unique(parser.text(), columns));
    return rules;
  }

  private static List<Rule> values(RuleParser parser) {
    String column = parser.column();
    Expr valid = Condition.read(parser.tokens(), true).on(Expr.column(column));
    return List.of(new Rule.Each(parser.text(), column, valid));
  }

  private static List<Rule> length(RuleParser parser) {
    String column = parser.column();
    Expr length = call(Fn.LENGTH, call(Fn.COALESCE, Expr.column(column), Expr.literal("")));
    Expr valid = Condition.read(parser.tokens(), false).on(length);
    return List.of(new Rule.Each(parser.text(), column, valid));
  }
}
