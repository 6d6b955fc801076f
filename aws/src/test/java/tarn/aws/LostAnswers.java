package tarn.aws;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A way to a server on which answers get lost: requests that begin in some way arrive and are
 * carried out, but the connection ends instead of the answer.
 */
final class LostAnswers implements Closeable {
  private final ServerSocket door;
  private final URI server;
  private final String method;
  private final AtomicInteger lost = new AtomicInteger();
  private volatile boolean begun;

  private LostAnswers(ServerSocket door, URI server, String method) {
    this.door = door;
    this.server = server;
    this.method = method;
  }

  static LostAnswers of(URI server, String method) throws IOException {
    LostAnswers way =
        new LostAnswers(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server, method);
    daemon(way::accept);
    return way;
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** From now on answers are lost. */
  void begin() {
    begun = true;
  }

  int count() {
    return lost.get();
  }

  @Override
  public void close() throws IOException {
    door.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = door.accept();
        Socket behind = new Socket(server.getHost(), server.getPort());
        boolean[] deaf = {false};
        daemon(() -> forward(client, behind, deaf));
        daemon(() -> answer(behind, client, deaf));
      }
    } catch (IOException e) {
      // closed
    }
  }

  /** A request's head is at a buffer's start: the client sends the next one after the answer. */
  private void forward(Socket from, Socket to, boolean[] deaf) {
    try (from) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (begun && new String(buffer, 0, read, StandardCharsets.ISO_8859_1).startsWith(method)) {
          deaf[0] = true;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // the other end is gone
    }
  }

  private void answer(Socket from, Socket to, boolean[] deaf) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        boolean goOn = new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains(" 100 ");
        if (deaf[0] && !goOn) {
          lost.incrementAndGet();
          return;
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // the other end is gone
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "lost answers");
    thread.setDaemon(true);
    thread.start();
  }
}
