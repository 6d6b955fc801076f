package tarn.core.workflow;

/** Tells others what became of runs. */
@FunctionalInterface
public interface Notifier {

  /**
   * Tells all who are to be told. May be called again for the same run after a crash.
   *
   * @return empty if all were told, else who was not and why; without any secret
   */
  String tell(Workflow workflow, Run run);
}
