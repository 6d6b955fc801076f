package tarn.api;

/**
 * What {@code POST /v1/pipelines/{pipeline}/settings} asks for.
 *
 * @param key {@code retries}, {@code tables.public.log.enabled}
 * @param value what holds from now on; empty for what the file says
 */
public record PipelineSetting(String key, String value) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("key", key).with("value", value);
  }

  public static PipelineSetting from(Fields fields) {
    fields.only("key", "value");
    return new PipelineSetting(fields.text("key"), fields.text("value"));
  }
}
