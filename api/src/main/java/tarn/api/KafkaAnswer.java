package tarn.api;

import java.util.List;

/**
 * How a stream takes events by Kafka's own protocol.
 *
 * @param stream which
 * @param topic that events are sent to
 * @param properties of a producer, {@code key=value} each; with a password where the log is the
 *     lake's own
 */
public record KafkaAnswer(String stream, String topic, List<String> properties) implements Message {

  public KafkaAnswer {
    properties = List.copyOf(properties);
  }

  @Override
  public Fields fields() {
    return new Fields().with("stream", stream).with("topic", topic).with("properties", properties);
  }

  public static KafkaAnswer from(Fields fields) {
    return new KafkaAnswer(fields.text("stream"), fields.text("topic"), fields.texts("properties"));
  }

  @Override
  public String toString() {
    return "KafkaAnswer[stream=" + stream + ", topic=" + topic + ", properties=***]";
  }
}
