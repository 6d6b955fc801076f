package tarn.core.ingest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;
import tarn.core.engine.Engine;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.TableDefinition;
import tarn.core.recipe.OtherTables;
import tarn.core.table.At;
import tarn.core.table.Scan;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/** The tables that a table's recipe joins with, or its rules look into. */
public final class Joins implements OtherTables {
  private static final Set<Type.TypeID> EXACT =
      Set.of(Type.TypeID.INTEGER, Type.TypeID.LONG, Type.TypeID.DECIMAL);

  private final TableStore tables;
  private final TableDefinition definition;
  private final Map<TableName, Scan> scans = new HashMap<>();

  Joins(TableStore tables, TableDefinition definition) {
    this.tables = tables;
    this.definition = definition;
  }

  /** {@code NOT_FOUND} for a table that was never loaded. */
  @Override
  public Optional<List<Column>> columns(TableName table) {
    return Optional.of(
        tables.load(table).orElseThrow(() -> missing(table)).schema().columns().stream()
            .map(c -> new Column(c.name(), c.type()))
            .toList());
  }

  private TarnException missing(TableName table) {
    return new TarnException(
        ErrorCode.NOT_FOUND,
        definition.file()
            + ": the recipe joins with "
            + table
            + ", which was never loaded: run it first");
  }

  /** All rows of another table, in the same state whenever this is asked. */
  Scan scan(TableName table) {
    return scans.computeIfAbsent(
        table, t -> tables.scan(t, new At.Now(), Expressions.alwaysTrue()));
  }

  /**
   * Checks that the columns of each join can be compared.
   *
   * @throws TarnException {@code DEFINITION_INVALID} for types of which equality is not exact
   */
  void check(Engine engine, List<Column> columns, List<Step> steps) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof Step.Lookup lookup) {
        check(lookup, types(engine.describe(columns, steps.subList(0, i))));
      }
    }
  }

  private void check(Step.Lookup lookup, Map<String, Type> ours) {
    Map<String, Type> theirs = types(columns(lookup.table()).orElse(List.of()));
    for (int i = 0; i < lookup.columns().size(); i++) {
      Type mine = ours.get(lookup.columns().get(i));
      Type other = theirs.get(lookup.in().get(i));
      if (mine == null || other == null || !comparable(mine, other)) {
        throw new TarnException(
            ErrorCode.DEFINITION_INVALID,
            definition.file()
                + ": JOIN cannot compare '"
                + lookup.columns().get(i)
                + "' ("
                + mine
                + ") with '"
                + lookup.in().get(i)
                + "' of "
                + lookup.table()
                + " ("
                + other
                + "): change the type of one with CHANGE_DATA_TYPE");
      }
    }
  }

  private static boolean comparable(Type a, Type b) {
    if (a instanceof Types.TimestampType x && b instanceof Types.TimestampType y) {
      return x.shouldAdjustToUTC() == y.shouldAdjustToUTC();
    }
    return a.isPrimitiveType() && a.typeId() == b.typeId()
        || EXACT.contains(a.typeId()) && EXACT.contains(b.typeId());
  }

  private static Map<String, Type> types(List<Column> columns) {
    Map<String, Type> types = new HashMap<>();
    columns.forEach(c -> types.put(c.name(), c.type()));
    return types;
  }
}
