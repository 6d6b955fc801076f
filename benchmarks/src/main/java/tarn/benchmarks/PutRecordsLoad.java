package tarn.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code <endpoint> <stream> <connections> <seconds>}: PutRecords of 500 records of 200 bytes, each
 * an event of its own, over several connections; keys and region are in the environment as {@code
 * datalake env} sets them. Prints records a second, how many were refused, and the CPU seconds of
 * this process.
 */
public final class PutRecordsLoad {
  private static final int RECORDS = 500;
  private static final int RECORD_BYTES = 200;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final HexFormat HEX = HexFormat.of();

  private final URI endpoint;
  private final String stream;
  private final AtomicLong next = new AtomicLong(System.currentTimeMillis() * 1_000_000);
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  private PutRecordsLoad(URI endpoint, String stream) {
    this.endpoint = endpoint;
    this.stream = stream;
  }

  public static void main(String[] args) throws InterruptedException {
    PutRecordsLoad load = new PutRecordsLoad(URI.create(args[0] + "/"), args[1]);
    double seconds = Double.parseDouble(args[3]);
    long begun = System.nanoTime();
    long end = begun + (long) (seconds * 1e9);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      Thread thread = new Thread(() -> load.run(end));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double took = (System.nanoTime() - begun) / 1e9;
    System.out.printf("records_per_second %.0f%n", load.taken.get() / took);
    System.out.println("records " + load.taken.get());
    System.out.println("refused " + load.refused.get());
    ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .ifPresent(cpu -> System.out.printf("client_cpu_seconds %.1f%n", cpu.toMillis() / 1e3));
  }

  private void run(long end) {
    try {
      while (System.nanoTime() < end) {
        put();
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void put() throws IOException, GeneralSecurityException {
    byte[] body = body();
    HttpURLConnection request = (HttpURLConnection) endpoint.toURL().openConnection();
    request.setRequestMethod("POST");
    request.setDoOutput(true);
    request.setFixedLengthStreamingMode(body.length);
    sign(request, body);
    try (OutputStream out = request.getOutputStream()) {
      out.write(body);
    }
    boolean good = request.getResponseCode() == 200;
    try (InputStream in = good ? request.getInputStream() : request.getErrorStream()) {
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!good) {
        throw new IOException(answer);
      }
      boolean all =
          answer.contains("\"FailedRecordCount\":0") || answer.contains("\"FailedRecordCount\": 0");
      (all ? taken : refused).addAndGet(RECORDS);
    }
  }

  private byte[] body() {
    StringBuilder body = new StringBuilder(RECORDS * 320);
    body.append("{\"StreamName\":\"").append(stream).append("\",\"Records\":[");
    long first = next.getAndAdd(RECORDS);
    for (int i = 0; i < RECORDS; i++) {
      String event = "{\"id\":\"" + (first + i) + "\",\"text\":\"";
      String data = event + "x".repeat(RECORD_BYTES - event.length() - 2) + "\"}";
      body.append(i == 0 ? "" : ",")
          .append("{\"Data\":\"")
          .append(Base64.getEncoder().encodeToString(data.getBytes(StandardCharsets.UTF_8)))
          .append("\",\"PartitionKey\":\"k")
          .append((first + i) % 1000)
          .append("\"}");
    }
    return body.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private void sign(HttpURLConnection request, byte[] body) throws GeneralSecurityException {
    String time = TIME.format(Instant.now());
    String day = time.substring(0, 8);
    String region = System.getenv("AWS_REGION");
    String scope = day + "/" + region + "/kinesis/aws4_request";
    String target = "Kinesis_20131202.PutRecords";
    String canonical =
        "POST\n/\n\nhost:"
            + endpoint.getHost()
            + ":"
            + endpoint.getPort()
            + "\nx-amz-date:"
            + time
            + "\nx-amz-target:"
            + target
            + "\n\nhost;x-amz-date;x-amz-target\n"
            + sha256(body);
    String toSign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256(bytes(canonical));
    byte[] key = hmac(bytes("AWS4" + System.getenv("AWS_SECRET_ACCESS_KEY")), day);
    key = hmac(hmac(hmac(key, region), "kinesis"), "aws4_request");
    request.setRequestProperty("Content-Type", "application/x-amz-json-1.1");
    request.setRequestProperty("X-Amz-Target", target);
    request.setRequestProperty("X-Amz-Date", time);
    request.setRequestProperty(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential="
            + System.getenv("AWS_ACCESS_KEY_ID")
            + "/"
            + scope
            + ", SignedHeaders=host;x-amz-date;x-amz-target, Signature="
            + HEX.formatHex(hmac(key, toSign)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes) throws GeneralSecurityException {
    return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(bytes(text));
  }
}
