package tarn.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tarn.api.Build;
import tarn.api.Event;
import tarn.api.Failure;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.api.Message;
import tarn.api.ServerFile;
import tarn.api.WireException;

/**
 * A client of one lake's server. {@code HttpURLConnection}, because it starts ten times faster than
 * {@code HttpClient}. A server that does not answer, or does not know the token of its file, is
 * taken for gone: a new one is started, once, and asked again.
 */
final class Connection {
  private static final byte[] NOTHING = {};

  private final LakePlace lake;
  private final boolean mayStart;
  private final Notes notes;
  private @Nullable ServerFile server;

  Connection(LakePlace lake, boolean mayStart, Notes notes) {
    this.lake = lake;
    this.mayStart = mayStart;
    this.notes = notes;
  }

  /** Hears the events of a stream. */
  interface Listener {
    void hear(Event event);
  }

  /** Asks and reads one object. */
  Fields get(String path) {
    return object(request(new Request("GET", path, NOTHING, null, null)));
  }

  /** Asks with a body and reads one object. */
  Fields post(String path, @Nullable Message body) {
    return postBytes(path, body == null ? NOTHING : bytes(body));
  }

  /** Asks with a body as it stands and reads one object. */
  Fields postBytes(String path, byte[] body) {
    return object(request(new Request("POST", path, body, null, null)));
  }

  /** Asks for something to be removed and reads one object. */
  Fields delete(String path) {
    return object(request(new Request("DELETE", path, NOTHING, null, null)));
  }

  /** Sends a file and reads one object. */
  Fields send(String path, Path file, String sha256) {
    return object(request(new Request("POST", path, NOTHING, file, sha256)));
  }

  /** Asks for a stream; returns its answer, or throws its failure. */
  Fields stream(String path, Message body, Listener listener) {
    HttpURLConnection request = request(new Request("POST", path, bytes(body), null, null));
    try (BufferedReader lines = reader(request.getInputStream())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Event event = line.isEmpty() ? null : Event.parse(line);
        if (event instanceof Event.Failed failed) {
          throw CommandFailed.told(failed.failure());
        }
        if (event instanceof Event.Result result) {
          return result.answer();
        }
        if (event != null) {
          listener.hear(event);
        }
      }
    } catch (IOException e) {
      throw cutOff(e.getMessage());
    } catch (WireException e) {
      throw nonsense(e);
    }
    throw cutOff("no result");
  }

  /** The server, started if there is none. */
  ServerFile server() {
    ServerFile found = server == null ? ServerProcess.running(lake) : server;
    server = found == null ? start(null) : checked(found);
    return server;
  }

  private record Request(
      String method, String path, byte[] body, @Nullable Path file, @Nullable String sha256) {}

  private HttpURLConnection request(Request request) {
    ServerFile known = server();
    try {
      HttpURLConnection answered = ask(known, request);
      if (answered.getResponseCode() != 401) {
        return good(answered);
      }
    } catch (ConnectException e) {
      notes.say("the lake's server (pid " + known.pid() + ") does not answer");
    } catch (IOException e) {
      throw cutOff(e.getMessage());
    }
    server = start(known);
    try {
      return good(ask(server, request));
    } catch (IOException e) {
      throw cutOff(e.getMessage());
    }
  }

  private ServerFile start(@Nullable ServerFile stale) {
    if (!mayStart) {
      throw CommandFailed.usage(
          "no server runs for " + lake.folder() + "; start it: datalake up --detach");
    }
    notes.say("starting the lake's server …");
    return checked(ServerProcess.startDetached(lake, stale));
  }

  private static ServerFile checked(ServerFile found) {
    if (!found.version().equals(Build.VERSION) || !found.buildId().equals(Build.ID)) {
      throw CommandFailed.told(
          new Failure(
              "VERSION_MISMATCH",
              "USER",
              "the running server is "
                  + found.version()
                  + " ("
                  + found.buildId()
                  + "), this command "
                  + Build.VERSION
                  + " ("
                  + Build.ID
                  + "); restart it: datalake down && datalake up --detach",
              null));
    }
    return found;
  }

  static HttpURLConnection open(ServerFile server, String method, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + server.port() + path)
                .toURL()
                .openConnection(java.net.Proxy.NO_PROXY);
    connection.setRequestMethod(method);
    connection.setConnectTimeout(5_000);
    connection.setRequestProperty("Authorization", "Bearer " + server.token());
    return connection;
  }

  private static HttpURLConnection ask(ServerFile server, Request request) throws IOException {
    HttpURLConnection connection = open(server, request.method(), request.path());
    Path file = request.file();
    if (file != null) {
      connection.setFixedLengthStreamingMode(Files.size(file));
      connection.setRequestProperty("X-Content-SHA256", request.sha256());
      connection.setDoOutput(true);
      try (OutputStream out = connection.getOutputStream()) {
        Files.copy(file, out);
      }
    } else if (request.method().equals("POST")) {
      byte[] body = request.body();
      connection.setFixedLengthStreamingMode(body.length);
      connection.setDoOutput(true);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
    }
    return connection;
  }

  private static HttpURLConnection good(HttpURLConnection answered) throws IOException {
    if (answered.getResponseCode() < 400) {
      return answered;
    }
    try {
      throw CommandFailed.told(Failure.from(Json.readObject(text(answered.getErrorStream()))));
    } catch (WireException e) {
      throw nonsense(e);
    }
  }

  private static Fields object(HttpURLConnection answered) {
    try {
      byte[] body = answered.getInputStream().readAllBytes();
      if (body.length < answered.getContentLengthLong()) {
        throw cutOff("the answer ended early");
      }
      return Json.readObject(new String(body, StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw cutOff(e.getMessage());
    } catch (WireException e) {
      throw nonsense(e);
    }
  }

  private static String text(@Nullable InputStream body) throws IOException {
    return body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private static byte[] bytes(Message body) {
    return Json.write(body).getBytes(StandardCharsets.UTF_8);
  }

  private static BufferedReader reader(InputStream body) {
    return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8), 1 << 16);
  }

  private static CommandFailed cutOff(@Nullable String why) {
    return CommandFailed.external(
        "the connection to the lake's server broke (" + why + "); see its log, logs/server.log");
  }

  private static CommandFailed nonsense(WireException e) {
    return CommandFailed.internal("the server answered what is not known here: " + e.getMessage());
  }
}
