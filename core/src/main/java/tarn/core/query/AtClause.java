package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Set;
import java.util.regex.Pattern;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** Reads {@code AT (VERSION => 12)} and {@code AT (TIMESTAMP => '2026-01-31 12:00:00')}. */
final class AtClause {
  private static final Set<String> CASTS =
      Set.of("timestamp", "datetime", "timestamptz", "timestamp with time zone", "date");
  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern SHORT_ZONE = Pattern.compile(".*[+-]\\d{2}");

  private AtClause() {}

  static At read(JsonNode clause) {
    if (TreeWalk.holdsNothing(clause)) {
      return new At.Latest();
    }
    String unit = TreeWalk.lower(TreeWalk.text(clause, "unit"));
    JsonNode expression = clause.path("expr");
    return switch (unit) {
      case "version" -> version(expression);
      case "timestamp" -> timestamp(expression);
      default -> throw refused(unit);
    };
  }

  private static At version(JsonNode expression) {
    JsonNode literal = expression.path("literal");
    if (!TreeWalk.text(literal, "kind").equals("INTEGER")) {
      throw refused("VERSION");
    }
    try {
      return new At.Version(Long.parseLong(TreeWalk.text(literal, "text")));
    } catch (NumberFormatException e) {
      throw refused("VERSION");
    }
  }

  private static At timestamp(JsonNode expression) {
    JsonNode constant = expression;
    if (TreeWalk.text(expression, "class").equals("CAST")) {
      JsonNode type = expression.path("type_expr");
      if (!CASTS.contains(TreeWalk.lower(TreeWalk.text(type, "type_name")))) {
        throw refused("TIMESTAMP");
      }
      constant = expression.path("child");
    }
    JsonNode literal = constant.path("literal");
    if (!TreeWalk.text(literal, "kind").equals("STRING")) {
      throw refused("TIMESTAMP");
    }
    String text = TreeWalk.text(literal, "text").strip();
    try {
      return new At.Timestamp(instant(text));
    } catch (DateTimeParseException e) {
      throw new TarnException(
          ErrorCode.SQL_INVALID,
          "AT (TIMESTAMP => '"
              + text
              + "') is not a moment: write '2026-01-31 12:00:00' or '2026-01-31T12:00:00Z'",
          e);
    }
  }

  /** A moment as text; a text without a zone means UTC. */
  static Instant instant(String text) {
    String iso = text.replaceFirst("[ t]+", "T").replaceFirst("T([+-])", "$1");
    if (DATE.matcher(iso).matches()) {
      iso += "T00:00";
    } else if (SHORT_ZONE.matcher(iso).matches() && iso.contains(":")) {
      iso += ":00";
    }
    boolean zoned = iso.endsWith("Z") || iso.matches(".*:.*[+-]\\d{2}:\\d{2}");
    return zoned
        ? OffsetDateTime.parse(iso).toInstant()
        : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
  }

  private static TarnException refused(String unit) {
    return TreeWalk.refused(
        "AT ("
            + unit
            + " => …) takes a constant: AT (VERSION => 12) or AT (TIMESTAMP => '2026-01-31 12:00:00')");
  }
}
