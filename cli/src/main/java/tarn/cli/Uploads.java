package tarn.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.api.Event;
import tarn.api.UploadAnswer;

/** {@code datalake upload}. */
final class Uploads {
  private Uploads() {}

  /** A file and where it is to land. */
  private record Piece(String source, String path, Path file, long bytes) {}

  /** What became of a source's files. */
  private static final class Count {
    private long landed;
    private long duplicate;
    private long bytes;
  }

  static int upload(Session session) {
    Line line = session.line();
    String source = line.option("--source");
    List<Piece> pieces = new ArrayList<>();
    if (line.has("--sample-data")) {
      folderOfSources(pieces, session.lake().folder().resolve("sample-data"));
    } else if (line.arguments().isEmpty()) {
      throw CommandFailed.usage("name files or folders to upload, or --sample-data");
    }
    for (String argument : line.arguments()) {
      collect(pieces, session.folder().resolve(argument), source);
    }
    return send(session, session.connect(), pieces);
  }

  static int sampleData(Session session, Connection connection, Path lake) {
    List<Piece> pieces = new ArrayList<>();
    folderOfSources(pieces, lake.resolve("sample-data"));
    return send(session, connection, pieces);
  }

  private static void collect(List<Piece> pieces, Path given, @Nullable String source) {
    if (source == null && Files.isDirectory(given)) {
      folderOfSources(pieces, given);
    } else if (!Files.exists(given)) {
      throw CommandFailed.usage("there is no file " + given);
    } else if (source == null) {
      throw CommandFailed.usage("name what " + given.getFileName() + " is of: --source NAME");
    } else if (Files.isDirectory(given)) {
      folder(pieces, given, source);
    } else {
      add(pieces, source, given.resolveSibling(""), given);
    }
  }

  private static void folderOfSources(List<Piece> pieces, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw CommandFailed.usage("there is no folder " + folder);
    }
    try (Stream<Path> inside = Files.list(folder)) {
      for (Path source : inside.sorted().toList()) {
        String name = String.valueOf(source.getFileName());
        if (!name.startsWith(".") && !Files.isDirectory(source)) {
          throw CommandFailed.usage(
              source + " is in no source's folder; use --source NAME, or move it into one");
        }
        if (!name.startsWith(".")) {
          folder(pieces, source, name);
        }
      }
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static void folder(List<Piece> pieces, Path folder, String source) {
    try (Stream<Path> inside = Files.walk(folder)) {
      inside
          .filter(file -> Files.isRegularFile(file) && !hidden(folder, file))
          .sorted()
          .forEach(file -> add(pieces, source, folder, file));
    } catch (IOException | java.io.UncheckedIOException e) {
      throw unreadable(folder, e);
    }
  }

  private static boolean hidden(Path folder, Path file) {
    for (Path part : folder.relativize(file)) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static void add(List<Piece> pieces, String source, Path folder, Path file) {
    String path = folder.relativize(file).toString().replace('\\', '/');
    try {
      pieces.add(new Piece(source, path, file, Files.size(file)));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static int send(Session session, Connection connection, List<Piece> pieces) {
    long total = pieces.stream().mapToLong(Piece::bytes).sum();
    long sent = 0;
    TreeMap<String, Count> counts = new TreeMap<>();
    for (Piece piece : pieces) {
      UploadAnswer answer = send(connection, piece);
      Count count = counts.computeIfAbsent(piece.source(), name -> new Count());
      boolean landed = answer.outcome().equals("landed");
      count.landed += landed ? 1 : 0;
      count.duplicate += landed ? 0 : 1;
      count.bytes += landed ? answer.bytes() : 0;
      sent += piece.bytes();
      session.notes().progress(new Event.Progress("upload", piece.source(), sent, total, "bytes"));
    }
    print(session, counts);
    return 0;
  }

  private static UploadAnswer send(Connection connection, Piece piece) {
    String path =
        "/v1/sources/"
            + Tables.encoded(piece.source())
            + "/files?path="
            + Tables.encoded(piece.path());
    return UploadAnswer.from(connection.send(path, piece.file(), sha256(piece.file())));
  }

  private static void print(Session session, TreeMap<String, Count> counts) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    counts.forEach(
        (source, count) ->
            rows.add(Arrays.asList(source, count.landed, count.duplicate, count.bytes)));
    session.table(List.of("source", "landed:BIGINT", "duplicate:BIGINT", "bytes:BIGINT"), rows);
  }

  private static String sha256(Path file) {
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw CommandFailed.internal("this Java has no SHA-256");
    }
  }

  private static CommandFailed unreadable(Path what, Exception e) {
    Throwable cause = e instanceof java.io.UncheckedIOException ? e.getCause() : e;
    return CommandFailed.external(
        cause instanceof AccessDeniedException denied
            ? "cannot read " + denied.getFile() + ": permission denied"
            : "cannot read " + what + ": " + cause);
  }
}
