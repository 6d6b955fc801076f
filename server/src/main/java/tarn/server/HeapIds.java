package tarn.server;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.core.ledger.SourceName;
import tarn.core.stream.IdIndex;
import tarn.core.stream.IdIndexes;

/** To be replaced. */
final class HeapIds implements IdIndexes {
  @Override
  public IdIndex open(SourceName stream) {
    Map<ByteBuffer, IdIndex.Seen> known = new HashMap<>();
    return new IdIndex() {
      private long upTo;

      @Override
      public long upTo() {
        return upTo;
      }

      @Override
      public List<@Nullable Seen> find(List<byte[]> ids) {
        List<@Nullable Seen> found = new ArrayList<>();
        ids.forEach(id -> found.add(known.get(ByteBuffer.wrap(id))));
        return found;
      }

      @Override
      public void add(long seq, List<Entry> entries) {
        entries.forEach(e -> known.put(ByteBuffer.wrap(e.id()), e.seen()));
        upTo = seq;
      }

      @Override
      public void forget(Instant before) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public void discard(SourceName stream) {}
}
