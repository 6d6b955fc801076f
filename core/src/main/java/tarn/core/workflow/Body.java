package tarn.core.workflow;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tarn.core.observe.Progress;

/**
 * What a workflow does. It may be run again from its beginning after it was cut anywhere, also by
 * another server, and ends then as if it had not been cut.
 */
@FunctionalInterface
public interface Body {

  /**
   * What a run gives its body.
   *
   * @param run the run
   * @param progress hears how far it is; throws {@code CANCELLED} when it should stop
   * @param cancelled whether it should stop
   * @param log hears what is kept with the run as its log; each time instead of what was there
   */
  record Context(Run run, Progress progress, BooleanSupplier cancelled, Consumer<String> log) {}

  /**
   * Does it, and returns when all of it is done.
   *
   * @throws tarn.core.errors.TarnException {@code CANCELLED} if it stopped before because it
   *     should; another code if it failed
   */
  Counts run(Context context);
}
