package tarn.testkit;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tarn.core.stream.IdIndex;

/** An index in memory, for simulations. */
public final class MemoryIdIndex implements IdIndex {
  private final Map<ByteBuffer, Seen> known = new HashMap<>();
  private long upTo;

  @Override
  public long upTo() {
    return upTo;
  }

  @Override
  public List<@Nullable Seen> find(List<byte[]> ids) {
    List<@Nullable Seen> found = new ArrayList<>(ids.size());
    ids.forEach(id -> found.add(known.get(ByteBuffer.wrap(id))));
    return found;
  }

  @Override
  public void add(long seq, List<Entry> entries) {
    if (seq <= upTo) {
      throw new IllegalArgumentException("batch " + seq + " after batch " + upTo);
    }
    entries.forEach(entry -> known.put(ByteBuffer.wrap(entry.id().clone()), entry.seen()));
    upTo = seq;
  }

  @Override
  public void forget(Instant before) {
    known.values().removeIf(seen -> seen.arrived().isBefore(before));
  }

  @Override
  public void close() {
    // What is in memory goes with it.
  }
}
