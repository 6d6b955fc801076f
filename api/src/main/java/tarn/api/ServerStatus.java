package tarn.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a server is; {@code GET /v1/status}.
 *
 * @param pid its process id
 * @param port its port on the loopback address
 * @param version of Tarn
 * @param buildId of the build it runs
 * @param startedAt when it started
 * @param running operations in flight, {@code run since 12 s}
 */
public record ServerStatus(
    long pid,
    long port,
    String version,
    String buildId,
    @Nullable Instant startedAt,
    List<String> running)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("pid", pid)
        .with("port", port)
        .with("version", version)
        .with("build_id", buildId)
        .with("started_at", startedAt)
        .with("running", running);
  }

  public static ServerStatus from(Fields fields) {
    return new ServerStatus(
        fields.number("pid"),
        fields.number("port"),
        fields.text("version"),
        fields.text("build_id"),
        fields.timeOrNull("started_at"),
        fields.texts("running"));
  }
}
