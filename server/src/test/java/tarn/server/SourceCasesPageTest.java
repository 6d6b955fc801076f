package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of cases names tests that there are, every case, and every test of a case. */
class SourceCasesPageTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|Contract))(?:\\.(\\w+))?`");

  @Test
  void everyTestOfACaseIsThereAndNamed() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/source-cases.md"));
    Map<String, String> classes = classes();
    Matcher named = NAMED.matcher(page);
    while (named.find()) {
      assertThat(classes).containsKey(named.group(1));
      if (named.group(2) != null) {
        assertThat(classes.get(named.group(1))).contains("void " + named.group(2) + "(");
      }
    }
    String all = String.join("\n", classes.values());
    Matcher cases = Pattern.compile("void (case_\\w+)\\(").matcher(all);
    while (cases.find()) {
      if (isOfSources(cases.group(1)) && !cases.group(1).startsWith("case_68")) {
        assertThat(page).contains("." + cases.group(1) + "`");
      }
    }
  }

  /** Earlier ones are about types, later ones about events and files. */
  private static boolean isOfSources(String test) {
    int number = Integer.parseInt(test.split("_")[1]);
    return number >= 27 && number <= 78;
  }

  @Test
  void everyCaseFromTheKeysToTheFailuresIsThere() throws IOException {
    TreeSet<Integer> told = new TreeSet<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/source-cases.md"), UTF_8)) {
      Matcher numbers = Pattern.compile("^\\| (\\d+)(?:, (\\d+))?").matcher(line);
      if (numbers.find()) {
        told.add(Integer.parseInt(numbers.group(1)));
        if (numbers.group(2) != null) {
          told.add(Integer.parseInt(numbers.group(2)));
        }
      }
    }
    assertThat(told).containsAll(IntStream.rangeClosed(27, 78).boxed().toList());
  }

  private static Map<String, String> classes() throws IOException {
    Map<String, String> classes = new TreeMap<>();
    for (String folder :
        new String[] {"server/src/test/java", "cdc/src/test/java", "testkit/src/main/java"}) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
        for (Path file :
            files.filter(f -> f.toString().endsWith(".java")).collect(Collectors.toList())) {
          String name = file.getFileName().toString();
          classes.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
        }
      }
    }
    return classes;
  }
}
