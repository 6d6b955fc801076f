package tarn.core.engine;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Work that leaves nothing behind is done again when the engine's process died under it. For the
 * lake's own work; a person's query is not repeated, because it may be what kills.
 */
public final class Crashes {
  private static final Logger LOG = LoggerFactory.getLogger(Crashes.class);
  private static final int MAX_ATTEMPTS = 8;

  private Crashes() {}

  /**
   * The first answer; after eight crashes the last one's {@code ENGINE_CRASHED}.
   *
   * @param what for the log: {@code raw.orders}
   */
  public static <T extends @Nullable Object> T survive(String what, Supplier<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (TarnException e) {
        if (e.code() != ErrorCode.ENGINE_CRASHED || attempt >= MAX_ATTEMPTS) {
          throw e;
        }
        LOG.warn("{}: {}; trying again", what, e.line());
      }
    }
  }
}
