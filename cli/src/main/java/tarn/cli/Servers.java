package tarn.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Fields;
import tarn.api.LakeStatus;
import tarn.api.ProcessStatus;
import tarn.api.ServerFile;
import tarn.api.ServerStatus;
import tarn.api.SourceStatus;
import tarn.api.StatusAnswer;

/** Commands about the server itself: {@code up}, {@code down}, {@code status}. */
final class Servers {
  private Servers() {}

  static int up(Session session) {
    LakePlace lake = session.lake();
    if (!session.line().has("--detach")) {
      return ServerProcess.foreground(lake);
    }
    Connection connection = new Connection(lake, true, session.notes());
    connection.get("/v1/status");
    session.print("serving " + lake.folder() + ": " + connection.server() + "\n");
    return 0;
  }

  static int down(Session session) {
    LakePlace lake = session.lake();
    session.print(stop(lake) ? "stopped\n" : "no server runs for " + lake.folder() + "\n");
    return 0;
  }

  /** Stops the lake's server, of whatever version; false if there is none. */
  static boolean stop(LakePlace lake) {
    ServerFile server = ServerProcess.running(lake);
    if (server == null) {
      ProcessHandle owner = ServerProcess.owner(lake);
      if (owner == null || !owner.destroy()) {
        return false;
      }
      ServerProcess.awaitEnd(owner.pid());
      return true;
    }
    try {
      HttpURLConnection asked = Connection.open(server, "POST", "/v1/shutdown");
      if (asked.getResponseCode() != 200) {
        return false; // another process has its port now
      }
    } catch (ConnectException e) {
      return false; // another process has its pid now
    } catch (IOException e) {
      throw CommandFailed.external(
          "the server (pid " + server.pid() + ") did not answer when asked to stop: " + e);
    }
    ServerProcess.awaitEnd(server.pid());
    return true;
  }

  /** Never starts a server: returns 1 if none runs. */
  static int status(Session session) {
    LakePlace lake = session.lake();
    if (ServerProcess.running(lake) == null) {
      boolean json = session.format().equals("json");
      session.print(json ? "{\"server\":null}\n" : "no server runs for " + lake.folder() + "\n");
      return 1;
    }
    Fields answer = new Connection(lake, false, session.notes()).get("/v1/status");
    if (session.format().equals("json")) {
      session.print(answer + "\n");
      return 0;
    }
    StatusAnswer status = StatusAnswer.from(answer);
    if (session.format().equals("table")) {
      head(session, status);
    }
    sources(session, status.lake());
    return 0;
  }

  private static void head(Session session, StatusAnswer status) {
    ServerStatus server = status.server();
    LakeStatus lake = status.lake();
    row(session, "lake", lake.name() + " (" + lake.environment() + ") in " + lake.folder());
    row(session, "home", lake.home());
    row(
        session,
        "server",
        server.version()
            + ", pid "
            + server.pid()
            + ", port "
            + server.port()
            + ", since "
            + server.startedAt());
    for (ProcessStatus process : lake.processes()) {
      String memory = process.residentBytes() < 0 ? "?" : Sizes.bytes(process.residentBytes());
      row(session, "process", process.name() + " (pid " + process.pid() + "), " + memory);
    }
    row(session, "tables", String.valueOf(lake.tables()));
    server.running().forEach(operation -> row(session, "running", operation));
    lake.notes().forEach(note -> row(session, "note", note));
    session.print("\n");
  }

  private static void sources(Session session, LakeStatus lake) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (SourceStatus source : lake.sources()) {
      rows.add(
          Arrays.asList(
              source.source(),
              source.files(),
              source.bytes(),
              source.duplicates(),
              source.lastLandedAt()));
    }
    session.table(
        List.of("source", "files:BIGINT", "bytes:BIGINT", "duplicates:BIGINT", "last_landed_at"),
        rows);
  }

  private static void row(Session session, String name, String value) {
    session.print(name + " ".repeat(10 - name.length()) + Cells.oneLine(value) + "\n");
  }
}
