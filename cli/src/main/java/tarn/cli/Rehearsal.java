package tarn.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tarn.api.Build;
import tarn.api.Json;
import tarn.api.ServerFile;

/**
 * Runs the common commands against answers made up here, so that the launcher can keep the classes
 * they load in an archive from which they start quickly. What it prints is thrown away.
 */
public final class Rehearsal {
  private static final String ROWS =
      """
      {"event":"progress","stage":"a","name":"b","done":1,"total":2,"unit":"files"}
      {"event":"columns","columns":[{"name":"a","type":"BIGINT"},{"name":"b","type":"VARCHAR"}]}
      {"event":"rows","rows":[[1,"x"],[2.5,null],[true,[1]]]}
      {"event":"result","rows":3,"truncated":false,"millis":1,"tables":[],"datasets":[]}
      """;

  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    Path lake = Files.createTempDirectory("datalake-rehearsal");
    Path home = Files.createDirectory(lake.resolve(".datalake"));
    Path lakeFile = Files.writeString(lake.resolve("lake.yaml"), "name: rehearsal\n");
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> answer(socket), "answers");
      server.setDaemon(true);
      server.start();
      Path file = Files.writeString(home.resolve(ServerFile.NAME), Json.write(self(socket)));
      rehearse(lake);
      Files.delete(file);
    } finally {
      Files.delete(home);
      Files.delete(lakeFile);
      Files.delete(lake);
    }
  }

  private static void rehearse(Path lake) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(true, true, true, 80, true);
    for (String line :
        List.of(
            "help",
            "version",
            "query a",
            "query a -o csv",
            "query a -o json",
            "tables",
            "crawl",
            "run")) {
      Main.run(List.of(line.split(" ")), new StringBuilder(), nowhere, terminal, lake);
    }
  }

  private static ServerFile self(ServerSocket socket) {
    return new ServerFile(
        ProcessHandle.current().pid(),
        Instant.now(),
        socket.getLocalPort(),
        Build.VERSION,
        Build.ID,
        "none");
  }

  private static void answer(ServerSocket socket) {
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        boolean stream = readRequest(client);
        byte[] body = (stream ? ROWS : "{\"tables\":[]}").getBytes(StandardCharsets.UTF_8);
        String head =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + Integer.toHexString(body.length)
                + "\r\n";
        client.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().write(body);
        client.getOutputStream().write("\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        return; // the rehearsal is over
      }
    }
  }

  /** Reads a request to its end; tells whether it asks for a stream. */
  private static boolean readRequest(Socket client) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    String first = reader.readLine();
    int length = 0;
    for (String line = reader.readLine();
        line != null && !line.isEmpty();
        line = reader.readLine()) {
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring(16));
      }
    }
    for (int i = 0; i < length; i++) {
      if (reader.read() < 0) {
        break;
      }
    }
    return first != null && first.startsWith("POST");
  }
}
