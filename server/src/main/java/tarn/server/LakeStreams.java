package tarn.server;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.EventLog;
import tarn.core.lake.DurationText;
import tarn.core.lake.Settings;
import tarn.core.lake.StreamDefinition;
import tarn.core.lake.StreamSettings;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ShardMap;
import tarn.core.stream.ShardedLog;
import tarn.server.event.EventStreams;

/**
 * The lake's streams for other doors. What they declare is a file of the lake folder like others:
 * made whole or not at all, and never changed or removed once somebody has edited it.
 */
final class LakeStreams implements EventStreams {
  private static final Logger LOG = LoggerFactory.getLogger(LakeStreams.class);
  private static final String MADE =
      "# Made by Kinesis's CreateStream. Yours to edit: what is edited, Kinesis's API leaves alone.\n";
  private static final Duration DELIVERY_PATIENCE = Duration.ofSeconds(10);
  private static final Duration BEGIN_PATIENCE = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 20;

  private final Streams streams;
  private final Supplier<List<StreamDefinition>> folder;
  private final Path files;
  private final Set<SourceName> beginning = ConcurrentHashMap.newKeySet();

  /**
   * The streams of a lake folder.
   *
   * @param folder reads what it declares now; {@code DEFINITION_INVALID} while it has errors
   * @param files where a stream's file is, {@code streams/}
   */
  LakeStreams(Streams streams, Supplier<List<StreamDefinition>> folder, Path files) {
    this.streams = streams;
    this.folder = folder;
    this.files = files;
  }

  @Override
  public List<StreamDefinition> all() {
    return folder.get();
  }

  @Override
  public boolean beginning(SourceName stream) {
    return beginning.contains(stream);
  }

  @Override
  public StreamDefinition named(SourceName stream) {
    if (!streams.has(stream)) {
      streams.follow(folder);
    }
    return streams.definition(stream);
  }

  @Override
  public Instant declared(SourceName stream) {
    try {
      return Files.getLastModifiedTime(file(stream)).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH; // it was removed a moment ago
    }
  }

  @Override
  public List<EventLog.Outcome> put(SourceName stream, List<ShardedLog.Event> events) {
    return streams.log(stream).append(stream, events);
  }

  @Override
  public ShardMap shards(SourceName stream) {
    return streams.log(stream).shards(stream);
  }

  @Override
  public Map<Integer, EventLog.Extent> extent(SourceName stream) {
    return streams.log(stream).log().extent(stream);
  }

  @Override
  public ShardedLog.Piece read(
      SourceName stream, int shard, long from, int mostRecords, long mostBytes) {
    return streams.log(stream).read(stream, shard, from, mostRecords, mostBytes);
  }

  @Override
  public long offsetAt(SourceName stream, int shard, Instant time) {
    return streams.log(stream).log().offsetAt(stream, shard, time);
  }

  // ---- declared ----

  @Override
  public synchronized void create(SourceName stream, int shards) {
    if (Files.exists(file(stream))) {
      throw exists(stream);
    }
    String text = text(shards, Settings.none().get(StreamSettings.RETENTION));
    place(stream, text, false);
    try {
      checkDeclared(stream, folder.get());
    } catch (RuntimeException e) {
      removeIfStill(stream, text);
      throw e;
    }
    begin(stream);
  }

  private static void checkDeclared(SourceName stream, List<StreamDefinition> declared) {
    if (declared.stream().noneMatch(other -> other.stream().equals(stream.value()))) {
      throw new TarnException(
          ErrorCode.NOT_FOUND, "streams/" + stream + ".yaml was removed as soon as it was made");
    }
  }

  /** Beside the caller: clients do not wait for as long as a broker takes to start. */
  private void begin(SourceName stream) {
    beginning.add(stream);
    Thread thread =
        new Thread(
            () -> {
              try {
                streams.follow(folder);
              } catch (TarnException e) {
                LOG.warn("stream {} does not begin yet: {}", stream, e.line(), e);
              } finally {
                beginning.remove(stream);
              }
            },
            "begin of " + stream);
    thread.setDaemon(true);
    thread.start();
    long deadline = System.nanoTime() + BEGIN_PATIENCE.toNanos();
    while (beginning(stream) && System.nanoTime() < deadline) {
      pause();
    }
  }

  @Override
  public synchronized void delete(SourceName stream) {
    StreamDefinition definition = named(stream);
    String text = own(definition);
    checkDeclared(stream, folder.get()); // while it has errors nothing is removed
    try (ShardedLog.Pause pause = streams.log(stream).pause(stream, DELIVERY_PATIENCE)) {
      awaitDelivery(stream);
      removeIfStill(stream, text);
      followOrPutBack(stream, text);
    }
  }

  /** A stream that goes on although its file is gone would be one that nobody can find. */
  private void followOrPutBack(SourceName stream, String text) {
    try {
      streams.follow(folder);
    } catch (RuntimeException e) {
      place(stream, text, false);
      throw e;
    }
  }

  @Override
  public synchronized void retain(SourceName stream, Duration retention) {
    StreamDefinition definition = named(stream);
    String before = own(definition);
    rewrite(stream, before, text(definition.shards(), retention));
  }

  private void rewrite(SourceName stream, String before, String text) {
    place(stream, text, true);
    try {
      streams.follow(folder);
    } catch (RuntimeException e) {
      place(stream, before, true);
      throw e;
    }
  }

  @Override
  public void split(SourceName stream, int shard, BigInteger secondFrom) {
    streams.log(stream).split(stream, shard, secondFrom);
  }

  @Override
  public synchronized void merge(SourceName stream, int shard, int adjacent) {
    int fewer = shards(stream).open().size() - 1;
    allow(stream, fewer, () -> streams.log(stream).merge(stream, shard, adjacent));
  }

  @Override
  public synchronized void resize(SourceName stream, int shards) {
    allow(stream, shards, () -> streams.log(stream).resize(stream, shards));
  }

  /**
   * Lets the file say that there may be so few shards, if it is as this class wrote it, and makes
   * them so few. If that fails the file is as before.
   */
  private void allow(SourceName stream, int shards, Runnable reshard) {
    StreamDefinition definition = named(stream);
    if (shards < 1 || shards >= definition.shards()) {
      reshard.run();
      return;
    }
    String before = own(definition);
    String fewer = text(shards, definition.retention());
    rewrite(stream, before, fewer);
    try {
      reshard.run();
    } catch (RuntimeException e) {
      takeBack(stream, before, fewer, e);
      throw e;
    }
  }

  private void takeBack(SourceName stream, String before, String now, RuntimeException failure) {
    try {
      if (read(stream).equals(now)) {
        place(stream, before, true);
        streams.follow(folder);
      }
    } catch (TarnException e) {
      failure.addSuppressed(e);
    }
  }

  /** The text of a stream's file, which is as this class wrote it. */
  private String own(StreamDefinition definition) {
    SourceName stream = new SourceName(definition.stream());
    String text = text(definition.shards(), definition.retention());
    if (!text.equals(read(stream))) {
      throw new TarnException(
          ErrorCode.FORBIDDEN,
          "streams/"
              + stream
              + ".yaml is not as CreateStream made it: it is changed and removed by hand only");
    }
    return text;
  }

  private static String text(int shards, Duration retention) {
    return MADE + "shards: " + shards + "\nretention: " + DurationText.print(retention) + "\n";
  }

  private void awaitDelivery(SourceName stream) {
    long deadline = System.nanoTime() + DELIVERY_PATIENCE.toNanos();
    for (long waiting = streams.waiting(stream); waiting > 0; waiting = streams.waiting(stream)) {
      if (System.nanoTime() > deadline) {
        throw new TarnException(
            ErrorCode.BUSY,
            waiting + " events of stream " + stream + " are not delivered yet: try again later");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "the wait for a delivery was cancelled", e);
    }
  }

  // ---- its file ----

  private Path file(SourceName stream) {
    return files.resolve(stream + ".yaml");
  }

  private String read(SourceName stream) {
    try {
      return Files.readString(file(stream));
    } catch (IOException e) {
      throw failed(stream, e);
    }
  }

  /** Writes it under another name first, so that it is there whole or not at all. */
  private void place(SourceName stream, String text, boolean replace) {
    Path fresh = files.resolve("." + stream + ".new");
    try {
      Files.createDirectories(files);
      Files.deleteIfExists(fresh);
      try (FileChannel channel =
          FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        channel.force(true);
      }
      if (replace) {
        Files.move(fresh, file(stream), StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.createLink(file(stream), fresh); // fails if there is one, unlike a move
        Files.delete(fresh);
      }
    } catch (FileAlreadyExistsException e) {
      throw exists(stream);
    } catch (IOException e) {
      throw failed(stream, e);
    }
  }

  private void removeIfStill(SourceName stream, String text) {
    try {
      if (Files.readString(file(stream)).equals(text)) {
        Files.delete(file(stream));
      }
    } catch (NoSuchFileException e) {
      return; // somebody was faster
    } catch (IOException e) {
      throw failed(stream, e);
    }
  }

  private static TarnException exists(SourceName stream) {
    return new TarnException(ErrorCode.ALREADY_EXISTS, "there is a stream " + stream);
  }

  private static TarnException failed(SourceName stream, IOException e) {
    return new TarnException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "cannot read or write streams/" + stream + ".yaml: " + e.getMessage(),
        e);
  }
}
