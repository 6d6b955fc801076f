package tarn.core.recipe;

import static tarn.core.engine.plan.Expr.call;
import static tarn.core.engine.plan.Expr.literal;
import static tarn.core.recipe.Parameter.SOURCES;
import static tarn.core.recipe.Parameter.optional;
import static tarn.core.recipe.Parameter.required;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.Fn;
import tarn.core.engine.plan.SecretReference;
import tarn.core.engine.plan.Step;
import tarn.core.recipe.Parameter.Kind;

/** Operations that hide what identifies people. */
final class PrivacySteps {
  private static final String FAMILY = "Privacy";
  private static final int MAX_SYMBOL = 10;
  private static final Parameter SYMBOL =
      required("maskSymbol", Kind.TEXT, "What takes the place of a character.");

  static final List<Operation> ALL =
      List.of(
          new Operation(
              "CRYPTOGRAPHIC_HASH",
              FAMILY,
              List.of(
                  SOURCES,
                  required(
                          "algorithm",
                          Kind.TEXT,
                          "HMAC_SHA256, which needs a key, or SHA256. (DataBrew takes HMAC_SHA256 if nothing is written; here it is written.)")
                      .oneOf(List.of("HMAC_SHA256", "SHA256")),
                  optional(
                      "secretId",
                      Kind.TEXT,
                      "Where the key of HMAC_SHA256 is: env:NAME, an environment variable of the server, or file:/path, a file of its machine. (DataBrew names a secret of AWS.)")),
              "Replaces values by a hash of their text, as 64 lower case hex digits; null stays null. The same value with the same key gives the same hash, so the columns can still be joined. Without a key, values that can be guessed can be found by trying them all: hash names, numbers and addresses with HMAC_SHA256, and keep the key.",
              new Example(
                  "{sourceColumns: [email], algorithm: SHA256}",
                  "{\"email\":\"a\"}",
                  "{\"email\":\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\"}"),
              PrivacySteps::hash),
          new Operation(
              "MASK_CUSTOM",
              FAMILY,
              List.of(
                  SOURCES,
                  SYMBOL,
                  required("customValue", Kind.TEXT, "What is hidden, everywhere in the text."),
                  optional("regex", Kind.FLAG, "It is a regular expression (RE2).")),
              "Hides every character of a text within texts. A match of a regular expression becomes one symbol (Tarn's): [0-9] hides each digit, [0-9]+ each number.",
              new Example(
                  "{sourceColumns: [note], maskSymbol: '#', customValue: amazon}",
                  "{\"note\":\"by amazon!\"}",
                  "{\"note\":\"by ######!\"}"),
              PrivacySteps::custom),
          new Operation(
              "MASK_RANGE",
              FAMILY,
              List.of(
                  SOURCES,
                  SYMBOL,
                  optional(
                      "start",
                      Kind.WHOLE,
                      "The first character, counted from 0; negative from the end; 0 without it."),
                  optional(
                      "stop",
                      Kind.WHOLE,
                      "The first character that stays again; negative from the end; to the end without it."),
                  optional(
                      "alphabet",
                      Kind.LIST,
                      "What is not hidden: SYMBOLS (what is no letter, digit or white space), WHITESPACE.")),
              "Hides the characters of a range of each text.",
              new Example(
                  "{sourceColumns: [card], maskSymbol: '*', stop: -4, alphabet: [WHITESPACE]}",
                  "{\"card\":\"1234 5678 9012\"}\n{\"card\":\"12\"}",
                  "{\"card\":\"**** **** 9012\"}\n{\"card\":\"12\"}"),
              PrivacySteps::range));

  private PrivacySteps() {}

  private static List<Step> hash(Arguments a) {
    boolean keyed = a.text("algorithm").equals("HMAC_SHA256");
    if (keyed != a.has("secretId")) {
      a.problem(
          keyed ? "algorithm" : "secretId",
          keyed ? "HMAC_SHA256 needs 'secretId'" : "SHA256 has no key",
          keyed ? "write secretId: env:NAME or file:/path" : "write algorithm: HMAC_SHA256");
      return List.of();
    }
    Function<String, Expr> hashed = column -> call(Fn.SHA256, Arguments.asText(column));
    if (keyed) {
      Optional<SecretReference> secret = SecretReference.parse(a.text("secretId"));
      if (secret.isEmpty()) {
        a.problem(
            "secretId",
            "'secretId' says where the key is, it is not the key",
            "write secretId: env:NAME or file:/path");
        return List.of();
      }
      Expr key = new Expr.Secret(secret.get());
      hashed = column -> call(Fn.HMAC_SHA256, key, Arguments.asText(column));
    }
    return a.replaceAll(a.texts("sourceColumns"), hashed);
  }

  private static boolean symbol(Arguments a) {
    boolean fits = !a.text("maskSymbol").isEmpty() && a.text("maskSymbol").length() <= MAX_SYMBOL;
    if (!fits) {
      a.problem("maskSymbol", "'maskSymbol' has 1 to " + MAX_SYMBOL + " characters", "");
    }
    return fits;
  }

  private static List<Step> custom(Arguments a) {
    String value = a.text("customValue");
    if (!symbol(a) || a.flag("regex") && !RegexParameters.check(a, "customValue")) {
      return List.of();
    }
    if (value.isEmpty()) {
      a.problem("customValue", "there is nothing to hide: 'customValue' is empty", "");
      return List.of();
    }
    String symbol = a.text("maskSymbol");
    Function<String, Expr> masked =
        column ->
            a.flag("regex")
                ? call(
                    Fn.REGEXP_REPLACE,
                    Arguments.asText(column),
                    literal(value),
                    literal(RegexParameters.plain(symbol)))
                : call(
                    Fn.REPLACE,
                    Arguments.asText(column),
                    literal(value),
                    literal(symbol.repeat(value.codePointCount(0, value.length()))));
    return a.replaceAll(a.texts("sourceColumns"), masked);
  }

  private static List<Step> range(Arguments a) {
    List<String> kept = a.texts("alphabet");
    for (String each : kept) {
      if (!each.equals("SYMBOLS") && !each.equals("WHITESPACE")) {
        a.problem("alphabet", "unknown '" + each + "'", "write SYMBOLS or WHITESPACE");
      }
    }
    if (!symbol(a)) {
      return List.of();
    }
    String hidden = hidden(kept.contains("SYMBOLS"), kept.contains("WHITESPACE"));
    return a.replaceAll(
        a.texts("sourceColumns"), column -> masked(a, Arguments.asText(column), hidden));
  }

  /** A pattern of one character that is not kept. */
  private static String hidden(boolean symbols, boolean whitespace) {
    if (symbols) {
      return whitespace ? "[\\p{L}\\p{N}]" : "[\\p{L}\\p{N}\\s\\p{Z}]";
    }
    return whitespace ? "[^\\s\\p{Z}]" : "(?s:.)";
  }

  private static Expr masked(Arguments a, Expr text, String hidden) {
    Expr start = place(text, a.whole("start", 0));
    Expr stop =
        a.has("stop")
            ? Positions.notBelow(place(text, a.whole("stop", 0)), start)
            : Positions.notBelow(call(Fn.LENGTH, text), start);
    Expr middle =
        call(
            Fn.SUBSTRING, text, Positions.plus(start, literal(1L)), call(Fn.SUBTRACT, stop, start));
    return call(
        Fn.CONCAT,
        Positions.first(text, start),
        call(
            Fn.REGEXP_REPLACE,
            middle,
            literal(hidden),
            literal(RegexParameters.plain(a.text("maskSymbol")))),
        Positions.behind(text, stop));
  }

  private static Expr place(Expr text, int index) {
    return index >= 0 ? literal((long) index) : Positions.lengthWithout(text, -index);
  }
}
