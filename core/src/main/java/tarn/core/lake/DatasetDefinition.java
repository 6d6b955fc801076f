package tarn.core.lake;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.types.Type;

/**
 * What {@code datasets/<name>.yaml} says of a dataset, where the crawler should not guess.
 *
 * @param file path relative to the lake folder
 * @param dataset full name, {@code raw.orders}
 * @param settings what it says
 * @param fingerprint another one if the file's text is another
 */
public record DatasetDefinition(
    String file, String dataset, Settings settings, String fingerprint) {

  /** Formats that can be told apart by their bytes. */
  public enum Format {
    CSV,
    JSON,
    PARQUET
  }

  /** Formats that have to be told. */
  public enum Classifier {
    GROK
  }

  /** Encodings of text. */
  public enum Encoding {
    UTF_8,
    UTF_16,
    ISO_8859_1
  }

  /** What a crawl does with columns that are new or have other types; names as in AWS Glue. */
  public enum UpdateBehavior {
    UPDATE_IN_DATABASE,
    LOG
  }

  /** What a crawl does with a dataset that has no files any more; names as in AWS Glue. */
  public enum DeleteBehavior {
    LOG,
    DEPRECATE_IN_DATABASE,
    DELETE_FROM_DATABASE
  }

  /** How files are read; empty: as their bytes say. */
  public Optional<Format> format() {
    return settings.find(DatasetSettings.FORMAT);
  }

  /** The Grok pattern of lines; empty if they are not read by one. */
  public Optional<String> pattern() {
    return settings.find(DatasetSettings.PATTERN);
  }

  /** Patterns by name. */
  public Map<String, String> patterns() {
    return settings.get(DatasetSettings.PATTERNS);
  }

  /** What divides fields. */
  public Optional<Character> delimiter() {
    return settings.find(DatasetSettings.DELIMITER).map(text -> text.charAt(0));
  }

  /** What stands around fields. */
  public char quote() {
    return settings.get(DatasetSettings.QUOTE).charAt(0);
  }

  /** Whether the first line has names. */
  public Optional<Boolean> header() {
    return settings.find(DatasetSettings.HEADER);
  }

  /** Types by column, in the order written. */
  public Map<String, Type.PrimitiveType> columns() {
    return settings.get(DatasetSettings.COLUMNS);
  }

  /** What columns hold, by column. */
  public Map<String, String> classification() {
    return settings.get(DatasetSettings.CLASSIFICATION);
  }

  /** The encoding of text; empty: as the first bytes say. */
  public Optional<Charset> encoding() {
    return settings
        .find(DatasetSettings.ENCODING)
        .map(
            encoding ->
                switch (encoding) {
                  case UTF_8 -> StandardCharsets.UTF_8;
                  case UTF_16 -> StandardCharsets.UTF_16;
                  case ISO_8859_1 -> StandardCharsets.ISO_8859_1;
                });
  }

  /** Glob patterns of files that are passed over. */
  public List<String> exclusions() {
    return settings.get(DatasetSettings.EXCLUSIONS);
  }

  /** Names of folders, in order; empty if folders have none but their own. */
  public List<String> partitions() {
    return settings.get(DatasetSettings.PARTITIONS);
  }

  /** What a crawl does with other columns. */
  public UpdateBehavior updateBehavior() {
    return settings.get(DatasetSettings.UPDATE_BEHAVIOR);
  }

  /** What a crawl does when there are no files any more. */
  public DeleteBehavior deleteBehavior() {
    return settings.get(DatasetSettings.DELETE_BEHAVIOR);
  }

  /** Where a key is written; the beginning of the file if it is not. */
  public Place place(Setting<?> setting) {
    return settings.place(setting).orElse(Place.startOf(file));
  }
}
