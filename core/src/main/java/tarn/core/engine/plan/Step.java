package tarn.core.engine.plan;

import java.util.List;

/** One stage that rows pass through; its input is the output of the stage before. */
public sealed interface Step {

  /**
   * Replaces the columns.
   *
   * @param columns the output's columns in order; names are distinct, also when case is ignored
   */
  record Project(List<Named> columns) implements Step {}

  /**
   * Keeps the rows for which the condition is true. The others are dropped on purpose, and counted
   * as filtered.
   */
  record Filter(Expr keep) implements Step {}

  /** A column of a projection. */
  record Named(String name, Expr value) {}
}
