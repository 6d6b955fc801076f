package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.DurationText;

/**
 * Reads {@code table_changes('clean.orders', since, until, net => true)}, a table function of
 * Tarn's own: it becomes a view, and the engine never sees it. Its arguments are constants.
 *
 * @param namespace of the table, as written; empty for a bare name
 * @param table its name, as written
 * @param at what is asked
 */
record ChangesCall(String namespace, String table, At.Changes at) {
  static final String NAME = "table_changes";

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern SPAN = Pattern.compile("[0-9]{1,12}(ms|s|m|h|d)");
  private static final Set<String> TIMES =
      Set.of("timestamp", "datetime", "timestamptz", "timestamp with time zone", "date");
  private static final List<String> IN_ORDER = List.of("table", "since", "until");

  static boolean is(JsonNode function) {
    return TreeWalk.lower(TreeWalk.text(function, "function_name")).equals(NAME);
  }

  static ChangesCall read(JsonNode function) {
    boolean plain =
        TreeWalk.text(function, "schema").isEmpty()
            && TreeWalk.text(function, "catalog").isEmpty()
            && TreeWalk.holdsNothing(function.path("filter"))
            && TreeWalk.holdsNothing(function.path("distinct"))
            && TreeWalk.holdsNothing(function.path("order_bys").path("orders"));
    if (!plain) {
      throw wrong("takes arguments and nothing else");
    }
    Constant[] given = new Constant[IN_ORDER.size()];
    boolean net = false;
    int place = 0;
    for (JsonNode argument : function.path("arguments")) {
      Constant value = Constant.of(argument.path("expression"));
      String name = TreeWalk.lower(TreeWalk.text(argument, "name"));
      if (value == null) {
        throw wrong("takes constants only");
      } else if (name.equals("net") && value.kind().equals("BOOLEAN")) {
        net = value.text().equalsIgnoreCase("true");
        continue;
      }
      int at = name.isEmpty() ? place++ : IN_ORDER.indexOf(name);
      if (at < 0 || at >= given.length || given[at] != null) {
        throw wrong("does not take " + (name.isEmpty() ? "so many arguments" : "this " + name));
      }
      given[at] = value;
    }
    return of(given[0], given[1], given[2], net);
  }

  private static ChangesCall of(
      @Nullable Constant table, @Nullable Constant since, @Nullable Constant until, boolean net) {
    if (table == null || !table.isText()) {
      throw wrong("needs a table's name as text");
    } else if (since == null) {
      throw wrong("needs since when");
    }
    String name = table.text();
    int dot = name.indexOf('.');
    return new ChangesCall(
        dot < 0 ? "" : name.substring(0, dot),
        name.substring(dot + 1),
        new At.Changes(when(since), until == null ? new At.Latest() : when(until), net));
  }

  /** A snapshot's id, a time, or a span before now. */
  private static At when(Constant value) {
    String text = value.text().strip();
    try {
      if (value.isNumber() && !value.kind().equals("INTEGER")) {
        throw wrong("takes no number with decimals");
      } else if (value.isNumber() || value.isText() && NUMBER.matcher(text).matches()) {
        return new At.Version(Long.parseLong(text));
      } else if (value.isText() && SPAN.matcher(text).matches()) {
        return new At.Timestamp(Instant.now().minus(DurationText.parse(text)));
      } else if (value.isText() || TIMES.contains(value.cast())) {
        return new At.Timestamp(AtClause.instant(text));
      }
    } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
      throw unreadable(text, e);
    }
    throw unreadable(text, null);
  }

  private static TarnException unreadable(String text, @Nullable Exception cause) {
    return new TarnException(
        ErrorCode.SQL_INVALID,
        "'"
            + text
            + "' is no state of a table: write a snapshot's id as `datalake history` shows it, a time like"
            + " 2026-01-31T12:00:00Z, or a time before now like 2h or 7d",
        cause);
  }

  private static TarnException wrong(String what) {
    return TreeWalk.refused(
        NAME
            + " "
            + what
            + ": write "
            + NAME
            + "('clean.orders', '2026-01-31 12:00:00'), with the last state and net => true after it if you like");
  }

  /** Makes the place of the call one where a table stands. */
  static void becomeTable(ObjectNode node) {
    node.remove(List.of("function", "with_ordinality"));
    node.put("type", "BASE_TABLE");
    if (TreeWalk.text(node, "alias").isEmpty()) {
      node.put("alias", NAME);
    }
  }
}
