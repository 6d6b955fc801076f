package tarn.server.shop;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Where the shop's database is and who writes to it, as PostgreSQL's own programs are told: {@code
 * PGHOST}, {@code PGPORT}, {@code PGDATABASE}, {@code PGUSER}, {@code PGPASSWORD} (or {@code
 * ~/.pgpass}), {@code PGSSLMODE}, {@code PGSSLROOTCERT}. Unless told otherwise a connection to
 * another machine is encrypted and its certificate checked.
 */
record ShopConnection(Map<String, String> environment) {
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1");

  Connection open() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user());
    String password = environment.getOrDefault("PGPASSWORD", "");
    if (!password.isEmpty()) {
      properties.setProperty("password", password);
    }
    String mode = THIS_MACHINE.contains(host()) ? "disable" : "verify-full";
    properties.setProperty("sslmode", or("PGSSLMODE", mode));
    String ca = or("PGSSLROOTCERT", "");
    properties.setProperty(
        ca.isEmpty() ? "sslfactory" : "sslrootcert",
        ca.isEmpty() ? "org.postgresql.ssl.DefaultJavaSSLFactory" : ca);
    properties.setProperty("ApplicationName", "datalake generate");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("logServerErrorDetail", "false");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + bracketed() + ":" + or("PGPORT", "5432") + "/" + database(),
        properties);
  }

  /** How messages call it. */
  @Override
  public String toString() {
    return user() + "@" + host() + ":" + or("PGPORT", "5432") + "/" + database();
  }

  TarnException failure(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    boolean refused = state.startsWith("28") || state.startsWith("3D") || state.startsWith("42");
    return new TarnException(
        refused ? ErrorCode.SOURCE_REFUSED : ErrorCode.SOURCE_UNAVAILABLE,
        "PostgreSQL at "
            + this
            + ": "
            + String.valueOf(e.getMessage()).replaceAll("\\s*[\\r\\n]+\\s*", " ")
            + (state.equals("42501")
                ? "; the user must own the schema shop, or for --setup be allowed to make one: GRANT CREATE ON DATABASE"
                : "; PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD say where it is and who asks"));
  }

  private String host() {
    return or("PGHOST", "localhost");
  }

  private String bracketed() {
    return host().contains(":") ? "[" + host() + "]" : host();
  }

  private String user() {
    String user = or("PGUSER", "");
    if (user.isEmpty()) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "PGUSER is not set: the environment variables PGHOST, PGPORT, PGDATABASE, PGUSER and"
              + " PGPASSWORD say in which PostgreSQL the shop is, and who writes to it");
    }
    return user;
  }

  private String database() {
    return or("PGDATABASE", user());
  }

  private String or(String variable, String otherwise) {
    String value = environment.getOrDefault(variable, "");
    return value.isEmpty() ? otherwise : value;
  }
}
