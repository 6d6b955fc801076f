package tarn.core.stream;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Whereabouts.Span;
import tarn.core.storage.ObjectStore;

/** A stream's events as raw keeps them, in the order of the ledger's files. */
public final class RawEvents {
  private static final int PAGE = 1_000;
  private static final int BUFFER = 1 << 16;
  private static final int PORTION = 500;

  private final Ledger ledger;
  private final ObjectStore objects;

  public RawEvents(Ledger ledger, ObjectStore objects) {
    this.ledger = ledger;
    this.objects = objects;
  }

  /** Files of events, and their sizes. */
  public record Files(List<RawFile> files, long bytes) {}

  /**
   * The files with the events of a span of batches; events of others lie in them, too, where they
   * are compacted together.
   *
   * @throws TarnException {@code FILE_ARCHIVED} if some of them are not in raw any more
   */
  public Files files(SourceName stream, Span span) {
    List<RawFile> found =
        held(stream, span).stream().map(held -> stored(stream, held.file())).toList();
    return new Files(found, found.stream().mapToLong(RawFile::bytes).sum());
  }

  /**
   * A file with events of some batches.
   *
   * @param batches those whose events it has
   */
  public record Held(Span batches, RawFile file) {}

  /**
   * The files with the events of a span of batches, in the ledger's order, wherever their bytes
   * are. A compaction beside may have some events listed twice, and none left out: they only move
   * to later batches.
   */
  List<Held> held(SourceName stream, Span span) {
    List<Held> found = new ArrayList<>();
    long after = span.first() - 1;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(stream), after, PAGE);
      for (Batch batch : page) {
        after = batch.seq();
        for (RawFile file : ledger.files(batch.seq())) {
          long first = file.isCompacted() ? file.firstSeq() : batch.seq();
          if (file.role() == RawFile.Role.EVENTS && first <= span.last()) {
            found.add(new Held(new Span(first, batch.seq()), file));
          }
        }
      }
      if (page.size() < PAGE) {
        return found;
      }
    }
  }

  static RawFile stored(SourceName stream, RawFile file) {
    if (!file.isStored()) {
      throw new TarnException(
          ErrorCode.FILE_ARCHIVED,
          "events of " + stream + " are archived or expired, as those of " + file.name());
    }
    return file;
  }

  /**
   * The folder of each event of a segment, as it was filed when it was delivered.
   *
   * @param seq the segment's batch
   * @throws TarnException {@code FILE_DAMAGED} if the ids beside it cannot be read
   */
  List<String> folders(RawFile segment, long seq) {
    for (RawFile ids : ledger.files(seq, RawFile.Role.IDS)) {
      try (InputStream in = objects.read(ids.key())) {
        return IdFile.read(in).folders();
      } catch (IOException e) {
        throw damaged(ids, String.valueOf(e.getMessage()), e);
      }
    }
    throw damaged(segment, "its batch has no file of ids", null);
  }

  static TarnException damaged(RawFile file, String why, @Nullable Throwable cause) {
    String what = file.key() + " cannot be read: " + why + "; restore it from a backup";
    return cause == null
        ? new TarnException(ErrorCode.FILE_DAMAGED, what)
        : new TarnException(ErrorCode.FILE_DAMAGED, what, cause);
  }

  /**
   * Reads a file's events, some at a time.
   *
   * @throws TarnException {@code FILE_DAMAGED} if it cannot be read
   */
  public void read(RawFile file, Consumer<List<byte[]>> to) {
    List<byte[]> some = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (InputStream in = new ZstdInputStream(objects.read(file.key()))) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        int from = 0;
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            line.write(buffer, from, i - from);
            some.add(line.toByteArray());
            line.reset();
            from = i + 1;
          }
          if (some.size() == PORTION) {
            to.accept(List.copyOf(some));
            some.clear();
          }
        }
        line.write(buffer, from, n - from);
      }
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.FILE_DAMAGED, file.key() + " cannot be read: " + e.getMessage(), e);
    }
    if (!some.isEmpty()) {
      to.accept(List.copyOf(some));
    }
  }
}
