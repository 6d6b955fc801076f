package tarn.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import tarn.core.errors.ErrorCode;
import tarn.core.lake.StorageClass;
import tarn.core.storage.Buckets;
import tarn.core.storage.FileLease;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.testkit.ObjectStoreContract;
import tarn.testkit.S3Fixture;

class S3ObjectStoreTest extends ObjectStoreContract {
  @TempDir private static Path server;
  private static S3Fixture s3;

  private Buckets buckets = S3Fixture.freshBuckets();

  @BeforeAll
  static void start() {
    s3 = S3Fixture.start(server);
  }

  @AfterAll
  static void stop() {
    s3.close();
  }

  @Override
  protected ObjectStore open(Path temp) {
    return new S3ObjectStore(settings(s3.endpoint(), temp.resolve("cache")), buckets);
  }

  @Test
  void aListHasAsManyPagesAsItNeeds() throws IOException {
    Path folder = Files.createDirectories(server.resolve(buckets.name(Zone.RAW)).resolve("many"));
    for (int i = 0; i < 2_100; i++) {
      Files.writeString(folder.resolve("object " + i), "x");
    }
    assertThat(list(Zone.RAW, "many/")).hasSize(2_100).doesNotHaveDuplicates();
  }

  @Test
  void largeObjectsGoInParts() throws IOException {
    byte[] bytes = random(7, (int) S3Upload.WHOLE_BYTES + 1_000_000);
    Path file = Files.write(temp.resolve("large"), bytes);
    store.put(raw("large"), file);
    assertThat(store.stat(raw("large")).orElseThrow().bytes()).isEqualTo(bytes.length);
    assertThat(store.read(raw("large"), (32 << 20) - 5, 10))
        .isEqualTo(java.util.Arrays.copyOfRange(bytes, (32 << 20) - 5, (32 << 20) + 5));
    Files.write(file, bytes);
    store.put(raw("large"), file);
    bytes[bytes.length - 1]++;
    Files.write(file, bytes);
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.put(raw("large"), file));
  }

  @Test
  void theStorageClassIsSent() throws IOException {
    Path file = temp.resolve("old");
    Files.writeString(file, "old");
    store.put(raw("old"), file, StorageClass.STANDARD_IA);
    Files.writeString(file, "new");
    store.put(raw("new"), file);
    assertThat(storageClass("old")).isEqualTo("STANDARD_IA");
    assertThat(storageClass("new")).isNotEqualTo("STANDARD_IA");
    assertThat(store.read(raw("old"), 0, 3)).isEqualTo("old".getBytes(UTF_8));
  }

  private @Nullable String storageClass(String name) {
    try (S3Client client =
        S3Client.builder()
            .region(Region.of(S3Fixture.REGION))
            .endpointOverride(s3.endpoint())
            .forcePathStyle(true)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(
                        S3Fixture.ACCESS_KEY_ID, S3Fixture.SECRET_ACCESS_KEY)))
            .build()) {
      return client
          .headObject(r -> r.bucket(buckets.name(Zone.RAW)).key(raw(name).path()))
          .storageClassAsString();
    }
  }

  /** The object is there after the first attempt; the others find it so, and that is lost too. */
  @Test
  void aPutWhoseAnswersAreLostIsResolvedByAsking() throws IOException {
    try (LostAnswers lost = LostAnswers.of(s3.endpoint(), "PUT ");
        ObjectStore deaf =
            new S3ObjectStore(settings(lost.endpoint(), temp.resolve("c")), buckets)) {
      lost.begin();
      deaf.put(raw("a"), bytes("hello"));
      assertThat(lost.count()).isGreaterThan(1);
      assertFails(ErrorCode.ALREADY_EXISTS, () -> deaf.put(raw("a"), bytes("other")));
    }
    assertThat(store.read(raw("a"), 0, 5)).isEqualTo("hello".getBytes(UTF_8));
  }

  @Test
  void copiesServeTheNextProcess() throws IOException {
    store.put(raw("a"), bytes("hello"));
    store.localize(raw("a")).close();
    long before = Files.getLastModifiedTime(copy()).toMillis();
    store.close();
    Path halfOfTheDead = Files.createDirectories(temp.resolve("cache/staging/999999999-1-dead"));
    store = open(temp);
    assertThat(halfOfTheDead).doesNotExist();
    try (FileLease lease = store.localize(raw("a"))) {
      assertThat(lease.path()).isEqualTo(copy()).hasContent("hello");
      assertThat(Files.getLastModifiedTime(lease.path()).toMillis()).isEqualTo(before);
    }
  }

  @Test
  void aDamagedCopyIsFetchedAgain() throws IOException {
    store.put(raw("a"), bytes("hello"));
    store.localize(raw("a")).close();
    Files.writeString(copy(), "cut");
    try (FileLease lease = store.localize(raw("a"))) {
      assertThat(lease.path()).hasContent("hello");
    }
    store.close();
    Files.writeString(copy(), "cut");
    store = open(temp);
    try (FileLease lease = store.localize(raw("a"))) {
      assertThat(lease.path()).hasContent("hello");
    }
    Files.delete(copy());
    try (FileLease lease = store.localize(raw("a"))) {
      assertThat(lease.path()).hasContent("hello");
    }
  }

  @Test
  void theCacheKeepsItsLimit() throws IOException {
    for (int i = 0; i < 4; i++) {
      store.put(raw("" + i), random(i, BIG));
      store.localize(raw("" + i)).close();
      assertThat(cached()).isLessThanOrEqualTo(CACHE_BYTES);
    }
    try (FileLease one = store.localize(raw("0"));
        FileLease two = store.localize(raw("1"))) {
      assertFails(ErrorCode.LIMIT_EXCEEDED, () -> store.localize(raw("2")));
      assertThat(one.path()).exists();
      assertThat(two.path()).exists();
    }
    store.localize(raw("2")).close();
    assertThat(cached()).isLessThanOrEqualTo(CACHE_BYTES);
  }

  @Test
  void anOutageIsNotAbsence() {
    store.put(raw("a"), bytes("x"));
    assertThatThrownBy(
            () ->
                new S3ObjectStore(
                    settings(URI.create("http://127.0.0.1:1"), temp.resolve("c2")), buckets))
        .hasMessageContaining("127.0.0.1:1");
    S3Fixture mortal = S3Fixture.start(temp.resolve("mortal"));
    try (ObjectStore lost =
        new S3ObjectStore(settings(mortal.endpoint(), temp.resolve("c3")), buckets)) {
      lost.put(raw("a"), bytes("x"));
      mortal.close();
      assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> lost.stat(raw("a")));
      assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> lost.stat(raw("no")));
      assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> lost.list(Zone.RAW, "", info -> {}));
      assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> lost.put(raw("b"), bytes("x")));
      assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> lost.localize(raw("a")));
    }
  }

  @Test
  void aLostBucketIsAnOutage() throws IOException {
    Files.delete(server.resolve(buckets.name(Zone.TEMP)));
    var key = new tarn.core.storage.ObjectKey(Zone.TEMP, "a");
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> store.stat(key));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> list(Zone.TEMP, ""));
  }

  @Test
  void wrongCredentialsAreRefusedAndNeverShown() {
    S3Settings wrong =
        new S3Settings(
            s3.endpoint(),
            S3Fixture.REGION,
            new S3Settings.Key(S3Fixture.ACCESS_KEY_ID, "s3cr3t"),
            temp,
            1_000);
    assertThat(wrong.toString()).doesNotContain("s3cr3t");
    assertThatThrownBy(() -> new S3ObjectStore(wrong, buckets))
        .hasMessageContaining("403")
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void withoutAKeyTheSdkSearchesForOne() {
    S3Settings without = new S3Settings(s3.endpoint(), S3Fixture.REGION, null, temp, CACHE_BYTES);
    System.setProperty("aws.accessKeyId", S3Fixture.ACCESS_KEY_ID);
    System.setProperty("aws.secretAccessKey", S3Fixture.SECRET_ACCESS_KEY);
    try (S3ObjectStore found = new S3ObjectStore(without, S3Fixture.freshBuckets())) {
      assertThat(found.stat(new tarn.core.storage.ObjectKey(Zone.TEMP, "a"))).isEmpty();
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  private static S3Settings settings(URI endpoint, Path cache) {
    return new S3Settings(
        endpoint,
        S3Fixture.REGION,
        new S3Settings.Key(S3Fixture.ACCESS_KEY_ID, S3Fixture.SECRET_ACCESS_KEY),
        cache,
        CACHE_BYTES);
  }

  private Path copy() throws IOException {
    try (var files = Files.list(temp.resolve("cache/objects"))) {
      return files.findFirst().orElseThrow();
    }
  }

  private long cached() throws IOException {
    try (var files = Files.list(temp.resolve("cache/objects"))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
