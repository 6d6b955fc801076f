package tarn.core.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Rule;
import tarn.core.lake.Nearest;

/** Reads one rule: its type's name, then what the type reads itself. */
final class RuleParser {
  private static final int MAX_COLUMNS = 32;

  private final String text;
  private final Tokens tokens;
  private final ColumnNames known;

  RuleParser(String text, ColumnNames known) {
    this.text = text;
    this.known = known;
    this.tokens = new Tokens(Lexer.tokens(text));
  }

  /** The plan's rules; SyntaxException if the text is no rule. */
  List<Rule> parse() {
    Token name = tokens.take();
    if (name.isSymbol("(")) {
      throw new SyntaxException(
          name,
          "rules joined with 'and' or 'or' are not supported yet",
          "write two rules for 'and'");
    }
    if (name.kind() != Token.Kind.WORD) {
      throw new SyntaxException(name, "expected a rule type, found " + name.shown(), "");
    }
    Optional<RuleTypes.RuleType> type = RuleTypes.find(name.text());
    if (type.isEmpty()) {
      throw new SyntaxException(
          name,
          "unknown rule type '" + name.text() + "'",
          Nearest.suggestion(name.text(), RuleTypes.names()));
    }
    List<Rule> rules = type.get().compile().apply(this);
    end();
    return rules;
  }

  private void end() {
    Token rest = tokens.peek();
    if (rest.isWord("where") || rest.isWord("with") || rest.isWord("labels")) {
      throw new SyntaxException(rest, "'" + rest.text() + "' is not supported yet", "");
    }
    if (rest.kind() != Token.Kind.END) {
      throw tokens.expected("the end of the rule");
    }
  }

  String text() {
    return text.strip();
  }

  Tokens tokens() {
    return tokens;
  }

  /** A column's name, with or without quotes. */
  String column() {
    Token token = tokens.peek();
    if (token.kind() != Token.Kind.QUOTED && token.kind() != Token.Kind.WORD) {
      throw tokens.expected("a column's name in double quotes");
    }
    tokens.take();
    if (!known.has(token.text())) {
      throw new SyntaxException(
          token,
          "there is no column '" + token.text() + "' in the recipe's output",
          Nearest.suggestion(token.text(), known.names()));
    }
    return token.text();
  }

  /** One column's name and more, as long as names follow. */
  List<String> columns() {
    List<String> columns = new ArrayList<>();
    columns.add(column());
    while (isName(tokens.peek())) {
      columns.add(column());
    }
    if (columns.size() > MAX_COLUMNS) {
      throw tokens.expected("at most " + MAX_COLUMNS + " columns");
    }
    return List.copyOf(columns);
  }

  private static boolean isName(Token token) {
    boolean keyword = token.isWord("where") || token.isWord("with") || token.isWord("labels");
    return token.kind() == Token.Kind.QUOTED || token.kind() == Token.Kind.WORD && !keyword;
  }
}
