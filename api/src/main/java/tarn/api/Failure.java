package tarn.api;

import org.jspecify.annotations.Nullable;

/**
 * A failure as both sides tell it.
 *
 * @param code an {@code ErrorCode} of the server, {@code SQL_INVALID}; codes are never renamed
 * @param kind who can mend it: {@code USER}, {@code EXTERNAL}, {@code RESOURCE} or {@code INTERNAL}
 * @param message one line: what failed, which value, what to do
 * @param id what to look for in the server's log, or null if the log has nothing more to say
 */
public record Failure(String code, String kind, String message, @Nullable String id)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("code", code)
        .with("kind", kind)
        .with("message", message)
        .with("id", id);
  }

  public static Failure from(Fields fields) {
    return new Failure(
        fields.text("code"), fields.text("kind"), fields.text("message"), fields.textOrNull("id"));
  }
}
