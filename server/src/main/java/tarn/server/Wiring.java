package tarn.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tarn.api.Finding;
import tarn.api.ValidateAnswer;
import tarn.aws.S3ObjectStore;
import tarn.aws.S3Settings;
import tarn.aws.SecretsManager;
import tarn.cdc.Copied;
import tarn.cdc.PostgresSettings;
import tarn.cdc.PostgresSource;
import tarn.core.change.ChangeSource;
import tarn.core.database.Database;
import tarn.core.database.PostgresDatabase;
import tarn.core.database.SqliteDatabase;
import tarn.core.engine.Engine;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.lake.ByteSize;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.LakeTest;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.Settings;
import tarn.core.lake.SourceDefinition;
import tarn.core.lake.TestReader;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SqlLedger;
import tarn.core.storage.Buckets;
import tarn.core.storage.HeldObjectStore;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.table.ScanFile;
import tarn.core.table.TableStore;
import tarn.core.validate.Validation;
import tarn.duckdb.DuckDbEngine;
import tarn.duckdb.EngineSettings;
import tarn.iceberg.IcebergTables;
import tarn.streams.Broker;
import tarn.streams.KafkaEventLog;
import tarn.streams.KafkaSettings;
import tarn.streams.RocksIdIndexes;

/** The one place that names the adapters: what stands behind the doors, in data-flow order. */
final class Wiring {
  private static final long IDS_CACHE_BYTES = 64L << 20;
  private static final int WAITING_FOR_EACH_WORKER = 16;
  private static final long DEFAULT_MEMORY = 2L << 30;
  private static final long VALIDATION_MEMORY = 256L << 20;
  private static final Buckets NO_BUCKETS = new Buckets("none", "validate");
  private static final BiConsumer<ScanFile, LongConsumer> NO_DELETES = (file, positions) -> {};

  /** Of the process, for its environment says what may be read. */
  private static final Secrets SECRETS = new Secrets(new SecretsManager());

  private Wiring() {}

  /**
   * Reads a lake folder.
   *
   * @throws TarnException {@code NOT_FOUND} if it is none, {@code DEFINITION_INVALID} if it has
   *     errors
   */
  static Lake read(Path folder, @Nullable String environment) {
    return new Lake(load(folder, environment).orThrow());
  }

  /** Tells all that is wrong with a lake folder, without opening the lake. */
  static ValidateAnswer validate(Path folder, @Nullable String environment) {
    LakeFolder read = load(folder, environment);
    List<Problem> problems = Validation.needsEngine(read) ? checked(read) : Validation.check(read);
    return new ValidateAnswer(problems.stream().map(Wiring::finding).toList());
  }

  /** With an engine of its own: the lake may be open elsewhere, or not open at all. */
  private static List<Problem> checked(LakeFolder read) {
    try (TemporaryFolder folder = TemporaryFolder.make("tarn-validate-")) {
      Path temp = folder.path();
      EngineSettings small =
          new EngineSettings(
              VALIDATION_MEMORY,
              1,
              1,
              1,
              VALIDATION_MEMORY,
              temp.resolve("work"),
              library(read, temp));
      try (Engine engine =
          new DuckDbEngine(
              small, new LocalObjectStore(temp.resolve("zones"), NO_BUCKETS, false), NO_DELETES)) {
        return Validation.check(read, engine);
      }
    }
  }

  /** The lake's own unpacked native library serves, if there is one. */
  private static Path library(LakeFolder read, Path temp) {
    Path cache = read.definition().map(d -> d.home().resolve("cache")).orElse(temp);
    return Files.isDirectory(cache) ? cache : temp.resolve("cache");
  }

  /** The tests of a lake folder; {@code DEFINITION_INVALID} if they cannot be read. */
  static List<LakeTest> tests(Lake lake) {
    LakeDefinition definition = lake.definition();
    Problems problems = new Problems();
    List<LakeTest> tests =
        TestReader.read(
            definition.dir(), load(definition.dir(), definition.environment()), problems);
    if (problems.count() > 0) {
      throw LakeFolder.failure(problems.sorted());
    }
    return tests;
  }

  private static LakeFolder load(Path folder, @Nullable String environment) {
    Path dir = folder.toAbsolutePath().normalize();
    if (!Files.isRegularFile(dir.resolve(LakeFolder.LAKE_FILE))) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no lake.yaml in " + dir);
    }
    return environment == null ? LakeFolder.load(dir) : LakeFolder.load(dir, environment);
  }

  private static Finding finding(Problem problem) {
    return new Finding(
        problem.severity().name(),
        problem.file(),
        problem.line(),
        problem.column(),
        problem.value(),
        problem.message(),
        problem.suggestion());
  }

  /**
   * Opens the lake: storage, database, tables, engine, and the operations over them.
   *
   * @throws TarnException whatever keeps a part from opening; the parts opened before are closed
   */
  static Operations open(Lake lake) {
    LakeDefinition definition = lake.definition();
    Closer closer = new Closer();
    try {
      Clock clock = Clock.systemUTC();
      Restoration.refuseUnfinished(definition.dir());
      HeldObjectStore objects = closer.add(new HeldObjectStore(objects(definition)));
      Database database = closer.add(database(definition));
      Ledger ledger = new SqlLedger(database);
      TableStore tables =
          new IcebergTables(database, objects, clock, "owner", longestWork(definition));
      Engine engine =
          closer.add(
              new DuckDbEngine(engineSettings(definition), objects, tables::deletedPositions));
      Backups backups = Backups.of(definition, database, objects, tables, engine, clock);
      return new LakeOperations(
          lake,
          definition,
          ledger,
          objects,
          database,
          tables,
          engine,
          backups,
          arrivals(definition),
          clock,
          closer);
    } catch (RuntimeException e) {
      closer.close();
      throw e;
    }
  }

  private static Arrivals arrivals(LakeDefinition definition) {
    return new Arrivals(
        () -> log(definition),
        new RocksIdIndexes(definition.home().resolve("ids"), IDS_CACHE_BYTES),
        source -> database(definition, source));
  }

  private static EventLog log(LakeDefinition definition) {
    Settings settings = definition.settings();
    boolean fsync = settings.get(LakeSettings.DURABILITY) == LakeSettings.Durability.FSYNC;
    if (settings.get(LakeSettings.LOG_KIND) == LakeSettings.LogKind.LOCAL) {
      return KafkaEventLog.of(
          Broker.start(
              definition.home().resolve("log"),
              fsync,
              Math.toIntExact(settings.get(LakeSettings.LOG_PORT))));
    }
    return new KafkaEventLog(
        KafkaSettings.external(
            settings.find(LakeSettings.LOG_BOOTSTRAP).orElse(""),
            settings.find(LakeSettings.LOG_USER).orElse(""),
            Secrets.logPassword(definition),
            settings.get(LakeSettings.LOG_PREFIX),
            fsync));
  }

  /** The database of a source, as it is declared. */
  static ChangeSource database(LakeDefinition definition, SourceDefinition source) {
    return new PostgresSource(
        new PostgresSettings(
            source.host(),
            source.port(),
            source.database(),
            source.user(),
            password(definition, source),
            PostgresSettings.Tls.valueOf(source.tls().name()),
            source.caFile().map(definition::resolve),
            source.slot(definition.name()),
            source.publication(definition.name()),
            source.tables(),
            source.appendOnly(),
            new Copied(source.texts(), source.columns(), source.rows())));
  }

  private static PostgresSettings.Password password(
      LakeDefinition definition, SourceDefinition source) {
    return new PostgresSettings.Password() {
      @Override
      public String value() {
        return SECRETS.sourcePassword(definition, source);
      }

      @Override
      public String insteadOf(String refused) {
        return SECRETS.sourcePasswordInsteadOf(definition, source, refused);
      }
    };
  }

  /** The secrets that this process may read. */
  static Secrets secrets() {
    return SECRETS;
  }

  /** How long a load or query that has begun may go on. */
  static Duration longestWork(LakeDefinition definition) {
    Duration query = definition.settings().get(LakeSettings.ENGINE_QUERY_TIMEOUT);
    Duration load = definition.settings().get(LakeSettings.ENGINE_LOAD_TIMEOUT);
    return query.compareTo(load) < 0 ? load : query;
  }

  static ObjectStore objects(LakeDefinition definition) {
    Settings settings = definition.settings();
    Buckets buckets = new Buckets(definition.prefix(), definition.environment());
    if (settings.get(LakeSettings.STORAGE_KIND) == LakeSettings.StorageKind.LOCAL) {
      boolean fsync = settings.get(LakeSettings.DURABILITY) == LakeSettings.Durability.FSYNC;
      return new LocalObjectStore(definition.home().resolve("zones"), buckets, fsync);
    }
    return new S3ObjectStore(
        new S3Settings(
            settings.find(LakeSettings.STORAGE_ENDPOINT).map(URI::create).orElse(null),
            settings.get(LakeSettings.STORAGE_REGION),
            Secrets.s3(definition).map(k -> new S3Settings.Key(k.id(), k.secret())).orElse(null),
            definition.home().resolve("cache").resolve("objects"),
            settings.get(LakeSettings.STORAGE_CACHE).bytes()),
        buckets);
  }

  private static Database database(LakeDefinition definition) {
    Settings settings = definition.settings();
    if (settings.get(LakeSettings.DATABASE_KIND) == LakeSettings.DatabaseKind.SQLITE) {
      Path catalog = definition.home().resolve("catalog.db");
      refuseLostCatalog(catalog, definition.home().resolve("zones"));
      return SqliteDatabase.open(catalog);
    }
    return PostgresDatabase.open(
        settings.find(LakeSettings.DATABASE_URL).orElse(""),
        settings.find(LakeSettings.DATABASE_USER).orElse(""),
        Secrets.databasePassword(definition),
        settings.get(LakeSettings.DATABASE_SCHEMA));
  }

  /** The lake's database with the schema of a backup. */
  static Database databaseAt(LakeDefinition definition, int version) {
    Settings settings = definition.settings();
    if (settings.get(LakeSettings.DATABASE_KIND) == LakeSettings.DatabaseKind.SQLITE) {
      return SqliteDatabase.openAt(definition.home().resolve("catalog.db"), version);
    }
    return PostgresDatabase.openAt(
        settings.find(LakeSettings.DATABASE_URL).orElse(""),
        settings.find(LakeSettings.DATABASE_USER).orElse(""),
        Secrets.databasePassword(definition),
        settings.get(LakeSettings.DATABASE_SCHEMA),
        version);
  }

  /** A new catalog beside the files of an old one would take all of them for orphans. */
  private static void refuseLostCatalog(Path catalog, Path zones) {
    try {
      boolean lost = !Files.exists(catalog) || Files.size(catalog) == 0;
      if (lost && !Files.exists(Path.of(catalog + "-wal")) && Files.isDirectory(zones)) {
        try (Stream<Path> files = Files.walk(zones)) {
          if (files.anyMatch(f -> f.toString().endsWith(".metadata.json"))) {
            throw new TarnException(
                ErrorCode.CATALOG_CORRUPT,
                "the catalog "
                    + catalog
                    + " is missing or empty, but there are tables in "
                    + zones
                    + ": `datalake restore` a backup into a new folder, or put a backup of the"
                    + " catalog in its place; or, to begin anew, move the zones away");
          }
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot look into " + zones + ": " + e.getMessage(), e);
    }
  }

  private static EngineSettings engineSettings(LakeDefinition definition) {
    Settings settings = definition.settings();
    long memory =
        settings
            .find(LakeSettings.ENGINE_MEMORY)
            .map(ByteSize::bytes)
            .orElseGet(Wiring::halfOfMemory);
    int threads =
        settings
            .find(LakeSettings.ENGINE_THREADS)
            .map(Long::intValue)
            .orElseGet(() -> Runtime.getRuntime().availableProcessors());
    int workers = Math.toIntExact(settings.get(LakeSettings.ENGINE_WORKERS));
    Path home = definition.home();
    return new EngineSettings(
        memory,
        workers,
        WAITING_FOR_EACH_WORKER * workers,
        threads,
        settings.get(LakeSettings.ENGINE_SPILL).bytes(),
        home.resolve("work"),
        home.resolve("cache"));
  }

  private static long halfOfMemory() {
    java.lang.management.OperatingSystemMXBean machine =
        ManagementFactory.getOperatingSystemMXBean();
    return machine instanceof com.sun.management.OperatingSystemMXBean known
        ? known.getTotalMemorySize() / 2
        : DEFAULT_MEMORY;
  }
}
