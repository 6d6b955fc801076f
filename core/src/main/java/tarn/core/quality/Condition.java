package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.RegexText;

/**
 * What a value must meet: {@code > 10}, {@code in ["a", NULL]}, {@code between 1 and 5}.
 *
 * <p>Null meets it or not as DQDL documents for ColumnValues: the compiled expression is true or
 * false for null where the rule says so, and null (which fails) elsewhere.
 */
final class Condition {
  static final String NUMBERS = "a condition: = != < <= > >= in, not in, between, not between";

  private static final int MAX_ITEMS = 10_000;

  private final UnaryOperator<Expr> build;

  private Condition(UnaryOperator<Expr> build) {
    this.build = build;
  }

  /** True for the rows that pass. */
  Expr on(Expr value) {
    return build.apply(value);
  }

  /**
   * Reads a condition.
   *
   * @param anyType whether texts, dates and keywords may stand in it, or numbers only
   */
  static Condition read(Tokens tokens, boolean anyType) {
    if (tokens.takeWord("not")) {
      return negated(tokens, anyType);
    }
    if (tokens.takeWord("between")) {
      return between(tokens, anyType);
    }
    if (tokens.takeWord("in")) {
      return items(tokens, anyType).in();
    }
    if (anyType && tokens.takeWord("matches")) {
      Expr pattern = pattern(tokens);
      return new Condition(value -> call(Fn.REGEXP_MATCHES, value, pattern));
    }
    return comparison(tokens, anyType);
  }

  private static Condition negated(Tokens tokens, boolean anyType) {
    if (tokens.takeWord("in")) {
      return items(tokens, anyType).notIn();
    }
    if (tokens.takeWord("between")) {
      Condition between = between(tokens, anyType);
      return new Condition(value -> call(Fn.NOT, between.on(value)));
    }
    if (anyType && tokens.takeWord("matches")) {
      Expr pattern = pattern(tokens);
      return new Condition(value -> call(Fn.NOT, call(Fn.REGEXP_MATCHES, value, pattern)));
    }
    throw tokens.expected(anyType ? "'in', 'between' or 'matches'" : "'in' or 'between'");
  }

  /** DQDL's between leaves both ends out; its not between, which negates it, takes them in. */
  private static Condition between(Tokens tokens, boolean anyType) {
    Expr least = threshold(tokens, anyType);
    tokens.expectWord("and");
    Expr most = threshold(tokens, anyType);
    return new Condition(
        value -> call(Fn.AND, call(Fn.GT, value, least), call(Fn.LT, value, most)));
  }

  private static Condition comparison(Tokens tokens, boolean anyType) {
    Token operator = tokens.peek();
    Fn function =
        switch (operator.kind() == Token.Kind.SYMBOL ? operator.text() : "") {
          case "=" -> Fn.EQ;
          case "!=" -> Fn.NE;
          case "<" -> Fn.LT;
          case "<=" -> Fn.LE;
          case ">" -> Fn.GT;
          case ">=" -> Fn.GE;
          default -> throw tokens.expected(NUMBERS + (anyType ? ", matches, not matches" : ""));
        };
    tokens.take();
    if (function == Fn.EQ || function == Fn.NE) {
      Items one = new Items();
      one.add(tokens, anyType);
      return function == Fn.EQ ? one.in() : one.notIn();
    }
    Expr threshold = threshold(tokens, anyType);
    return new Condition(value -> call(function, value, threshold));
  }

  private static Expr pattern(Tokens tokens) {
    Token token = tokens.peek();
    if (token.kind() != Token.Kind.QUOTED) {
      throw tokens.expected("a regular expression in double quotes");
    }
    tokens.take();
    Optional<String> problem = RegexText.problem(token.text());
    if (problem.isPresent()) {
      throw new SyntaxException(
          token, token.shown() + " is not a regular expression: " + problem.get(), "");
    }
    return literal(token.text());
  }

  /** Something that has an order: a number, or a date in quotes. */
  private static Expr threshold(Tokens tokens, boolean anyType) {
    Token token = tokens.peek();
    if (token.kind() == Token.Kind.NUMBER) {
      return number(tokens.take());
    }
    if (token.isSymbol("(") || token.isWord("now")) {
      throw new SyntaxException(
          token,
          "now() is not supported: a table that depends on the time of its run cannot be rebuilt",
          "write a date in double quotes");
    }
    Optional<LocalDate> date =
        anyType && token.kind() == Token.Kind.QUOTED ? date(token.text()) : Optional.empty();
    if (date.isEmpty()) {
      throw tokens.expected(anyType ? "a number, or a date like \"2025-10-09\"" : "a number");
    }
    tokens.take();
    return literal(date.get());
  }

  /** A date like 2025-10-09. */
  static Optional<LocalDate> date(String text) {
    try {
      return Optional.of(LocalDate.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** A number's text as a constant. */
  static Expr number(Token token) {
    BigDecimal value = new BigDecimal(token.text());
    boolean isLong = value.scale() == 0 && value.unscaledValue().bitLength() < Long.SIZE;
    return isLong ? literal(value.longValueExact()) : literal(value);
  }

  private static Items items(Tokens tokens, boolean anyType) {
    Items items = new Items();
    tokens.expectSymbol("[");
    do {
      items.add(tokens, anyType);
    } while (tokens.takeSymbol(","));
    tokens.expectSymbol("]");
    return items;
  }

  /** The values of a list, and which of DQDL's keywords stand among them. */
  private static final class Items {
    private final List<Expr> values = new ArrayList<>();
    private boolean hasNull;
    private boolean hasEmpty;
    private boolean hasWhitespace;

    void add(Tokens tokens, boolean anyType) {
      Token token = tokens.peek();
      if (values.size() >= MAX_ITEMS) {
        throw tokens.expected("at most " + MAX_ITEMS + " values");
      }
      if (token.kind() == Token.Kind.NUMBER) {
        values.add(number(token));
      } else if (anyType && token.kind() == Token.Kind.QUOTED) {
        values.add(literal(token.text()));
      } else if (anyType && token.isWord("null")) {
        hasNull = true;
      } else if (anyType && token.isWord("empty")) {
        hasEmpty = true;
      } else if (anyType && token.isWord("whitespaces_only")) {
        hasWhitespace = true;
      } else {
        throw tokens.expected(
            anyType
                ? "a value: a number, a text in double quotes, NULL, EMPTY or WHITESPACES_ONLY"
                : "a number");
      }
      tokens.take();
    }

    Condition in() {
      return new Condition(
          value -> {
            Expr isNull = call(Fn.IS_NULL, value);
            Optional<Expr> among = among(value);
            if (among.isEmpty()) {
              return isNull;
            }
            return hasNull ? call(Fn.OR, isNull, among.get()) : among.get();
          });
    }

    Condition notIn() {
      return new Condition(
          value -> {
            Expr isNull = call(Fn.IS_NULL, value);
            @Nullable Expr other = among(value).map(e -> (Expr) call(Fn.NOT, e)).orElse(null);
            if (other == null) {
              return call(Fn.NOT, isNull);
            }
            return hasNull ? call(Fn.AND, call(Fn.NOT, isNull), other) : call(Fn.OR, isNull, other);
          });
    }

    /** Whether a value that is not null is among them; empty if only NULL is listed. */
    private Optional<Expr> among(Expr value) {
      List<Expr> ways = new ArrayList<>();
      if (values.size() == 1) {
        ways.add(call(Fn.EQ, value, values.get(0)));
      } else if (!values.isEmpty()) {
        List<Expr> arguments = new ArrayList<>();
        arguments.add(value);
        arguments.addAll(values);
        ways.add(new Expr.Call(Fn.IN, arguments));
      }
      if (hasEmpty) {
        ways.add(call(Fn.EQ, value, literal("")));
      }
      if (hasWhitespace) {
        ways.add(
            call(
                Fn.AND,
                call(Fn.EQ, call(Fn.TRIM, value), literal("")),
                call(Fn.NE, value, literal(""))));
      }
      return ways.stream().reduce((one, other) -> call(Fn.OR, one, other));
    }
  }
}
