package tarn.core.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/**
 * Which dataset a raw file belongs to. A source is a dataset of its name; folders in it that are
 * not partitions ({@code key=value}) make datasets of their own: {@code shop/customers/…} belongs
 * to {@code shop_customers}.
 */
public final class DatasetName {
  /** The namespace of datasets. */
  public static final String NAMESPACE = "raw";

  private DatasetName() {}

  /** The dataset of a file in a folder of a source. */
  public static TableName of(SourceName source, String folder) {
    List<String> parts = new ArrayList<>(List.of(source.value()));
    for (String part : folder.split("/")) {
      if (!part.isEmpty() && part.indexOf('=') <= 0) {
        parts.add(part);
      }
    }
    return new TableName(NAMESPACE, clean(String.join("_", parts)));
  }

  /** Whether files of a source can belong to a dataset. */
  public static boolean isOf(SourceName source, TableName dataset) {
    String own = of(source, "").name();
    return dataset.name().equals(own) || dataset.name().startsWith(own + "_");
  }

  /**
   * The partition values in a folder, in order: {@code year=2025/month=10}. Hive's escapes ({@code
   * %2F}) are undone, its name for null is kept as text.
   */
  public static Map<String, String> partitionValues(String folder) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String part : folder.split("/")) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        values.put(part.substring(0, equals), unescape(part.substring(equals + 1)));
      }
    }
    return values;
  }

  private static String clean(String text) {
    String name = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    String cut = name.length() > 127 ? name.substring(0, 127) : name;
    return Character.isLetter(cut.charAt(0)) ? cut : "d" + cut;
  }

  private static String unescape(String value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) == '%'
          && i + 2 < value.length()
          && value.substring(i + 1, i + 3).matches("[0-9A-Fa-f]{2}")) {
        text.append((char) Integer.parseInt(value.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        text.append(value.charAt(i));
      }
    }
    return text.toString();
  }
}
