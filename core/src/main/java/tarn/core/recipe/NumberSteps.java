package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.INTO;
import static tarn.core.recipe.Parameter.NEW;
import static tarn.core.recipe.Parameter.SOURCE;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations on numbers. */
final class NumberSteps {
  private static final String FAMILY = "Numbers";

  static final List<Operation> ALL =
      List.of(
          arithmetic(
              "ADD",
              "Adds two numbers.",
              Fn.ADD,
              new Example(
                  "{sourceColumn1: net, sourceColumn2: tax, targetColumn: gross}",
                  "{\"net\":10,\"tax\":2}",
                  "{\"net\":10,\"tax\":2,\"gross\":12}")),
          arithmetic(
              "SUBTRACT",
              "Subtracts the second number from the first.",
              Fn.SUBTRACT,
              new Example(
                  "{sourceColumn1: total, sourceColumn2: discount, targetColumn: net}",
                  "{\"total\":10,\"discount\":3}",
                  "{\"total\":10,\"discount\":3,\"net\":7}")),
          arithmetic(
              "MULTIPLY",
              "Multiplies two numbers.",
              Fn.MULTIPLY,
              new Example(
                  "{sourceColumn1: quantity, sourceColumn2: unit_price, targetColumn: total}",
                  "{\"quantity\":3,\"unit_price\":2.5}",
                  "{\"quantity\":3,\"unit_price\":2.5,\"total\":7.5}")),
          arithmetic(
              "DIVIDE",
              "Divides the first number by the second; by zero gives null.",
              Fn.DIVIDE,
              new Example(
                  "{sourceColumn1: cents, value2: 100, targetColumn: euros}",
                  "{\"cents\":250}",
                  "{\"cents\":250,\"euros\":2.5}")),
          arithmetic(
              "MOD",
              "What remains when the first number is divided by the second, with the sign of the first; by zero gives null.",
              Fn.MODULO,
              new Example(
                  "{sourceColumn1: id, value2: 4, targetColumn: shard}",
                  "{\"id\":7}\n{\"id\":-7}",
                  "{\"id\":7,\"shard\":3}\n{\"id\":-7,\"shard\":-3}")),
          new Operation(
              "ROUND",
              FAMILY,
              List.of(
                  SOURCE,
                  INTO,
                  optional("decimals", Kind.DIGITS, "Decimal places; 0 without it (Tarn's).")),
              "Rounds a number, halves away from zero. (DataBrew rounds halves up.)",
              new Example(
                  "{sourceColumn: total, decimals: 1}", "{\"total\":2.25}", "{\"total\":2.3}"),
              a ->
                  a.appendOrReplace(
                      a.text("sourceColumn"),
                      call(
                          Fn.ROUND,
                          a.column("sourceColumn"),
                          literal(a.optional("decimals").map(Long::valueOf).orElse(0L))))),
          one(
              "CEILING",
              "The least whole number that is not less than a number; its type stays.",
              new Example(
                  "{sourceColumn: hours, targetColumn: billed}",
                  "{\"hours\":1.2}\n{\"hours\":-1.2}",
                  "{\"hours\":1.2,\"billed\":2.0}\n{\"hours\":-1.2,\"billed\":-1.0}"),
              number -> call(Fn.CEIL, number)),
          one(
              "FLOOR",
              "The greatest whole number that is not greater than a number; its type stays.",
              new Example(
                  "{sourceColumn: age, targetColumn: years}",
                  "{\"age\":41.9}\n{\"age\":-1.2}",
                  "{\"age\":41.9,\"years\":41.0}\n{\"age\":-1.2,\"years\":-2.0}"),
              number -> call(Fn.FLOOR, number)),
          one(
              "ABSOLUTE",
              "A number without its sign.",
              new Example(
                  "{sourceColumn: change, targetColumn: size}",
                  "{\"change\":-4}",
                  "{\"change\":-4,\"size\":4}"),
              number -> call(Fn.ABS, number)),
          one(
              "NEGATE",
              "A number with the other sign.",
              new Example(
                  "{sourceColumn: paid, targetColumn: refund}",
                  "{\"paid\":4}",
                  "{\"paid\":4,\"refund\":-4}"),
              number -> call(Fn.SUBTRACT, literal(0L), number)),
          one(
              "SIGN",
              "-1 for a number below zero, 0 for zero, 1 for one above.",
              new Example(
                  "{sourceColumn: change, targetColumn: direction}",
                  "{\"change\":-4}\n{\"change\":0}\n{\"change\":null}",
                  "{\"change\":-4,\"direction\":-1}\n{\"change\":0,\"direction\":0}\n{\"change\":null,\"direction\":null}"),
              NumberSteps::sign),
          one(
              "SQUARE_ROOT",
              "The square root of a number; null for one below zero.",
              new Example(
                  "{sourceColumn: area, targetColumn: side}",
                  "{\"area\":9}\n{\"area\":-1}",
                  "{\"area\":9,\"side\":3.0}\n{\"area\":-1,\"side\":null}"),
              number -> call(Fn.SQUARE_ROOT, number)),
          new Operation(
              "POWER",
              FAMILY,
              List.of(SOURCE, NEW, required("exponent", Kind.NUMBER, "The exponent.")),
              "A number to the power of another one, as a floating point number; null where there is no finite result. Into a new column.",
              new Example(
                  "{sourceColumn: side, exponent: 2, targetColumn: area}",
                  "{\"side\":3}",
                  "{\"side\":3,\"area\":9.0}"),
              a ->
                  a.append(
                      "targetColumn",
                      call(Fn.POWER, a.column("sourceColumn"), a.numberOf("exponent")))),
          one(
              "LN",
              "The natural logarithm of a number; null for zero and below.",
              new Example(
                  "{sourceColumn: n, targetColumn: ln}",
                  "{\"n\":1}\n{\"n\":0}",
                  "{\"n\":1,\"ln\":0.0}\n{\"n\":0,\"ln\":null}"),
              number -> call(Fn.LN, number)),
          new Operation(
              "LOG",
              FAMILY,
              List.of(SOURCE, NEW, optional("base", Kind.NUMBER, "The base; 10 without it.")),
              "The logarithm of a number; null for zero and below. Into a new column.",
              new Example(
                  "{sourceColumn: n, base: 2, targetColumn: bits}",
                  "{\"n\":8}",
                  "{\"n\":8,\"bits\":3.0}"),
              NumberSteps::logarithm),
          parity(
              "IS_EVEN",
              "Whether a number is even; false for one that is not whole.",
              new Example(
                  "{sourceColumn: n, targetColumn: even}",
                  "{\"n\":4}\n{\"n\":3}",
                  "{\"n\":4,\"even\":true}\n{\"n\":3,\"even\":false}"),
              0),
          parity(
              "IS_ODD",
              "Whether a number is odd; false for one that is not whole.",
              new Example(
                  "{sourceColumn: n, trueString: odd, falseString: even, targetColumn: kind}",
                  "{\"n\":-3}\n{\"n\":null}",
                  "{\"n\":-3,\"kind\":\"odd\"}\n{\"n\":null,\"kind\":null}"),
              1));

  private NumberSteps() {}

  private static Operation one(
      String name, String meaning, Example example, Function<Expr, Expr> result) {
    return new Operation(
        name,
        FAMILY,
        List.of(SOURCE, NEW),
        meaning + " Into a new column.",
        example,
        a -> a.append("targetColumn", result.apply(a.column("sourceColumn"))));
  }

  private static Operation arithmetic(String name, String meaning, Fn function, Example example) {
    List<Parameter> parameters =
        List.of(
            optional("sourceColumn1", Kind.COLUMN, "The first number's column."),
            optional("value1", Kind.NUMBER, "The first number, if it is a constant."),
            optional("sourceColumn2", Kind.COLUMN, "The second number's column."),
            optional("value2", Kind.NUMBER, "The second number, if it is a constant."),
            NEW);
    return new Operation(
        name,
        FAMILY,
        parameters,
        meaning + " Into a new column.",
        example,
        a -> {
          Optional<Expr> left = operand(a, name, "1");
          Optional<Expr> right = operand(a, name, "2");
          return left.isEmpty() || right.isEmpty()
              ? List.of()
              : a.append("targetColumn", call(function, left.get(), right.get()));
        });
  }

  private static Optional<Expr> operand(Arguments a, String operation, String which) {
    boolean column = a.has("sourceColumn" + which);
    if (column == a.has("value" + which)) {
      a.problem(
          "value" + which,
          operation + " needs either 'sourceColumn" + which + "' or 'value" + which + "'",
          "");
      return Optional.empty();
    }
    return Optional.of(column ? a.column("sourceColumn" + which) : a.numberOf("value" + which));
  }

  private static Expr sign(Expr number) {
    Expr zero = literal(0L);
    return call(
        Fn.IF,
        call(Fn.GT, number, zero),
        literal(1L),
        call(
            Fn.IF,
            call(Fn.LT, number, zero),
            literal(-1L),
            call(Fn.IF, call(Fn.EQ, number, zero), zero, literal(null))));
  }

  private static List<Step> logarithm(Arguments a) {
    BigDecimal base = new BigDecimal(a.optional("base").orElse("10"));
    if (base.signum() <= 0 || base.compareTo(BigDecimal.ONE) == 0) {
      a.problem("base", "'base' is greater than 0 and not 1", "");
      return List.of();
    }
    return a.append("targetColumn", call(Fn.LOG, a.column("sourceColumn"), Arguments.number(base)));
  }

  private static Operation parity(String name, String meaning, Example example, long remainder) {
    return new Operation(
        name,
        FAMILY,
        List.of(
            SOURCE,
            NEW,
            optional("trueString", Kind.TEXT, "A text for true; a boolean without it."),
            optional("falseString", Kind.TEXT, "A text for false; a boolean without it.")),
        meaning + " Null stays null. Into a new column.",
        example,
        a -> {
          Expr rest = call(Fn.ABS, call(Fn.MODULO, a.column("sourceColumn"), literal(2L)));
          return a.append(
              "targetColumn", FlagSteps.texts(a, call(Fn.EQ, rest, literal(remainder))));
        });
  }
}
