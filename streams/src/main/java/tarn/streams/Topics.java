package tarn.streams;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog.Extent;
import tarn.core.ledger.SourceName;

/** The topics of the streams: made, changed, measured. Safe for use by many threads. */
final class Topics implements AutoCloseable {
  /** For what a record has besides its bytes, and what compression may add to them. */
  static final int HEADROOM = 64 << 10;

  private static final int SCRAM_ITERATIONS = 4_096;
  private static final Duration SETTLE = Duration.ofMillis(50);

  private final KafkaSettings settings;
  private @Nullable Admin admin;

  Topics(KafkaSettings settings) {
    this.settings = settings;
  }

  String name(SourceName stream) {
    return settings.prefix() + stream;
  }

  /**
   * Lets a user write to topics of the prefix, and do nothing else. Done again, it changes nothing.
   */
  void letWrite(String user, String password) {
    ask(
        admin()
            .alterUserScramCredentials(
                List.of(
                    new UserScramCredentialUpsertion(
                        user,
                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
                        password)))
            .all(),
        "the user " + user);
    ResourcePattern topics =
        new ResourcePattern(ResourceType.TOPIC, settings.prefix(), PatternType.PREFIXED);
    ask(
        admin()
            .createAcls(
                List.of(
                    new AclBinding(
                        topics,
                        new AccessControlEntry(
                            "User:" + user, "*", AclOperation.WRITE, AclPermissionType.ALLOW))))
            .all(),
        "the rights of the user " + user);
  }

  /** Makes or changes a stream's topic; returns how many shards it has. */
  int open(SourceName stream, int shards, Duration retention) {
    Map<String, String> wanted = wanted(retention);
    TopicDescription topic = describe(stream);
    if (topic == null) {
      create(stream, shards, wanted);
      topic = described(stream, shards);
    }
    if (topic.partitions().size() < shards) {
      addShards(stream, shards);
      topic = described(stream, shards);
    }
    configure(stream, wanted);
    return topic.partitions().size();
  }

  private Map<String, String> wanted(Duration retention) {
    Map<String, String> wanted = new HashMap<>();
    wanted.put("retention.ms", Long.toString(retention.toMillis()));
    wanted.put("retention.bytes", "-1");
    wanted.put("cleanup.policy", "delete");
    wanted.put("message.timestamp.type", "LogAppendTime");
    wanted.put("max.message.bytes", Integer.toString(KafkaEventLog.MAX_RECORD_BYTES + HEADROOM));
    wanted.put("flush.messages", settings.fsync() ? "1" : Long.toString(Long.MAX_VALUE));
    return wanted;
  }

  private void create(SourceName stream, int shards, Map<String, String> configs) {
    NewTopic topic =
        new NewTopic(name(stream), shards, (short) settings.replicas()).configs(configs);
    try {
      wait(admin().createTopics(List.of(topic)).all(), "making the log of stream " + stream);
    } catch (Refused e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e.told();
      }
      // Another was first; what differs is changed below.
    }
  }

  private void addShards(SourceName stream, int shards) {
    ask(
        admin().createPartitions(Map.of(name(stream), NewPartitions.increaseTo(shards))).all(),
        "adding shards to stream " + stream);
  }

  private void configure(SourceName stream, Map<String, String> wanted) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name(stream));
    String what = "the settings of stream " + stream;
    Config now =
        ask(known(admin().describeConfigs(List.of(resource)).values().get(resource)), what);
    Collection<AlterConfigOp> changes =
        wanted.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(value(now, entry.getKey())))
            .map(entry -> new ConfigEntry(entry.getKey(), entry.getValue()))
            .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
            .toList();
    if (!changes.isEmpty()) {
      ask(admin().incrementalAlterConfigs(Map.of(resource, changes)).all(), what);
    }
  }

  private static @Nullable String value(Config config, String key) {
    ConfigEntry entry = config.get(key);
    return entry == null ? null : entry.value();
  }

  /** Waits until the cluster has heard of what was made, and each shard has a leader. */
  private TopicDescription described(SourceName stream, int shards) {
    long deadline = System.nanoTime() + KafkaEventLog.PATIENCE.toNanos();
    while (true) {
      TopicDescription topic = describe(stream);
      if (topic != null
          && topic.partitions().size() >= shards
          && topic.partitions().stream().allMatch(p -> p.leader() != null)) {
        return topic;
      }
      if (System.nanoTime() > deadline) {
        throw new TarnException(
            ErrorCode.LOG_UNAVAILABLE, "the log of stream " + stream + " was made but not served");
      }
      settle();
    }
  }

  private static void settle() {
    try {
      Thread.sleep(SETTLE.toMillis());
    } catch (InterruptedException e) {
      throw KafkaEventLog.interrupted(e);
    }
  }

  /** {@code NOT_FOUND} if the stream was never opened. */
  int shards(SourceName stream) {
    TopicDescription topic = describe(stream);
    if (topic == null) {
      throw notFound(stream);
    }
    return topic.partitions().size();
  }

  static TarnException notFound(SourceName stream) {
    return new TarnException(
        ErrorCode.NOT_FOUND, "there is no log of stream " + stream + ": it was never opened");
  }

  private @Nullable TopicDescription describe(SourceName stream) {
    String name = name(stream);
    try {
      return wait(
          known(admin().describeTopics(List.of(name)).topicNameValues().get(name)),
          "looking for stream " + stream);
    } catch (Refused e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return null;
      }
      throw e.told();
    }
  }

  Map<Integer, Extent> extent(SourceName stream) {
    List<TopicPartition> partitions =
        IntStream.range(0, shards(stream))
            .mapToObj(shard -> new TopicPartition(name(stream), shard))
            .toList();
    Map<TopicPartition, Long> oldest = offsets(stream, partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> next = offsets(stream, partitions, OffsetSpec.latest());
    Map<Integer, Extent> extent = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      extent.put(
          partition.partition(),
          new Extent(known(oldest.get(partition)), known(next.get(partition))));
    }
    return extent;
  }

  /** The first that arrived at a time or after it, else the end. */
  long offsetAt(SourceName stream, TopicPartition partition, Instant time) {
    // The end first: what comes between the two questions is then found by the second.
    long end = known(offsets(stream, List.of(partition), OffsetSpec.latest()).get(partition));
    long millis = time.plusNanos(999_999).toEpochMilli();
    long found =
        known(
            offsets(stream, List.of(partition), OffsetSpec.forTimestamp(Math.max(0, millis)))
                .get(partition));
    return found < 0 ? end : found;
  }

  private Map<TopicPartition, Long> offsets(
      SourceName stream, List<TopicPartition> partitions, OffsetSpec spec) {
    Map<TopicPartition, ListOffsetsResultInfo> answer =
        ask(
            admin()
                .listOffsets(partitions.stream().collect(Collectors.toMap(one -> one, one -> spec)))
                .all(),
            "measuring stream " + stream);
    Map<TopicPartition, Long> offsets = new HashMap<>();
    answer.forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  private synchronized Admin admin() {
    if (admin == null) {
      int millis = (int) KafkaEventLog.PATIENCE.toMillis();
      admin =
          Admin.create(
              settings.client(
                  "tarn-admin",
                  Map.of("default.api.timeout.ms", millis, "request.timeout.ms", millis / 3)));
    }
    return admin;
  }

  /** What a client answers for each that it was asked about. */
  static <T> T known(@Nullable T answer) {
    return Objects.requireNonNull(answer, "an answer for each question");
  }

  private static <T> T ask(KafkaFuture<T> future, String what) {
    try {
      return wait(future, what);
    } catch (Refused e) {
      throw e.told();
    }
  }

  private static <T> T wait(KafkaFuture<T> future, String what) throws Refused {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw KafkaEventLog.interrupted(e);
    } catch (ExecutionException e) {
      throw new Refused(what, e.getCause() == null ? e : e.getCause());
    }
  }

  /** What a cluster did not do. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final String what;
    private final Throwable reason;

    Refused(String what, Throwable reason) {
      super(reason);
      this.what = what;
      this.reason = reason;
    }

    TarnException told() {
      return KafkaEventLog.unavailable(what, reason);
    }
  }

  @Override
  public synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ofSeconds(5));
      admin = null;
    }
  }
}
