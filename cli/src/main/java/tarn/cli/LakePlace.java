package tarn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a lake and its state are. The two settings that say so, {@code environment} and {@code
 * home}, are read here without a YAML parser, so they have to be written as plain lines; the server
 * reads them properly, and a start whose home differs is reported.
 *
 * @param folder the lake folder, absolute
 * @param environment as asked for, or null for the lake's own
 * @param home where the server's file is, absolute
 */
record LakePlace(Path folder, @Nullable String environment, Path home) {
  private static final String LAKE_FILE = "lake.yaml";

  /** Finds the lake that a command means. */
  static LakePlace find(@Nullable String lake, @Nullable String environment, Path from) {
    String named = lake != null ? lake : System.getenv("DATALAKE");
    Path folder = named == null || named.isEmpty() ? upwards(from) : from.resolve(named);
    if (!Files.isRegularFile(folder.resolve(LAKE_FILE))) {
      throw CommandFailed.usage(
          "there is no lake.yaml in " + folder + "; `datalake init` makes a lake");
    }
    return at(folder.toAbsolutePath().normalize(), environment);
  }

  static LakePlace at(Path folder, @Nullable String environment) {
    String holds =
        environment != null ? environment : setting(folder.resolve(LAKE_FILE), "environment");
    Path own = folder.resolve("environments").resolve((holds == null ? "dev" : holds) + ".yaml");
    String home = Files.isRegularFile(own) ? setting(own, "home") : null;
    if (home == null) {
      home = setting(folder.resolve(LAKE_FILE), "home");
    }
    return new LakePlace(
        folder, environment, folder.resolve(home == null ? ".datalake" : home).normalize());
  }

  private static Path upwards(Path from) {
    Path start = from.toAbsolutePath().normalize();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve(LAKE_FILE))) {
        return folder;
      }
    }
    throw CommandFailed.usage(
        "there is no lake.yaml in " + start + " or above; use --lake, or `datalake init`");
  }

  private static @Nullable String setting(Path file, String key) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CommandFailed.external("cannot read " + file + ": " + e.getMessage());
    }
    for (String line : lines) {
      if (line.startsWith(key + ":")) {
        return scalar(line.substring(key.length() + 1).strip());
      }
    }
    return null;
  }

  private static @Nullable String scalar(String text) {
    if (text.startsWith("\"") || text.startsWith("'")) {
      int end = text.indexOf(text.charAt(0), 1);
      return end < 0 ? text : text.substring(1, end);
    }
    int comment = text.startsWith("#") ? 0 : text.indexOf(" #");
    String plain = comment < 0 ? text : text.substring(0, comment).strip();
    return plain.isEmpty() ? null : plain;
  }
}
