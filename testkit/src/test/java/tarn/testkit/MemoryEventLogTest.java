package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tarn.core.event.EventLog;
import tarn.core.event.EventLog.Outcome;
import tarn.core.ledger.SourceName;

class MemoryEventLogTest extends EventLogContract {
  private final MemoryEventLog log = new MemoryEventLog(Clock.systemUTC());

  @Override
  protected EventLog log() {
    return log;
  }

  @Override
  protected void removeBefore(SourceName stream, int shard, long offset) {
    log.removeBefore(stream, shard, offset);
  }

  @Override
  protected void removeAll(SourceName stream) {
    log.removeAll(stream);
  }

  @Test
  void aRecordWhoseReplyIsLostIsThere() {
    log.open(stream, 1, Duration.ofDays(1));
    log.loseReplies(() -> true);
    List<Outcome> outcomes = log.append(stream, List.of(put(0, "x")));
    assertThat(((Outcome.Failed) outcomes.get(0)).retry()).isTrue();
    assertThat(texts(read(Map.of(), 1))).containsExactly("x");
  }
}
