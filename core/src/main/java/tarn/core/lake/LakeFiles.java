package tarn.core.lake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds and reads the files of a lake folder; what cannot be read becomes a problem. */
final class LakeFiles {
  private static final int MAX_FILES = 10_000;
  private static final Set<String> IGNORED = Set.of("readme.md", "readme");

  private final Path dir;
  private final Problems problems;

  LakeFiles(Path dir, Problems problems) {
    this.dir = dir;
    this.problems = problems;
  }

  /** The files of a subfolder with an ending, by name; complains about the others. */
  List<String> list(String folder, String ending) {
    if (!Files.isDirectory(dir.resolve(folder))) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(dir.resolve(folder))) {
      return paths
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith(".") && !IGNORED.contains(name.toLowerCase(Locale.ROOT)))
          .sorted()
          .limit(MAX_FILES)
          .filter(name -> isDefinition(folder, name, ending))
          .map(name -> folder + "/" + name)
          .toList();
    } catch (IOException e) {
      unreadable(folder, e);
      return List.of();
    }
  }

  private boolean isDefinition(String folder, String name, String ending) {
    Path path = dir.resolve(folder).resolve(name);
    if (name.endsWith(ending) && Files.isRegularFile(path)) {
      return true;
    }
    problems.error(
        Place.startOf(folder + "/" + name),
        name,
        "only files ending in " + ending + " are read from " + folder + "/",
        "rename or remove it");
    return false;
  }

  /** Names of what lies directly in the lake folder. */
  List<String> top() {
    try (Stream<Path> paths = Files.list(dir)) {
      return paths.map(path -> path.getFileName().toString()).sorted().limit(MAX_FILES).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Whether there is such a file. */
  boolean has(String file) {
    return Files.isRegularFile(dir.resolve(file));
  }

  /** A file's text; empty if it cannot be read, and then there is a problem. */
  Optional<String> text(String file) {
    try {
      Path path = dir.resolve(file);
      if (Files.size(path) > YamlReader.MAX_CHARACTERS) {
        problems.error(
            Place.startOf(file),
            "",
            "the file is larger than " + YamlReader.MAX_CHARACTERS + " bytes");
        return Optional.empty();
      }
      return Optional.of(decode(file, Files.readAllBytes(path)));
    } catch (CharacterCodingException e) {
      return Optional.empty();
    } catch (IOException e) {
      unreadable(file, e);
      return Optional.empty();
    }
  }

  private String decode(String file, byte[] bytes) throws CharacterCodingException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < buffer.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      problems.error(new Place(file, line, 1), "", "the file is not UTF-8", "save it as UTF-8");
      throw e;
    }
  }

  private void unreadable(String file, IOException e) {
    String why = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e);
    problems.error(Place.startOf(file), "", "cannot be read: " + why);
  }
}
