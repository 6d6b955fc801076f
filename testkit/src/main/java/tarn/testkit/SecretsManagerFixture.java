package tarn.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * AWS Secrets Manager on this machine, as far as reading goes (GetSecretValue, AWS's JSON 1.1). Who
 * asks must have signed for the service with {@link #KEY_ID}; the signature itself is not computed
 * again.
 */
public final class SecretsManagerFixture implements AutoCloseable {
  public static final String KEY_ID = "AKIDEXAMPLE";

  private static final Pattern SIGNED =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential="
              + KEY_ID
              + "/\\d{8}/([a-z0-9-]+)/secretsmanager/aws4_request, SignedHeaders=\\S*host\\S*,"
              + " Signature=[0-9a-f]{64}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<String> regions = new CopyOnWriteArrayList<>();

  private SecretsManagerFixture(HttpServer server) {
    this.server = server;
  }

  private record Reply(int status, String body) {}

  public static SecretsManagerFixture start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    SecretsManagerFixture fixture = new SecretsManagerFixture(server);
    server.createContext("/", fixture::answer);
    server.start();
    return fixture;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** From now on a secret is this text. */
  public void has(String id, String text) {
    replies.put(id, value(id, secret -> secret.put("SecretString", text)));
  }

  /** From now on a secret is binary. */
  public void hasBytes(String id, String text) {
    String bytes = Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    replies.put(id, value(id, secret -> secret.put("SecretBinary", bytes)));
  }

  /** From now on a secret is refused, with a code as {@code AccessDeniedException}. */
  public void refuses(String id, int status, String code, String message) {
    replies.put(id, failure(status, code, message));
  }

  /** From now on a body is answered as it stands. */
  public void answers(String id, String body) {
    replies.put(id, new Reply(200, body));
  }

  /** The region of each request that was signed, in the order of their coming. */
  public List<String> regions() {
    return List.copyOf(regions);
  }

  private void answer(HttpExchange exchange) throws IOException {
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    Reply reply = reply(exchange, request);
    byte[] body = reply.body().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(reply.status(), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Reply reply(HttpExchange exchange, JsonNode request) {
    if (!"secretsmanager.GetSecretValue"
        .equals(exchange.getRequestHeaders().getFirst("X-Amz-Target"))) {
      return failure(400, "UnknownOperationException", "");
    }
    Matcher signed =
        SIGNED.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    if (!signed.matches() || exchange.getRequestHeaders().getFirst("X-Amz-Date") == null) {
      return failure(400, "IncompleteSignatureException", "");
    }
    regions.add(signed.group(1));
    return replies.getOrDefault(
        request.path("SecretId").asText(),
        failure(
            400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."));
  }

  private static Reply value(String id, Function<ObjectNode, ObjectNode> content) {
    ObjectNode secret =
        JSON.createObjectNode()
            .put("ARN", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:" + id)
            .put("Name", id)
            .put("VersionId", "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1");
    secret.putArray("VersionStages").add("AWSCURRENT");
    return new Reply(200, content.apply(secret).toString());
  }

  private static Reply failure(int status, String code, String message) {
    return new Reply(
        status, JSON.createObjectNode().put("__type", code).put("Message", message).toString());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
