package tarn.duckdb.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import tarn.duckdb.worker.Frames.Frame;

/**
 * A worker: takes requests one after the other until its standard input ends, which it notices even
 * while it works: it never outlives its server. Arguments: the memory and the threads of its
 * databases. Anything printed goes to standard error; standard output carries messages only.
 */
public final class WorkerMain {
  /** Deep enough for any text whose nesting the server has bounded. */
  private static final long STACK_BYTES = 256L << 20;

  private WorkerMain() {}

  public static void main(String[] args) throws Exception {
    DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
    System.setOut(System.err);
    LinkedBlockingQueue<Frame> requests = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> readRequests(requests), "requests");
    reader.setDaemon(true);
    reader.start();
    Session session = new Session(out, args[0], args[1]);
    Thread work = new Thread(null, () -> serve(session, requests, out), "work", STACK_BYTES);
    work.start();
    work.join();
  }

  private static void readRequests(LinkedBlockingQueue<Frame> requests) {
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
    try {
      for (Frame frame = Frames.read(in); frame != null; frame = Frames.read(in)) {
        requests.add(frame);
      }
    } catch (IOException e) {
      System.err.println("worker: cannot read requests: " + e);
    }
    Runtime.getRuntime().halt(0);
  }

  private static void serve(
      Session session, LinkedBlockingQueue<Frame> requests, DataOutputStream out) {
    try {
      session.awaitFirst();
      answer(out, ready());
      while (true) {
        answer(out, session.handle(requests.take().json()));
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("worker: stops: " + e);
      Runtime.getRuntime().halt(1);
    }
  }

  private static JsonNode ready() {
    ObjectNode ready = Frames.MAPPER.createObjectNode();
    ready.put("ok", true);
    ready.put("pid", ProcessHandle.current().pid());
    return ready;
  }

  private static void answer(DataOutputStream out, JsonNode node) throws IOException {
    Frames.write(out, Frames.JSON, Frames.MAPPER.writeValueAsBytes(node));
  }
}
