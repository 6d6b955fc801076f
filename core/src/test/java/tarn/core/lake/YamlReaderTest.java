package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class YamlReaderTest {
  private final Problems problems = new Problems();

  @Test
  void placesCountFromOneAndRespectTheLinesBefore() {
    Node.Mapping read = (Node.Mapping) read(3, "a: 1\nb:\n  - x\n").orElseThrow();

    assertThat(read.get("a")).map(Node::place).contains(new Place("f.yaml", 4, 4));
    assertThat(read.get("b"))
        .map(b -> ((Node.Sequence) b).items().get(0).place())
        .contains(new Place("f.yaml", 6, 5));
  }

  @Test
  void placesPointIntoQuotedTexts() {
    Node.Mapping read =
        (Node.Mapping)
            read(0, "a: 'x ''y'\nb: \"x \\\"y\"\nc: xyz\nd: |\n  x\n  y\n").orElseThrow();

    assertThat(placeIn(read, "a", 3)).isEqualTo(new Place("f.yaml", 1, 9));
    assertThat(placeIn(read, "b", 3)).isEqualTo(new Place("f.yaml", 2, 9));
    assertThat(placeIn(read, "c", 1)).isEqualTo(new Place("f.yaml", 3, 5));
    assertThat(placeIn(read, "d", 2).line()).isEqualTo(6);
  }

  @Test
  void aliasesStandForTheirAnchors() {
    Node.Mapping read = (Node.Mapping) read(0, "a: &x [1, 2]\nb: *x\n").orElseThrow();

    assertThat(read.get("b")).isEqualTo(read.get("a"));
  }

  @Test
  void aBombOfAliasesIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String alias = "*a" + (i - 1);
      bomb.append(
          "a"
              + i
              + ": &a"
              + i
              + " ["
              + String.join(", ", List.of(alias, alias, alias, alias, alias, alias, alias, alias))
              + "]\n");
    }

    assertThat(read(0, bomb.toString())).isEmpty();
    assertThat(messages()).singleElement().asString().startsWith("more than 100000 values");
  }

  @Test
  void anAliasInsideItsOwnAnchorIsRefused() {
    assertThat(read(0, "a: &x [*x]\n")).isEmpty();
    assertThat(messages()).containsExactly("the alias *x has no complete anchor before it");
  }

  @Test
  void nestingIsBounded() {
    assertThat(read(0, "[".repeat(100_000))).isEmpty();
    assertThat(messages()).containsExactly("nested deeper than 32");
  }

  @Test
  void lengthIsBounded() {
    assertThat(read(0, "a: " + "x".repeat(1 << 20))).isEmpty();
    assertThat(messages()).containsExactly("the file is longer than 1048576 characters");
  }

  @Test
  void aKeyWrittenTwiceIsAnError() {
    read(0, "a: 1\na: 2\n");

    assertThat(problems.sorted())
        .extracting(Problem::toString)
        .containsExactly("f.yaml:2:1: the key 'a' stands here twice");
  }

  @Test
  void aSecondDocumentIsAnError() {
    assertThat(read(0, "a: 1\n---\nb: 2\n")).isEmpty();
    assertThat(messages())
        .containsExactly("a second YAML document begins here; one is allowed per file");
  }

  @Test
  void aSyntaxErrorNamesItsLine() {
    assertThat(read(2, "a: 1\nb: [1, 2\nc: 3\n")).isEmpty();
    assertThat(problems.sorted()).singleElement().satisfies(p -> assertThat(p.line()).isEqualTo(5));
  }

  @Test
  void anUnknownAliasIsAnErrorWithItsPlace() {
    assertThat(read(0, "a: *nothing\n")).isEmpty();
    assertThat(problems.sorted())
        .extracting(Problem::toString)
        .containsExactly("f.yaml:1:4: the alias *nothing has no complete anchor before it");
  }

  @Test
  void anEmptyDocumentIsNoProblem() {
    assertThat(read(0, "# nothing\n")).isEmpty();
    assertThat(messages()).isEmpty();
  }

  private static Place placeIn(Node.Mapping mapping, String key, int character) {
    return ((Node.Scalar) mapping.get(key).orElseThrow()).placeOf(character);
  }

  private Optional<Node> read(int lines, String text) {
    return YamlReader.read("f.yaml", lines, text, problems);
  }

  private List<String> messages() {
    return problems.sorted().stream().map(Problem::message).toList();
  }
}
