package tarn.core.recipe;

import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import tarn.core.recipe.Parameter.Kind;

/** Operations that drop rows on purpose. */
final class FilterSteps {
  static final List<Operation> ALL =
      List.of(
          new Operation(
              "REMOVE_VALUES",
              "Filters",
              List.of(
                  SOURCE,
                  required(
                          "condition",
                          Kind.TEXT,
                          "Which values: " + String.join(", ", Conditions.names()) + ".")
                      .oneOf(Conditions.names()),
                  optional(
                      "value",
                      Kind.VALUES,
                      "What to compare with: quoted for texts, plain for numbers and dates. IS and IS_NOT take a list too, IS_BETWEEN a list of two (both count).")),
              "Drops the rows whose value meets the condition; they are counted as filtered. Null meets IS_MISSING, IS_NOT and the conditions that begin with NOT. (DataBrew writes condition and value beside the step, as ConditionExpressions; its IS_INVALID is not there: values that do not fit their type are in quarantine.)",
              new Example(
                  "{sourceColumn: status, condition: IS, value: [test, internal]}",
                  "{\"status\":\"test\"}\n{\"status\":\"live\"}\n{\"status\":null}",
                  "{\"status\":\"live\"}\n{\"status\":null}"),
              Conditions::remove));

  private FilterSteps() {}
}
