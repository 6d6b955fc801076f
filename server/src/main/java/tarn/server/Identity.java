package tarn.server;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import tarn.api.Build;
import tarn.api.ServerFile;
import tarn.api.ServerStatus;

/**
 * Which server this is.
 *
 * @param pid its process
 * @param startedAt when it started
 * @param token what its requests must carry; 256 random bits
 */
record Identity(long pid, Instant startedAt, String token) {

  static Identity create(Instant now) {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    return new Identity(
        ProcessHandle.current().pid(),
        now,
        Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  ServerFile file(int port) {
    return new ServerFile(pid, startedAt, port, Build.VERSION, Build.ID, token);
  }

  ServerStatus status(int port, List<String> running) {
    return new ServerStatus(pid, port, Build.VERSION, Build.ID, startedAt, running);
  }

  @Override
  public String toString() {
    return "pid " + pid;
  }
}
