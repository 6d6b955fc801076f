package tarn.streams;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.stream.IdIndex;

/**
 * Delivered ids in a RocksDB of their own: an id's 16 bytes, then 8 of its arrival and 8 of its
 * checksum. Without a write-ahead log: a batch is in one memory table whole, and these reach the
 * disk in the order they were written, so what is found after a kill is what was added up to some
 * batch.
 */
final class RocksIdIndex implements IdIndex {
  /** An index that has its number under another key is of an earlier build, and made anew. */
  private static final byte[] UP_TO = {'v'};

  private static final int ID_BYTES = 16;
  private static final int FILTER_BITS = 10;
  private static final long WRITE_BUFFER_BYTES = 32L << 20;

  /** About 13 bits for each id that the buffer has room for. */
  private static final double MEMORY_FILTER_SHARE = 0.02;

  /** Entries that one sweep looks at; the next goes on where it stopped. */
  private static final int SWEEP = 1_000_000;

  private static final int SWEEP_BATCH = 10_000;

  private static final int VALUE_BYTES = 2 * Long.BYTES;
  private static final int ASKED_AT_ONCE = 1000;

  private final List<ByteBuffer> questions = buffers(ID_BYTES);
  private final List<ByteBuffer> answers = buffers(VALUE_BYTES);
  private final Path folder;
  private final Natives natives;
  private final RocksDB db;
  private long upTo;
  private byte @Nullable [] sweepFrom;
  private boolean closed;

  private RocksIdIndex(Path folder, Natives natives, RocksDB db, long upTo) {
    this.folder = folder;
    this.natives = natives;
    this.db = db;
    this.upTo = upTo;
  }

  static RocksIdIndex open(Path folder, long cacheBytes) {
    RocksDB.loadLibrary();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.STORAGE_UNAVAILABLE, "cannot make " + folder + ": " + e.getMessage(), e);
    }
    Natives natives = new Natives(cacheBytes);
    @Nullable RocksDB db = null;
    try {
      db = RocksDB.open(natives.options, folder.toString());
      byte[] upTo = db.get(UP_TO);
      if (upTo == null && !isEmpty(db, natives)) {
        throw new RocksDBException("it does not say up to where it is whole");
      }
      return new RocksIdIndex(folder, natives, db, upTo == null ? 0 : longOf(upTo));
    } catch (RocksDBException e) {
      if (db != null) {
        db.close();
      }
      natives.close();
      throw failed(folder, e);
    }
  }

  private static boolean isEmpty(RocksDB db, Natives natives) throws RocksDBException {
    try (RocksIterator all = db.newIterator(natives.sweep)) {
      all.seekToFirst();
      boolean empty = !all.isValid();
      all.status();
      return empty;
    }
  }

  @Override
  public long upTo() {
    return upTo;
  }

  @Override
  public List<@Nullable Seen> find(List<byte[]> ids) {
    checkOpen();
    List<@Nullable Seen> found = new ArrayList<>(ids.size());
    for (int from = 0; from < ids.size(); from += ASKED_AT_ONCE) {
      ask(ids.subList(from, Math.min(ids.size(), from + ASKED_AT_ONCE)), found);
    }
    return found;
  }

  /** Through buffers, because the call that takes arrays answers null for what it cannot read. */
  private void ask(List<byte[]> ids, List<@Nullable Seen> found) {
    for (int i = 0; i < ids.size(); i++) {
      checkId(ids.get(i));
      questions.get(i).clear().put(ids.get(i)).flip();
      answers.get(i).clear();
    }
    try {
      for (ByteBufferGetStatus answer :
          db.multiGetByteBuffers(
              natives.read, questions.subList(0, ids.size()), answers.subList(0, ids.size()))) {
        found.add(answered(answer));
      }
    } catch (RocksDBException e) {
      throw failed(folder, e);
    }
  }

  private static @Nullable Seen answered(ByteBufferGetStatus answer) throws RocksDBException {
    Status.Code code = answer.status.getCode();
    if (code == Status.Code.NotFound) {
      return null;
    } else if (code != Status.Code.Ok || answer.requiredSize != VALUE_BYTES) {
      throw new RocksDBException("an entry cannot be read", answer.status);
    }
    return new Seen(Instant.ofEpochMilli(answer.value.getLong()), answer.value.getLong());
  }

  @Override
  public void add(long seq, List<Entry> entries) {
    checkOpen();
    if (seq <= upTo) {
      throw new IllegalArgumentException("batch " + seq + " after batch " + upTo);
    }
    try (WriteBatch batch = new WriteBatch()) {
      for (Entry entry : entries) {
        checkId(entry.id());
        batch.put(entry.id(), value(entry.seen()));
      }
      batch.put(UP_TO, bytesOf(seq));
      db.write(natives.write, batch);
      upTo = seq;
    } catch (RocksDBException e) {
      throw failed(folder, e);
    }
  }

  /** A call after the end would be the end of the whole JVM. */
  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the index in " + folder + " is closed");
    }
  }

  private static void checkId(byte[] id) {
    if (id.length != ID_BYTES) {
      throw new IllegalArgumentException("an id has 16 bytes, not " + id.length);
    }
  }

  /** Looks at a million entries, in turn; the ids around the end are looked at the next time. */
  @Override
  public void forget(Instant before) {
    checkOpen();
    try (RocksIterator all = db.newIterator(natives.sweep);
        WriteBatch old = new WriteBatch()) {
      if (sweepFrom == null) {
        all.seekToFirst();
      } else {
        all.seek(sweepFrom);
      }
      for (int looked = 0; looked < SWEEP && all.isValid(); looked++, all.next()) {
        byte[] key = all.key();
        if (key.length == ID_BYTES && seen(all.value()).arrived().isBefore(before)) {
          old.delete(key);
          if (old.count() >= SWEEP_BATCH) {
            write(old);
          }
        }
      }
      all.status();
      write(old);
      sweepFrom = all.isValid() ? all.key() : null;
    } catch (RocksDBException e) {
      throw failed(folder, e);
    }
  }

  private void write(WriteBatch batch) throws RocksDBException {
    db.write(natives.write, batch);
    batch.clear();
  }

  /** Writes what is in memory, so that the next opening has it. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    } catch (RocksDBException e) {
      throw failed(folder, e);
    } finally {
      db.close();
      natives.close();
    }
  }

  private static TarnException failed(Path folder, RocksDBException e) {
    Status status = e.getStatus();
    String message = String.valueOf(e.getMessage());
    if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
      return new TarnException(
          ErrorCode.DISK_FULL, "no room for the index in " + folder + ": " + message, e);
    } else if (message.contains("LOCK")) {
      return new TarnException(
          ErrorCode.CONFLICT, "the index in " + folder + " is open already: " + message, e);
    }
    return new TarnException(
        ErrorCode.FILE_DAMAGED, "the index in " + folder + " is damaged: " + message, e);
  }

  private static List<ByteBuffer> buffers(int bytes) {
    return Stream.generate(() -> ByteBuffer.allocateDirect(bytes)).limit(ASKED_AT_ONCE).toList();
  }

  private static byte[] value(Seen seen) {
    return ByteBuffer.allocate(VALUE_BYTES)
        .putLong(seen.arrived().toEpochMilli())
        .putLong(seen.payload())
        .array();
  }

  private static Seen seen(byte[] value) {
    ByteBuffer bytes = ByteBuffer.wrap(value);
    return new Seen(Instant.ofEpochMilli(bytes.getLong()), bytes.getLong());
  }

  private static byte[] bytesOf(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static long longOf(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }

  /** What RocksDB keeps outside of the heap, besides the database. */
  private static final class Natives implements AutoCloseable {
    private final Cache cache;
    private final BloomFilter filter = new BloomFilter(FILTER_BITS);
    private final Options options;
    private final ReadOptions read = new ReadOptions();
    private final ReadOptions sweep = new ReadOptions().setFillCache(false);
    private final WriteOptions write = new WriteOptions().setDisableWAL(true);

    Natives(long cacheBytes) {
      cache = new LRUCache(cacheBytes);
      options =
          new Options()
              .setCreateIfMissing(true)
              .setTableFormatConfig(
                  new BlockBasedTableConfig()
                      .setBlockCache(cache)
                      .setFilterPolicy(filter)
                      .setCacheIndexAndFilterBlocks(true)
                      .setPinL0FilterAndIndexBlocksInCache(true))
              // Ids and hashes do not compress.
              .setCompressionType(CompressionType.NO_COMPRESSION)
              .setWriteBufferSize(WRITE_BUFFER_BYTES)
              // Most ids are new: that they are not in memory is told without looking for them.
              .setMemtablePrefixBloomSizeRatio(MEMORY_FILTER_SHARE)
              .setMemtableWholeKeyFiltering(true)
              .setMaxWriteBufferNumber(2)
              .setMaxBackgroundJobs(2)
              .setMaxOpenFiles(512)
              .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
              .setKeepLogFileNum(2)
              .setMaxLogFileSize(1 << 20)
              .setStatsDumpPeriodSec(0);
    }

    @Override
    public void close() {
      write.close();
      sweep.close();
      read.close();
      options.close();
      filter.close();
      cache.close();
    }
  }
}
