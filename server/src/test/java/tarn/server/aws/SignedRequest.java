package tarn.server.aws;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A request that is signed as clients do, and can then be altered. */
final class SignedRequest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final URI address;
  private AccessKey key;
  private Instant when = Instant.now();
  private String service = "echo";
  final TreeMap<String, String> headers = new TreeMap<>();
  byte[] body;

  SignedRequest(URI address, AccessKey key, String target, String body) {
    this.address = address;
    this.key = key;
    this.body = body.getBytes(StandardCharsets.UTF_8);
    headers.put("content-type", "application/x-amz-json-1.1");
    headers.put("x-amz-target", target);
  }

  SignedRequest with(AccessKey other) {
    key = other;
    return this;
  }

  SignedRequest at(Instant time) {
    when = time;
    return this;
  }

  SignedRequest forService(String other) {
    service = other;
    return this;
  }

  SignedRequest header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Signs all headers that there are by now. */
  SignedRequest sign() {
    String time = TIME.format(when);
    headers.put("x-amz-date", time);
    Map<String, List<String>> all = new TreeMap<>();
    headers.forEach((name, value) -> all.put(name, List.of(value)));
    all.put("host", List.of("127.0.0.1:" + address.getPort()));
    List<String> names = new ArrayList<>(all.keySet());
    SigV4.Scope scope = new SigV4.Scope(time.substring(0, 8), "us-east-1", service);
    String signature =
        new SigV4(key.secret())
            .signature(new Head("POST", "/", "", all), names, time, scope, SigV4.sha256(body));
    headers.put(
        "authorization",
        "AWS4-HMAC-SHA256 Credential="
            + key.id()
            + "/"
            + scope.text()
            + ", SignedHeaders="
            + String.join(";", names)
            + ", Signature="
            + signature);
    return this;
  }

  HttpResponse<String> send() throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve("/")).timeout(Duration.ofSeconds(30));
    headers.forEach(request::header);
    return HTTP.send(
        request.POST(BodyPublishers.ofByteArray(body)).build(),
        BodyHandlers.ofString(StandardCharsets.UTF_8));
  }
}
