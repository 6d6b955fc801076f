package tarn.core.query;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Measures, without recursion, how deep the parsed tree of a text can become, and refuses what
 * native code might not survive. Each bracket and each CASE is a level; within a level, each
 * operator makes the tree one deeper until a comma, AND, OR or a clause starts afresh (DuckDB keeps
 * those flat). What stands in brackets counts for the operators before and behind it, too.
 */
final class SqlBounds {
  static final int MAX_DEPTH = 100;
  static final int MAX_OPERATORS = 300;
  static final int MAX_SET_OPERATIONS = 200;
  static final int MAX_JOINS = 100;
  static final int MAX_QUERIES = 500;

  /** Bounds the parsed tree, which is a few hundred bytes for each. */
  static final int MAX_TOKENS = 50_000;

  private static final Set<String> OPERATORS =
      Set.of(
          "not",
          "is",
          "in",
          "like",
          "ilike",
          "similar",
          "glob",
          "between",
          "collate",
          "at",
          "isnull",
          "notnull",
          "escape",
          "lambda",
          "interval",
          "any",
          "all",
          "operator");
  private static final Set<String> SET_OPERATIONS = Set.of("union", "except", "intersect");
  private static final Set<String> CLAUSES =
      Set.of(
          "select", "where", "group", "having", "order", "qualify", "window", "limit", "offset",
          "on", "using");
  private static final Set<String> FRESH = Set.of("when", "then", "else");

  private final Deque<Level> levels = new ArrayDeque<>();
  private Level here = new Level(';', 0);
  private int setOperations;
  private int joins;
  private int queries;

  private SqlBounds() {}

  /** Refuses a text whose tree could become too deep or too wide, naming the limit. */
  static void check(List<Token> tokens) {
    if (tokens.size() > MAX_TOKENS) {
      throw refused("more than " + MAX_TOKENS + " words, values and signs");
    }
    SqlBounds bounds = new SqlBounds();
    boolean afterDot = false;
    for (Token token : tokens) {
      bounds.see(token, afterDot);
      afterDot = token.is(".");
    }
    bounds.closeCases();
    if (!bounds.levels.isEmpty()) {
      throw new TarnException(
          ErrorCode.SQL_INVALID, "the bracket '" + bounds.here.opener + "' is never closed");
    }
  }

  private void see(Token token, boolean afterDot) {
    switch (token.kind()) {
      case SYMBOL -> symbol(token);
      case WORD -> {
        if (!afterDot) {
          word(token.word());
        }
      }
      default -> {}
    }
  }

  private void symbol(Token token) {
    char c = token.text().charAt(0);
    switch (c) {
      case '(', '[', '{' -> open(c);
      case ')', ']', '}' -> close(token);
      case ',' -> comma();
      case ';' -> {}
      default -> operator();
    }
  }

  private void word(String word) {
    if (word.equals("case")) {
      open('c');
    } else if (word.equals("end")) {
      end();
    } else if (SET_OPERATIONS.contains(word)) {
      setOperations = count(setOperations, MAX_SET_OPERATIONS, "UNION, EXCEPT and INTERSECT");
      here.fresh();
    } else if (word.equals("join")) {
      join();
    } else if (word.equals("from")) {
      here.inFrom = true;
      query();
    } else if (CLAUSES.contains(word)) {
      clause(word);
    } else if (FRESH.contains(word)) {
      here.operators = 0;
    } else if (word.equals("and") || word.equals("or")) {
      here.operators = 0;
    } else if (OPERATORS.contains(word)) {
      operator();
    }
  }

  private void clause(String word) {
    if (word.equals("select")) {
      query();
    }
    here.operators = 0;
    if (!word.equals("on") && !word.equals("using")) {
      here.inFrom = false;
    }
  }

  private void query() {
    here.operators = 0;
    queries = count(queries, MAX_QUERIES, "SELECT and FROM");
  }

  private void comma() {
    here.operators = 0;
    if (here.inFrom) {
      join();
    }
  }

  private void join() {
    here.operators = 0;
    joins = count(joins, MAX_JOINS, "joined tables");
  }

  private void operator() {
    deepen(1);
  }

  private void deepen(int levels) {
    here.operators += levels;
    here.deepest = Math.max(here.deepest, here.operators);
    if (here.outside + here.operators > MAX_OPERATORS) {
      throw refused("more than " + MAX_OPERATORS + " operators one upon another");
    }
  }

  private void open(char opener) {
    levels.push(here);
    if (levels.size() > MAX_DEPTH) {
      throw refused("brackets or CASEs more than " + MAX_DEPTH + " deep");
    }
    here = new Level(opener, here.outside + here.operators);
  }

  private void close(Token token) {
    closeCases();
    char opener =
        switch (token.text()) {
          case ")" -> '(';
          case "]" -> '[';
          default -> '{';
        };
    if (here.opener != opener) {
      throw new TarnException(
          ErrorCode.SQL_INVALID,
          "the '"
              + token.text()
              + "' at character "
              + (token.start() + 1)
              + " closes no bracket that is open");
    }
    closeLevel();
    operator();
  }

  private void end() {
    if (here.opener == 'c') {
      closeLevel();
    }
  }

  private void closeCases() {
    while (here.opener == 'c') {
      closeLevel();
    }
  }

  /** Operators that follow stand upon all that the level held. */
  private void closeLevel() {
    int inside = here.deepest;
    here = levels.pop();
    deepen(inside);
  }

  private static int count(int soFar, int limit, String what) {
    if (soFar == limit) {
      throw refused("more than " + limit + " " + what);
    }
    return soFar + 1;
  }

  private static TarnException refused(String what) {
    return new TarnException(
        ErrorCode.SQL_REFUSED,
        "the SQL text has "
            + what
            + ": split it, for example into models that build on each other");
  }

  private static final class Level {
    final char opener;
    final int outside;
    int operators;
    int deepest;
    boolean inFrom;

    Level(char opener, int outside) {
      this.opener = opener;
      this.outside = outside;
    }

    void fresh() {
      operators = 0;
      inFrom = false;
    }
  }
}
