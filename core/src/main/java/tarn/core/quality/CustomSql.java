package tarn.core.quality;

import static tarn.core.engine.plan.Expr.call;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Measure;

/**
 * The rule type CustomSql: a query whose number is compared, or, without a condition, a query of
 * the rows that pass, in the one form that can be asked of each row by itself.
 */
final class CustomSql {
  private static final Pattern ROWS =
      Pattern.compile(
          "\\s*select\\s+(?<columns>[^()]+?)\\s+from\\s+primary\\s+where\\s+(?<where>.+)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private CustomSql() {}

  static Draft read(RuleParser parser) {
    Token query = parser.quoted("a query");
    NumberCondition condition = parser.conditionIfAny();
    if (condition == null) {
      return rows(parser, query);
    }
    Measure.Asked asked = parser.query(query);
    Check check = Numbers.check("CustomSql", condition, asked);
    return new Draft.Whole(false, where -> check);
  }

  private static Draft rows(RuleParser parser, Token query) {
    Matcher form = ROWS.matcher(query.text());
    if (!form.matches()) {
      throw new SyntaxException(
          query,
          "CustomSql without a condition is asked of each row by itself",
          "write \"select column from primary where condition\", or compare the query's number");
    }
    Token next = parser.tokens().peek();
    if (next.isWord("with")) {
      throw new SyntaxException(
          next,
          "CustomSql has no 'with threshold': what it would count is not said",
          "compare a number: \"select avg(case when condition then 1 else 0 end) from primary\" > 0.9");
    }
    Expr valid = RowCondition.read(part(query, form.start("where")), parser.known());
    return new Draft.Rows(
        column(parser, query, form), call(Fn.COALESCE, valid, Expr.literal(false)));
  }

  private static Token part(Token query, int from) {
    long quotes = query.text().substring(0, from).chars().filter(c -> c == '"').count();
    return new Token(query.kind(), query.text().substring(from), query.at() + from + (int) quotes);
  }

  /** The first column that is selected is the one to report; all of them have to be there. */
  private static String column(RuleParser parser, Token query, Matcher form) {
    String columns = form.group("columns").strip();
    if (columns.equals("*")) {
      List<String> known = parser.known().names().names();
      return known.isEmpty() ? "" : known.get(0);
    }
    int at = form.start("columns");
    String first = "";
    for (String written : columns.split(",", -1)) {
      String name = written.strip().replaceAll("^`(.*)`$", "$1");
      Token token = part(query, at);
      String column = parser.known().check(new Token(token.kind(), name, token.at() + 1));
      first = first.isEmpty() ? column : first;
      at += written.length() + 1;
    }
    return first;
  }
}
