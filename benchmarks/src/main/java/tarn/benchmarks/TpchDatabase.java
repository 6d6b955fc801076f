package tarn.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import tarn.testkit.SourcePostgres;
import tarn.testkit.bench.TpchFiles;

/**
 * {@code <scale factor> <folder>}: a PostgreSQL with the eight tables of TPC-H, with their primary
 * keys. Writes {@code tpch.yaml}, its definition as a source, and {@code tpch.properties}, for
 * other programs, into the folder, and then answers its input, a line each, with a line: {@code
 * rows} (of all tables), {@code copy} (seconds for all of them as CSV, to nowhere), {@code cpu}
 * (seconds of all its processes). Ends with its input.
 */
public final class TpchDatabase {
  private static final double NANOS = 1e9;
  private static final Map<String, String> TABLES = new LinkedHashMap<>();

  static {
    TABLES.put(
        "region", "r_regionkey bigint PRIMARY KEY, r_name text NOT NULL, r_comment text NOT NULL");
    TABLES.put(
        "nation",
        "n_nationkey bigint PRIMARY KEY, n_name text NOT NULL, n_regionkey bigint NOT NULL,"
            + " n_comment text NOT NULL");
    TABLES.put(
        "supplier",
        "s_suppkey bigint PRIMARY KEY, s_name text NOT NULL, s_address text NOT NULL,"
            + " s_nationkey bigint NOT NULL, s_phone text NOT NULL, s_acctbal numeric(12,2) NOT NULL,"
            + " s_comment text NOT NULL");
    TABLES.put(
        "customer",
        "c_custkey bigint PRIMARY KEY, c_name text NOT NULL, c_address text NOT NULL,"
            + " c_nationkey bigint NOT NULL, c_phone text NOT NULL, c_acctbal numeric(12,2) NOT NULL,"
            + " c_mktsegment text NOT NULL, c_comment text NOT NULL");
    TABLES.put(
        "part",
        "p_partkey bigint PRIMARY KEY, p_name text NOT NULL, p_mfgr text NOT NULL,"
            + " p_brand text NOT NULL, p_type text NOT NULL, p_size int NOT NULL,"
            + " p_container text NOT NULL, p_retailprice numeric(12,2) NOT NULL,"
            + " p_comment text NOT NULL");
    TABLES.put(
        "partsupp",
        "ps_partkey bigint, ps_suppkey bigint, ps_availqty int NOT NULL,"
            + " ps_supplycost numeric(12,2) NOT NULL, ps_comment text NOT NULL,"
            + " PRIMARY KEY (ps_partkey, ps_suppkey)");
    TABLES.put(
        "orders",
        "o_orderkey bigint PRIMARY KEY, o_custkey bigint NOT NULL, o_orderstatus text NOT NULL,"
            + " o_totalprice numeric(12,2) NOT NULL, o_orderdate date NOT NULL,"
            + " o_orderpriority text NOT NULL, o_clerk text NOT NULL, o_shippriority int NOT NULL,"
            + " o_comment text NOT NULL");
    TABLES.put(
        "lineitem",
        "l_orderkey bigint, l_partkey bigint NOT NULL, l_suppkey bigint NOT NULL, l_linenumber int,"
            + " l_quantity numeric(12,2) NOT NULL, l_extendedprice numeric(12,2) NOT NULL,"
            + " l_discount numeric(12,2) NOT NULL, l_tax numeric(12,2) NOT NULL,"
            + " l_returnflag text NOT NULL, l_linestatus text NOT NULL, l_shipdate date NOT NULL,"
            + " l_commitdate date NOT NULL, l_receiptdate date NOT NULL,"
            + " l_shipinstruct text NOT NULL, l_shipmode text NOT NULL, l_comment text NOT NULL,"
            + " PRIMARY KEY (l_orderkey, l_linenumber)");
  }

  private final SourcePostgres database = SourcePostgres.fresh();
  private long rows;

  private TpchDatabase() {}

  public static void main(String[] args) throws Exception {
    TpchDatabase tpch = new TpchDatabase();
    Path folder = Path.of(args[1]);
    tpch.make(Double.parseDouble(args[0]), folder.resolve("tpch"));
    Files.writeString(folder.resolve("tpch.yaml"), tpch.definition());
    Files.writeString(folder.resolve("tpch.properties"), tpch.properties());
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(tpch.answer(line));
      }
    }
    System.exit(0);
  }

  private void make(double scaleFactor, Path files) throws SQLException, IOException {
    TpchFiles.write(files, scaleFactor, 1);
    try (Connection connection = database.connection()) {
      for (Map.Entry<String, String> table : TABLES.entrySet()) {
        database.execute("CREATE TABLE " + table.getKey() + " (" + table.getValue() + ")");
        Path file = files.resolve(table.getKey()).resolve(table.getKey() + "-00001.csv");
        try (InputStream in = Files.newInputStream(file)) {
          rows +=
              connection
                  .unwrap(PGConnection.class)
                  .getCopyAPI()
                  .copyIn("COPY " + table.getKey() + " FROM STDIN (FORMAT csv, HEADER)", in);
        }
        Files.delete(file);
        database.execute("VACUUM ANALYZE " + table.getKey());
      }
    }
    database.execute("CHECKPOINT");
  }

  private String definition() {
    return String.join(
        "\n",
        "connection:",
        "  host: " + database.host(),
        "  port: " + database.port(),
        "  database: " + database.database(),
        "  user: " + database.user(),
        "  password: env:BENCH_PASSWORD",
        "tables: [public.*]",
        "");
  }

  private String properties() {
    return Stream.of(
            "host=" + database.host(),
            "port=" + database.port(),
            "database=" + database.database(),
            "user=" + database.user(),
            "tables=" + String.join(",", TABLES.keySet()),
            "rows=" + rows,
            "")
        .reduce("", (all, line) -> all + line + "\n");
  }

  private String answer(String asked) throws SQLException, IOException {
    return switch (asked) {
      case "rows" -> Long.toString(rows);
      case "cpu" -> String.format(Locale.ROOT, "%.1f", DatabaseCpu.seconds(database));
      case "copy" -> {
        long began = System.nanoTime();
        try (Connection connection = database.connection()) {
          for (String table : TABLES.keySet()) {
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(
                    "COPY " + table + " TO STDOUT (FORMAT csv)", OutputStream.nullOutputStream());
          }
        }
        yield String.format(Locale.ROOT, "%.2f", (System.nanoTime() - began) / NANOS);
      }
      default -> throw new IllegalArgumentException(asked);
    };
  }
}
