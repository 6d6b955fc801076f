package tarn.core.recipe;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The open table of operations. A new one is an entry of its family's class, with its example,
 * which every engine's tests run.
 */
public final class Operations {
  /** All of them, in the order of the docs. */
  public static final List<Operation> ALL =
      Stream.of(
              ColumnSteps.ALL,
              TypeSteps.ALL,
              TextSteps.ALL,
              ExtractSteps.ALL,
              SplitSteps.ALL,
              MissingSteps.ALL,
              FilterSteps.ALL,
              NumberSteps.ALL,
              DateSteps.ALL,
              FlagSteps.ALL,
              CategorySteps.ALL,
              NestedSteps.ALL,
              JoinSteps.ALL,
              PrivacySteps.ALL)
          .flatMap(List::stream)
          .toList();

  private Operations() {}

  /** An operation by its name. */
  public static Optional<Operation> find(String name) {
    return ALL.stream().filter(operation -> operation.name().equals(name)).findFirst();
  }

  /** All names. */
  public static List<String> names() {
    return ALL.stream().map(Operation::name).toList();
  }
}
