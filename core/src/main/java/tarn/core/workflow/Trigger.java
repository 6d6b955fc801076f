package tarn.core.workflow;

import java.time.Instant;

/** Why a run was begun. */
public sealed interface Trigger {

  /** Somebody asked for it. */
  record Manual() implements Trigger {}

  /**
   * Its schedule did.
   *
   * @param due when it was due
   */
  record Scheduled(Instant due) implements Trigger {}

  /**
   * Another workflow succeeded.
   *
   * @param run that one's run
   */
  record After(String run) implements Trigger {}
}
