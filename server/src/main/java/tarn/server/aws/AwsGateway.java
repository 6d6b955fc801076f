package tarn.server.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * AWS's services on a port of the loopback address, for whoever signs with the lake's access key.
 * Bodies are read whole, once their signatures may be right: at most {@value #MOST_BODY_BYTES}
 * bytes each, and so many at once, with answers on their way, as there is room for.
 */
public final class AwsGateway implements AutoCloseable {
  /** The largest request of the services here is 10 MiB, in Base64. */
  static final int MOST_BODY_BYTES = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(AwsGateway.class);
  static final int ROOM_BYTES = 64 << 20;
  private static final int MOST_THREADS = 64;
  private static final long IDLE_MILLIS = 60_000;
  private static final long STOP_MILLIS = 5_000;

  private final Server server;
  private final ServerConnector connector;
  private final Door door;
  private final Room room = new Room(ROOM_BYTES);

  private AwsGateway(Door door) {
    this.door = door;
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 4);
    threads.setName("gateway");
    threads.setDaemon(true);
    this.server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);
    server.setHandler(new Exchange());
    server.setStopTimeout(STOP_MILLIS);
  }

  /**
   * Opens the port.
   *
   * @param port on 127.0.0.1; one that is taken, and 0, mean any free one
   */
  public static AwsGateway start(int port, AccessKey key, List<AwsService> services, Clock clock) {
    AwsGateway gateway = new AwsGateway(new Door(new Guard(key, clock), services));
    gateway.bind(port);
    try {
      gateway.server.start();
    } catch (Exception e) {
      gateway.close();
      throw new TarnException(
          ErrorCode.INTERNAL, "the AWS gateway does not start: " + e.getMessage(), e);
    }
    return gateway;
  }

  private void bind(int port) {
    try {
      connector.setPort(port);
      connector.open();
    } catch (IOException taken) {
      LOG.info("port {} is taken: the AWS gateway uses another", port);
      try {
        connector.setPort(0);
        connector.open();
      } catch (IOException e) {
        throw new TarnException(
            ErrorCode.STORAGE_UNAVAILABLE,
            "the AWS gateway finds no free port: " + e.getMessage(),
            e);
      }
    }
  }

  /** How many bytes of requests and answers there is room for now. */
  long free() {
    return room.free();
  }

  /** Where it is: {@code http://127.0.0.1:4566}. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  /** Lets running requests end, for some seconds. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.error("the AWS gateway could not be closed", e);
    }
  }

  private final class Exchange extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Head head = head(request);
      long begun = System.nanoTime();
      Door.Admitted admitted;
      Room.Taken taken;
      try {
        admitted = door.admit(head);
        taken =
            room.take(length(request) + admitted.mostAnswerBytes())
                .orElseThrow(() -> new AwsException("ThrottlingException", "Rate exceeded"));
      } catch (RuntimeException e) {
        Callback afterAll = Callback.from(new Rest(request, callback), callback::failed);
        send(response, Door.refused(head, e), afterAll);
        return true;
      }
      boolean sending = false;
      try {
        Door.Answer answer = answered(request, head, admitted);
        log(head, answer, begun);
        taken.shrink(answer.body().length);
        send(response, answer, Callback.from(taken::close, callback));
        sending = true;
      } finally {
        if (!sending) {
          taken.close();
        }
      }
      return true;
    }

    private static void log(Head head, Door.Answer answer, long begun) {
      LOG.debug(
          "{} {} {} {} ms",
          head.header("x-amz-target"),
          answer.status(),
          answer.id(),
          (System.nanoTime() - begun) / 1_000_000);
    }

    private static void send(Response response, Door.Answer answer, Callback sent) {
      response.setStatus(answer.status());
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.encoding().contentType());
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
      response.getHeaders().put("x-amzn-RequestId", answer.id());
      response.write(true, ByteBuffer.wrap(answer.body()), sent);
    }

    private static long length(Request request) {
      long announced = request.getLength();
      if (announced > MOST_BODY_BYTES) {
        throw tooLarge();
      }
      return announced < 0 ? MOST_BODY_BYTES : announced;
    }

    private Door.Answer answered(Request request, Head head, Door.Admitted admitted) {
      try {
        return door.answer(head, admitted, body(request));
      } catch (AwsException e) {
        return Door.refused(head, e);
      }
    }

    private static byte[] body(Request request) {
      try (InputStream in = Content.Source.asInputStream(request)) {
        byte[] body = in.readNBytes(MOST_BODY_BYTES + 1);
        if (body.length > MOST_BODY_BYTES) {
          throw tooLarge();
        }
        return body;
      } catch (IOException e) {
        throw new AwsException("SerializationException", "The request was cut off.");
      }
    }

    private static AwsException tooLarge() {
      return new AwsException(
          "RequestEntityTooLargeException",
          413,
          "The request has more than " + MOST_BODY_BYTES + " bytes.");
    }

    private static Head head(Request request) {
      Map<String, List<String>> headers = new HashMap<>();
      for (HttpField field : request.getHeaders()) {
        headers
            .computeIfAbsent(Door.headerName(field.getName()), name -> new ArrayList<>())
            .add(field.getValue() == null ? "" : field.getValue());
      }
      String query = request.getHttpURI().getQuery();
      String path = request.getHttpURI().getPath();
      return new Head(
          request.getMethod(), path == null ? "/" : path, query == null ? "" : query, headers);
    }
  }

  /**
   * The rest of a request that is answered already: comes and is forgotten, for clients read no
   * answer before they have sent all. Takes no thread, and ends with what a body may have.
   */
  private static final class Rest implements Runnable {
    private final Request request;
    private final Callback done;
    private long bytes;

    Rest(Request request, Callback done) {
      this.request = request;
      this.done = done;
    }

    @Override
    public void run() {
      while (bytes <= MOST_BODY_BYTES) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
          request.demand(this);
          return;
        } else if (Content.Chunk.isFailure(chunk)) {
          break;
        }
        bytes += chunk.remaining();
        chunk.release();
        if (chunk.isLast()) {
          break;
        }
      }
      done.succeeded(); // what is still to come is cut off
    }
  }
}
