package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;

/** REMOVE_VALUES: DataBrew's conditions. */
enum Conditions {
  IS(Fn.EQ, false),
  IS_NOT(Fn.EQ, true),
  LESS_THAN(Fn.LT, false),
  LESS_THAN_EQUAL(Fn.LE, false),
  GREATER_THAN(Fn.GT, false),
  GREATER_THAN_EQUAL(Fn.GE, false),
  CONTAINS(Fn.CONTAINS, false),
  NOT_CONTAINS(Fn.CONTAINS, true),
  STARTS_WITH(Fn.STARTS_WITH, false),
  NOT_STARTS_WITH(Fn.STARTS_WITH, true),
  ENDS_WITH(Fn.ENDS_WITH, false),
  NOT_ENDS_WITH(Fn.ENDS_WITH, true),
  IS_BETWEEN(Fn.AND, false),
  IS_MISSING(Fn.IS_NULL, false);

  private final Fn function;
  private final boolean negated;

  Conditions(Fn function, boolean negated) {
    this.function = function;
    this.negated = negated;
  }

  static List<String> names() {
    return Arrays.stream(values()).map(Enum::name).toList();
  }

  static List<Step> remove(Arguments a) {
    Conditions condition = valueOf(a.text("condition"));
    List<Expr> values = a.values("value");
    if (!condition.takes(values.size())) {
      a.problem("value", condition.name() + " takes " + condition.wanted(), "");
      return List.of();
    }
    return List.of(new Step.Filter(condition.keep(a.column("sourceColumn"), values)));
  }

  private boolean takes(int values) {
    return switch (function) {
      case IS_NULL -> values == 0;
      case EQ -> values >= 1;
      case AND -> values == 2;
      default -> values == 1;
    };
  }

  private String wanted() {
    return switch (function) {
      case IS_NULL -> "no value";
      case EQ -> "a value or a list of values";
      case AND -> "a list of two values, the least and the greatest";
      default -> "one value";
    };
  }

  /** True for the rows that stay, also where the condition cannot be decided. */
  private Expr keep(Expr column, List<Expr> values) {
    Expr met = met(column, values);
    return negated
        ? call(Fn.IF, met, literal(true), literal(false))
        : call(Fn.IF, met, literal(false), literal(true));
  }

  private Expr met(Expr column, List<Expr> values) {
    if (this == IS_BETWEEN) {
      return call(Fn.AND, call(Fn.GE, column, values.get(0)), call(Fn.LE, column, values.get(1)));
    }
    List<Expr> arguments = new ArrayList<>();
    arguments.add(column);
    arguments.addAll(values);
    return new Expr.Call(values.size() > 1 ? Fn.IN : function, arguments);
  }
}
