package tarn.core.quality;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tarn.core.engine.plan.Measure;
import tarn.core.table.TableName;

/** The rule type DatasetMatch: rows that another table has too, found by a key. */
final class DatasetMatch {
  private static final String NONE =
      "has no value: a key is null or comes twice, in this table or the other";

  private DatasetMatch() {}

  static Draft read(RuleParser parser) {
    TableName table = RuleTypes.otherTable(parser);
    List<Measure.Pair> key = pairs(parser, parser.quoted("the key's columns"));
    List<Measure.Pair> values =
        parser.tokens().peek().kind() == Token.Kind.QUOTED
            ? pairs(parser, parser.tokens().take())
            : others(parser.known(), key);
    NumberCondition condition = parser.condition();
    Measure found = new Measure.Matched(key, table, values);
    Measure rows = Numbers.rows(null);
    Check check =
        new Check.OfNumber(
            "DatasetMatch",
            List.of(found, rows),
            Set.of(),
            seen -> seen.ratio(found, rows),
            condition,
            NONE);
    return new Draft.Whole(false, where -> check);
  }

  /** {@code id->order_id,line}: columns of this table, and what the other calls them. */
  private static List<Measure.Pair> pairs(RuleParser parser, Token token) {
    List<Measure.Pair> pairs = new ArrayList<>();
    for (String written : token.text().split(",", -1)) {
      String[] names = written.split("->", -1);
      String mine = names[0].strip();
      String theirs = names[names.length - 1].strip();
      if (names.length > 2 || mine.isEmpty() || theirs.isEmpty()) {
        throw new SyntaxException(
            token,
            "'" + written.strip() + "' is no column",
            "write \"column\", or \"column->column of the other table\"");
      }
      String column = parser.known().check(new Token(token.kind(), mine, token.at()));
      pairs.add(new Measure.Pair(column, theirs));
    }
    return pairs;
  }

  /** All columns that are not in the key; none while the data are not known. */
  private static List<Measure.Pair> others(RuleColumns known, List<Measure.Pair> key) {
    Set<String> keys = new HashSet<>();
    key.forEach(pair -> keys.add(pair.mine().toLowerCase(Locale.ROOT)));
    return known.all().orElse(List.of()).stream()
        .filter(name -> !keys.contains(name.toLowerCase(Locale.ROOT)))
        .map(name -> new Measure.Pair(name, name))
        .toList();
  }
}
