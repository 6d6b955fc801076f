package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tarn.api.Column;
import tarn.api.CrawlAnswer;
import tarn.api.CrawlRequest;
import tarn.api.QueryRequest;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.core.ledger.SourceName;

/** A lake of a few definitions, opened as the server opens it. */
final class UntunedLake implements AutoCloseable {
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final Operations operations;

  private UntunedLake(Operations operations) {
    this.operations = operations;
  }

  /** Opens it in a new folder; {@code definitions} are paths and texts in turn. */
  static UntunedLake at(Path folder, String... definitions) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("lake.yaml"), "name: untuned\nprefix: untuned\n");
    for (int i = 0; i < definitions.length; i += 2) {
      Path file = folder.resolve(definitions[i]);
      Files.createDirectories(file.getParent());
      Files.writeString(file, definitions[i + 1]);
    }
    return new UntunedLake(Wiring.open(Wiring.read(folder, null)));
  }

  Operations operations() {
    return operations;
  }

  void land(String source, String name, String text) {
    land(source, name, text.getBytes(UTF_8));
  }

  void land(String source, String name, byte[] bytes) {
    assertThat(
            operations
                .land(new Upload(new SourceName(source), "", name, new ByteArrayInputStream(bytes)))
                .outcome())
        .isEqualTo("landed");
  }

  CrawlAnswer crawl() {
    return operations.crawl(new CrawlRequest(List.of(), false), ExampleLake.work());
  }

  RunAnswer run() {
    RunAnswer answer = operations.run(new RunRequest(List.of()), ExampleLake.work());
    assertThat(answer.tables()).noneMatch(t -> t.outcome().equals("failed"));
    return answer;
  }

  /** The rows, each as an object. */
  List<JsonNode> query(String sql) {
    List<String> names = new ArrayList<>();
    List<JsonNode> rows = new ArrayList<>();
    operations.query(
        new QueryRequest(sql, 0, 0),
        new RowSink() {
          @Override
          public void columns(List<Column> columns) {
            columns.forEach(c -> names.add(c.name()));
          }

          @Override
          public void rows(byte[] json, int count) {
            for (JsonNode row : read(json)) {
              com.fasterxml.jackson.databind.node.ObjectNode object = JSON.createObjectNode();
              for (int i = 0; i < names.size(); i++) {
                object.set(names.get(i), row.path(i));
              }
              rows.add(object);
            }
          }
        },
        ExampleLake.work());
    return rows;
  }

  long number(String sql) {
    return query(sql).get(0).elements().next().asLong();
  }

  static JsonNode read(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    operations.close();
  }
}
