package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.RegexText;

/**
 * Reads the SQL of a {@code where}: a condition over one row. Our own reading of the part of SQL
 * that needs no more than the row, so that every engine runs the same plan and nothing else can be
 * asked for: no queries, no tables, no functions that differ from run to run.
 */
final class RowCondition {
  private static final int MAX_DEPTH = 64;
  private static final Set<Fn> TRUTHS =
      Set.of(
          Fn.EQ,
          Fn.NE,
          Fn.LT,
          Fn.LE,
          Fn.GT,
          Fn.GE,
          Fn.AND,
          Fn.OR,
          Fn.NOT,
          Fn.IS_NULL,
          Fn.IN,
          Fn.REGEXP_MATCHES,
          Fn.STARTS_WITH,
          Fn.ENDS_WITH,
          Fn.CONTAINS);
  private static final Set<String> RESERVED =
      Set.of(
          "and", "or", "not", "in", "is", "like", "rlike", "between", "select", "from", "case",
          "when", "then", "else", "end", "exists", "where");
  private static final Set<String> VOLATILE =
      Set.of(
          "now",
          "current_date",
          "current_timestamp",
          "current_time",
          "today",
          "rand",
          "random",
          "uuid");

  /** A function that may stand in a condition. */
  private record Function(Fn function, int least, int most) {}

  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          Map.entry("lower", new Function(Fn.LOWER, 1, 1)),
          Map.entry("upper", new Function(Fn.UPPER, 1, 1)),
          Map.entry("trim", new Function(Fn.TRIM, 1, 1)),
          Map.entry("length", new Function(Fn.LENGTH, 1, 1)),
          Map.entry("round", new Function(Fn.ROUND, 2, 2)),
          Map.entry("concat", new Function(Fn.CONCAT, 1, 32)),
          Map.entry("coalesce", new Function(Fn.COALESCE, 1, 32)),
          Map.entry("substring", new Function(Fn.SUBSTRING, 3, 3)),
          Map.entry("contains", new Function(Fn.CONTAINS, 2, 2)),
          Map.entry("startswith", new Function(Fn.STARTS_WITH, 2, 2)),
          Map.entry("endswith", new Function(Fn.ENDS_WITH, 2, 2)));

  private final Tokens tokens;
  private final RuleColumns columns;
  private int depth;

  private RowCondition(Tokens tokens, RuleColumns columns) {
    this.tokens = tokens;
    this.columns = columns;
  }

  /** The condition in a quoted token. */
  static Expr read(Token quoted, RuleColumns columns) {
    RowCondition reader = new RowCondition(new Tokens(Lexer.sql(quoted)), columns);
    Token first = reader.tokens.peek();
    Expr condition = reader.or();
    if (reader.tokens.peek().kind() != Token.Kind.END) {
      throw reader.expected("'and', 'or' or the end of the condition");
    }
    if (!isTruth(condition)) {
      throw new SyntaxException(
          first, "'where' needs a condition that is true or false", "write column = value");
    }
    return condition;
  }

  private static boolean isTruth(Expr expr) {
    return expr instanceof Expr.Call call && TRUTHS.contains(call.function())
        || expr instanceof Expr.Column
        || expr instanceof Expr.Literal literal && literal.value() instanceof Boolean;
  }

  private SyntaxException expected(String what) {
    Token found = tokens.peek();
    String shown = found.kind() == Token.Kind.END ? "its end" : found.shown();
    return new SyntaxException(found, "in 'where': expected " + what + ", found " + shown, "");
  }

  private Expr or() {
    if (++depth > MAX_DEPTH) {
      throw new SyntaxException(tokens.peek(), "the condition is nested too deep", "");
    }
    Expr left = and();
    while (tokens.takeWord("or")) {
      left = call(Fn.OR, left, and());
    }
    depth--;
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (tokens.takeWord("and")) {
      left = call(Fn.AND, left, not());
    }
    return left;
  }

  private Expr not() {
    boolean negated = false;
    while (tokens.takeWord("not")) {
      negated = !negated;
    }
    Expr inner = predicate();
    return negated ? call(Fn.NOT, inner) : inner;
  }

  private Expr predicate() {
    Expr left = sum();
    Token operator = tokens.peek();
    Optional<Fn> comparison = comparison(operator);
    if (comparison.isPresent()) {
      tokens.take();
      return call(comparison.get(), left, sum());
    }
    if (tokens.takeWord("is")) {
      boolean negated = tokens.takeWord("not");
      if (!tokens.takeWord("null")) {
        throw expected("'null'");
      }
      Expr isNull = call(Fn.IS_NULL, left);
      return negated ? call(Fn.NOT, isNull) : isNull;
    }
    boolean negated = tokens.takeWord("not");
    Optional<Expr> test = test(left);
    if (negated && test.isEmpty()) {
      throw expected("'in', 'between', 'like' or 'rlike'");
    }
    return test.map(t -> negated ? call(Fn.NOT, t) : t).orElse(left);
  }

  private static Optional<Fn> comparison(Token token) {
    if (token.kind() != Token.Kind.SYMBOL) {
      return Optional.empty();
    }
    return switch (token.text()) {
      case "=" -> Optional.of(Fn.EQ);
      case "<>", "!=" -> Optional.of(Fn.NE);
      case "<" -> Optional.of(Fn.LT);
      case "<=" -> Optional.of(Fn.LE);
      case ">" -> Optional.of(Fn.GT);
      case ">=" -> Optional.of(Fn.GE);
      default -> Optional.empty();
    };
  }

  private Optional<Expr> test(Expr left) {
    if (tokens.takeWord("in")) {
      List<Expr> all = new ArrayList<>(List.of(left));
      expectSymbol("(");
      do {
        all.add(sum());
      } while (tokens.takeSymbol(","));
      expectSymbol(")");
      return Optional.of(new Expr.Call(Fn.IN, all));
    }
    if (tokens.takeWord("between")) {
      Expr least = sum();
      if (!tokens.takeWord("and")) {
        throw expected("'and'");
      }
      Expr most = sum();
      return Optional.of(call(Fn.AND, call(Fn.GE, left, least), call(Fn.LE, left, most)));
    }
    if (tokens.takeWord("like")) {
      return Optional.of(call(Fn.REGEXP_MATCHES, left, literal(likePattern(text("a pattern")))));
    }
    if (tokens.takeWord("rlike")) {
      Token token = tokens.peek();
      String pattern = text("a regular expression");
      Optional<String> problem = RegexText.problem(pattern);
      if (problem.isPresent()) {
        throw new SyntaxException(
            token, token.shown() + " is not a regular expression: " + problem.get(), "");
      }
      return Optional.of(call(Fn.REGEXP_MATCHES, left, literal("(?s:.*)(" + pattern + ")(?s:.*)")));
    }
    return Optional.empty();
  }

  private static String likePattern(String like) {
    StringBuilder regex = new StringBuilder();
    like.codePoints()
        .forEach(
            c ->
                regex.append(
                    c == '%'
                        ? "(?s:.*)"
                        : c == '_' ? "(?s:.)" : escaped(new String(Character.toChars(c)))));
    return regex.toString();
  }

  private static String escaped(String character) {
    return RegexText.isPlain(character) ? character : "\\" + character;
  }

  private Expr sum() {
    Expr left = product();
    while (true) {
      if (tokens.takeSymbol("+")) {
        left = call(Fn.ADD, left, product());
      } else if (tokens.takeSymbol("-")) {
        left = call(Fn.SUBTRACT, left, product());
      } else {
        return left;
      }
    }
  }

  private Expr product() {
    Expr left = factor();
    while (true) {
      if (tokens.takeSymbol("*")) {
        left = call(Fn.MULTIPLY, left, factor());
      } else if (tokens.takeSymbol("/")) {
        left = call(Fn.DIVIDE, left, factor());
      } else {
        return left;
      }
    }
  }

  private Expr factor() {
    boolean negative = false;
    while (tokens.takeSymbol("-")) {
      negative = !negative;
    }
    Expr value = value();
    return negative ? call(Fn.SUBTRACT, literal(0L), value) : value;
  }

  private Expr value() {
    Token token = tokens.peek();
    switch (token.kind()) {
      case NUMBER:
        return Condition.number(tokens.take());
      case QUOTED:
        return literal(tokens.take().text());
      case NAME:
        tokens.take();
        return Expr.column(columns.check(token));
      case WORD:
        return word(token);
      case SYMBOL:
        if (tokens.takeSymbol("(")) {
          Expr inner = or();
          expectSymbol(")");
          return inner;
        }
        throw expected("a column or a value");
      default:
        throw expected("a column or a value");
    }
  }

  private Expr word(Token token) {
    String lower = token.text().toLowerCase(Locale.ROOT);
    if (lower.equals("select") || lower.equals("exists")) {
      throw new SyntaxException(
          token, "in 'where': a query is no condition over one row", "compare columns and values");
    }
    if (VOLATILE.contains(lower) && !columns.names().has(token.text())) {
      throw new SyntaxException(
          token,
          "'"
              + token.text()
              + "' is not supported: a table that depends on the time of its run cannot be rebuilt",
          "");
    }
    if (RESERVED.contains(lower)) {
      throw expected("a column or a value");
    }
    tokens.take();
    if (lower.equals("true") || lower.equals("false")) {
      return literal(lower.equals("true"));
    }
    if (lower.equals("null")) {
      return literal(null);
    }
    if (lower.equals("date") && tokens.peek().kind() == Token.Kind.QUOTED) {
      return date(tokens.take());
    }
    return tokens.takeSymbol("(") ? function(token, lower) : Expr.column(columns.check(token));
  }

  private static Expr date(Token token) {
    try {
      return literal(LocalDate.parse(token.text()));
    } catch (DateTimeException e) {
      throw new SyntaxException(
          token, "'" + token.text() + "' is not a date", "write it like 2025-10-09");
    }
  }

  private Expr function(Token name, String lower) {
    Function known = FUNCTIONS.get(lower);
    if (known == null) {
      throw new SyntaxException(
          name,
          "'" + name.text() + "' is not a function of a row condition",
          "there are " + String.join(", ", FUNCTIONS.keySet().stream().sorted().toList()));
    }
    List<Expr> arguments = new ArrayList<>();
    do {
      arguments.add(sum());
    } while (tokens.takeSymbol(","));
    if (arguments.size() < known.least() || arguments.size() > known.most()) {
      throw new SyntaxException(
          name, "'" + name.text() + "' has the wrong number of arguments", "");
    }
    expectSymbol(")");
    return new Expr.Call(known.function(), arguments);
  }

  private String text(String what) {
    if (tokens.peek().kind() != Token.Kind.QUOTED) {
      throw expected(what + " in single quotes");
    }
    return tokens.take().text();
  }

  private void expectSymbol(String symbol) {
    if (!tokens.takeSymbol(symbol)) {
      throw expected("'" + symbol + "'");
    }
  }

  /** For the docs. */
  static String functions() {
    return String.join(", ", FUNCTIONS.keySet().stream().sorted().map(f -> "`" + f + "`").toList());
  }
}
