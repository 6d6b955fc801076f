package tarn.core.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads {@code tests/*.yaml}: a list of tests each, {@code name}, {@code given}, {@code expect}.
 */
public final class TestReader {
  private static final List<String> KEYS = List.of("name", "given", "expect");
  private static final Pattern TABLE =
      Pattern.compile("(raw|clean|analytics|quarantine)\\." + Types.NAME_PART);
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

  private final LakeFolder folder;
  private final Problems problems;
  private final Set<String> defined = new TreeSet<>();

  private TestReader(LakeFolder folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
    folder.tables().forEach(t -> defined.add(t.table()));
    folder.tables().forEach(t -> defined.add(t.table().replace("clean.", "quarantine.")));
    folder.models().forEach(m -> defined.add(m.table()));
  }

  /** All tests of a lake folder that can be read, in order of files. */
  public static List<LakeTest> read(Path dir, LakeFolder folder, Problems problems) {
    TestReader reader = new TestReader(folder, problems);
    LakeFiles files = new LakeFiles(dir.toAbsolutePath().normalize(), problems);
    List<LakeTest> tests = new ArrayList<>();
    for (String file : files.list("tests", ".yaml")) {
      files
          .text(file)
          .flatMap(text -> YamlReader.read(file, 0, text, problems))
          .ifPresent(document -> reader.file(document, tests));
    }
    return tests;
  }

  private void file(Node document, List<LakeTest> tests) {
    if (document instanceof Node.Sequence list) {
      for (Node item : list.items()) {
        if (item instanceof Node.Mapping test) {
          test(test).ifPresent(tests::add);
        } else {
          wrong(item, "a test is a mapping with name, given and expect");
        }
      }
    } else {
      wrong(document, "a file of tests is a list: - name: …");
    }
  }

  private Optional<LakeTest> test(Node.Mapping test) {
    for (Node.Entry entry : test.entries()) {
      if (!KEYS.contains(entry.key().text())) {
        problems.unknown(entry.key().place(), "key", entry.key().text(), KEYS);
      }
    }
    String name =
        test.get("name")
            .filter(Node.Scalar.class::isInstance)
            .map(n -> ((Node.Scalar) n).text())
            .orElse("");
    if (name.isBlank()) {
      problems.error(test.place(), "", "a test needs a name: what it claims");
    }
    List<LakeTest.Given> given = new ArrayList<>();
    entries(test, "given").forEach(entry -> given(entry, given));
    List<LakeTest.Expected> expected = new ArrayList<>();
    entries(test, "expect").forEach(entry -> expected(entry, expected));
    return name.isBlank() || given.isEmpty() || expected.isEmpty()
        ? Optional.empty()
        : Optional.of(new LakeTest(test.place(), name, given, expected));
  }

  private List<Node.Entry> entries(Node.Mapping test, String key) {
    Optional<Node> tables = test.get(key);
    if (tables.isPresent() && tables.get() instanceof Node.Mapping mapping) {
      return mapping.entries();
    }
    problems.error(
        tables.map(Node::place).orElse(test.place()),
        "",
        "'" + key + "' is missing: tables with their rows, like clean.orders: [{order_id: 1}]");
    return List.of();
  }

  private void given(Node.Entry entry, List<LakeTest.Given> given) {
    String table = entry.key().text();
    if (!isTable(entry.key(), !table.startsWith("raw."))) {
      return;
    }
    if (entry.value() instanceof Node.Scalar file && file.isQuoted()) {
      given.add(new LakeTest.Given(entry.key().place(), table, file.text()));
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (Node.Mapping row : rows(entry.value())) {
      try {
        lines.append(JSON.writeValueAsString(json(row))).append('\n');
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a row cannot be written as JSON", e);
      }
    }
    if (entry.value() instanceof Node.Sequence list && list.items().isEmpty()) {
      wrong(list, "give at least one row: a table without rows has no columns");
    } else if (lines.length() > 0) {
      given.add(new LakeTest.Given(entry.key().place(), table, lines.toString()));
    }
  }

  private void expected(Node.Entry entry, List<LakeTest.Expected> expected) {
    if (!isTable(entry.key(), true)) {
      return;
    }
    String table = entry.key().text();
    if (entry.value() instanceof Node.Scalar count
        && !count.isQuoted()
        && count.text().matches("[0-9]{1,18}")) {
      expected.add(
          new LakeTest.Expected(
              entry.key().place(), table, Optional.of(Long.parseLong(count.text())), List.of()));
    } else {
      expected.add(
          new LakeTest.Expected(entry.key().place(), table, Optional.empty(), rows(entry.value())));
    }
  }

  private boolean isTable(Node.Scalar key, boolean known) {
    if (!TABLE.matcher(key.text()).matches()) {
      wrong(key, "a table's full name is expected, like raw.orders or clean.orders");
      return false;
    }
    if (known && !defined.contains(key.text())) {
      problems.error(
          key.place(),
          key.text(),
          "the lake folder defines no table " + key.text(),
          Nearest.suggestion(key.text(), defined));
      return false;
    }
    return true;
  }

  private List<Node.Mapping> rows(Node value) {
    List<Node.Mapping> rows = new ArrayList<>();
    if (value instanceof Node.Sequence list) {
      for (Node item : list.items()) {
        if (item instanceof Node.Mapping row) {
          rows.add(row);
        } else {
          wrong(item, "a row is a mapping: {column: value, …}");
        }
      }
    } else {
      wrong(value, "a list of rows is expected, or a file's text as a block (|)");
    }
    return rows;
  }

  private void wrong(Node node, String what) {
    problems.error(node.place(), node.kind(), node.kind() + " stands here: " + what);
  }

  private static JsonNode json(Node node) {
    if (node instanceof Node.Mapping mapping) {
      ObjectNode object = NODES.objectNode();
      mapping.entries().forEach(e -> object.set(e.key().text(), json(e.value())));
      return object;
    } else if (node instanceof Node.Sequence list) {
      ArrayNode array = NODES.arrayNode();
      list.items().forEach(item -> array.add(json(item)));
      return array;
    }
    Node.Scalar scalar = (Node.Scalar) node;
    if (scalar.isNull()) {
      return NODES.nullNode();
    } else if (!scalar.isQuoted() && List.of("true", "false").contains(scalar.text())) {
      return NODES.booleanNode(scalar.text().equals("true"));
    } else if (!scalar.isQuoted() && NUMBER.matcher(scalar.text()).matches()) {
      return NODES.numberNode(new BigDecimal(scalar.text()));
    }
    return NODES.textNode(scalar.text());
  }
}
