package tarn.core.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.Hashes;
import tarn.core.storage.LocalFailures;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;

/** One backup of a repository, whose manifest is as it was written. */
public final class SavedBackup {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Repository repository;
  private final Path folder;
  private final Manifest manifest;

  private SavedBackup(Repository repository, Path folder, Manifest manifest) {
    this.repository = repository;
    this.folder = folder;
    this.manifest = manifest;
  }

  static SavedBackup read(Repository repository, Path folder) {
    Path file = Repository.manifest(folder);
    try {
      byte[] json = Files.readAllBytes(file);
      String expected = Files.readString(Repository.manifestHash(folder));
      if (!expected.equals(Disk.line(Hashes.of(json).sha256(), file.getFileName()))) {
        throw new TarnException(
            ErrorCode.FILE_DAMAGED, file + " is not what was written: its hash differs");
      }
      Manifest manifest = Manifest.read(json);
      if (manifest.format() != Manifest.FORMAT) {
        throw new TarnException(
            ErrorCode.VERSION_MISMATCH,
            file + " has format " + manifest.format() + ", this build knows " + Manifest.FORMAT);
      }
      return new SavedBackup(repository, folder, manifest);
    } catch (JsonProcessingException | NoSuchFileException e) {
      throw new TarnException(ErrorCode.FILE_DAMAGED, file + " is damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw LocalFailures.report(file, e);
    }
  }

  Manifest manifest() {
    return manifest;
  }

  public String id() {
    return manifest.id();
  }

  /** The version of the schema of its catalog. */
  public int schemaVersion() {
    return manifest.schemaVersion();
  }

  public String prefix() {
    return manifest.prefix();
  }

  public String environment() {
    return manifest.environment();
  }

  /** Names of the lake folder's files, relative to it. */
  public List<String> definition() {
    return manifest.files().stream().map(Manifest.Part::path).toList();
  }

  /** One of them. */
  public Path definition(String name) {
    return folder.resolve("lake").resolve(name);
  }

  CatalogFiles catalog() {
    return new CatalogFiles(folder.resolve("catalog"), manifest.tables());
  }

  Path copy(ObjectKey key) {
    return repository.object(key);
  }

  /** All objects that the lake had. */
  List<LakeObject> objects() {
    Path file = folder.resolve("objects.jsonl");
    List<LakeObject> objects = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        objects.add(object(JSON.readTree(line)));
      }
      return objects;
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new TarnException(ErrorCode.FILE_DAMAGED, file + " has a line that is no object", e);
    } catch (IOException e) {
      throw LocalFailures.report(file, e);
    }
  }

  private static LakeObject object(JsonNode line) {
    Zone zone = Zone.valueOf(line.path("zone").asText().toUpperCase(Locale.ROOT));
    JsonNode sha256 = line.path("sha256");
    return new LakeObject(
        new ObjectKey(zone, line.path("path").asText()),
        OptionalLong.of(line.path("bytes").asLong()),
        sha256.isTextual() ? sha256.asText() : null);
  }

  static byte[] line(ObjectKey key, long bytes, @Nullable String sha256) {
    ObjectNode line =
        JSON.createObjectNode()
            .put("zone", key.zone().label())
            .put("path", key.path())
            .put("bytes", bytes)
            .put("sha256", sha256);
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** What is wrong with its own files, one line each; nothing if they are as they were written. */
  List<String> damagedParts() {
    Stream<Manifest.Part> catalog =
        manifest.tables().stream()
            .map(
                t ->
                    new Manifest.Part(
                        "catalog/" + CatalogFiles.file(t.name()), t.bytes(), t.sha256()));
    Stream<Manifest.Part> definition =
        manifest.files().stream()
            .map(f -> new Manifest.Part("lake/" + f.path(), f.bytes(), f.sha256()));
    List<String> damaged = new ArrayList<>();
    Stream.concat(catalog, definition).forEach(part -> check(part.path(), part.sha256(), damaged));
    check("objects.jsonl", manifest.objects().sha256(), damaged);
    return damaged;
  }

  private void check(String part, String sha256, List<String> damaged) {
    Path file = folder.resolve(part);
    try {
      if (!Hashes.of(file).sha256().equals(sha256)) {
        damaged.add(file + " is not what was written: its hash differs");
      }
    } catch (NoSuchFileException e) {
      damaged.add(file + " is missing");
    } catch (IOException e) {
      throw LocalFailures.report(file, e);
    }
  }

  /** {@code FILE_DAMAGED} with the first of its files that is not as it was written. */
  public void requireWhole() {
    List<String> damaged = damagedParts();
    if (!damaged.isEmpty()) {
      throw new TarnException(ErrorCode.FILE_DAMAGED, damaged.get(0));
    }
  }
}
