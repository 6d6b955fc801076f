package tarn.server.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import tarn.api.Fields;

/**
 * A shop in a {@link LocalPostgres}: its owner {@code shop}, and {@code tarn}, who may read its
 * tables and follow them by the publication {@code shop}, and nothing else. Lives until its input
 * ends.
 */
final class DemoDatabase {
  private static final String DATABASE = "shop";

  private final LocalPostgres server;
  private final String owner = Secret.fresh();
  private final String reader = Secret.fresh();

  private DemoDatabase(LocalPostgres server) {
    this.server = server;
  }

  /**
   * Tells where it is as a JSON object in a line, and then, for every line that comes, what its
   * tables have.
   */
  static void serve(LocalPostgres server, int scale, BufferedReader in)
      throws SQLException, IOException {
    DemoDatabase database = new DemoDatabase(server);
    database.make(scale);
    say(database.place());
    while (in.readLine() != null) {
      say(database.content());
    }
  }

  private static void say(Fields fields) {
    System.out.println(fields);
    System.out.flush();
  }

  private void make(int scale) throws SQLException {
    try (Connection connection = server.superuser("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE shop LOGIN PASSWORD '" + owner + "'");
      statement.execute("CREATE ROLE tarn LOGIN REPLICATION PASSWORD '" + reader + "'");
      statement.execute("CREATE DATABASE " + DATABASE + " OWNER shop");
    }
    try (Session session = new Session(server.superuser(DATABASE))) {
      session.execute("SET SESSION AUTHORIZATION shop");
      session.end(true);
      ShopSchema.make(session, scale);
      session.execute(
          "GRANT USAGE ON SCHEMA shop TO tarn",
          "GRANT SELECT ON ALL TABLES IN SCHEMA shop TO tarn",
          "CREATE PUBLICATION shop FOR TABLE " + tables());
      session.end(true);
    }
  }

  private static String tables() {
    return String.join(
        ", ", ShopContent.all().stream().map(c -> ShopSchema.NAME + "." + c.table()).toList());
  }

  private Fields place() throws SQLException {
    try (Session session = new Session(server.superuser(DATABASE))) {
      return new Fields()
          .with("port", server.port())
          .with("version", session.value("SHOW server_version"))
          .with("database", DATABASE)
          .with("owner_password", owner)
          .with("reader_password", reader);
    }
  }

  private Fields content() throws SQLException {
    List<Fields> tables = new ArrayList<>();
    try (Connection connection = server.superuser(DATABASE);
        Statement statement = connection.createStatement()) {
      for (ShopContent content : ShopContent.all()) {
        try (ResultSet row = statement.executeQuery(content.inTheDatabase())) {
          row.next();
          tables.add(
              new Fields()
                  .with("table", ShopSchema.NAME + "." + content.table())
                  .with("rows", row.getLong(1))
                  .with("hash", row.getString(2))
                  .with("query", content.inTheLake()));
        }
      }
    }
    return new Fields().with("tables", tables);
  }
}
