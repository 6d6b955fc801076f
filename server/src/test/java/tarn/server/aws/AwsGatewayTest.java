package tarn.server.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * The protocol layer with a service that says back what it hears: who comes in, and what breaks.
 */
class AwsGatewayTest {
  private static final AccessKey KEY = new AccessKey("TARNAAAABBBBCCCCDDDD", "s".repeat(40));
  private static final int MUCH = 16 << 20;
  private static final AtomicLong freeMeanwhile = new AtomicLong();
  private static AwsGateway gateway;

  /** Says back its text and time; fails as it is told to. */
  private static final class Echo implements AwsService {
    @Override
    public String target() {
      return "Echo_20260101";
    }

    @Override
    public String signingName() {
      return "echo";
    }

    @Override
    public Map<String, Operation> operations() {
      return Map.of(
          "Say",
          input ->
              new Output()
                  .with("Text", input.text("Text"))
                  .with("Time", input.optionalTime("Time")),
          "Crash",
          input -> {
            throw new IllegalStateException("secret of the house");
          },
          "Down",
          input -> {
            throw new TarnException(ErrorCode.LOG_UNAVAILABLE, "the log does not answer");
          },
          "Much",
          input -> {
            freeMeanwhile.set(gateway.free());
            return new Output().with("Text", "x".repeat(MUCH));
          });
    }

    @Override
    public int mostAnswerBytes(String operation) {
      return operation.equals("Much") ? 2 * MUCH : 0;
    }
  }

  @BeforeAll
  static void open() {
    gateway = AwsGateway.start(0, KEY, List.of(new Echo()), Clock.systemUTC());
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  private static SignedRequest say() {
    return request("Say", "{\"Text\":\"hello\"}");
  }

  private static SignedRequest request(String operation, String body) {
    return new SignedRequest(gateway.address(), KEY, "Echo_20260101." + operation, body);
  }

  private static void refused(SignedRequest request, String code) throws Exception {
    HttpResponse<String> answer = request.send();
    assertThat(answer.body()).contains("\"__type\":\"" + code + "\"").doesNotContain("hello");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("x-amzn-requestid")).isPresent();
  }

  @Test
  void aSignedRequestIsAnswered() throws Exception {
    HttpResponse<String> answer = say().sign().send();
    assertThat(answer.body()).isEqualTo("{\"Text\":\"hello\"}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/x-amz-json-1.1");
  }

  @Test
  void withoutSignatureNobodyComesIn() throws Exception {
    refused(say(), "MissingAuthenticationTokenException");
    refused(say().header("authorization", "Bearer x"), "IncompleteSignatureException");
    refused(
        say().header("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request"),
        "IncompleteSignatureException");
  }

  @Test
  void anotherKeyIsNotKnown() throws Exception {
    refused(
        say().with(new AccessKey("TARNAAAABBBBCCCCDDDE", KEY.secret())).sign(),
        "UnrecognizedClientException");
    refused(say().header("x-amz-security-token", "t").sign(), "UnrecognizedClientException");
  }

  @Test
  void anotherSecretSignsOtherwise() throws Exception {
    refused(
        say().with(new AccessKey(KEY.id(), "t".repeat(40))).sign(), "InvalidSignatureException");
  }

  @Test
  void anAlteredBodyIsRefused() throws Exception {
    SignedRequest request = say().sign();
    request.body = "{\"Text\":\"hello!\"}".getBytes(StandardCharsets.UTF_8);
    refused(request, "InvalidSignatureException");
  }

  @Test
  void anAlteredHeaderIsRefused() throws Exception {
    refused(
        say().sign().header("x-amz-target", "Echo_20260101.Crash"), "InvalidSignatureException");
    refused(say().sign().header("content-type", "application/json"), "InvalidSignatureException");
  }

  @Test
  void aHeaderThatIsNotSignedIsRefused() throws Exception {
    refused(say().sign().header("x-amz-extra", "1"), "InvalidSignatureException");
  }

  @Test
  void anOldOrFutureDateIsRefused() throws Exception {
    refused(say().at(Instant.now().minusSeconds(330)).sign(), "InvalidSignatureException");
    refused(say().at(Instant.now().plusSeconds(330)).sign(), "InvalidSignatureException");
    assertThat(say().at(Instant.now().minusSeconds(270)).sign().send().statusCode()).isEqualTo(200);
    refused(say().sign().header("x-amz-date", "20150830T123600Z"), "InvalidSignatureException");
  }

  @Test
  void anUnsignedBodyIsRefused() throws Exception {
    refused(
        say().header("x-amz-content-sha256", "UNSIGNED-PAYLOAD").sign(),
        "InvalidSignatureException");
    refused(
        say().header("x-amz-content-sha256", "0".repeat(64)).sign(), "InvalidSignatureException");
  }

  @Test
  void aSignatureForAnotherServiceIsRefused() throws Exception {
    refused(say().forService("firehose").sign(), "InvalidSignatureException");
  }

  @Test
  void whatIsNotThereIsNamed() throws Exception {
    refused(request("Sing", "{}").sign(), "UnknownOperationException");
    assertThat(request("Sing", "{}").sign().send().body()).contains("Echo_20260101.Sing");
    refused(
        say().header("x-amz-target", "Other_1.Say").forService("other").sign(),
        "UnknownOperationException");
  }

  @Test
  void aFaultHasAnIdAndKeepsItsSecrets() throws Exception {
    HttpResponse<String> answer = request("Crash", "{}").sign().send();
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .contains("InternalFailure", answer.headers().firstValue("x-amzn-requestid").orElseThrow())
        .doesNotContain("secret of the house");
    assertThat(request("Down", "{}").sign().send().statusCode()).isEqualTo(503);
  }

  @Test
  void timesAreSecondsInJsonAndMillisecondsUnderTag1InCbor() {
    Output output = new Output().with("T", Instant.ofEpochMilli(1_700_000_000_123L));
    assertThat(new String(Encoding.JSON.write(output), StandardCharsets.UTF_8))
        .isEqualTo("{\"T\":1700000000.123}");
    assertThat(Encoding.CBOR.write(output))
        .containsSubsequence(0x61, 'T', 0xc1, 0x1b, 0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x7b);
    assertThat(Encoding.CBOR.read(Encoding.CBOR.write(output)).optionalTime("T"))
        .isEqualTo(Encoding.JSON.read(Encoding.JSON.write(output)).optionalTime("T"))
        .isEqualTo(Instant.ofEpochMilli(1_700_000_000_123L));
  }

  @Test
  void aTakenPortMeansAnother() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
        AwsGateway other =
            AwsGateway.start(taken.getLocalPort(), KEY, List.of(), Clock.systemUTC())) {
      assertThat(other.address().getPort()).isPositive().isNotEqualTo(taken.getLocalPort());
    }
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    SignedRequest request = say();
    request.body = new byte[AwsGateway.MOST_BODY_BYTES + 1];
    try {
      assertThat(request.sign().send().statusCode()).isEqualTo(413);
    } catch (IOException e) {
      assertThat(e).as("the connection was closed while it was sent").isNotNull();
    }
    aSignedRequestIsAnswered();
  }

  @Test
  void whatCannotBeRightIsRefusedBeforeItsBodyIsReadAndTakesNoRoom() throws Exception {
    long all = whole();
    AccessKey other = new AccessKey("TARNAAAABBBBCCCCDDDE", KEY.secret());
    for (SignedRequest request :
        List.of(
            say(),
            say().with(other).sign(),
            say().forService("other").sign(),
            say().at(Instant.now().minusSeconds(600)).sign())) {
      try (Socket socket = announced(request, 8 << 20)) {
        assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
            .isEqualTo("HTTP/1.1 400");
        assertThat(gateway.free()).isEqualTo(all);
      }
    }
    SignedRequest large = say();
    large.body = new byte[8 << 20];
    refused(large, "MissingAuthenticationTokenException");
    try (Socket socket = announced(say().sign(), 8 << 20)) {
      await(() -> gateway.free() < all);
      assertThat(all - gateway.free()).as("one that may be right").isGreaterThan(8 << 20);
    }
    await(() -> gateway.free() == all);
  }

  @Test
  void anAnswerTakesRoomWhileItIsMadeAndUntilItIsSent() throws Exception {
    long all = whole();
    SignedRequest request = request("Much", "{}").sign();
    try (Socket socket = announced(request, request.body.length)) {
      socket.getOutputStream().write(request.body);
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      assertThat(all - freeMeanwhile.get()).isGreaterThanOrEqualTo(2 * MUCH);
      await(() -> all - gateway.free() < 2 * MUCH);
      assertThat(all - gateway.free()).as("not all of it is sent").isGreaterThanOrEqualTo(MUCH);
      socket.getInputStream().readNBytes(MUCH);
      await(() -> gateway.free() == all);
    }
  }

  /** The room when nobody has any of it: answers of other tests may still be on their way. */
  private static long whole() throws InterruptedException {
    await(() -> gateway.free() == AwsGateway.ROOM_BYTES);
    return gateway.free();
  }

  /** Sends a request up to its body. */
  private static Socket announced(SignedRequest request, int bytes) throws IOException {
    int port = gateway.address().getPort();
    StringBuilder head = new StringBuilder("POST / HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n");
    request.headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + bytes + "\r\n\r\n");
    Socket socket = new Socket();
    socket.setReceiveBufferSize(1 << 16);
    socket.setSoTimeout(10_000);
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for 20 seconds").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Signed or not, of random parts; every 5xx has an id, and the server goes on. */
  @Test
  void randomRequestsBreakNothing() throws Exception {
    long seed = Long.getLong("tarn.seed", System.nanoTime());
    System.out.println("AwsGatewayTest: -Dtarn.seed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      SignedRequest request = request(random.nextBoolean() ? "Say" : "Sing", "");
      request.body = body(random);
      if (random.nextInt(3) == 0) {
        request.header("content-type", "application/x-amz-cbor-1.1");
      }
      if (random.nextInt(10) > 0) {
        request.sign();
      }
      if (random.nextInt(5) == 0) {
        request.header("authorization", text(random));
      }
      HttpResponse<String> answer = request.send();
      assertThat(answer.statusCode()).as(answer.body()).isLessThan(500);
      assertThat(answer.headers().firstValue("x-amzn-requestid")).isPresent();
    }
    aSignedRequestIsAnswered();
  }

  private static byte[] body(Random random) {
    byte[] bytes = new byte[random.nextInt(60)];
    random.nextBytes(bytes);
    String json = "{\"Text\":\"hello\",\"Time\":1.5,\"List\":[1,{\"a\":null}],\"Flag\":true}";
    return switch (random.nextInt(5)) {
      case 0 -> bytes;
      case 1 -> json.substring(0, random.nextInt(json.length())).getBytes(StandardCharsets.UTF_8);
      case 2 -> "[".repeat(random.nextInt(2_000)).getBytes(StandardCharsets.UTF_8);
      case 3 ->
          ("{\"Text\":" + "{\"a\":".repeat(random.nextInt(100)) + "1e" + random.nextInt())
              .getBytes(StandardCharsets.UTF_8);
      default -> altered(json.getBytes(StandardCharsets.UTF_8), random);
    };
  }

  private static byte[] altered(byte[] bytes, Random random) {
    for (int i = random.nextInt(4); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder("AWS4-HMAC-SHA256 ");
    String[] parts = {"Credential=", "SignedHeaders=", "Signature=", "/", ",", "=", KEY.id(), "x"};
    for (int i = random.nextInt(20); i > 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  /** What is no HTTP, or ends in the middle. */
  @Test
  void randomBytesBreakNothing() throws Exception {
    Random random = new Random(42);
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket("127.0.0.1", gateway.address().getPort())) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        OutputStream out = socket.getOutputStream();
        if (random.nextBoolean()) {
          out.write(
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
        }
        out.write(bytes);
        out.flush();
        socket.shutdownOutput();
        InputStream in = socket.getInputStream();
        String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(answer).doesNotStartWith("HTTP/1.1 5");
      } catch (IOException e) {
        assertThat(e).as("the server hung up").isNotNull();
      }
    }
    aSignedRequestIsAnswered();
  }

  @Test
  void theKeyIsMadeOnceAndReadableByItsOwnerOnly(@TempDir Path home) throws IOException {
    AccessKey made = AccessKeyFile.in(home);
    assertThat(AccessKeyFile.in(home)).isEqualTo(made);
    assertThat(made.id()).matches("TARN[A-Z2-7]{16}");
    assertThat(made.secret()).hasSize(40);
    assertThat(made.toString()).doesNotContain(made.secret());
    Path file = home.resolve(AccessKeyFile.NAME);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> AccessKeyFile.in(home)).hasMessageContaining("chmod 600");
  }
}
