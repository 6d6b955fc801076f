package tarn.core.recipe;

import java.util.List;
import java.util.Map;

/**
 * A step and what it does: the docs show it, and every engine's tests run it.
 *
 * @param step the parameters, as YAML's flow style
 * @param tables rows of the tables that it joins with, by the tables' names
 * @param given rows before the step: JSON objects, one a line
 * @param gives the rows after it
 */
public record Example(String step, Map<String, String> tables, String given, String gives) {

  /** Of a step that looks at no other table. */
  public Example(String step, String given, String gives) {
    this(step, Map.of(), given, gives);
  }

  /** The rows before the step. */
  public List<String> rowsBefore() {
    return given.lines().toList();
  }

  /** The rows after the step; fewer if it drops some. */
  public List<String> rowsAfter() {
    return gives.lines().toList();
  }
}
