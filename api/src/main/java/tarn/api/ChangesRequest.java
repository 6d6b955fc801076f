package tarn.api;

import java.util.Objects;

/**
 * What {@code POST /v1/tables/{namespace}/{name}/changes} asks; it is answered as {@code POST
 * /v1/query} is.
 *
 * @param since the state before the first change: a snapshot's id, a time, or a span before now
 *     ({@code 2h})
 * @param until the last state, likewise; empty for the newest
 * @param net only what is different in the end
 * @param limit at most so many rows, the oldest changes; 0 for the server's limit
 */
public record ChangesRequest(String since, String until, boolean net, long limit)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("since", since)
        .with("until", until)
        .with("net", net)
        .with("limit", limit);
  }

  public static ChangesRequest from(Fields fields) {
    fields.only("since", "until", "net", "limit");
    return new ChangesRequest(
        fields.text("since"),
        Objects.requireNonNullElse(fields.textOrNull("until"), ""),
        fields.value("net") != null && fields.flag("net"),
        fields.numberOr("limit", 0));
  }
}
