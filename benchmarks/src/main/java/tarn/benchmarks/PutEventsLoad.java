package tarn.benchmarks;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code <server.json> <stream> <file> <connections> <batch> <duplicates> [<events a second>]}:
 * puts the lines of a file over HTTP, so many in a request, over several connections, at a rate or
 * as quickly as it goes; a share of the lines is sent a second time with the next request. What is
 * refused for a while (429, 502, 503) is sent again. Prints when it began (milliseconds since
 * 1970), how many were sent, how many of them twice, and the CPU seconds of this process.
 */
public final class PutEventsLoad {
  private static final int BUFFER = 1 << 20;
  private static final long PAUSE_MILLIS = 50;

  private final URI address;
  private final String token;
  private final int batch;
  private final double duplicates;
  private final double perSecond;
  private final InputStream lines;
  private final long begun = System.nanoTime();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong twice = new AtomicLong();
  private final AtomicLong again = new AtomicLong();
  private byte[] rest = new byte[0];

  private PutEventsLoad(
      URI address, String token, InputStream lines, int batch, double share, double perSecond) {
    this.address = address;
    this.token = token;
    this.lines = lines;
    this.batch = batch;
    this.duplicates = share;
    this.perSecond = perSecond;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    String server = Files.readString(Path.of(args[0]));
    URI address =
        URI.create(
            "http://127.0.0.1:" + field(server, "port") + "/v1/streams/" + args[1] + "/events");
    try (InputStream lines =
        new BufferedInputStream(Files.newInputStream(Path.of(args[2])), BUFFER)) {
      PutEventsLoad load =
          new PutEventsLoad(
              address,
              field(server, "token"),
              lines,
              Integer.parseInt(args[4]),
              Double.parseDouble(args[5]),
              args.length > 6 ? Double.parseDouble(args[6]) : 0);
      System.out.println("began " + System.currentTimeMillis());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(args[3]); i++) {
        int seed = i;
        Thread thread = new Thread(() -> load.run(new SplittableRandom(seed)));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      System.out.printf("put_millis %d%n", (System.nanoTime() - load.begun) / 1_000_000);
      System.out.println("sent " + load.sent.get());
      System.out.println("twice " + load.twice.get());
      System.out.println("requests_again " + load.again.get());
      ProcessHandle.current()
          .info()
          .totalCpuDuration()
          .ifPresent(cpu -> System.out.printf("client_cpu_seconds %.1f%n", cpu.toMillis() / 1e3));
    }
  }

  private static String field(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"?([^\",}\\s]+)").matcher(json);
    if (!found.find()) {
      throw new IllegalArgumentException("no " + name + " in server.json");
    }
    return found.group(1);
  }

  private void run(SplittableRandom random) {
    try {
      byte[] before = new byte[0];
      for (byte[] body = next(); body.length > 0; body = next()) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(body.length + before.length);
        all.write(body);
        all.write(before);
        byte[] request = all.toByteArray();
        while (!put(request)) {
          again.incrementAndGet();
          Thread.sleep(PAUSE_MILLIS);
        }
        before = some(body, random);
      }
      if (before.length > 0) {
        put(before);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next lines of the file when it is their turn; empty at its end. */
  private synchronized byte[] next() throws IOException, InterruptedException {
    if (perSecond > 0) {
      long due = begun + (long) (sent.get() / perSecond * 1e9);
      Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
    }
    byte[] more = rest;
    int found = 0;
    int at = 0;
    while (true) {
      for (; at < more.length; at++) {
        if (more[at] == '\n' && ++found == batch) {
          rest = Arrays.copyOfRange(more, at + 1, more.length);
          sent.addAndGet(found);
          return Arrays.copyOf(more, at + 1);
        }
      }
      byte[] read = lines.readNBytes(BUFFER / 4);
      if (read.length == 0) {
        rest = read;
        sent.addAndGet(found);
        return more;
      }
      byte[] both = Arrays.copyOf(more, more.length + read.length);
      System.arraycopy(read, 0, both, more.length, read.length);
      more = both;
    }
  }

  private byte[] some(byte[] body, SplittableRandom random) {
    ByteArrayOutputStream some = new ByteArrayOutputStream();
    int start = 0;
    for (int i = 0; i < body.length; i++) {
      if (body[i] == '\n') {
        if (random.nextDouble() < duplicates) {
          some.write(body, start, i + 1 - start);
          twice.incrementAndGet();
        }
        start = i + 1;
      }
    }
    return some.toByteArray();
  }

  /** Whether all of it was taken; false if it may be sent again. */
  private boolean put(byte[] body) throws IOException {
    HttpURLConnection request = (HttpURLConnection) address.toURL().openConnection();
    request.setRequestMethod("POST");
    request.setDoOutput(true);
    request.setFixedLengthStreamingMode(body.length);
    request.setRequestProperty("Authorization", "Bearer " + token);
    request.setRequestProperty("Content-Type", "application/x-ndjson");
    try (OutputStream out = request.getOutputStream()) {
      out.write(body);
    }
    int status = request.getResponseCode();
    try (InputStream in = status == 200 ? request.getInputStream() : request.getErrorStream()) {
      byte[] answer = in.readAllBytes();
      if (status == 429 || status == 502 || status == 503) {
        return false;
      } else if (status != 200) {
        throw new IOException(new String(answer, StandardCharsets.UTF_8));
      }
      return new String(answer, 0, Math.min(200, answer.length), StandardCharsets.US_ASCII)
          .matches("(?s).*\"failed\" *: *0[,}].*");
    }
  }
}
