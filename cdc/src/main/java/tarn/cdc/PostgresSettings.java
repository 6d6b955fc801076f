package tarn.cdc;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Where a PostgreSQL is, and what of it is followed.
 *
 * @param user one that may log in, replicate and read the tables
 * @param ca certificates (PEM) to verify the server's with; without one, those that Java trusts
 * @param slot of this lake alone: lower case letters, digits and {@code _}, at most 63
 * @param publication of this lake alone
 * @param tables patterns {@code schema.table}, in the names' exact case; {@code *} stands for any
 *     characters: {@code public.*}
 * @param appendOnly patterns of tables without identity of which inserts alone are followed
 * @param copied what of the tables is copied
 */
public record PostgresSettings(
    String host,
    int port,
    String database,
    String user,
    Password password,
    Tls tls,
    Optional<Path> ca,
    String slot,
    String publication,
    List<String> tables,
    List<String> appendOnly,
    Copied copied) {
  private static final int LONGEST_NAME = 63;
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

  public PostgresSettings {
    tables = List.copyOf(tables);
    appendOnly = List.copyOf(appendOnly);
    if (!SLOT.matcher(slot).matches()) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          "'" + slot + "' is no name of a slot: use lower case letters, digits and _, at most 63");
    }
    for (String table : tables) {
      if (!table.contains(".")) {
        throw new TarnException(
            ErrorCode.DEFINITION_INVALID,
            "'" + table + "' names no table: write schema.table, such as public." + table);
      }
    }
  }

  /** The user's password, which may change at any time. Never printed. Safe for many threads. */
  public interface Password {
    /** Asked for with each connection. */
    String value();

    /** Asked for once when the database refused one; the same again if there is no other. */
    String insteadOf(String refused);

    /** One that does not change. */
    static Password of(String password) {
      return new Password() {
        @Override
        public String value() {
          return password;
        }

        @Override
        public String insteadOf(String refused) {
          return password;
        }
      };
    }
  }

  /** How the connection is protected. */
  public enum Tls {
    /** Not at all. */
    DISABLE("disable"),
    /** Encrypted, whoever the server is. */
    REQUIRE("require"),
    /** Encrypted, and the server shows a certificate of its name. */
    VERIFY_FULL("verify-full");

    private final String mode;

    Tls(String mode) {
      this.mode = mode;
    }

    String mode() {
      return mode;
    }
  }

  /**
   * Whether a table is asked for. A schema with a dot in its name cannot be: {@code a.b.c} would
   * name two tables.
   */
  boolean wants(String schema, String table) {
    return !schema.contains(".") && matches(tables, schema + "." + table);
  }

  /** Whether rows are only added to a table of that full name. */
  boolean isAppendOnly(String fullName) {
    return matches(appendOnly, fullName);
  }

  private static boolean matches(List<String> patterns, String fullName) {
    return patterns.stream().anyMatch(pattern -> glob(pattern).matcher(fullName).matches());
  }

  /** Those of some patterns that none of these full names is like. */
  static List<String> unmatched(List<String> patterns, List<String> fullNames) {
    return patterns.stream()
        .filter(pattern -> fullNames.stream().noneMatch(name -> matches(List.of(pattern), name)))
        .toList();
  }

  /** The name of the publication that has no updates and deletes. */
  String insertsPublication() {
    String suffix = "_inserts";
    int most = LONGEST_NAME - suffix.length();
    return publication.substring(0, Math.min(most, publication.length())) + suffix;
  }

  /** {@code host:port/database}: how messages call it. */
  String place() {
    return host + ":" + port + "/" + database;
  }

  @Override
  public String toString() {
    return user + "@" + place();
  }

  private static Pattern glob(String pattern) {
    return Pattern.compile(
        Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }
}
