package tarn.core.lake;

import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;

/** Every key of {@code datasets/*.yaml}. */
public final class DatasetSettings {
  public static final Setting<String> DATASET =
      Setting.optional(
          "dataset",
          Types.text("dataset name like orders or raw.orders", "(raw\\.)?" + Types.NAME_PART),
          "raw.<file name>",
          "The dataset that this says something of.");
  public static final Setting<String> DESCRIPTION =
      Setting.of("description", Types.text(), "", "What a record is.");
  public static final Setting<DatasetDefinition.Format> FORMAT =
      Setting.optional(
          "format",
          Types.choice(DatasetDefinition.Format.class),
          "what each file's first bytes say",
          "How files are read, where the guess should be overruled. A file that is something else goes to quarantine.");
  public static final Setting<DatasetDefinition.Classifier> CLASSIFIER =
      Setting.optional(
          "classifier",
          Types.choice(DatasetDefinition.Classifier.class),
          "none",
          "grok: every line is a record that matches the pattern; the others go to quarantine.");
  public static final Setting<String> PATTERN =
      Setting.optional(
          "pattern",
          Types.text(),
          "none",
          "The Grok pattern of a whole line, as in AWS Glue: %{PATTERN:column} or %{PATTERN:column:type}.");
  public static final Setting<Map<String, String>> PATTERNS =
      Setting.of(
          "patterns",
          Types.mapOf(Types.text()),
          Map.of(),
          "Patterns of your own by name, for pattern and for each other.");
  public static final Setting<String> DELIMITER =
      Setting.optional(
          "delimiter",
          character(),
          "the one of , ; tab | that divides the first lines most evenly",
          "What stands between the fields of CSV: one character, or tab.");
  public static final Setting<String> QUOTE =
      Setting.of("quote", character(), "\"", "What stands around fields of CSV that need it.");
  public static final Setting<Boolean> HEADER =
      Setting.optional(
          "header",
          Types.flag(),
          "whether the first line has distinct names",
          "Whether the first line of CSV names the columns.");
  public static final Setting<Map<String, Type.PrimitiveType>> COLUMNS =
      Setting.of(
          "columns",
          Types.mapOf(Types.columnType()),
          Map.of(),
          "Types of columns, where the guess should be overruled; with header: false also their names, in the file's order.");
  public static final Setting<Map<String, String>> CLASSIFICATION =
      Setting.of(
          "classification",
          Types.mapOf(Types.text("word of small letters, digits and _", "[a-z][a-z0-9_]*")),
          Map.of(),
          "What columns hold: email, phone, name, card_number, ip_address, or a word of your own. It overrules what a crawl suggests.");
  public static final Setting<DatasetDefinition.Encoding> ENCODING =
      Setting.optional(
          "encoding",
          Types.choice(DatasetDefinition.Encoding.class),
          "utf-16 if a file begins with its byte order mark, else utf-8",
          "The encoding of CSV and of lines.");
  public static final Setting<List<String>> EXCLUSIONS =
      Setting.of(
          "exclusions",
          Types.listOf(Types.text()),
          List.of(),
          "Files that are passed over: glob patterns (*, **, ?, {a,b}, [a-z]) for their path below the source, like tmp/** or **.bak.");
  public static final Setting<List<String>> PARTITIONS =
      Setting.of(
          "partitions",
          Types.listOf(
              Types.text("column name: a-z, 0-9 and '_', starting with a letter", Types.NAME_PART)),
          List.of(),
          "Names for the folders below the dataset's own, in order: [year, month, day] for 2025/10/09.");
  public static final Setting<DatasetDefinition.UpdateBehavior> UPDATE_BEHAVIOR =
      Setting.of(
          "update_behavior",
          Types.constant(DatasetDefinition.UpdateBehavior.class),
          DatasetDefinition.UpdateBehavior.UPDATE_IN_DATABASE,
          "When a crawl finds other columns: UPDATE_IN_DATABASE enters them in the catalog; LOG only says so.");
  public static final Setting<DatasetDefinition.DeleteBehavior> DELETE_BEHAVIOR =
      Setting.of(
          "delete_behavior",
          Types.constant(DatasetDefinition.DeleteBehavior.class),
          DatasetDefinition.DeleteBehavior.DEPRECATE_IN_DATABASE,
          "When no file belongs any more to the dataset, or to one of a folder below it: LOG only says so; DEPRECATE_IN_DATABASE marks it; DELETE_FROM_DATABASE takes it out of the catalog. Raw files stay.");

  /** All of them, in the order of the docs. */
  public static final List<Setting<?>> ALL =
      List.of(
          DATASET,
          DESCRIPTION,
          FORMAT,
          CLASSIFIER,
          PATTERN,
          PATTERNS,
          DELIMITER,
          QUOTE,
          HEADER,
          COLUMNS,
          CLASSIFICATION,
          ENCODING,
          EXCLUSIONS,
          PARTITIONS,
          UPDATE_BEHAVIOR,
          DELETE_BEHAVIOR);

  private DatasetSettings() {}

  private static ValueType<String> character() {
    String label = "single character, or tab";
    return Types.scalar(
        label,
        Map.of("type", "string"),
        text -> {
          String one = text.equals("tab") || text.equals("\\t") ? "\t" : text;
          if (one.length() != 1
              || one.charAt(0) >= 0x7f
              || (one.charAt(0) < ' ' && !one.equals("\t"))) {
            throw new IllegalArgumentException(label);
          }
          return one;
        });
  }
}
