package tarn.core.quality;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import tarn.core.engine.Column;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.lake.Nearest;

/**
 * The columns that rules may name.
 *
 * @param names all that are known
 * @param types of those whose type is known
 */
record RuleColumns(ColumnNames names, Map<String, Type> types) {
  private static final Set<Type.TypeID> NUMBERS =
      Set.of(
          Type.TypeID.INTEGER,
          Type.TypeID.LONG,
          Type.TypeID.FLOAT,
          Type.TypeID.DOUBLE,
          Type.TypeID.DECIMAL);

  static RuleColumns of(List<Column> columns) {
    return new RuleColumns(
        ColumnNames.of(columns.stream().map(Column::name).toList()),
        columns.stream().collect(Collectors.toMap(Column::name, Column::type, (a, b) -> a)));
  }

  /** The column that a token names, if there may be one. */
  String check(Token token) {
    if (!names.has(token.text())) {
      throw new SyntaxException(
          token,
          "there is no column '" + token.text() + "' in the recipe's output",
          Nearest.suggestion(token.text(), names.names()));
    }
    return token.text();
  }

  /** The same for a column that must have numbers. */
  String checkNumber(Token token) {
    String name = check(token);
    Type type = types.get(name);
    if (type != null && !NUMBERS.contains(type.typeId())) {
      throw new SyntaxException(
          token, "the rule needs numbers, and '" + name + "' is of type " + type, "");
    }
    return name;
  }

  /** All columns; nothing while the data are not known. */
  Optional<List<String>> all() {
    return names.isComplete() ? Optional.of(names.names()) : Optional.empty();
  }

  /** Something about all columns, once they are known. */
  <T> Optional<T> map(Function<List<String>, T> function) {
    return all().map(function);
  }
}
