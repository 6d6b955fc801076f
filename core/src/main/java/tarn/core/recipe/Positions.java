package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;

import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;

/** Parts of a text by the numbers of its characters (code points). */
final class Positions {
  private Positions() {}

  /** From a character, counted from 1, to another one, both included. */
  static Expr between(Expr text, int first, int last) {
    return call(
        Fn.SUBSTRING, text, literal((long) first), literal(Math.max(0L, (long) last - first + 1)));
  }

  /** What is behind so many characters. */
  static Expr behind(Expr text, Expr count) {
    return call(Fn.SUBSTRING, text, plus(count, literal(1L)), call(Fn.LENGTH, text));
  }

  /** So many characters at the beginning. */
  static Expr first(Expr text, Expr count) {
    return call(Fn.SUBSTRING, text, literal(1L), count);
  }

  /** The length of a text without so many characters; never below 0. */
  static Expr lengthWithout(Expr text, int count) {
    return notBelow(plus(call(Fn.LENGTH, text), literal((long) -count)), literal(0L));
  }

  /** The greater one. */
  static Expr notBelow(Expr value, Expr least) {
    return call(Fn.IF, call(Fn.LT, value, least), least, value);
  }

  static Expr plus(Expr left, Expr right) {
    return call(Fn.ADD, left, right);
  }
}
