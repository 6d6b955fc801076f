package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

/** What every {@link ObjectStore} keeps. A test extends this and opens a store. */
public abstract class ObjectStoreContract {
  /** Two such objects fit into {@link #CACHE_BYTES}, three do not. */
  protected static final int BIG = 600_000;

  /** For stores that have a cache: its limit. */
  protected static final long CACHE_BYTES = 1_500_000;

  @TempDir protected Path temp;
  protected ObjectStore store;

  /** Opens a store with nothing in it. */
  protected abstract ObjectStore open(Path temp);

  @BeforeEach
  void openStore() {
    store = open(temp);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void whatIsPutIsRead() throws IOException {
    ObjectKey key = raw("landing/orders/2025-01.csv");
    store.put(key, bytes("hello"));
    assertThat(content(key)).isEqualTo("hello");
    ObjectInfo info = store.stat(key).orElseThrow();
    assertThat(info.key()).isEqualTo(key);
    assertThat(info.bytes()).isEqualTo(5);
    assertThat(info.modified())
        .isBetween(
            java.time.Instant.now().minusSeconds(60), java.time.Instant.now().plusSeconds(60));
    assertThat(store.stat(key)).contains(info);
  }

  @Test
  void aFileThatIsPutIsConsumed() throws IOException {
    Path staging = store.stagingDirectory(Zone.CLEAN);
    Path file = Files.writeString(staging.resolve("part.parquet"), "rows");
    ObjectKey key = new ObjectKey(Zone.CLEAN, "shop/orders/part.parquet");
    store.put(key, file);
    assertThat(file).doesNotExist();
    assertThat(content(key)).isEqualTo("rows");
  }

  @Test
  void aFileFromElsewhereIsConsumedToo() throws IOException {
    Path file = Files.writeString(temp.resolve("elsewhere"), "rows");
    store.put(raw("a"), file);
    assertThat(file).doesNotExist();
    assertThat(content(raw("a"))).isEqualTo("rows");
  }

  @Test
  void anEmptyObjectIsAnObject() throws IOException {
    store.put(raw("empty"), new byte[0]);
    assertThat(store.stat(raw("empty")).orElseThrow().bytes()).isZero();
    assertThat(content(raw("empty"))).isEmpty();
    assertThat(store.read(raw("empty"), 0, 10)).isEmpty();
    assertThat(list(Zone.RAW, "")).containsExactly("empty");
    try (FileLease lease = store.localize(raw("empty"))) {
      assertThat(lease.path()).isEmptyFile();
    }
  }

  @Test
  void rangesEndWhereTheObjectEnds() {
    store.put(raw("a"), bytes("0123456789"));
    assertThat(store.read(raw("a"), 2, 3)).isEqualTo(bytes("234"));
    assertThat(store.read(raw("a"), 8, 100)).isEqualTo(bytes("89"));
    assertThat(store.read(raw("a"), 10, 5)).isEmpty();
    assertThat(store.read(raw("a"), 99, 5)).isEmpty();
    assertThat(store.read(raw("a"), 3, 0)).isEmpty();
  }

  @Test
  void whatIsNotThereIsNotFound() {
    ObjectKey nothing = raw("no/such/thing");
    store.put(raw("file"), bytes("x"));
    assertThat(store.stat(nothing)).isEmpty();
    assertThat(store.stat(raw("no"))).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> store.read(nothing).close());
    assertFails(ErrorCode.NOT_FOUND, () -> store.read(nothing, 0, 1));
    assertFails(ErrorCode.NOT_FOUND, () -> store.localize(nothing));
    assertFails(ErrorCode.NOT_FOUND, () -> store.move(nothing, raw("b")));
    assertThat(store.stat(raw("b"))).isEmpty();
    store.delete(nothing);
    assertThat(list(Zone.RAW, "no/such/")).isEmpty();
  }

  @Test
  void aFolderIsNoObject() {
    store.put(raw("folder/file"), bytes("x"));
    assertThat(store.stat(raw("folder"))).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> store.read(raw("folder")).close());
  }

  @Test
  void createNeverOverwrites() throws IOException {
    store.put(raw("a"), bytes("first"));
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.put(raw("a"), bytes("other")));
    Path file = Files.writeString(temp.resolve("f"), "longer than the first");
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.put(raw("a"), file));
    assertThat(file).exists();
    assertThat(content(raw("a"))).isEqualTo("first");
  }

  @Test
  void aPutOfEqualBytesSucceeds() throws IOException {
    store.put(raw("a"), bytes("same"));
    store.put(raw("a"), bytes("same"));
    Path file = Files.writeString(temp.resolve("f"), "same");
    store.put(raw("a"), file);
    assertThat(file).doesNotExist();
    assertThat(content(raw("a"))).isEqualTo("same");
  }

  @Test
  void onlyOneOfManyRacingWritersGetsAName() throws IOException {
    for (int round = 0; round < 10; round++) {
      ObjectKey key = raw("round " + round);
      AtomicInteger winners = new AtomicInteger();
      List<String> won =
          Together.run(
              4,
              number -> {
                String mine = "writer " + number + " ".repeat(number);
                try {
                  store.put(key, bytes(mine));
                  winners.incrementAndGet();
                  return mine;
                } catch (TarnException e) {
                  assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
                  return "";
                }
              });
      assertThat(winners).as("round %d", round).hasValue(1);
      assertThat(won).contains(content(key));
    }
  }

  @Test
  void racingPutsOfEqualBytesAllSucceed() throws IOException {
    Together.run(
        6,
        number -> {
          store.put(raw("deep/er/same"), bytes("same"));
          return number;
        });
    assertThat(content(raw("deep/er/same"))).isEqualTo("same");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "with space.csv",
        " leading and trailing ",
        "ünïcödé/漢字/🐟.json",
        "100%/%2F/%41",
        "a+b=c&d;e,f:g@h$i!j~k",
        "year=2025/month=10/day=09/part-0.parquet",
        "quote'\"`.csv",
        "#hash?query=1",
        "[brackets]{braces}(round)<angle>*|",
        "-dash",
        ".hidden/.file",
        "UPPER/lower"
      })
  void oddNamesComeBackAsTheyWent(String path) throws IOException {
    ObjectKey key = raw("odd/" + path);
    store.put(key, bytes(path));
    assertThat(content(key)).isEqualTo(path);
    assertThat(store.stat(key).orElseThrow().key()).isEqualTo(key);
    assertThat(list(Zone.RAW, "odd/")).containsExactly(key.path());
    assertThat(list(Zone.RAW, key.path())).containsExactly(key.path());
    assertThat(store.key(store.uri(key))).isEqualTo(key);
    try (FileLease lease = store.localize(key)) {
      assertThat(lease.path()).hasContent(path);
    }
    ObjectKey moved = raw("moved/" + path);
    store.move(key, moved);
    assertThat(content(moved)).isEqualTo(path);
    store.delete(moved);
    assertThat(list(Zone.RAW, "")).isEmpty();
  }

  @Test
  void aPrefixIsOfCharacters() {
    for (String path :
        List.of("landing/or", "landing/orders/a", "landing/orders/b", "lander", "x")) {
      store.put(raw(path), bytes(path));
    }
    assertThat(list(Zone.RAW, "landing/or"))
        .containsExactly("landing/or", "landing/orders/a", "landing/orders/b");
    assertThat(list(Zone.RAW, "landing/orders/"))
        .containsExactly("landing/orders/a", "landing/orders/b");
    assertThat(list(Zone.RAW, "land"))
        .containsExactly("lander", "landing/or", "landing/orders/a", "landing/orders/b");
    assertThat(list(Zone.RAW, "")).hasSize(5);
    assertThat(list(Zone.RAW, "landing/orders/a/")).isEmpty();
    assertThat(list(Zone.RAW, "nothing/")).isEmpty();
    assertThat(list(Zone.RAW, "../")).isEmpty();
    assertThat(list(Zone.RAW, "/")).isEmpty();
    assertThat(list(Zone.CLEAN, "")).isEmpty();
  }

  @Test
  void listsSayWhatStatSays() {
    store.put(raw("a/b"), bytes("four"));
    List<ObjectInfo> infos = new ArrayList<>();
    store.list(Zone.RAW, "a/", infos::add);
    assertThat(infos).hasSize(1);
    assertThat(infos.get(0).bytes()).isEqualTo(4);
    assertThat(infos.get(0).version()).isEqualTo(store.stat(raw("a/b")).orElseThrow().version());
  }

  @Test
  void theVersionChangesWithTheBytes() throws InterruptedException {
    store.put(raw("a"), bytes("one"));
    String before = store.stat(raw("a")).orElseThrow().version();
    store.delete(raw("a"));
    Thread.sleep(20);
    store.put(raw("a"), bytes("two"));
    assertThat(store.stat(raw("a")).orElseThrow().version()).isNotEqualTo(before);
  }

  @Test
  void filesBeingWrittenAreNotListed() throws IOException {
    Path staging = store.stagingDirectory(Zone.RAW);
    Files.writeString(staging.resolve("half"), "half");
    assertThat(list(Zone.RAW, "")).isEmpty();
    assertThat(list(Zone.RAW, ".")).isEmpty();
    assertThat(store.stagingDirectory(Zone.RAW)).isNotEqualTo(staging).isEmptyDirectory();
  }

  @Test
  void deletedObjectsAreGone() {
    store.put(raw("a/b/c"), bytes("x"));
    store.put(raw("a/b/d"), bytes("x"));
    store.delete(raw("a/b/c"));
    assertThat(store.stat(raw("a/b/c"))).isEmpty();
    assertThat(list(Zone.RAW, "")).containsExactly("a/b/d");
    store.put(raw("a/b/c"), bytes("again"));
    assertThat(list(Zone.RAW, "")).containsExactly("a/b/c", "a/b/d");
  }

  @Test
  void aFolderThatWasEmptiedCanBeFilledAgain() throws IOException {
    ObjectKey key = new ObjectKey(Zone.TEMP, "run/1/part");
    for (int i = 0; i < 3; i++) {
      store.put(key, bytes("x" + i));
      assertThat(content(key)).isEqualTo("x" + i);
      store.delete(key);
    }
  }

  @Test
  void putsAndDeletesInTheSameFolderDoNotDisturbEachOther() {
    Together.run(
        4,
        number -> {
          for (int i = 0; i < 60; i++) {
            ObjectKey key = new ObjectKey(Zone.TEMP, "shared/folder/" + number);
            store.put(key, bytes("x"));
            store.delete(key);
          }
          return number;
        });
    assertThat(list(Zone.TEMP, "")).isEmpty();
  }

  @Test
  void movesRenameAcrossZones() throws IOException {
    store.put(raw("a"), bytes("x"));
    ObjectKey archived = new ObjectKey(Zone.ARCHIVE, "2025/a");
    store.move(raw("a"), archived);
    assertThat(store.stat(raw("a"))).isEmpty();
    assertThat(content(archived)).isEqualTo("x");
    store.move(archived, archived);
    assertThat(content(archived)).isEqualTo("x");
  }

  @Test
  void movesNeverOverwrite() throws IOException {
    store.put(raw("a"), bytes("a"));
    store.put(raw("b"), bytes("b"));
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.move(raw("a"), raw("b")));
    assertThat(content(raw("a"))).isEqualTo("a");
    assertThat(content(raw("b"))).isEqualTo("b");
  }

  @Test
  void aMoveOntoEqualBytesSucceeds() throws IOException {
    store.put(raw("a"), bytes("same"));
    store.put(raw("b"), bytes("same"));
    store.move(raw("a"), raw("b"));
    assertThat(list(Zone.RAW, "")).containsExactly("b");
    assertThat(content(raw("b"))).isEqualTo("same");
  }

  @Test
  void namesAreTheSameInEveryStore() {
    ObjectKey key = new ObjectKey(Zone.CLEAN, "a b/c%.parquet");
    assertThat(store.uri(key)).startsWith("s3://").endsWith("/a b/c%.parquet");
    assertThat(store.key(store.uri(key))).isEqualTo(key);
    assertFails(ErrorCode.BAD_REQUEST, () -> store.key("s3://other-lake/x"));
  }

  @Test
  void manyObjectsAreAllListed() {
    for (int i = 0; i < 50; i++) {
      store.put(raw("many/" + i), bytes("" + i));
    }
    assertThat(list(Zone.RAW, "many/")).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  void leasedFilesStayUnderEvictionPressure() throws IOException {
    byte[] one = random(1, BIG);
    store.put(raw("one"), one);
    for (int i = 2; i < 6; i++) {
      store.put(raw("object " + i), random(i, BIG));
    }
    try (FileLease leased = store.localize(raw("one"))) {
      for (int i = 2; i < 6; i++) {
        try (FileLease other = store.localize(raw("object " + i))) {
          assertThat(other.path()).hasBinaryContent(random(i, BIG));
        }
      }
      assertThat(leased.path()).isAbsolute().hasBinaryContent(one);
    }
  }

  @Test
  void manyThreadsLocalizeTheSameObject() throws IOException {
    byte[] bytes = random(3, BIG);
    store.put(raw("one"), bytes);
    Together.run(
        6,
        number -> {
          try (FileLease lease = store.localize(raw("one"))) {
            assertThat(lease.path()).hasBinaryContent(bytes);
          }
          return number;
        });
  }

  @Test
  void aNameThatGetsOtherBytesIsNotServedFromMemory() throws IOException {
    store.put(raw("a"), bytes("one"));
    store.localize(raw("a")).close();
    store.delete(raw("a"));
    assertFails(ErrorCode.NOT_FOUND, () -> store.localize(raw("a")));
    store.put(raw("a"), bytes("two"));
    try (FileLease lease = store.localize(raw("a"))) {
      assertThat(lease.path()).hasContent("two");
    }
  }

  @Test
  void aClosedLeaseMayBeClosedAgain() {
    store.put(raw("a"), bytes("x"));
    FileLease lease = store.localize(raw("a"));
    lease.close();
    lease.close();
    store.localize(raw("a")).close();
  }

  protected static ObjectKey raw(String path) {
    return new ObjectKey(Zone.RAW, path);
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  protected final String content(ObjectKey key) throws IOException {
    try (InputStream in = store.read(key)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The paths, sorted. */
  protected final List<String> list(Zone zone, String prefix) {
    List<String> paths = new ArrayList<>();
    store.list(zone, prefix, info -> paths.add(info.key().path()));
    String[] sorted = paths.toArray(String[]::new);
    Arrays.sort(sorted);
    return List.of(sorted);
  }

  protected static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TarnException.class,
            e -> assertThat(Optional.of(e.code())).as(e.line()).contains(code));
  }
}
