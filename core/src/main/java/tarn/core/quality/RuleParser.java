package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Measure;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Nearest;

/**
 * Reads DQDL: one rule, or a list {@code Rules = [ … ]}. A rule is a rule type with its arguments
 * and perhaps {@code where} and {@code with threshold}, or several rules in parentheses joined by
 * {@code and} or {@code or}.
 */
final class RuleParser {
  private static final int MAX_COLUMNS = 32;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_PARTS = 100;
  private static final Set<String> KEYWORDS = Set.of("where", "with", "labels", "and", "or");

  private final String text;
  private final Tokens tokens;
  private final RuleColumns known;
  private final RuleSql sql;
  private int depth;

  RuleParser(String text, RuleColumns known, RuleSql sql) {
    this.sql = sql;
    this.text = text;
    this.known = known;
    this.tokens = new Tokens(Lexer.tokens(text));
  }

  /** A rule with its text, in one line. */
  record Statement(String text, Compiled rule) {}

  /** The rules; SyntaxException at the first mistake. */
  List<Statement> parse() {
    List<Statement> rules = new ArrayList<>();
    if (tokens.peek().text().equals("Rules") && tokens.peek().kind() == Token.Kind.WORD) {
      list(rules);
    } else {
      rules.add(statement());
    }
    if (tokens.peek().kind() != Token.Kind.END) {
      throw tokens.expected(
          tokens.peek().isSymbol(",")
              ? "the end of the rule; a list is Rules = [ … ]"
              : "the end of the rule");
    }
    return rules;
  }

  private void list(List<Statement> rules) {
    tokens.take();
    tokens.expectSymbol("=");
    tokens.expectSymbol("[");
    do {
      rules.add(statement());
    } while (tokens.takeSymbol(","));
    if (!tokens.takeSymbol("]")) {
      throw tokens.expected("',' or ']'");
    }
  }

  private Statement statement() {
    int from = tokens.peek().at();
    Compiled rule = joined();
    String written = text.substring(from, tokens.peek().at());
    return new Statement(oneLine(written), rule);
  }

  private static String oneLine(String written) {
    boolean long0 = written.indexOf('\n') >= 0;
    return (long0 ? written.replaceAll("#[^\n]*", " ").replaceAll("\\s+", " ") : written).strip();
  }

  // ---- rules joined ----

  private Compiled joined() {
    if (!tokens.peek().isSymbol("(")) {
      Compiled rule = rule();
      Token next = tokens.peek();
      if (next.isWord("and") || next.isWord("or")) {
        throw new SyntaxException(
            next,
            "rules joined by '" + next.text() + "' stand in parentheses",
            "write (rule) " + next.text() + " (rule)");
      }
      return rule;
    }
    List<Compiled> parts = new ArrayList<>(List.of(inParentheses()));
    String operator = "";
    while (tokens.peek().isWord("and") || tokens.peek().isWord("or")) {
      Token next = tokens.take();
      if (!operator.isEmpty() && !next.isWord(operator)) {
        throw new SyntaxException(
            next,
            "'and' and 'or' cannot stand side by side",
            "put the rules that belong together into parentheses");
      }
      operator = next.text();
      if (parts.size() >= MAX_PARTS) {
        throw tokens.expected("at most " + MAX_PARTS + " rules");
      }
      parts.add(inParentheses());
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return operator.equalsIgnoreCase("and") ? Compiled.all(parts) : Compiled.any(parts);
  }

  private Compiled inParentheses() {
    tokens.expectSymbol("(");
    if (++depth > MAX_DEPTH) {
      throw new SyntaxException(tokens.peek(), "the rule is nested too deep", "");
    }
    Compiled inner = joined();
    depth--;
    tokens.expectSymbol(")");
    return inner;
  }

  // ---- one rule ----

  private Compiled rule() {
    Token name = tokens.take();
    if (name.kind() != Token.Kind.WORD) {
      throw new SyntaxException(name, "expected a rule type, found " + name.shown(), "");
    }
    Optional<RuleTypes.RuleType> type = RuleTypes.find(name.text());
    if (type.isEmpty()) {
      throw new SyntaxException(
          name,
          RuleTypes.refusal(name.text())
              .map(why -> name.text() + " is not supported: " + why)
              .orElse("unknown rule type '" + name.text() + "'"),
          RuleTypes.refusal(name.text()).isPresent()
              ? ""
              : Nearest.suggestion(name.text(), RuleTypes.names()));
    }
    Draft draft = type.get().compile().apply(this);
    if (draft instanceof Draft.Rows rows) {
      checkConstants(name, rows.valid());
    }
    return modified(name.text(), draft);
  }

  private Compiled modified(String name, Draft draft) {
    Expr where = null;
    NumberCondition threshold = null;
    while (true) {
      Token next = tokens.peek();
      if (next.isWord("where") && where == null) {
        where = where(draft);
      } else if (next.isWord("with") && threshold == null) {
        threshold = threshold(name, draft);
      } else if (next.isWord("labels")) {
        throw new SyntaxException(next, "'labels' is not supported", "");
      } else {
        return Compiled.of(name, draft, where, threshold);
      }
    }
  }

  private Expr where(Draft draft) {
    Token where = tokens.take();
    if (draft instanceof Draft.Whole whole && !whole.takesWhere()) {
      throw new SyntaxException(where, "this rule type has no 'where'", "");
    }
    Token condition = tokens.peek();
    if (condition.kind() != Token.Kind.QUOTED) {
      throw tokens.expected("a condition in double quotes");
    }
    tokens.take();
    Expr read = RowCondition.read(condition, known);
    checkConstants(condition, read);
    return read;
  }

  private void checkConstants(Token at, Expr expr) {
    Constants.problem(expr, known.types())
        .ifPresent(
            problem -> {
              throw new SyntaxException(
                  at, problem, "change the rule, or the column's type with CHANGE_DATA_TYPE");
            });
  }

  private NumberCondition threshold(String name, Draft draft) {
    Token with = tokens.take();
    tokens.expectWord("threshold");
    if (!(draft instanceof Draft.Rows)) {
      throw new SyntaxException(with, name + " has no 'with threshold'", "");
    }
    return NumberCondition.read(tokens);
  }

  // ---- for rule types ----

  Tokens tokens() {
    return tokens;
  }

  RuleColumns known() {
    return known;
  }

  /** The query in a quoted token. */
  Measure.Asked query(Token quoted) {
    try {
      return sql.read(quoted.text());
    } catch (TarnException e) {
      if (e.code() == ErrorCode.CANCELLED) {
        throw e;
      }
      throw new SyntaxException(quoted, e.line(), "");
    }
  }

  /** A column's name, with or without quotes. */
  String column() {
    return known.check(name("a column's name in double quotes"));
  }

  /** The same for a column that must have numbers. */
  String numberColumn() {
    return known.checkNumber(name("a column's name in double quotes"));
  }

  /** A name, with or without quotes. */
  Token name(String what) {
    if (!isName(tokens.peek())) {
      throw tokens.expected(what);
    }
    return tokens.take();
  }

  /** A text in double quotes. */
  Token quoted(String what) {
    if (tokens.peek().kind() != Token.Kind.QUOTED) {
      throw tokens.expected(what + " in double quotes");
    }
    return tokens.take();
  }

  /** One column's name and more, as long as names follow. */
  List<String> columns() {
    List<String> columns = new ArrayList<>();
    columns.add(column());
    while (isColumn(tokens.peek())) {
      columns.add(column());
    }
    if (columns.size() > MAX_COLUMNS) {
      throw tokens.expected("at most " + MAX_COLUMNS + " columns");
    }
    return List.copyOf(columns);
  }

  NumberCondition condition() {
    return NumberCondition.read(tokens);
  }

  /** A condition with numbers; met by a true rule's 1 if there is none. */
  @Nullable NumberCondition conditionIfAny() {
    Token next = tokens.peek();
    boolean none =
        next.kind() == Token.Kind.END
            || next.isSymbol(",")
            || next.isSymbol("]")
            || next.isSymbol(")")
            || next.kind() == Token.Kind.WORD && KEYWORDS.contains(next.text());
    return none ? null : condition();
  }

  private static boolean isName(Token token) {
    return token.kind() == Token.Kind.QUOTED || token.kind() == Token.Kind.WORD;
  }

  private static boolean isColumn(Token token) {
    return token.kind() == Token.Kind.QUOTED
        || token.kind() == Token.Kind.WORD
            && !KEYWORDS.contains(token.text())
            && !Set.of("in", "not", "between", "matches").contains(token.text());
  }
}
