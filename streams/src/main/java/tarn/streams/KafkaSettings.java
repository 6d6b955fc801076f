package tarn.streams;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How to reach a Kafka cluster, and how its topics are made. Its text never shows a secret.
 *
 * @param bootstrap {@code host:port}, several with commas
 * @param security what every client needs besides, by Kafka's names; may hold passwords
 * @param prefix of a stream's topic: {@code tarn.} makes {@code tarn.orders}
 * @param replicas of a new topic; -1 for what the cluster says
 * @param fsync whether a record is on disk before it is answered
 */
public record KafkaSettings(
    String bootstrap, Map<String, String> security, String prefix, int replicas, boolean fsync) {

  private static final int CLUSTERS_REPLICAS = -1;

  public KafkaSettings {
    security = Map.copyOf(security);
  }

  /**
   * A cluster that somebody else runs. With a user, the way to it is encrypted (SASL_SSL) unless it
   * stays on this machine; its defaults decide how many replicas a topic has.
   *
   * @param user empty to log in as nobody
   */
  public static KafkaSettings external(
      String bootstrap, String user, String password, String prefix, boolean fsync) {
    if (user.isEmpty()) {
      return new KafkaSettings(bootstrap, Map.of(), prefix, CLUSTERS_REPLICAS, fsync);
    }
    boolean here =
        Arrays.stream(bootstrap.split(","))
            .allMatch(b -> b.startsWith("127.0.0.1:") || b.startsWith("localhost:"));
    return new KafkaSettings(
        bootstrap,
        Map.of(
            "security.protocol",
            here ? "SASL_PLAINTEXT" : "SASL_SSL",
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username="
                + quoted(user)
                + " password="
                + quoted(password)
                + ";"),
        prefix,
        CLUSTERS_REPLICAS,
        fsync);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** A client's properties: where, how it logs in, and its own. */
  Map<String, Object> client(String id, Map<String, Object> own) {
    Map<String, Object> properties = new HashMap<>(security);
    properties.put("bootstrap.servers", bootstrap);
    properties.put("client.id", id);
    // Nobody but the operator of the cluster would look at these.
    properties.put("enable.metrics.push", "false");
    properties.put("reconnect.backoff.max.ms", "500");
    properties.putAll(own);
    return properties;
  }

  @Override
  public String toString() {
    return "KafkaSettings[bootstrap=" + bootstrap + ", prefix=" + prefix + ", security=***]";
  }
}
