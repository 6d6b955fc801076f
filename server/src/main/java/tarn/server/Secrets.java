package tarn.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.SecretStore;
import tarn.core.lake.Setting;
import tarn.core.lake.Settings;
import tarn.core.lake.SourceDefinition;
import tarn.core.lake.SourceSettings;
import tarn.core.lake.StoredSecret;

/**
 * Fetches secrets from where the definition says they are. They are never part of it, and no
 * message has one.
 */
final class Secrets {
  private static final String VARIABLE = "env:";
  private static final String FILE = "file:";

  private final SecretStore store;

  /**
   * @param store of those that are not on this machine
   */
  Secrets(SecretStore store) {
    this.store = store;
  }

  /** Empty if the definition names none. */
  static String databasePassword(LakeDefinition definition) {
    return password(
        definition, LakeSettings.DATABASE_PASSWORD_FILE, LakeSettings.DATABASE_PASSWORD_ENV);
  }

  /** The Kafka user's. Empty if the definition names none. */
  static String logPassword(LakeDefinition definition) {
    return password(definition, LakeSettings.LOG_PASSWORD_FILE, LakeSettings.LOG_PASSWORD_ENV);
  }

  /** The password of a database that is followed. */
  String sourcePassword(LakeDefinition lake, SourceDefinition source) {
    return referenced(lake, source.passwordReference(), setting(source));
  }

  /** The same after the database refused one; it may be that one still. */
  String sourcePasswordInsteadOf(LakeDefinition lake, SourceDefinition source, String refused) {
    return referencedInsteadOf(lake, source.passwordReference(), setting(source), refused);
  }

  private static String setting(SourceDefinition source) {
    return source.file() + ": " + SourceSettings.PASSWORD.key();
  }

  /**
   * What {@code env:<variable>}, {@code file:<path>} or a {@link StoredSecret} refers to, as it is
   * now, or was a minute ago; a text that is no reference is meant itself.
   */
  String referenced(LakeDefinition lake, String reference, String setting) {
    return StoredSecret.parse(reference)
        .map(store::read)
        .orElseGet(() -> ofThisMachine(lake, reference, setting));
  }

  /** The same after somebody refused one; it may be that one still. */
  String referencedInsteadOf(
      LakeDefinition lake, String reference, String setting, String refused) {
    return StoredSecret.parse(reference)
        .map(secret -> store.readInsteadOf(secret, refused))
        .orElseGet(() -> ofThisMachine(lake, reference, setting));
  }

  private static String ofThisMachine(LakeDefinition lake, String reference, String setting) {
    if (reference.startsWith(VARIABLE)) {
      return environment(reference.substring(VARIABLE.length()), setting);
    }
    return reference.startsWith(FILE)
        ? firstLine(lake.resolve(reference.substring(FILE.length())), setting)
        : reference;
  }

  private static String password(
      LakeDefinition definition, Setting<String> inFile, Setting<String> inVariable) {
    Settings settings = definition.settings();
    Optional<String> file = settings.find(inFile);
    if (file.isPresent()) {
      return firstLine(definition.resolve(file.get()), inFile.key());
    }
    Optional<String> variable = settings.find(inVariable);
    return variable.isPresent() ? environment(variable.get(), inVariable.key()) : "";
  }

  /** A key of an S3 API. Its text never shows the secret. */
  record S3Key(String id, String secret) {
    @Override
    public String toString() {
      return "S3Key[id=" + id + ", secret=***]";
    }
  }

  /** Empty if the definition says nothing: the SDK searches for it. */
  static Optional<S3Key> s3(LakeDefinition definition) {
    Settings settings = definition.settings();
    Optional<String> file = settings.find(LakeSettings.STORAGE_CREDENTIALS_FILE);
    if (file.isPresent()) {
      List<String> lines = lines(definition.resolve(file.get()), "storage.credentials_file");
      return Optional.of(
          new S3Key(
              entry(lines, "aws_access_key_id", file.get()),
              entry(lines, "aws_secret_access_key", file.get())));
    }
    Optional<String> id = settings.find(LakeSettings.STORAGE_ACCESS_KEY_ENV);
    Optional<String> secret = settings.find(LakeSettings.STORAGE_SECRET_KEY_ENV);
    if (id.isEmpty() && secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new S3Key(
            environment(id.orElse("AWS_ACCESS_KEY_ID"), "storage.access_key_env"),
            environment(secret.orElse("AWS_SECRET_ACCESS_KEY"), "storage.secret_key_env")));
  }

  private static String environment(String variable, String setting) {
    String value = System.getenv(variable);
    if (value == null || value.isEmpty()) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          "the environment variable "
              + variable
              + " is not set; "
              + setting
              + " says that the secret is there");
    }
    return value;
  }

  private static String entry(List<String> lines, String key, String file) {
    return lines.stream()
        .map(String::strip)
        .filter(l -> l.startsWith(key))
        .map(l -> l.substring(l.indexOf('=') + 1).strip())
        .findFirst()
        .orElseThrow(
            () -> new TarnException(ErrorCode.DEFINITION_INVALID, file + " has no " + key));
  }

  private static String firstLine(Path file, String setting) {
    List<String> lines = lines(file, setting);
    return lines.isEmpty() ? "" : lines.get(0);
  }

  private static List<String> lines(Path file, String setting) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          "the file " + file + ", named by " + setting + ", cannot be read",
          e);
    }
  }
}
