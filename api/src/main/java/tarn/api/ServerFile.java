package tarn.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What {@code <home>/server.json} says about the server that owns a lake's home. Only the owner of
 * the home can read it. {@link #toString} leaves out the token.
 *
 * @param pid the server's process
 * @param startedAt when it started
 * @param port where it listens on the loopback address
 * @param version of Tarn
 * @param buildId of the build it runs; a client of another build refuses to talk to it
 * @param token what a request must carry as {@code Authorization: Bearer …}
 */
public record ServerFile(
    long pid, @Nullable Instant startedAt, int port, String version, String buildId, String token)
    implements Message {
  /** Its name in the home directory. */
  public static final String NAME = "server.json";

  @Override
  public Fields fields() {
    return new Fields()
        .with("pid", pid)
        .with("started_at", startedAt)
        .with("port", port)
        .with("version", version)
        .with("build_id", buildId)
        .with("token", token);
  }

  public static ServerFile from(Fields fields) {
    return new ServerFile(
        fields.number("pid"),
        fields.timeOrNull("started_at"),
        Math.toIntExact(fields.number("port")),
        fields.text("version"),
        fields.text("build_id"),
        fields.text("token"));
  }

  @Override
  public String toString() {
    return "server " + version + " (pid " + pid + ", port " + port + ")";
  }
}
