package tarn.testkit.shop;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * What was generated, and what a correct lake must end with. None of it is computed with SQL or
 * read back from the files.
 *
 * @param seed the generator's seed
 * @param scale 1 is 500 customers, 120 products and 3,000 orders
 * @param sources by name: customers, products, orders, order_items, returns, web_logs
 * @param models the exact rows of the models
 */
public record Manifest(
    long seed, double scale, Map<String, Source> sources, ExpectedModels.Results models) {

  public Manifest {
    sources = java.util.Collections.unmodifiableMap(new TreeMap<>(sources));
  }

  /**
   * One source. {@code received = stored + superseded + filtered + quarantined} counts records (a
   * quoted line break does not end one, a header is none).
   *
   * @param files number of files
   * @param bytes their size together, uncompressed
   * @param received records in the files
   * @param stored rows of the clean table at the end
   * @param superseded good records that are not stored because another of the same key is: exact
   *     duplicates and older versions
   * @param filtered good records that the recipe drops
   * @param quarantined records in quarantine, by reason
   * @param dirt how often each kind of dirt was dealt (a kind may concern two records)
   */
  public record Source(
      long files,
      long bytes,
      long received,
      long stored,
      long superseded,
      long filtered,
      Map<Reason, Long> quarantined,
      Map<Dirt, Long> dirt) {

    public Source {
      quarantined = java.util.Collections.unmodifiableMap(new TreeMap<>(quarantined));
      Map<Dirt, Long> copy = new EnumMap<>(Dirt.class);
      copy.putAll(dirt);
      dirt = java.util.Collections.unmodifiableMap(copy);
    }

    /** Records in quarantine, whatever the reason. */
    public long quarantinedRecords() {
      return quarantined.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** The counts as a JSON document (without the models' rows), keys in a fixed order. */
  public String toJson() {
    StringJoiner list = new StringJoiner(",\n");
    sources.forEach((name, source) -> list.add("    \"" + name + "\": " + json(source)));
    return "{\n  \"seed\": "
        + seed
        + ",\n  \"scale\": "
        + scale
        + ",\n  \"sources\": {\n"
        + list
        + "\n  }\n}\n";
  }

  private static String json(Source s) {
    return "{\n      \"files\": "
        + s.files()
        + ",\n      \"bytes\": "
        + s.bytes()
        + ",\n      \"received\": "
        + s.received()
        + ",\n      \"stored\": "
        + s.stored()
        + ",\n      \"superseded\": "
        + s.superseded()
        + ",\n      \"filtered\": "
        + s.filtered()
        + ",\n      \"quarantined\": "
        + json(s.quarantined())
        + ",\n      \"dirt\": "
        + json(s.dirt())
        + "\n    }";
  }

  private static String json(Map<?, Long> counts) {
    StringJoiner fields = new StringJoiner(",\n", "{\n", "\n      }");
    counts.forEach(
        (key, count) ->
            fields.add("        \"" + key.toString().replace("\"", "\\\"") + "\": " + count));
    return fields.toString();
  }
}
