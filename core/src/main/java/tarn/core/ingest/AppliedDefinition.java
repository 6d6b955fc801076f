package tarn.core.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tarn.core.engine.plan.ColumnNames;
import tarn.core.engine.plan.Rule;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.Node;
import tarn.core.lake.PartitionField;
import tarn.core.lake.SortField;
import tarn.core.lake.StepText;
import tarn.core.lake.TableDefinition;
import tarn.core.quality.Quality;
import tarn.core.storage.Hashes;
import tarn.core.table.TableState;

/**
 * The definition that a table's rows were made with, as far as it decides what they are: a property
 * of the table, committed with the rows. Rules for the table as a whole decide nothing about a row
 * and are left out.
 *
 * @param parts by the key of the definition's file: its value, or for long ones how many there are
 *     and a hash of them
 */
public record AppliedDefinition(SortedMap<String, String> parts) {
  /** The table's property that has it, as JSON. */
  public static final String PROPERTY = "tarn.definition";

  private static final int SHORT = 120;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One part that is not as it was.
   *
   * @param part the key of the definition's file
   * @param before as {@link #parts} has it; empty for nothing
   * @param now likewise
   */
  public record Difference(String part, String before, String now) {
    @Override
    public String toString() {
      return part
          + ": "
          + (before.isEmpty() ? "none" : before)
          + " -> "
          + (now.isEmpty() ? "none" : now);
    }
  }

  /** Of a definition as it is written now. */
  public static AppliedDefinition of(TableDefinition definition) {
    SortedMap<String, String> parts = new TreeMap<>();
    put(parts, "from", TableLoader.from(definition).toString());
    put(parts, "columns", columns(definition));
    put(
        parts,
        "recipe",
        counted(definition.recipe().stream().map(AppliedDefinition::text).toList(), "steps"));
    put(
        parts,
        "quality",
        counted(
            Quality.compile(definition.quality(), ColumnNames.unknown()).rules().stream()
                .map(Rule::text)
                .distinct()
                .toList(),
            "rules for rows"));
    put(parts, "key", String.join(", ", definition.key()));
    put(parts, "ordering", definition.ordering().orElse(""));
    put(parts, "write", definition.write().name().toLowerCase(Locale.ROOT));
    put(
        parts,
        "partition",
        joined(definition.partition().stream().map(PartitionField::toString).toList()));
    put(parts, "sort", joined(definition.sort().stream().map(SortField::toString).toList()));
    return new AppliedDefinition(parts);
  }

  /** Of a table's rows; empty for a table that an older program made. */
  public static Optional<AppliedDefinition> of(TableState state) {
    String text = state.properties().getOrDefault(PROPERTY, "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new AppliedDefinition(
              JSON.readValue(text, new TypeReference<TreeMap<String, String>>() {})));
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT,
          "the property " + PROPERTY + " of " + state.name() + " is not JSON",
          e);
    }
  }

  /**
   * Whether the next run makes a table anew from all that is in raw: its definition says so, and is
   * not the one that its rows were made with.
   */
  public static boolean asksForBackfill(TableDefinition definition, TableState state) {
    return definition.onChange() == TableDefinition.OnChange.BACKFILL
        && state.ledgerSeq() > 0
        && of(state).map(applied -> !applied.equals(of(definition))).orElse(false);
  }

  /** As the property has it. */
  String text() {
    try {
      return JSON.writeValueAsString(parts);
    } catch (JsonProcessingException e) {
      throw new TarnException(ErrorCode.INTERNAL, "a definition cannot be written as JSON", e);
    }
  }

  /** What is different in another one. */
  public List<Difference> differences(AppliedDefinition now) {
    List<Difference> differences = new ArrayList<>();
    SortedMap<String, String> all = new TreeMap<>(parts);
    all.putAll(now.parts);
    for (String part : all.keySet()) {
      String before = parts.getOrDefault(part, "");
      String after = now.parts.getOrDefault(part, "");
      if (!before.equals(after)) {
        differences.add(new Difference(part, before, after));
      }
    }
    return differences;
  }

  private static void put(Map<String, String> parts, String part, String value) {
    if (!value.isEmpty()) {
      parts.put(part, value);
    }
  }

  private static String columns(TableDefinition definition) {
    return joined(
        definition.columns().entrySet().stream()
            .map(c -> c.getKey() + " " + c.getValue())
            .sorted()
            .toList());
  }

  private static String joined(List<String> texts) {
    String joined = String.join(", ", texts);
    return joined.length() <= SHORT ? joined : counted(texts, "entries");
  }

  private static String counted(List<String> texts, String what) {
    return texts.isEmpty()
        ? ""
        : texts.size() + " " + what + " (" + hash(String.join("\n", texts)) + ")";
  }

  private static String text(StepText step) {
    return step.operation().text() + text(step.parameters());
  }

  /** The same for the same values, however they are laid out in the file. */
  private static String text(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping.entries().stream()
          .map(e -> text(e.key()) + ":" + text(e.value()))
          .sorted()
          .toList()
          .toString();
    } else if (node instanceof Node.Sequence list) {
      return list.items().stream().map(AppliedDefinition::text).toList().toString();
    }
    Node.Scalar scalar = (Node.Scalar) node;
    return scalar.isNull() ? "~" : "'" + scalar.text().replace("'", "''") + "'";
  }

  private static String hash(String text) {
    return Hashes.of(text).substring(0, 12);
  }
}
