package tarn.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people read names what is there. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> NOT_OURS = Set.of(".git", "target", ".tarn-build", ".datalake");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Contract))`");

  @ParameterizedTest
  @MethodSource("pages")
  void linksLeadSomewhere(Path page) throws IOException {
    Path here = ROOT.resolve(page);
    assertThat(found(LINK, page))
        .as("links of %s: correct the path or write the page", page)
        .allSatisfy(link -> assertThat(here.resolveSibling(link)).exists());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void testsThatAreNamedExist(Path page) throws IOException {
    Set<String> there =
        files(".java").stream()
            .map(f -> f.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>(found(TEST, page));
    named.removeAll(there);
    assertThat(named)
        .as("tests that %s names and that do not exist: a promise without its test is none", page)
        .isEmpty();
  }

  @Test
  void everyPageIsInTheIndex() throws IOException {
    List<String> pages;
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      pages =
          docs.map(f -> f.getFileName().toString())
              .filter(f -> f.endsWith(".md") && !f.equals("README.md"))
              .toList();
    }
    assertThat(found(LINK, Path.of("docs", "README.md"))).containsAll(pages);
  }

  static Collection<Path> pages() throws IOException {
    return files(".md");
  }

  private static List<String> found(Pattern pattern, Path page) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(ROOT.resolve(page)));
    return matcher.results().map(r -> r.group(1)).toList();
  }

  private static Collection<Path> files(String end) throws IOException {
    Set<Path> found = new TreeSet<>();
    Files.walkFileTree(
        ROOT,
        new java.nio.file.SimpleFileVisitor<>() {
          @Override
          public java.nio.file.FileVisitResult preVisitDirectory(
              Path folder, java.nio.file.attribute.BasicFileAttributes attributes) {
            return NOT_OURS.contains(String.valueOf(folder.getFileName()))
                ? java.nio.file.FileVisitResult.SKIP_SUBTREE
                : java.nio.file.FileVisitResult.CONTINUE;
          }

          @Override
          public java.nio.file.FileVisitResult visitFile(
              Path file, java.nio.file.attribute.BasicFileAttributes attributes) {
            if (file.toString().endsWith(end)) {
              found.add(ROOT.relativize(file));
            }
            return java.nio.file.FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
