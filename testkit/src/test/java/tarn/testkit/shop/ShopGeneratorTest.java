package tarn.testkit.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopGeneratorTest {
  private static final Path EXAMPLE = Path.of("..", "examples", "ecommerce");
  private static final long SAMPLE_SEED = 2025;

  @TempDir Path dir;

  @Test
  void committedSampleIsWhatTheGeneratorMakes() throws IOException {
    Manifest manifest = ShopGenerator.generate(SAMPLE_SEED, 1, dir.resolve("data"));
    ShopGenerator.writeExpected(manifest, dir.resolve("expected"));

    assertSameFiles(dir.resolve("data"), EXAMPLE.resolve("sample-data"));
    assertSameFiles(dir.resolve("expected"), EXAMPLE.resolve("expected"));
  }

  @Test
  void everyRecordIsStoredSupersededOrQuarantined() {
    for (double scale : new double[] {0.01, 0.3, 2}) {
      Manifest manifest = ShopGenerator.generate(7, scale, dir.resolve("s" + scale));
      manifest
          .sources()
          .forEach(
              (name, s) ->
                  assertThat(s.received())
                      .as("%s at scale %s", name, scale)
                      .isEqualTo(
                          s.stored() + s.superseded() + s.filtered() + s.quarantinedRecords()));
    }
  }

  @Test
  void dirtComesAtItsRates() {
    Manifest.Source orders = source(ShopGenerator.generate(3, 2, dir), "orders");

    assertThat(orders.dirt())
        .containsEntry(Dirt.LATE_UPDATE, 720L)
        .containsEntry(Dirt.DUPLICATE, 96L)
        .containsEntry(Dirt.NOT_UTF8, 12L);
  }

  @Test
  void rawLinesOfJsonAreTheRecordsReceived() throws IOException {
    Manifest manifest = ShopGenerator.generate(11, 0.5, dir);

    assertThat(lineFeeds("order_items")).isEqualTo(source(manifest, "order_items").received());
    assertThat(lineFeeds("products")).isEqualTo(source(manifest, "products").received());
  }

  @Test
  void aRaggedRowHasAnotherNumberOfFields() {
    for (int i = 1; i < Words.NOTES.length; i++) {
      assertThat(Words.NOTES[i].chars().filter(c -> c == ',').count()).isEqualTo(1);
    }
  }

  @Test
  void everyWebOrderOfTheLastTwoWeeksIsAVisitThatSawItsProductsTheCartAndTheCheckout() {
    World world = new World(5, 0.5);
    List<Hit> hits = new ArrayList<>();
    for (int day = Traffic.FIRST_DAY; day < World.DAYS; day++) {
      hits.addAll(new Traffic(5, world).of(day));
    }
    long orders = 0;
    for (long i = world.firstOrderOf(Traffic.FIRST_DAY + 1); i < world.orders(); i++) {
      Order order = world.history(i).landings().get(0).order();
      if (order.channel().equals("web")) {
        orders++;
        Hit thanks = onlyHit(hits, "/orders/" + order.id() + "/thanks");
        assertThat(thanks.at()).isEqualTo(order.orderedAt());
        Set<String> seen = pathsBefore(hits, thanks);
        assertThat(seen).contains("/cart", "/checkout");
        for (Order.Line line : world.lines(i)) {
          if (line.orderId() == order.id()) {
            assertThat(seen).contains("/product/" + line.productId());
          }
        }
      }
    }
    assertThat(orders).isGreaterThan(50);
  }

  private static Hit onlyHit(List<Hit> hits, String path) {
    List<Hit> found = hits.stream().filter(hit -> hit.path().equals(path)).toList();
    assertThat(found).as(path).hasSize(1);
    return found.get(0);
  }

  private static Set<String> pathsBefore(List<Hit> hits, Hit last) {
    return hits.stream()
        .filter(hit -> hit.ip().equals(last.ip()) && hit.agent().equals(last.agent()))
        .filter(hit -> hit.at().isBefore(last.at()))
        .filter(hit -> hit.at().isAfter(last.at().minusHours(2)))
        .map(Hit::path)
        .collect(Collectors.toSet());
  }

  @Test
  void anotherSeedGivesOtherData() {
    Manifest one = ShopGenerator.generate(1, 0.1, dir.resolve("1"));
    Manifest two = ShopGenerator.generate(2, 0.1, dir.resolve("2"));

    assertThat(one.models()).isNotEqualTo(two.models());
  }

  private static Manifest.Source source(Manifest manifest, String name) {
    return java.util.Objects.requireNonNull(manifest.sources().get(name));
  }

  private long lineFeeds(String source) throws IOException {
    long count = 0;
    for (byte[] content : contents(dir.resolve(source)).values()) {
      for (byte b : content) {
        count += b == '\n' ? 1 : 0;
      }
    }
    return count;
  }

  private static void assertSameFiles(Path actual, Path expected) throws IOException {
    Map<String, byte[]> made = contents(actual);
    Map<String, byte[]> committed = contents(expected);
    assertThat(made.keySet()).isEqualTo(committed.keySet());
    made.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(committed.get(name)));
  }

  /** Uncompressed, for each JDK compresses in its own way. */
  private static byte[] content(Path path) throws IOException {
    try (InputStream file = Files.newInputStream(path);
        InputStream content = path.toString().endsWith(".gz") ? new GZIPInputStream(file) : file) {
      return content.readAllBytes();
    }
  }

  private static Map<String, byte[]> contents(Path folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(path).toString(), content(path));
      }
    }
    return contents;
  }
}
