package tarn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code datalake init}. */
final class NewLake {
  private NewLake() {}

  static int init(Session session) {
    List<String> arguments = session.line().arguments();
    Path folder =
        session.folder().resolve(arguments.isEmpty() ? "." : arguments.get(0)).toAbsolutePath();
    String given = session.line().option("--name");
    String name = given == null ? nameOf(folder.normalize()) : given;
    write(folder.normalize(), name);
    session.print(
        "A new lake is in "
            + folder.normalize()
            + "\nNext: put files into it with `datalake upload --source NAME FILE…`,\n"
            + "      find their schema with `datalake crawl`, look with `datalake tables`.\n");
    return 0;
  }

  private static void write(Path folder, String name) {
    if (Files.exists(folder.resolve("lake.yaml"))) {
      throw CommandFailed.usage(folder + " is a lake already: it has a lake.yaml");
    }
    try {
      for (String inner : List.of("environments", "tables", "models")) {
        Files.createDirectories(folder.resolve(inner));
      }
      for (Map.Entry<String, String> file : files(name).entrySet()) {
        Path to = folder.resolve(file.getKey());
        if (!Files.exists(to)) {
          Files.writeString(to, file.getValue());
        }
      }
    } catch (IOException e) {
      throw CommandFailed.external("cannot make the lake in " + folder + ": " + e);
    }
  }

  private static Map<String, String> files(String name) {
    return Map.of(
        "lake.yaml",
        "# A lake. State lives in .datalake/ beside this file; `datalake validate` checks it.\n"
            + "name: "
            + name
            + "\n",
        "environments/dev.yaml",
        "# What differs from lake.yaml in the environment dev.\n{}\n",
        ".gitignore",
        ".datalake/\n");
  }

  private static String nameOf(Path folder) {
    Path last = folder.getFileName();
    String name =
        (last == null ? "" : last.toString())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^[-0-9]+|-+$", "");
    return name.isEmpty() ? "lake" : name.substring(0, Math.min(40, name.length()));
  }
}
