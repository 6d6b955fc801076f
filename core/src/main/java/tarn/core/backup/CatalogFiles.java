package tarn.core.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tarn.core.database.CatalogRows;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.Hashes;

/** The catalog's tables as files, one JSON array for each row, in the order of the rows' values. */
final class CatalogFiles implements LakeObjects.Catalog {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_LONG_FOR_INTS).build();

  private final Path folder;
  private final List<Manifest.Rows> tables;

  CatalogFiles(Path folder, List<Manifest.Rows> tables) {
    this.folder = folder;
    this.tables = tables;
  }

  /** Writes all tables, inside one transaction; what was there is replaced. */
  static List<Manifest.Rows> write(CatalogRows catalog, Path folder) {
    return catalog.tables().stream()
        .map(
            table -> {
              try (OutputStream out =
                  new BufferedOutputStream(
                      Files.newOutputStream(folder.resolve(file(table.name()))), 1 << 16)) {
                return write(catalog, table, out);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  /** What the files of a catalog would be. */
  static List<Manifest.Rows> describe(CatalogRows catalog) {
    return catalog.tables().stream()
        .map(
            table -> {
              try {
                return write(catalog, table, OutputStream.nullOutputStream());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  private static Manifest.Rows write(CatalogRows catalog, CatalogRows.Table table, OutputStream to)
      throws IOException {
    DigestOutputStream out = new DigestOutputStream(to, Hashes.sha256());
    AtomicLong rows = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    catalog.read(
        table,
        row -> {
          try {
            byte[] line = (JSON.writeValueAsString(row) + "\n").getBytes(StandardCharsets.UTF_8);
            out.write(line);
            rows.incrementAndGet();
            bytes.addAndGet(line.length);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    out.flush();
    return new Manifest.Rows(
        table.name(),
        table.names(),
        table.columns().stream()
            .filter(CatalogRows.Column::number)
            .map(CatalogRows.Column::name)
            .toList(),
        rows.get(),
        bytes.get(),
        HexFormat.of().formatHex(out.getMessageDigest().digest()));
  }

  static String file(String table) {
    return table + ".jsonl";
  }

  /** Makes a database's rows these, inside the caller's transaction. */
  void fill(CatalogRows catalog) {
    List<CatalogRows.Table> there = catalog.tables();
    List<CatalogRows.Table> given = tables.stream().map(CatalogFiles::table).toList();
    if (!there.equals(given)) {
      throw new TarnException(
          ErrorCode.DATA_INVALID,
          "the backup's catalog has other tables or columns than this build makes of its version");
    }
    for (CatalogRows.Table table : given) {
      catalog.replace(table, row -> lines(table.name(), row));
    }
  }

  private static CatalogRows.Table table(Manifest.Rows rows) {
    return new CatalogRows.Table(
        rows.name(),
        rows.columns().stream()
            .map(c -> new CatalogRows.Column(c, rows.numbers().contains(c)))
            .toList());
  }

  @Override
  public void rows(String table, Consumer<Map<String, @Nullable Object>> row) {
    List<String> columns =
        tables.stream()
            .filter(t -> t.name().equals(table))
            .findFirst()
            .map(Manifest.Rows::columns)
            .orElse(List.of());
    if (!columns.isEmpty()) {
      lines(table, values -> row.accept(named(columns, values)));
    }
  }

  static Map<String, @Nullable Object> named(List<String> columns, List<@Nullable Object> values) {
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      named.put(columns.get(i), values.get(i));
    }
    return named;
  }

  private void lines(String table, Consumer<List<@Nullable Object>> row) {
    Path file = folder.resolve(file(table));
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object value : JSON.readValue(line, Object[].class)) {
          values.add(value);
        }
        row.accept(values);
      }
    } catch (JsonProcessingException e) {
      throw new TarnException(ErrorCode.FILE_DAMAGED, file + " has a line that is no row", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
