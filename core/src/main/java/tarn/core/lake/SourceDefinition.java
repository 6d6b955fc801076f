package tarn.core.lake;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A database that is loaded and followed, as {@code sources/<name>.yaml} declares it.
 *
 * @param file path relative to the lake folder
 * @param source its name, which is the file's and that of the source it lands as: {@code shop}
 * @param settings what it says
 */
public record SourceDefinition(String file, String source, Settings settings) {
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1");
  private static final int LONGEST_NAME = 63;

  /** How the connection is protected. */
  public enum Tls {
    DISABLE,
    REQUIRE,
    VERIFY_FULL
  }

  /** What to do when changes are lost. */
  public enum Lost {
    STOP,
    RELOAD
  }

  /** When it is followed. */
  public enum Follow {
    ALWAYS,
    PIPELINE
  }

  /** What becomes of values that the lake's type cannot hold. */
  public enum Overflow {
    NULLS,
    FAIL
  }

  public String host() {
    return settings.find(SourceSettings.HOST).orElse("");
  }

  public int port() {
    return Math.toIntExact(settings.get(SourceSettings.PORT));
  }

  public String database() {
    return settings.find(SourceSettings.DATABASE).orElse("");
  }

  public String user() {
    return settings.find(SourceSettings.USER).orElse("");
  }

  /** {@code env:<variable>}, {@code file:<path>} or a {@link StoredSecret}. */
  public String passwordReference() {
    return settings.find(SourceSettings.PASSWORD).orElse("");
  }

  /** As written, or what is right for the host. */
  public Tls tls() {
    return settings
        .find(SourceSettings.TLS)
        .orElseGet(() -> THIS_MACHINE.contains(host()) ? Tls.DISABLE : Tls.VERIFY_FULL);
  }

  /** A file with certificates, relative to the lake folder. */
  public Optional<String> caFile() {
    return settings.find(SourceSettings.CA_FILE);
  }

  /** Patterns: {@code public.orders}, {@code public.*}. */
  public List<String> tables() {
    return settings.find(SourceSettings.TABLES).orElse(List.of());
  }

  /** Columns that are copied as texts: {@code public.orders.valid_until}. */
  public List<String> texts() {
    return settings.get(SourceSettings.TEXTS);
  }

  /** The columns that are copied, of tables of which not all are, by full names. */
  public Map<String, List<String>> columns() {
    return settings.get(SourceSettings.COLUMNS);
  }

  /** The conditions of rows that are copied, of tables of which not all are, by full names. */
  public Map<String, String> rows() {
    return settings.get(SourceSettings.ROWS);
  }

  /** The names of copies that are not named by rule, by the full names of their tables. */
  public Map<String, String> copies() {
    return settings.get(SourceSettings.COPIES);
  }

  public Overflow overflow() {
    return settings.get(SourceSettings.OVERFLOW);
  }

  /** What the names of the copies begin with; may be empty. */
  public String prefix() {
    return settings.get(SourceSettings.PREFIX);
  }

  /** The slot's name, in the lake of this name. */
  public String slot(String lake) {
    return settings.find(SourceSettings.SLOT).orElseGet(() -> own(lake));
  }

  /** The publication's name, in the lake of this name. */
  public String publication(String lake) {
    return settings.find(SourceSettings.PUBLICATION).orElseGet(() -> own(lake));
  }

  private String own(String lake) {
    String name =
        ("tarn_" + lake + "_" + source).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    return name.substring(0, Math.min(LONGEST_NAME, name.length()));
  }

  /** How soon after its commit a change should be in the ledger. */
  public Duration freshness() {
    return settings.get(SourceSettings.FRESHNESS);
  }

  /** Patterns of tables without a key to which rows are only added. */
  public List<String> appendOnly() {
    return settings.find(SourceSettings.APPEND_ONLY).orElse(List.of());
  }

  public Lost onLost() {
    return settings.get(SourceSettings.ON_LOST);
  }

  /** Bytes of a table in the source that are loaded as one. */
  public long loadSplit() {
    return settings.get(SourceSettings.LOAD_SPLIT).bytes();
  }

  public Follow follow() {
    return settings.get(SourceSettings.FOLLOW);
  }
}
