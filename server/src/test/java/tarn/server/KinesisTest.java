package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.firehose.FirehoseClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import tarn.api.ShardStatus;
import tarn.core.event.EventLog;
import tarn.core.ledger.SourceName;
import tarn.server.aws.AccessKey;
import tarn.server.aws.AwsGateway;
import tarn.server.aws.AwsPlace;
import tarn.server.firehose.Firehose;
import tarn.server.kinesis.Kinesis;
import tarn.testkit.ClockAhead;

/**
 * Kinesis and Firehose as AWS's own client for Java speaks them; what breaks emulators, by name.
 */
class KinesisTest {
  private static final AccessKey KEY = new AccessKey("TARNAAAABBBBCCCCDDDD", "s".repeat(40));
  private static final AwsPlace PLACE = new AwsPlace("us-east-1", AwsPlace.ACCOUNT);
  private static final BigInteger HALF = BigInteger.ONE.shiftLeft(127);

  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir static Path folder;
  private static final ClockAhead clock = new ClockAhead();
  private static StreamsWorld world;
  private static AwsGateway gateway;
  private static KinesisClient kinesis;

  /** Of this test. */
  private final String stream = "s" + COUNT.incrementAndGet();

  private final SourceName name = new SourceName(stream);
  private final Path file = folder.resolve("streams/" + stream + ".yaml");

  @BeforeAll
  static void open() throws IOException {
    world = new StreamsWorld(folder, clock);
    gateway =
        AwsGateway.start(
            0,
            KEY,
            List.of(
                new Kinesis(world.streams, PLACE, new byte[] {1, 2, 3}, clock),
                new Firehose(world.streams, PLACE, "memory-raw-dev")),
            Clock.systemUTC());
    kinesis = client(gateway.address());
  }

  @AfterEach
  void asBefore() {
    System.clearProperty(SdkSystemSetting.CBOR_ENABLED.property());
    world.log.loseReplies(() -> false);
  }

  @AfterAll
  static void close() {
    kinesis.close();
    gateway.close();
    world.close();
  }

  private static StaticCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY.id(), KEY.secret()));
  }

  private static KinesisClient client(URI address) {
    return KinesisClient.builder()
        .endpointOverride(address)
        .region(Region.US_EAST_1)
        .credentialsProvider(credentials())
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
        .build();
  }

  private FirehoseClient firehose() {
    return FirehoseClient.builder()
        .endpointOverride(gateway.address())
        .region(Region.US_EAST_1)
        .credentialsProvider(credentials())
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  private void stream(int shards) {
    kinesis.createStream(r -> r.streamName(stream).shardCount(shards));
  }

  private PutRecordResponse put(String key, String data) {
    return kinesis.putRecord(
        r -> r.streamName(stream).partitionKey(key).data(SdkBytes.fromUtf8String(data)));
  }

  private static String event(int n) {
    return "{\"n\":" + n + "}";
  }

  private String iterator(String shard, ShardIteratorType type) {
    return kinesis
        .getShardIterator(r -> r.streamName(stream).shardId(shard).shardIteratorType(type))
        .shardIterator();
  }

  private GetRecordsResponse read(String iterator) {
    return kinesis.getRecords(r -> r.shardIterator(iterator));
  }

  private List<String> from(String shard, ShardIteratorType type) {
    return texts(read(iterator(shard, type)));
  }

  private static List<String> texts(GetRecordsResponse read) {
    return read.records().stream().map(r -> r.data().asUtf8String()).toList();
  }

  private static String id(int shard) {
    return String.format("shardId-%012d", shard);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  // ---- both encodings ----

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsPutIsReadWithKeyNumberAndTimeInCborAndJson(boolean cbor) {
    System.setProperty(SdkSystemSetting.CBOR_ENABLED.property(), String.valueOf(cbor));
    stream(1);
    Instant before = clock.instant().minusMillis(1);
    PutRecordResponse placed = put("käse", event(1));
    PutRecordsResponse more =
        kinesis.putRecords(
            r ->
                r.streamName(stream)
                    .records(
                        b -> b.partitionKey("b").data(SdkBytes.fromByteArray(new byte[] {0, -1})),
                        b -> b.partitionKey("c").data(SdkBytes.fromUtf8String(event(3)))));
    assertThat(more.failedRecordCount()).isZero();
    GetRecordsResponse read = read(iterator(id(0), ShardIteratorType.TRIM_HORIZON));
    assertThat(read.records()).extracting(Record::partitionKey).containsExactly("käse", "b", "c");
    assertThat(read.records().get(1).data().asByteArray()).containsExactly(0, -1);
    assertThat(read.records().get(0).sequenceNumber()).isEqualTo(placed.sequenceNumber());
    assertThat(read.records().get(2).sequenceNumber())
        .isEqualTo(more.records().get(1).sequenceNumber());
    assertThat(read.records().get(0).approximateArrivalTimestamp())
        .isBetween(before, clock.instant());
    assertThat(read.millisBehindLatest()).isZero();
    assertThatThrownBy(() -> kinesis.describeStream(r -> r.streamName("nowhere")))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Stream nowhere under account 000000000000 not found.");
    Instant created =
        kinesis
            .describeStreamSummary(r -> r.streamName(stream))
            .streamDescriptionSummary()
            .streamCreationTimestamp();
    assertThat(created).isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThat(
            kinesis
                .getShardIterator(
                    r ->
                        r.streamName(stream)
                            .shardId(id(0))
                            .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                            .timestamp(before))
                .shardIterator())
        .satisfies(i -> assertThat(read(i).records()).hasSize(3));
  }

  // ---- streams ----

  @Test
  void aStreamIsAFileOfTheLakeFolder() throws IOException {
    stream(3);
    assertThat(file)
        .content()
        .startsWith("# Made by Kinesis's CreateStream.")
        .endsWith("\nshards: 3\nretention: 7d\n");
    StreamDescriptionSummary summary =
        kinesis.describeStreamSummary(r -> r.streamName(stream)).streamDescriptionSummary();
    assertThat(summary.streamStatus()).isEqualTo(StreamStatus.ACTIVE);
    assertThat(summary.openShardCount()).isEqualTo(3);
    assertThat(summary.retentionPeriodHours()).isEqualTo(168);
    assertThatThrownBy(() -> stream(1)).isInstanceOf(ResourceInUseException.class);
    assertThatThrownBy(() -> kinesis.createStream(r -> r.streamName("Clicks").shardCount(1)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("lower case");
    assertThatThrownBy(() -> kinesis.createStream(r -> r.streamName("many").shardCount(101)))
        .isInstanceOf(LimitExceededException.class);
    Files.writeString(folder.resolve("streams/views.yaml"), "id: id\n");
    List<String> all = kinesis.listStreams().streamNames();
    assertThat(all).contains(stream, "views").isSorted();
    assertThat(kinesis.listStreamsPaginator(r -> r.limit(1)).streamNames())
        .containsExactlyElementsOf(all);
  }

  @Test
  void aStreamWhoseFileWasEditedIsNotRemoved() throws IOException {
    stream(1);
    Files.writeString(file, "shards: 1\n");
    assertThatThrownBy(() -> kinesis.deleteStream(r -> r.streamName(stream)))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("streams/" + stream + ".yaml");
    assertThat(file).exists();
  }

  @Test
  void aStreamIsRemovedWhenAllIsDelivered() throws Exception {
    stream(1);
    put("a", event(1));
    delete();
    assertThat(file).doesNotExist();
    assertThat(world.ledger.eventCounts(name).stored()).isEqualTo(1);
    assertThatThrownBy(() -> put("a", event(2))).isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void whatIsAcknowledgedWhileAStreamIsDeletedIsDelivered() throws Exception {
    stream(1);
    put("k", event(-1));
    AtomicInteger accepted = new AtomicInteger(1);
    Thread producer =
        new Thread(
            () -> {
              try {
                for (int n = 0; true; n++) {
                  accepted.addAndGet(putOrThrottled(n));
                }
              } catch (ResourceNotFoundException e) {
                assertThat(e).as("the end").isNotNull();
              }
            });
    producer.start();
    await(() -> accepted.get() > 20);
    delete();
    producer.join(30_000);
    assertThat(producer.isAlive()).as("whoever puts is told that it is gone").isFalse();
    assertThat(world.ledger.eventCounts(name).stored()).isEqualTo(accepted.get());
    stream(1);
    put("k", event(-2));
    await(() -> world.ledger.eventCounts(name).stored() == accepted.get() + 1);
  }

  /** Once what was put has been delivered. */
  private void delete() throws InterruptedException {
    await(
        () -> {
          try {
            kinesis.deleteStream(r -> r.streamName(stream));
            return true;
          } catch (ResourceInUseException e) {
            return false;
          }
        });
  }

  private int putOrThrottled(int n) {
    try {
      put("k", event(n));
      return 1;
    } catch (ProvisionedThroughputExceededException e) {
      return 0;
    }
  }

  @Test
  void aRefusedMergeLeavesTheFileAsItWas() throws IOException {
    stream(3);
    String before = Files.readString(file);
    assertThatThrownBy(
            () ->
                kinesis.mergeShards(
                    r -> r.streamName(stream).shardToMerge(id(0)).adjacentShardToMerge(id(2))))
        .isInstanceOf(InvalidArgumentException.class);
    assertThat(file).hasContent(before);
    put("k", event(1));
    kinesis.mergeShards(r -> r.streamName(stream).shardToMerge(id(0)).adjacentShardToMerge(id(1)));
    assertThat(Files.readString(file)).contains("shards: 2");
  }

  @Test
  void whatIsPutIsDeliveredOnceAsFromOtherDoors() throws Exception {
    stream(2);
    put("a", event(1));
    put("b", event(1));
    put("c", "{\n  \"n\": 2\n}");
    put("d", "no json");
    await(() -> world.ledger.eventCounts(name).received() == 4);
    assertThat(world.ledger.eventCounts(name).stored()).isEqualTo(2);
    assertThat(world.ledger.eventCounts(name).duplicate()).isEqualTo(1);
    assertThat(world.ledger.eventCounts(name).rejected()).isEqualTo(1);
  }

  @Test
  void aStreamIsFoundByItsArnAlone() {
    stream(1);
    String arn = kinesis.describeStream(r -> r.streamName(stream)).streamDescription().streamARN();
    assertThat(arn).isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/" + stream);
    kinesis.putRecord(
        r -> r.streamARN(arn).partitionKey("a").data(SdkBytes.fromUtf8String(event(1))));
    String iterator =
        kinesis
            .getShardIterator(
                r ->
                    r.streamARN(arn)
                        .shardId(id(0))
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    assertThat(kinesis.getRecords(r -> r.streamARN(arn).shardIterator(iterator)).records())
        .hasSize(1);
    assertThat(kinesis.listShards(r -> r.streamARN(arn)).shards()).hasSize(1);
    assertThatThrownBy(
            () -> kinesis.listShards(r -> r.streamARN(arn.replace("000000000000", "123456789012"))))
        .isInstanceOf(ResourceNotFoundException.class);
    assertThatThrownBy(() -> kinesis.listShards(r -> r.streamARN(arn).streamName("other")))
        .isInstanceOf(InvalidArgumentException.class);
  }

  @Test
  void retentionIsThatOfTheFileAndChecked() throws IOException {
    stream(1);
    kinesis.increaseStreamRetentionPeriod(r -> r.streamName(stream).retentionPeriodHours(240));
    assertThat(file).content().endsWith("retention: 10d\n");
    assertThatThrownBy(
            () ->
                kinesis.decreaseStreamRetentionPeriod(
                    r -> r.streamName(stream).retentionPeriodHours(24)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("dedup_window");
    assertThat(file).content().endsWith("retention: 10d\n");
    assertThatThrownBy(
            () ->
                kinesis.increaseStreamRetentionPeriod(
                    r -> r.streamName(stream).retentionPeriodHours(200)))
        .isInstanceOf(InvalidArgumentException.class);
    Files.writeString(file, "shards: 1\n");
    assertThatThrownBy(
            () ->
                kinesis.increaseStreamRetentionPeriod(
                    r -> r.streamName(stream).retentionPeriodHours(480)))
        .isInstanceOf(ResourceInUseException.class)
        .hasMessageContaining("streams/" + stream + ".yaml");
  }

  @Test
  void whatALakeHasNotIsRefusedByName() {
    stream(1);
    assertThatThrownBy(
            () ->
                kinesis.addTagsToStream(r -> r.streamName(stream).tags(java.util.Map.of("a", "b"))))
        .isInstanceOf(InvalidArgumentException.class);
    assertThat(kinesis.listTagsForStream(r -> r.streamName(stream)).tags()).isEmpty();
    assertThatThrownBy(
            () ->
                kinesis.startStreamEncryption(
                    r -> r.streamName(stream).keyId("k").encryptionType("KMS")))
        .isInstanceOf(KinesisException.class)
        .hasMessageContaining("KMS");
    assertThatThrownBy(
            () ->
                kinesis.registerStreamConsumer(
                    r ->
                        r.streamARN("arn:aws:kinesis:us-east-1:000000000000:stream/" + stream)
                            .consumerName("c")))
        .isInstanceOf(KinesisException.class)
        .hasMessageContaining("RegisterStreamConsumer")
        .satisfies(
            e ->
                assertThat(((KinesisException) e).awsErrorDetails().errorCode())
                    .isEqualTo("UnknownOperationException"));
    assertThatThrownBy(
            () ->
                kinesis.createStream(
                    r -> r.streamName("d").streamModeDetails(m -> m.streamMode("ON_DEMAND"))))
        .hasMessageContaining("ON_DEMAND");
  }

  // ---- records ----

  @Test
  void keysAreRoutedByTheirMd5AndExplicitHashKeys() {
    stream(2);
    // MD5("user123") begins with 0x6a, that of "c" with 0x4a, that of "a" with 0x0c, "b" with 0x92
    assertThat(put("user123", event(1)).shardId()).isEqualTo(id(0));
    assertThat(put("b", event(2)).shardId()).isEqualTo(id(1));
    assertThat(
            kinesis
                .putRecord(
                    r ->
                        r.streamName(stream)
                            .partitionKey("b")
                            .explicitHashKey(HALF.subtract(BigInteger.ONE).toString())
                            .data(SdkBytes.fromUtf8String(event(3))))
                .shardId())
        .isEqualTo(id(0));
    assertThatThrownBy(
            () ->
                kinesis.putRecord(
                    r ->
                        r.streamName(stream)
                            .partitionKey("b")
                            .explicitHashKey(HALF.shiftLeft(1).toString())
                            .data(SdkBytes.fromUtf8String(event(3)))))
        .isInstanceOf(InvalidArgumentException.class);
  }

  @Test
  void sequenceNumbersGrowAndAreFoundAgain() {
    stream(1);
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      numbers.add(put("a", event(i)).sequenceNumber());
    }
    assertThat(numbers.stream().map(BigInteger::new).toList()).isSorted().doesNotHaveDuplicates();
    assertThat(at(ShardIteratorType.AT_SEQUENCE_NUMBER, numbers.get(10)))
        .containsExactly(event(10), event(11));
    assertThat(at(ShardIteratorType.AFTER_SEQUENCE_NUMBER, numbers.get(10)))
        .containsExactly(event(11));
    assertThatThrownBy(
            () -> at(ShardIteratorType.AT_SEQUENCE_NUMBER, "4900000100000000000000000000"))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> at(ShardIteratorType.AT_SEQUENCE_NUMBER, "12"))
        .isInstanceOf(InvalidArgumentException.class);
  }

  private List<String> at(ShardIteratorType type, String number) {
    return texts(
        read(
            kinesis
                .getShardIterator(
                    r ->
                        r.streamName(stream)
                            .shardId(id(0))
                            .shardIteratorType(type)
                            .startingSequenceNumber(number))
                .shardIterator()));
  }

  @Test
  void latestIsWhereTheIteratorWasGiven() {
    stream(1);
    put("a", event(1));
    String latest = iterator(id(0), ShardIteratorType.LATEST);
    put("a", event(2));
    assertThat(texts(read(latest))).containsExactly(event(2));
  }

  @Test
  void anIteratorComesEvenWhenThereIsNothing() {
    stream(1);
    GetRecordsResponse empty = read(iterator(id(0), ShardIteratorType.TRIM_HORIZON));
    assertThat(empty.records()).isEmpty();
    put("a", event(1));
    assertThat(texts(read(empty.nextShardIterator()))).containsExactly(event(1));
  }

  @Test
  void anIteratorHoldsForFiveMinutes() {
    stream(1);
    String iterator = iterator(id(0), ShardIteratorType.LATEST);
    clock.advance(Duration.ofSeconds(295));
    assertThat(read(iterator).records()).isEmpty();
    clock.advance(Duration.ofSeconds(6));
    assertThatThrownBy(() -> read(iterator)).isInstanceOf(ExpiredIteratorException.class);
  }

  @Test
  void anIteratorThatWasNotGivenOutIsRefused() {
    stream(1);
    String iterator = iterator(id(0), ShardIteratorType.LATEST);
    for (String forged : List.of("AAAA", "!", iterator.substring(4), "A" + iterator.substring(1))) {
      if (!forged.equals(iterator)) {
        assertThatThrownBy(() -> read(forged)).isInstanceOf(InvalidArgumentException.class);
      }
    }
  }

  @Test
  void anAnswerHasAtMostFourMebibytes() {
    stream(1);
    SdkBytes large = SdkBytes.fromByteArray(new byte[1 << 20]);
    for (int i = 0; i < 6; i++) {
      kinesis.putRecord(r -> r.streamName(stream).partitionKey("a").data(large));
    }
    GetRecordsResponse first = read(iterator(id(0), ShardIteratorType.TRIM_HORIZON));
    assertThat(first.records()).hasSize(4);
    assertThat(first.millisBehindLatest()).isPositive();
    GetRecordsResponse second = read(first.nextShardIterator());
    assertThat(second.records()).hasSize(2);
    assertThat(second.millisBehindLatest()).isZero();
    assertThat(
            kinesis
                .getRecords(
                    r -> r.limit(3).shardIterator(iterator(id(0), ShardIteratorType.TRIM_HORIZON)))
                .records())
        .hasSize(3);
  }

  @Test
  void limitsAreThoseOfAws() {
    stream(1);
    List<PutRecordsRequestEntry> entries = Collections.nCopies(501, entry("a", 1));
    assertThatThrownBy(() -> kinesis.putRecords(r -> r.streamName(stream).records(entries)))
        .hasMessageContaining("less than or equal to 500");
    assertThatThrownBy(() -> putBytes("a", (1 << 20) + 1)).hasMessageContaining("1048576");
    assertThatThrownBy(() -> putBytes("k".repeat(257), 1)).hasMessageContaining("256");
    putBytes("k".repeat(256), 1);
    assertThatThrownBy(
            () ->
                kinesis.putRecords(
                    r ->
                        r.streamName(stream)
                            .records(Collections.nCopies(11, entry("a", 1_000_000)))))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("10 MB");
    assertThatThrownBy(() -> kinesis.getRecords(r -> r.limit(10_001).shardIterator("x")))
        .hasMessageContaining("10000");
  }

  private void putBytes(String key, int bytes) {
    kinesis.putRecord(
        r -> r.streamName(stream).partitionKey(key).data(SdkBytes.fromByteArray(new byte[bytes])));
  }

  private static PutRecordsRequestEntry entry(String key, int bytes) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(key)
        .data(SdkBytes.fromByteArray(new byte[bytes]))
        .build();
  }

  @Test
  void whatTheLogDoesNotTakeIsThrottledRecordByRecord() {
    stream(1);
    int[] turn = {0};
    world.log.loseReplies(() -> turn[0]++ % 2 == 1);
    PutRecordsResponse answer =
        kinesis.putRecords(
            r -> r.streamName(stream).records(entry("a", 1), entry("b", 1), entry("c", 1)));
    assertThat(answer.failedRecordCount()).isEqualTo(1);
    assertThat(answer.records())
        .extracting(e -> e.errorCode())
        .containsExactly(null, "ProvisionedThroughputExceededException", null);
    assertThat(answer.records().get(1).sequenceNumber()).isNull();
    world.log.loseReplies(() -> true);
    assertThatThrownBy(() -> put("a", event(1)))
        .isInstanceOf(ProvisionedThroughputExceededException.class);
  }

  @Test
  void recordsThatTheProducerLibraryPackedAreEventsEach() throws Exception {
    stream(2);
    byte[] packed = packed(List.of("user123", "b"), List.of(event(1), event(2), event(3)));
    kinesis.putRecord(
        r -> r.streamName(stream).partitionKey("x").data(SdkBytes.fromByteArray(packed)));
    assertThat(from(id(0), ShardIteratorType.TRIM_HORIZON)).containsExactly(event(1), event(3));
    assertThat(from(id(1), ShardIteratorType.TRIM_HORIZON)).containsExactly(event(2));
    packed[packed.length - 1]++;
    kinesis.putRecord(
        r -> r.streamName(stream).partitionKey("b").data(SdkBytes.fromByteArray(packed)));
    await(() -> world.ledger.eventCounts(name).received() == 4);
    assertThat(world.ledger.eventCounts(name).rejected()).as("a damaged one").isEqualTo(1);
  }

  /** Each record has the next of the keys. */
  private static byte[] packed(List<String> keys, List<String> records) throws Exception {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (String key : keys) {
      field(message, 1, key.getBytes(StandardCharsets.UTF_8));
    }
    for (int i = 0; i < records.size(); i++) {
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      record.write(1 << 3);
      record.write(i % keys.size());
      field(record, 3, records.get(i).getBytes(StandardCharsets.UTF_8));
      field(message, 3, record.toByteArray());
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.write(new byte[] {(byte) 0xf3, (byte) 0x89, (byte) 0x9a, (byte) 0xc2});
    packed.write(message.toByteArray());
    packed.write(MessageDigest.getInstance("MD5").digest(message.toByteArray()));
    return packed.toByteArray();
  }

  private static void field(ByteArrayOutputStream to, int number, byte[] bytes) throws IOException {
    to.write(number << 3 | 2);
    to.write(bytes.length);
    to.write(bytes);
  }

  // ---- shards ----

  @Test
  void listShardsGoesOnByTokenAndTakesNothingBesideIt() {
    stream(5);
    var first = kinesis.listShards(r -> r.streamName(stream).maxResults(2));
    var second = kinesis.listShards(r -> r.nextToken(first.nextToken()).maxResults(3));
    assertThat(second.shards()).extracting(Shard::shardId).containsExactly(id(2), id(3), id(4));
    assertThat(second.nextToken()).isNull();
    assertThatThrownBy(
            () -> kinesis.listShards(r -> r.streamName(stream).nextToken(first.nextToken())))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(
            () ->
                kinesis.listShards(
                    r ->
                        r.streamARN("arn:aws:kinesis:us-east-1:000000000000:stream/" + stream)
                            .nextToken(first.nextToken())))
        .isInstanceOf(InvalidArgumentException.class);
  }

  @Test
  void aSplitShardEndsAndNamesItsChildren() throws Exception {
    stream(1);
    put("user123", event(1));
    String begin = iterator(id(0), ShardIteratorType.TRIM_HORIZON);
    kinesis.splitShard(
        r -> r.streamName(stream).shardToSplit(id(0)).newStartingHashKey(HALF.toString()));
    assertThat(put("user123", event(2)).shardId()).isEqualTo(id(1));
    assertThat(put("b", event(3)).shardId()).isEqualTo(id(2));
    List<Shard> shards = kinesis.listShards(r -> r.streamName(stream)).shards();
    assertThat(shards).extracting(Shard::parentShardId).containsExactly(null, id(0), id(0));
    assertThat(shards.get(0).sequenceNumberRange().endingSequenceNumber()).isNotNull();
    assertThat(shards.get(1).sequenceNumberRange().endingSequenceNumber()).isNull();
    assertThat(openShards()).containsExactly(id(1), id(2));
    GetRecordsResponse read = read(begin);
    assertThat(texts(read)).containsExactly(event(1));
    GetRecordsResponse last = ended(read);
    assertThat(last.nextShardIterator()).isNull();
    assertThat(last.childShards()).extracting(c -> c.shardId()).containsExactly(id(1), id(2));
    assertThat(last.childShards().get(0).parentShards()).containsExactly(id(0));
    assertThat(from(id(1), ShardIteratorType.TRIM_HORIZON)).containsExactly(event(2));
    assertThatThrownBy(
            () ->
                kinesis.splitShard(
                    r -> r.streamName(stream).shardToSplit(id(0)).newStartingHashKey("5")))
        .isInstanceOf(ResourceInUseException.class);
    kinesis.mergeShards(r -> r.streamName(stream).shardToMerge(id(1)).adjacentShardToMerge(id(2)));
    Shard merged = kinesis.listShards(r -> r.streamName(stream)).shards().get(3);
    assertThat(merged.parentShardId()).isEqualTo(id(1));
    assertThat(merged.adjacentParentShardId()).isEqualTo(id(2));
    assertThat(put("b", event(4)).shardId()).isEqualTo(id(3));
    assertThat(world.consumption.lag(name).unseen()).isZero();
    world.log.append(name, List.of(new EventLog.Put(0, event(5).getBytes(StandardCharsets.UTF_8))));
    assertThat(from(id(0), ShardIteratorType.LATEST)).as("as Kafka's producers do").isEmpty();
    assertThat(world.consumption.lag(name).unseen()).isOne();
    assertThat(world.consumption.shards(name))
        .extracting(ShardStatus::beyond)
        .containsExactly(1L, 0L, 0L, 0L);
    await(() -> world.ledger.eventCounts(name).stored() == 5);
    assertThat(world.consumption.lag(name).unseen()).as("delivered, and unseen").isOne();
  }

  private List<String> openShards() {
    return kinesis
        .listShards(r -> r.streamName(stream).shardFilter(f -> f.type(ShardFilterType.AT_LATEST)))
        .shards()
        .stream()
        .map(Shard::shardId)
        .toList();
  }

  /** Reads on until the shard ends, which is certain some seconds after it was closed. */
  private GetRecordsResponse ended(GetRecordsResponse read) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
    GetRecordsResponse next = read;
    while (next.nextShardIterator() != null) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(200);
      next = read(next.nextShardIterator());
      assertThat(next.records()).isEmpty();
    }
    return next;
  }

  @Test
  void updateShardCountKeepsLineageAndTheFileFollows() {
    stream(4);
    var answer =
        kinesis.updateShardCount(
            r -> r.streamName(stream).targetShardCount(2).scalingType(ScalingType.UNIFORM_SCALING));
    assertThat(answer.currentShardCount()).isEqualTo(4);
    assertThat(answer.targetShardCount()).isEqualTo(2);
    List<Shard> shards = kinesis.listShards(r -> r.streamName(stream)).shards();
    assertThat(shards).hasSize(6);
    assertThat(shards.get(4).parentShardId()).isEqualTo(id(0));
    assertThat(shards.get(4).adjacentParentShardId()).isEqualTo(id(1));
    assertThat(openShards()).containsExactly(id(4), id(5));
    assertThat(file).content().contains("shards: 2\n");
    assertThat(
            kinesis
                .describeStreamSummary(r -> r.streamName(stream))
                .streamDescriptionSummary()
                .openShardCount())
        .isEqualTo(2);
  }

  // ---- Firehose ----

  @Test
  void firehoseSplitsARecordIntoItsEvents() throws Exception {
    stream(1);
    try (FirehoseClient firehose = firehose()) {
      firehose.putRecord(
          r ->
              r.deliveryStreamName(stream)
                  .record(b -> b.data(SdkBytes.fromUtf8String("{\"n\":1}\n{\"n\":2}\n"))));
      var answer =
          firehose.putRecordBatch(
              r ->
                  r.deliveryStreamName(stream)
                      .records(
                          b -> b.data(SdkBytes.fromUtf8String("{\"n\":3}{\"n\":\"}{\\\"\"}")),
                          b -> b.data(SdkBytes.fromUtf8String("{\n \"n\": 5\n}")),
                          b -> b.data(SdkBytes.fromUtf8String("{\"n\":6}\nbroken\n"))));
      assertThat(answer.failedPutCount()).isZero();
      assertThat(answer.requestResponses()).hasSize(3);
      assertThat(from(id(0), ShardIteratorType.TRIM_HORIZON))
          .containsExactly(
              "{\"n\":1}",
              "{\"n\":2}",
              "{\"n\":3}",
              "{\"n\":\"}{\\\"\"}",
              "{\n \"n\": 5\n}",
              "{\"n\":6}",
              "broken");
      await(() -> world.ledger.eventCounts(name).received() == 7);
      assertThat(world.ledger.eventCounts(name).stored()).isEqualTo(6);
      assertThat(firehose.listDeliveryStreams().deliveryStreamNames()).isNotEmpty();
      assertThat(
              firehose
                  .describeDeliveryStream(r -> r.deliveryStreamName(stream))
                  .deliveryStreamDescription()
                  .destinations()
                  .get(0)
                  .extendedS3DestinationDescription()
                  .prefix())
          .isEqualTo("streams/" + stream + "/");
      world.log.loseReplies(() -> true);
      var failed =
          firehose.putRecordBatch(
              r ->
                  r.deliveryStreamName(stream)
                      .records(b -> b.data(SdkBytes.fromUtf8String("{\"n\":8}\n{\"n\":9}"))));
      assertThat(failed.failedPutCount()).isEqualTo(1);
      assertThat(failed.requestResponses().get(0).errorCode())
          .isEqualTo("ServiceUnavailableException");
      assertThatThrownBy(
              () ->
                  firehose.putRecord(
                      r ->
                          r.deliveryStreamName("nowhere")
                              .record(b -> b.data(SdkBytes.fromUtf8String("x")))))
          .isInstanceOf(SdkServiceException.class)
          .hasMessageContaining("nowhere");
    }
  }
}
