package tarn.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Lives the first minute of a server in a lake that is thrown away, so that the launcher can keep
 * the classes it loads in an archive from which servers start quickly.
 */
public final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    try (TemporaryFolder temporary = TemporaryFolder.make("datalake-rehearsal-")) {
      Path folder = temporary.path();
      Files.writeString(folder.resolve("lake.yaml"), "name: rehearsal\nengine:\n  memory: 512MB\n");
      Files.createDirectory(folder.resolve("tables"));
      Files.writeString(folder.resolve("tables").resolve("a.yaml"), "from: a\nkey: [id]\n");
      Lake lake = Wiring.read(folder, null);
      Identity identity = Identity.create(Clock.systemUTC().instant());
      try (Operations operations = Wiring.open(lake);
          HttpShell doors = HttpShell.start(operations, identity, 0)) {
        ask(doors, identity, "/v1/sources/a/files?path=a.csv", "id,b\n1,x\n2,y\n");
        ask(doors, identity, "/v1/crawl", "{\"sources\":[],\"dry_run\":false}");
        ask(doors, identity, "/v1/run", "{\"tables\":[]}");
        ask(doors, identity, "/v1/query", "{\"sql\":\"SELECT count(*) FROM clean.a\"}");
      }
    }
  }

  private static void ask(HttpShell doors, Identity identity, String path, String body)
      throws IOException {
    HttpURLConnection request =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + doors.port() + path).toURL().openConnection();
    request.setRequestMethod("POST");
    request.setRequestProperty("Authorization", "Bearer " + identity.token());
    request.setDoOutput(true);
    try (OutputStream out = request.getOutputStream()) {
      out.write(body.getBytes(StandardCharsets.UTF_8));
    }
    try (InputStream answer = request.getInputStream()) {
      answer.transferTo(OutputStream.nullOutputStream());
    }
  }
}
