package tarn.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.BackupRequest;
import tarn.api.ChangesRequest;
import tarn.api.CommitRequest;
import tarn.api.CrawlRequest;
import tarn.api.Event;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.MaintainRequest;
import tarn.api.Message;
import tarn.api.QueryRequest;
import tarn.api.RedriveRequest;
import tarn.api.ReplayRequest;
import tarn.api.ReshardRequest;
import tarn.api.RunRequest;
import tarn.api.SourceReloadRequest;
import tarn.api.SourceVerifyRequest;
import tarn.api.StatusAnswer;
import tarn.api.UnarchiveRequest;
import tarn.api.VerifyRequest;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ConsumerName;
import tarn.core.table.TableName;
import tarn.server.aws.Room;

/**
 * The HTTP API on the loopback address: who may come in, what can be asked, how it is answered. The
 * work itself is behind {@link Operations}.
 */
final class HttpShell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpShell.class);
  private static final int MOST_OPERATIONS = 32;

  /** A quarter of the server's heap. */
  private static final int PUT_BYTES = 128 << 20;

  private static final long COPIES = 3;
  private static final int MOST_THREADS = 80;
  private static final int LARGEST_REQUEST_BYTES = 1 << 20;
  private static final int MOST_QUARANTINE_ROWS = 10_000;
  private static final long PROBE_MILLIS = 250;
  private static final Duration IDLE_CONNECTION = Duration.ofMinutes(10);

  private final Operations operations;
  private final Identity identity;
  private final Gate gate;
  private final Room room = new Room(PUT_BYTES);
  private final Inflight inflight = new Inflight(MOST_OPERATIONS, Clock.systemUTC());
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final ExecutorService workers = workers();
  private final Javalin http;

  private HttpShell(Operations operations, Identity identity, int port) {
    this.operations = operations;
    this.identity = identity;
    this.gate = new Gate(identity.token());
    this.http = Javalin.create(config -> wire(config, port));
  }

  /**
   * Opens the doors.
   *
   * @param port where, on 127.0.0.1; 0 for any free port
   */
  static HttpShell start(Operations operations, Identity identity, int port) {
    HttpShell shell = new HttpShell(operations, identity, port);
    shell.http.start();
    return shell;
  }

  int port() {
    return http.port();
  }

  /** Returns when a client has asked the server to stop. */
  void awaitStop() throws InterruptedException {
    stopAsked.await();
  }

  /** Does what {@code POST /v1/shutdown} does. */
  void askToStop() {
    stopAsked.countDown();
  }

  /** Lets running operations end, cancels those that take too long, then closes the doors. */
  void drain(Duration patience) throws InterruptedException {
    if (!inflight.drain(patience)) {
      LOG.warn("closing although these are still running: {}", inflight.lines());
    }
    close();
  }

  @Override
  public void close() {
    http.stop();
    workers.shutdownNow();
  }

  private void wire(JavalinConfig config, int port) {
    config.startup.showJavalinBanner = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.maxRequestSize = LARGEST_REQUEST_BYTES;
    config.jetty.threadPool = new QueuedThreadPool(MOST_THREADS, 4);
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    config.jetty.addConnector(
        (server, http) -> loopback(server, new HttpConnectionFactory(http), port));

    config.routes.before(gate::check);

    config.routes.post("/v1/sources/{source}/files", this::land);
    config.routes.get("/v1/sources", c -> answer(c, operations.sources()));
    config.routes.get(
        "/v1/sources/{source}/tables",
        c -> answer(c, operations.sourceTables(new SourceName(c.pathParam("source")))));
    config.routes.get(
        "/v1/sources/{source}/check",
        c -> answer(c, operations.checkSource(new SourceName(c.pathParam("source")))));
    config.routes.post(
        "/v1/sources/{source}/reload",
        c ->
            answer(
                c,
                operations.reloadSource(
                    new SourceName(c.pathParam("source")), SourceReloadRequest.from(body(c)))));
    config.routes.post("/v1/sources/{source}/verify", this::verifySource);
    PipelineDoor.open(config, operations.pipelines());
    config.routes.get("/v1/streams", c -> answer(c, operations.streams()));
    config.routes.post("/v1/streams/{stream}/events", this::put);
    config.routes.get("/v1/streams/{stream}", c -> answer(c, operations.stream(stream(c))));
    config.routes.post(
        "/v1/streams/{stream}/reshard",
        c -> answer(c, operations.reshard(stream(c), ReshardRequest.from(body(c)))));
    config.routes.get("/v1/streams/{stream}/lag", c -> answer(c, operations.lag(stream(c))));
    config.routes.get("/v1/streams/{stream}/events", this::read);
    config.routes.get("/v1/streams/{stream}/consumers/{consumer}/events", this::consume);
    config.routes.post("/v1/streams/{stream}/consumers/{consumer}/offsets", this::commit);
    config.routes.delete("/v1/streams/{stream}/consumers/{consumer}", this::removeConsumer);
    config.routes.get(
        "/v1/streams/{stream}/dead",
        c -> answer(c, operations.deadLetters(new SourceName(c.pathParam("stream")), limit(c))));
    config.routes.get(
        "/v1/streams/{stream}/kafka",
        c -> answer(c, operations.kafka(new SourceName(c.pathParam("stream")))));
    config.routes.post("/v1/gateway", c -> answer(c, operations.gateway()));
    config.routes.post(
        "/v1/streams/{stream}/redrive",
        c ->
            answer(
                c,
                operations.redrive(
                    new SourceName(c.pathParam("stream")), RedriveRequest.from(body(c)))));
    config.routes.post(
        "/v1/replay", c -> stream(c, "replay", (body, to) -> to.replay(ReplayRequest.from(body))));
    config.routes.post(
        "/v1/crawl", c -> stream(c, "crawl", (body, to) -> to.crawl(CrawlRequest.from(body))));
    config.routes.post(
        "/v1/run", c -> stream(c, "run", (body, to) -> to.run(RunRequest.from(body))));
    config.routes.post(
        "/v1/query", c -> stream(c, "query", (body, to) -> to.query(QueryRequest.from(body))));
    config.routes.get("/v1/plan", c -> answer(c, operations.plan()));
    config.routes.get("/v1/tables", c -> answer(c, operations.tables()));
    config.routes.get(
        "/v1/tables/{namespace}/{name}", c -> answer(c, operations.describe(table(c))));
    config.routes.get(
        "/v1/tables/{namespace}/{name}/history", c -> answer(c, operations.history(table(c))));
    config.routes.post("/v1/tables/{namespace}/{name}/changes", this::changes);
    config.routes.post(
        "/v1/tables/{namespace}/{name}/undo", c -> answer(c, operations.undo(table(c))));
    config.routes.get("/v1/quarantine", this::quarantine);
    config.routes.get("/v1/quality", this::quality);
    config.routes.post(
        "/v1/maintain",
        c -> stream(c, "maintain", (body, to) -> to.maintain(MaintainRequest.from(body))));
    config.routes.post(
        "/v1/unarchive",
        c -> stream(c, "unarchive", (body, to) -> to.unarchive(UnarchiveRequest.from(body))));
    config.routes.post(
        "/v1/backup", c -> stream(c, "backup", (body, to) -> to.backup(BackupRequest.from(body))));
    config.routes.post(
        "/v1/verify", c -> stream(c, "verify", (body, to) -> to.verify(VerifyRequest.from(body))));
    config.routes.get("/v1/status", c -> answer(c, status()));
    config.routes.post("/v1/validate", c -> answer(c, operations.validate()));
    config.routes.post("/v1/shutdown", this::shutdown);

    config.routes.exception(HttpResponseException.class, (thrown, c) -> fail(c, thrown));
    config.routes.exception(Exception.class, (thrown, c) -> fail(c, thrown));
    config.requestLogger.http(
        (c, millis) ->
            LOG.info("{} {} {} {} ms", c.method(), c.path(), c.statusCode(), millis.longValue()));
  }

  private static ServerConnector loopback(Server server, HttpConnectionFactory http, int port) {
    ServerConnector connector = new ServerConnector(server, 1, 1, http);
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_CONNECTION.toMillis());
    return connector;
  }

  /** A long operation with the body of its request. */
  private interface Streamed {
    Message run(Fields body, Bound to);
  }

  /** The operations with a stream to answer to. */
  private record Bound(Operations operations, EventStream stream, Work work) {
    Message crawl(CrawlRequest request) {
      return operations.crawl(request, work);
    }

    Message run(RunRequest request) {
      return operations.run(request, work);
    }

    Message query(QueryRequest request) {
      return operations.query(request, stream, work);
    }

    Message verifySource(SourceName source, SourceVerifyRequest request) {
      return operations.verifySource(source, request, work);
    }

    Message changes(TableName table, ChangesRequest request) {
      return operations.changes(table, request, stream, work);
    }

    Message maintain(MaintainRequest request) {
      return operations.maintain(request, work);
    }

    Message unarchive(UnarchiveRequest request) {
      return operations.unarchive(request, work);
    }

    Message replay(ReplayRequest request) {
      return operations.replay(request, work);
    }

    Message backup(BackupRequest request) {
      return operations.backup(request, work);
    }

    Message verify(VerifyRequest request) {
      return operations.verify(request, work);
    }
  }

  private void stream(Context c, String name, Streamed streamed) throws InterruptedException {
    Fields body = body(c);
    try (Inflight.Operation operation = inflight.begin(name);
        EventStream stream = new EventStream(c.res(), operation.cancellation())) {
      Bound bound = new Bound(operations, stream, new Work(stream, operation.cancellation()));
      Future<?> work = workers.submit(() -> work(streamed, body, bound));
      watch(work, stream);
    }
  }

  private void verifySource(Context c) throws InterruptedException {
    SourceName source = new SourceName(c.pathParam("source"));
    stream(c, "verify", (body, to) -> to.verifySource(source, SourceVerifyRequest.from(body)));
  }

  private void changes(Context c) throws InterruptedException {
    TableName table = table(c);
    stream(c, "changes", (body, to) -> to.changes(table, ChangesRequest.from(body)));
  }

  private static void work(Streamed streamed, Fields body, Bound bound) {
    try {
      bound.stream.write(new Event.Result(streamed.run(body, bound).fields()));
    } catch (Throwable thrown) {
      bound.stream.fail(thrown);
    }
  }

  /** Waits for the work and, meanwhile, looks whether the client still does. */
  private static void watch(Future<?> work, EventStream stream) throws InterruptedException {
    while (true) {
      try {
        work.get(PROBE_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        stream.probe(PROBE_MILLIS);
      } catch (ExecutionException e) {
        throw new IllegalStateException("a stream could not even tell its failure", e);
      }
    }
  }

  private void land(Context c) throws IOException {
    String path = c.queryParam("path");
    if (path == null) {
      throw new TarnException(ErrorCode.BAD_REQUEST, "the query parameter 'path' is missing");
    }
    UploadPath to = UploadPath.parse(path);
    SourceName source = new SourceName(c.pathParam("source"));
    InputStream body = new VerifiedBody(c.bodyInputStream(), c.header("X-Content-SHA256"));
    try (Inflight.Operation operation = inflight.begin("upload")) {
      answerNow(c, operations.land(new Upload(source, to.folder(), to.name(), body)));
    } catch (RuntimeException e) {
      takeTheRest(c);
      throw e;
    }
  }

  private void put(Context c) throws IOException {
    SourceName stream = new SourceName(c.pathParam("stream"));
    try (Inflight.Operation operation = inflight.begin("put", ErrorCode.THROTTLED);
        Room.Taken taken = room(c)) {
      List<byte[]> events = EventBody.events(c.bodyInputStream(), c.header("Content-Encoding"));
      answerNow(c, operations.put(stream, events));
    } catch (RuntimeException e) {
      takeTheRest(c);
      throw e;
    }
  }

  /** For what a put has in memory: its bytes as they come, its events, and their copies. */
  private Room.Taken room(Context c) {
    long length = c.req().getContentLengthLong();
    boolean plain = length >= 0 && c.header("Content-Encoding") == null;
    long bytes = Math.min(plain ? length : EventBody.MOST_BYTES, EventBody.MOST_BYTES);
    return room.take(COPIES * bytes)
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.THROTTLED,
                    "the events of other requests take all the room there is: send these again a little later"));
  }

  private static SourceName stream(Context c) {
    return new SourceName(c.pathParam("stream"));
  }

  private static ConsumerName consumer(Context c) {
    return new ConsumerName(c.pathParam("consumer"));
  }

  private void read(Context c) {
    answer(c, operations.read(stream(c), begin(c), given(c, "at", ""), limit(c)));
  }

  private void consume(Context c) {
    answer(c, operations.consume(stream(c), consumer(c), begin(c), limit(c)));
  }

  private static String begin(Context c) {
    return given(c, "from", "oldest");
  }

  private static String given(Context c, String name, String otherwise) {
    String value = c.queryParam(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private void commit(Context c) {
    CommitRequest request = CommitRequest.from(body(c));
    operations.commit(stream(c), consumer(c), request);
    answer(c, request);
  }

  private void removeConsumer(Context c) {
    operations.removeConsumer(stream(c), consumer(c));
    answer(c, Fields::new);
  }

  /** A client reads the answer only when all that it sends was taken. */
  private static void takeTheRest(Context c) {
    try {
      c.bodyInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      LOG.debug("the client does not wait for the answer", e);
    }
  }

  private void quarantine(Context c) {
    String table = c.queryParam("table");
    answer(
        c,
        operations.quarantine(
            table == null || table.isEmpty() ? null : cleanTable(table), limit(c)));
  }

  private void quality(Context c) {
    String table = c.queryParam("table");
    answer(
        c,
        operations.quality(table == null || table.isEmpty() ? null : cleanTable(table), limit(c)));
  }

  /** A bare name is a clean table's. */
  private static TableName cleanTable(String table) {
    return TableName.parse(table.indexOf('.') < 0 ? "clean." + table : table);
  }

  private static int limit(Context c) {
    String limit = c.queryParam("limit");
    try {
      int rows = limit == null ? 20 : Integer.parseInt(limit);
      if (rows >= 0 && rows <= MOST_QUARANTINE_ROWS) {
        return rows;
      }
    } catch (NumberFormatException e) {
      LOG.debug("limit", e);
    }
    throw new TarnException(
        ErrorCode.BAD_REQUEST,
        "'limit' is " + limit + "; it is a number from 0 to " + MOST_QUARANTINE_ROWS);
  }

  private StatusAnswer status() {
    return new StatusAnswer(identity.status(port(), inflight.lines()), operations.status());
  }

  private void shutdown(Context c) throws IOException {
    answerNow(c, new ServerStopping(identity.pid()));
    askToStop();
  }

  /** What a client that asked for it waits for: the end of this process. */
  private record ServerStopping(long pid) implements Message {
    @Override
    public Fields fields() {
      return new Fields().with("stopping", pid);
    }
  }

  private static TableName table(Context c) {
    return new TableName(c.pathParam("namespace"), c.pathParam("name"));
  }

  private static Fields body(Context c) {
    try {
      byte[] bytes = c.bodyInputStream().readNBytes(LARGEST_REQUEST_BYTES + 1);
      if (bytes.length > LARGEST_REQUEST_BYTES) {
        throw new TarnException(
            ErrorCode.LIMIT_EXCEEDED,
            "the request is longer than " + LARGEST_REQUEST_BYTES + " bytes");
      }
      return bytes.length == 0
          ? new Fields()
          : Json.readObject(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new TarnException(ErrorCode.CANCELLED, "the request was cut off", e);
    }
  }

  private static void answer(Context c, Message message) {
    c.contentType("application/json;charset=utf-8").result(Json.write(message));
  }

  /** The answer is with the client before the doors may close. */
  private static void answerNow(Context c, Message message) throws IOException {
    byte[] answer = Json.write(message).getBytes(StandardCharsets.UTF_8);
    c.contentType("application/json;charset=utf-8").res().setContentLength(answer.length);
    c.res().getOutputStream().write(answer);
    c.res().flushBuffer();
  }

  private static void fail(Context c, Throwable thrown) {
    c.status(Failures.code(thrown).httpStatus());
    answer(c, Failures.told(thrown));
  }

  private static ExecutorService workers() {
    AtomicLong count = new AtomicLong();
    return Executors.newCachedThreadPool(
        work -> {
          Thread thread = new Thread(work, "operation-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }
}
