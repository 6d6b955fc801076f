package tarn.core.quality;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What a number about a table must meet: {@code > 0.9}, {@code between 10 and 100}. */
final class NumberCondition {
  private static final int MAX_ITEMS = 10_000;
  private static final Set<String> DYNAMIC =
      Set.of("avg", "sum", "min", "max", "std", "median", "index", "percentile", "last");

  private final Predicate<BigDecimal> test;

  private NumberCondition(Predicate<BigDecimal> test) {
    this.test = test;
  }

  boolean holds(BigDecimal number) {
    return test.test(number);
  }

  /** Met by 0 only. */
  static NumberCondition zero() {
    return new NumberCondition(n -> n.signum() == 0);
  }

  /** Met by 1 only. */
  static NumberCondition one() {
    return new NumberCondition(n -> n.compareTo(BigDecimal.ONE) == 0);
  }

  static NumberCondition read(Tokens tokens) {
    if (tokens.takeWord("not")) {
      if (tokens.peek().isWord("in") || tokens.peek().isWord("between")) {
        NumberCondition other = read(tokens);
        return new NumberCondition(n -> !other.holds(n));
      }
      throw tokens.expected("'in' or 'between'");
    }
    if (tokens.takeWord("between")) {
      BigDecimal least = number(tokens);
      tokens.expectWord("and");
      BigDecimal most = number(tokens);
      return new NumberCondition(n -> n.compareTo(least) > 0 && n.compareTo(most) < 0);
    }
    if (tokens.takeWord("in")) {
      List<BigDecimal> items = items(tokens);
      return new NumberCondition(n -> items.stream().anyMatch(i -> i.compareTo(n) == 0));
    }
    return comparison(tokens).orElseThrow(() -> tokens.expected(Condition.NUMBERS));
  }

  private static Optional<NumberCondition> comparison(Tokens tokens) {
    Token operator = tokens.peek();
    if (operator.kind() != Token.Kind.SYMBOL
        || !List.of("=", "!=", "<", "<=", ">", ">=").contains(operator.text())) {
      return Optional.empty();
    }
    tokens.take();
    BigDecimal other = number(tokens);
    return Optional.of(
        new NumberCondition(
            switch (operator.text()) {
              case "=" -> n -> n.compareTo(other) == 0;
              case "!=" -> n -> n.compareTo(other) != 0;
              case "<" -> n -> n.compareTo(other) < 0;
              case "<=" -> n -> n.compareTo(other) <= 0;
              case ">" -> n -> n.compareTo(other) > 0;
              default -> n -> n.compareTo(other) >= 0;
            }));
  }

  private static List<BigDecimal> items(Tokens tokens) {
    List<BigDecimal> items = new ArrayList<>();
    tokens.expectSymbol("[");
    do {
      if (items.size() >= MAX_ITEMS) {
        throw tokens.expected("at most " + MAX_ITEMS + " values");
      }
      items.add(number(tokens));
    } while (tokens.takeSymbol(","));
    tokens.expectSymbol("]");
    return items;
  }

  private static BigDecimal number(Tokens tokens) {
    Token token = tokens.peek();
    if (token.kind() == Token.Kind.WORD && DYNAMIC.contains(token.text())) {
      throw new SyntaxException(
          token,
          "dynamic rules are not supported: a table that depends on the runs before it cannot be rebuilt",
          "write a number");
    }
    if (token.kind() != Token.Kind.NUMBER) {
      throw tokens.expected("a number");
    }
    tokens.take();
    return new BigDecimal(token.text());
  }
}
