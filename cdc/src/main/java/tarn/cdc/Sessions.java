package tarn.cdc;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import tarn.core.errors.TarnException;

/**
 * Connections to the source. All of them print values in the same way, so that a value has the same
 * text in a load and in a change, whatever the role, the database or this machine say; none leaves
 * out rows because of a policy.
 */
record Sessions(PostgresSettings settings, SourceErrors errors) {
  /** For questions to the catalog. */
  static final Duration QUESTION = Duration.ofSeconds(60);

  /** As long as it takes. */
  static final Duration UNBOUNDED = Duration.ZERO;

  private static final int CONNECT_SECONDS = 10;

  /**
   * Settings that a version does not have are left out. How much a whole unit of money is, in what
   * is stored, is a matter of {@code lc_monetary}, so only another one of cents may take its place.
   */
  private static final String SETTINGS =
      "SELECT pg_catalog.set_config(s.name, v.value, false) FROM (VALUES"
          + " ('DateStyle', 'ISO, YMD'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'),"
          + " ('extra_float_digits', '1'), ('bytea_output', 'hex'), ('search_path', ''),"
          + " ('quote_all_identifiers', 'off'), ('lc_monetary',"
          + "  CASE WHEN pg_catalog.cash_send(1::pg_catalog.money) = '\\x0000000000000064'"
          + "  THEN 'C' ELSE pg_catalog.current_setting('lc_monetary') END),"
          + " ('row_security', 'off'), ('statement_timeout', '0'), ('lock_timeout', '30s'),"
          + " ('idle_in_transaction_session_timeout', '0'), ('idle_session_timeout', '0'),"
          + " ('transaction_timeout', '0')) v(name, value)"
          + " JOIN pg_catalog.pg_settings s ON s.name = v.name";

  /**
   * A session for SQL, in autocommit.
   *
   * @param patience with one answer
   */
  Connection open(Duration patience) throws SQLException {
    Properties properties = properties();
    PGProperty.SOCKET_TIMEOUT.set(properties, (int) patience.toSeconds());
    return prepared(connect(properties));
  }

  /** A session that can follow a slot. */
  Connection replication() throws SQLException {
    Properties properties = properties();
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    return prepared(connect(properties));
  }

  /** Asks something in a session of its own. */
  <T> T ask(String what, Question<T> question) {
    return ask(what, QUESTION, question);
  }

  <T> T ask(String what, Duration patience, Question<T> question) {
    try (Connection connection = open(patience)) {
      return question.of(connection);
    } catch (SQLException e) {
      throw errors.of(what, e);
    }
  }

  /** Something to ask. */
  interface Question<T> {
    T of(Connection connection) throws SQLException, TarnException;
  }

  static PGConnection own(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class);
  }

  private Properties properties() {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, settings.user());
    PGProperty.SSL_MODE.set(properties, settings.tls().mode());
    if (settings.tls() == PostgresSettings.Tls.VERIFY_FULL) {
      settings
          .ca()
          .ifPresentOrElse(
              ca -> PGProperty.SSL_ROOT_CERT.set(properties, ca.toString()),
              () ->
                  PGProperty.SSL_FACTORY.set(
                      properties, "org.postgresql.ssl.DefaultJavaSSLFactory"));
    }
    PGProperty.APPLICATION_NAME.set(properties, "tarn");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
    PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    return properties;
  }

  /** A password that is refused may have been changed since it was read. */
  private Connection connect(Properties properties) throws SQLException {
    String password = settings.password().value();
    try {
      return connect(properties, password);
    } catch (SQLException e) {
      if (!SourceErrors.state(e).equals(SourceErrors.WRONG_PASSWORD)) {
        throw e;
      }
      String other = settings.password().insteadOf(password);
      if (other.equals(password)) {
        throw e;
      }
      return connect(properties, other);
    }
  }

  private Connection connect(Properties properties, String password) throws SQLException {
    PGProperty.PASSWORD.set(properties, password);
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    String database = URLEncoder.encode(settings.database(), StandardCharsets.UTF_8);
    Connection connection =
        new Driver()
            .connect(
                "jdbc:postgresql://" + host + ":" + settings.port() + "/" + database, properties);
    if (connection == null) {
      throw new IllegalStateException("the driver does not know its own URL");
    }
    return connection;
  }

  private static Connection prepared(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
