package tarn.testkit.bench;

import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes the eight TPC-H tables as CSV with a header, one folder per table: {@code
 * lineitem/lineitem-00001.csv}. Column names are the specification's ({@code l_orderkey}), decimals
 * have two places, dates are ISO 8601. The data depend on the scale factor alone. The first call
 * builds the library's text pool: several seconds and 300 MB of heap.
 */
public final class TpchFiles {
  private static final int BUFFER_CHARACTERS = 1 << 18;

  private TpchFiles() {}

  /**
   * Writes every table.
   *
   * @param folder created if need be; files of the same names are overwritten
   * @param scaleFactor 1 is 6 million line items, about 1 GB
   * @param files number of files per table; nation and region always have one
   * @return rows by table
   * @throws UncheckedIOException when a file cannot be written; what was written stays
   */
  public static Map<String, Long> write(Path folder, double scaleFactor, int files) {
    Map<String, Long> rows = new TreeMap<>();
    try {
      for (TpchTable<?> table : TpchTable.getTables()) {
        boolean small = table == TpchTable.NATION || table == TpchTable.REGION;
        rows.put(table.getTableName(), table(folder, table, scaleFactor, small ? 1 : files));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("TPC-H tables could not be written to " + folder, e);
    }
    return rows;
  }

  /** {@code TpchFiles <out dir> <scale factor> <files per table>}. */
  public static void main(String[] args) {
    if (args.length != 3) {
      throw new IllegalArgumentException(
          "usage: TpchFiles <out dir> <scale factor> <files per table>");
    }
    System.out.println(
        write(Path.of(args[0]), Double.parseDouble(args[1]), Integer.parseInt(args[2])));
  }

  private static <E extends TpchEntity> long table(
      Path folder, TpchTable<E> table, double scaleFactor, int files) throws IOException {
    String name = table.getTableName();
    Path home = Files.createDirectories(folder.resolve(name));
    long rows = 0;
    for (int part = 1; part <= files; part++) {
      Path path = home.resolve(String.format(Locale.ROOT, "%s-%05d.csv", name, part));
      rows += file(path, table.getColumns(), table.createGenerator(scaleFactor, part, files));
    }
    return rows;
  }

  private static <E extends TpchEntity> long file(
      Path path, List<TpchColumn<E>> columns, Iterable<E> entities) throws IOException {
    long rows = 0;
    StringBuilder text = new StringBuilder(BUFFER_CHARACTERS + 4096);
    text.append(header(columns)).append('\n');
    try (BufferedWriter out = Files.newBufferedWriter(path)) {
      for (E entity : entities) {
        row(columns, entity, text);
        rows++;
        if (text.length() >= BUFFER_CHARACTERS) {
          flush(text, out);
        }
      }
      flush(text, out);
    }
    return rows;
  }

  private static void flush(StringBuilder text, BufferedWriter out) throws IOException {
    out.append(text);
    text.setLength(0);
  }

  private static <E extends TpchEntity> String header(List<TpchColumn<E>> columns) {
    return columns.stream().map(TpchColumn::getColumnName).collect(Collectors.joining(","));
  }

  private static <E extends TpchEntity> void row(
      List<TpchColumn<E>> columns, E entity, StringBuilder text) {
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        text.append(',');
      }
      value(columns.get(i), entity, text);
    }
    text.append('\n');
  }

  private static <E extends TpchEntity> void value(
      TpchColumn<E> column, E entity, StringBuilder text) {
    switch (column.getType().getBase()) {
      case IDENTIFIER -> text.append(column.getIdentifier(entity));
      case INTEGER -> text.append(column.getInteger(entity));
      case DATE -> text.append(LocalDate.ofEpochDay(column.getDate(entity)));
      case DOUBLE -> money(Math.round(column.getDouble(entity) * 100), text);
      case VARCHAR -> quoted(column.getString(entity), text);
    }
  }

  private static void money(long cents, StringBuilder text) {
    long size = Math.abs(cents);
    text.append(cents < 0 ? "-" : "").append(size / 100).append('.');
    text.append((char) ('0' + size % 100 / 10)).append((char) ('0' + size % 10));
  }

  private static void quoted(String value, StringBuilder text) {
    if (value.indexOf(',') < 0 && value.indexOf('"') < 0) {
      text.append(value);
    } else {
      text.append('"').append(value.replace("\"", "\"\"")).append('"');
    }
  }
}
