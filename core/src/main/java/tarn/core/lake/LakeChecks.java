package tarn.core.lake;

import java.util.List;

/** What no single setting of the lake can know. */
final class LakeChecks {
  private static final int MAX_BUCKET_NAME = 63;

  private final Settings settings;
  private final String environment;
  private final Problems problems;

  LakeChecks(Settings settings, String environment, Problems problems) {
    this.settings = settings;
    this.environment = environment;
    this.problems = problems;
  }

  void check() {
    bucketNames();
    database();
    storage();
    log();
    smtp();
    maintenance();
    new LifecycleChecks(settings.find(LakeSettings.LIFECYCLE).orElse(List.of()), problems).check();
  }

  private void bucketNames() {
    if (!environment.matches(Types.BUCKET_PART)) {
      problems.error(
          place(LakeSettings.ENVIRONMENT),
          environment,
          "'"
              + environment
              + "' is not an environment's name: a-z, 0-9 and '-', at most 40 characters");
      return;
    }
    String prefix =
        settings.find(LakeSettings.PREFIX).or(() -> settings.find(LakeSettings.NAME)).orElse("");
    if (prefix.length() + "-analytics-".length() + environment.length() > MAX_BUCKET_NAME) {
      problems.error(
          place(settings.has(LakeSettings.PREFIX) ? LakeSettings.PREFIX : LakeSettings.NAME),
          prefix,
          "the bucket name "
              + prefix
              + "-analytics-"
              + environment
              + " is longer than 63 characters",
          "choose a shorter prefix");
    }
  }

  private void database() {
    boolean postgresql =
        settings.get(LakeSettings.DATABASE_KIND) == LakeSettings.DatabaseKind.POSTGRESQL;
    if (postgresql && settings.place(LakeSettings.DATABASE_URL).isEmpty()) {
      problems.error(
          place(LakeSettings.DATABASE_KIND),
          "",
          "'database.url' is missing: kind postgresql needs it",
          "write url: jdbc:postgresql://host:5432/database");
    }
    if (!postgresql && settings.has(LakeSettings.DATABASE_URL)) {
      problems.error(
          place(LakeSettings.DATABASE_URL),
          "",
          "'database.url' is for kind postgresql, but the kind is sqlite",
          "write kind: postgresql, or remove url");
    }
    exclusive(LakeSettings.DATABASE_PASSWORD_FILE, LakeSettings.DATABASE_PASSWORD_ENV);
  }

  private void storage() {
    exclusive(LakeSettings.STORAGE_CREDENTIALS_FILE, LakeSettings.STORAGE_ACCESS_KEY_ENV);
    boolean id = settings.has(LakeSettings.STORAGE_ACCESS_KEY_ENV);
    if (id != settings.has(LakeSettings.STORAGE_SECRET_KEY_ENV)) {
      Setting<?> written =
          id ? LakeSettings.STORAGE_ACCESS_KEY_ENV : LakeSettings.STORAGE_SECRET_KEY_ENV;
      problems.error(
          place(written), "", "'storage.access_key_env' and 'storage.secret_key_env' go together");
    }
    boolean local = settings.get(LakeSettings.STORAGE_KIND) == LakeSettings.StorageKind.LOCAL;
    if (local && settings.has(LakeSettings.STORAGE_ENDPOINT)) {
      problems.error(
          place(LakeSettings.STORAGE_ENDPOINT),
          "",
          "'storage.endpoint' is for kind s3, but the kind is local",
          "write kind: s3, or remove endpoint");
    }
  }

  private void log() {
    exclusive(LakeSettings.LOG_PASSWORD_FILE, LakeSettings.LOG_PASSWORD_ENV);
    if (settings.get(LakeSettings.LOG_KIND) == LakeSettings.LogKind.KAFKA) {
      kafka();
      return;
    }
    for (Setting<?> setting :
        List.of(
            LakeSettings.LOG_BOOTSTRAP,
            LakeSettings.LOG_USER,
            LakeSettings.LOG_PASSWORD_FILE,
            LakeSettings.LOG_PASSWORD_ENV,
            LakeSettings.LOG_PREFIX)) {
      if (settings.has(setting)) {
        problems.error(
            place(setting),
            "",
            "'" + setting.key() + "' is for kind kafka, but the kind is local",
            "write kind: kafka, or remove it");
      }
    }
  }

  private void kafka() {
    if (settings.place(LakeSettings.LOG_BOOTSTRAP).isEmpty()) {
      problems.error(
          place(LakeSettings.LOG_KIND),
          "",
          "'log.bootstrap' is missing: kind kafka needs it",
          "write bootstrap: host:9092");
    }
    boolean password =
        settings.has(LakeSettings.LOG_PASSWORD_FILE) || settings.has(LakeSettings.LOG_PASSWORD_ENV);
    if (password && !settings.has(LakeSettings.LOG_USER)) {
      problems.error(
          place(
              settings.has(LakeSettings.LOG_PASSWORD_FILE)
                  ? LakeSettings.LOG_PASSWORD_FILE
                  : LakeSettings.LOG_PASSWORD_ENV),
          "",
          "'log.user' is missing: there is a password",
          "write user: <name>, or remove the password");
    }
    if (!password && settings.has(LakeSettings.LOG_USER)) {
      problems.error(
          place(LakeSettings.LOG_USER),
          "",
          "the password of 'log.user' is missing",
          "name a file with password_file, or an environment variable with password_env");
    }
  }

  private void smtp() {
    if (settings.has(LakeSettings.SMTP_USER) != settings.has(LakeSettings.SMTP_PASSWORD)) {
      Setting<String> written =
          settings.has(LakeSettings.SMTP_USER)
              ? LakeSettings.SMTP_USER
              : LakeSettings.SMTP_PASSWORD;
      problems.error(
          place(written), "", "'smtp.user' and 'smtp.password' belong together", "write both");
    }
    if (settings.has(LakeSettings.SMTP_USER)
        && settings.get(LakeSettings.SMTP_TLS) == LakeSettings.SmtpTls.NONE) {
      problems.error(
          place(LakeSettings.SMTP_TLS),
          "none",
          "a password is not sent to a server without encryption",
          "write smtp.tls: starttls or tls, or remove user and password");
    }
  }

  private void maintenance() {
    ByteSize small = settings.get(LakeSettings.MAINTENANCE_SMALL_FILE_SIZE);
    ByteSize target = settings.get(LakeSettings.MAINTENANCE_TARGET_FILE_SIZE);
    if (small.compareTo(target) > 0) {
      problems.error(
          place(LakeSettings.MAINTENANCE_SMALL_FILE_SIZE),
          small.toString(),
          "'maintenance.small_file_size' ("
              + small
              + ") is larger than target_file_size ("
              + target
              + ")");
    }
  }

  private void exclusive(Setting<?> one, Setting<?> other) {
    if (settings.has(one) && settings.has(other)) {
      problems.error(
          place(other), "", "'" + one.key() + "' and '" + other.key() + "' exclude each other");
    }
  }

  private Place place(Setting<?> setting) {
    return settings.place(setting).orElse(Place.startOf(LakeFolder.LAKE_FILE));
  }
}
