package tarn.streams;

import java.util.HashMap;
import java.util.Map;

/**
 * How to reach a Kafka cluster, and how its topics are made. Its text never shows a secret.
 *
 * @param bootstrap {@code host:port}, several with commas
 * @param security what every client needs besides, by Kafka's names; may hold passwords
 * @param prefix of a stream's topic: {@code tarn.} makes {@code tarn.orders}
 * @param replicas of a new topic; at least 1
 * @param fsync whether a record is on disk before it is answered
 */
public record KafkaSettings(
    String bootstrap, Map<String, String> security, String prefix, int replicas, boolean fsync) {

  public KafkaSettings {
    security = Map.copyOf(security);
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
