package tarn.core.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tarn.core.database.Database;
import tarn.core.engine.Classified;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;

/**
 * The datasets that the crawler entered in the catalog, and the versions of their columns. A cache
 * of the ledger: crawling makes it anew.
 */
public final class Datasets {
  private final Database database;

  public Datasets(Database database) {
    this.database = database;
  }

  /** All, in order of name. */
  public List<Dataset> list() {
    return database.read(
        h ->
            h.createQuery(
                    "SELECT name, source, definition, crawled_seq, updated_at FROM dataset ORDER BY name")
                .map(
                    (rs, ctx) ->
                        dataset(
                            rs.getString(1),
                            rs.getString(2),
                            rs.getString(3),
                            rs.getLong(4),
                            rs.getLong(5)))
                .list());
  }

  /** One; empty if the crawler has not found it. */
  public Optional<Dataset> find(TableName name) {
    return list().stream().filter(d -> d.name().equals(name)).findFirst();
  }

  /**
   * Enters what was found, all of it or nothing, and new versions of columns that changed; removes
   * others.
   */
  void save(List<Dataset> found, List<TableName> removed) {
    database.write(
        h -> {
          found.forEach(dataset -> save(h, dataset));
          removed.forEach(name -> remove(h, name));
          return 0;
        });
  }

  private static void save(Handle h, Dataset dataset) {
    String columns = ColumnJson.write(dataset.columns()).toString();
    h.createUpdate(
            "INSERT INTO dataset (name, source, definition, crawled_seq, updated_at) VALUES (:name, :source, :definition, :seq, :now)"
                + " ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, crawled_seq = excluded.crawled_seq,"
                + " updated_at = excluded.updated_at")
        .bind("name", dataset.name().name())
        .bind("source", dataset.source().value())
        .bind("definition", definition(dataset))
        .bind("seq", dataset.crawledSeq())
        .bind("now", dataset.updatedAt().toEpochMilli())
        .execute();
    addVersion(h, dataset, columns);
  }

  private static void remove(Handle h, TableName name) {
    h.execute("DELETE FROM dataset WHERE name = ?", name.name());
  }

  private static void addVersion(Handle h, Dataset dataset, String columns) {
    Optional<String> last =
        h.createQuery(
                "SELECT columns FROM dataset_schema WHERE name = :name ORDER BY version DESC LIMIT 1")
            .bind("name", dataset.name().name())
            .mapTo(String.class)
            .findOne();
    if (last.isEmpty() || !last.get().equals(columns)) {
      h.createUpdate(
              "INSERT INTO dataset_schema (name, version, columns, seen_seq, changed_at) SELECT :name, coalesce(max(version), 0) + 1, :columns,"
                  + " :seq, :now FROM dataset_schema WHERE name = :name")
          .bind("name", dataset.name().name())
          .bind("columns", columns)
          .bind("seq", dataset.crawledSeq())
          .bind("now", dataset.updatedAt().toEpochMilli())
          .execute();
    }
  }

  private static String definition(Dataset dataset) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("columns", ColumnJson.write(dataset.columns()));
    dataset.partitions().forEach(node.putArray("partitions")::add);
    for (Classified column : dataset.more().classified()) {
      node.withArray("classified")
          .addObject()
          .put("column", column.column())
          .put("kind", column.kind())
          .put("matches", column.matches())
          .put("values", column.values());
    }
    node.put("format", dataset.format())
        .put("files", dataset.files())
        .put("bytes", dataset.bytes())
        .put("excluded", dataset.more().excluded())
        .put("said", dataset.more().said())
        .put("deprecated", dataset.more().deprecated());
    return node.toString();
  }

  private static Dataset dataset(
      String name, String source, String definition, long seq, long updatedAt) {
    JsonNode node = ColumnJson.parse(definition);
    List<String> partitions = new ArrayList<>();
    node.path("partitions").forEach(p -> partitions.add(p.asText()));
    return new Dataset(
        new TableName(DatasetName.NAMESPACE, name),
        new SourceName(source),
        ColumnJson.read(node.path("columns")),
        partitions,
        node.path("format").asText(),
        node.path("files").asLong(),
        node.path("bytes").asLong(),
        seq,
        Instant.ofEpochMilli(updatedAt),
        new Dataset.More(
            node.path("excluded").asLong(),
            node.path("said").asText(),
            node.path("deprecated").asBoolean(),
            classified(node.path("classified"))));
  }

  private static List<Classified> classified(JsonNode array) {
    List<Classified> classified = new ArrayList<>();
    for (JsonNode node : array) {
      classified.add(
          new Classified(
              node.path("column").asText(),
              node.path("kind").asText(),
              node.path("matches").asLong(),
              node.path("values").asLong()));
    }
    return classified;
  }
}
