package tarn.api.shop;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import tarn.api.shop.Generated.Kind;

/**
 * What people do in an invented shop, as events: event_id (UUID), event_type, event_subtype,
 * event_time (ISO 8601, UTC, milliseconds), user_id, session_id, page, product_id, quantity and
 * amount (null where they mean nothing), country and city, and device, an object. Every one is a
 * function of the plan and its index, so memory does not grow. Safe for use by many threads.
 */
public final class ShopEvents {
  /** The time of the first event, where none is asked for. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final int KIND = 1;
  private static final int CONTENT = 2;
  private static final int TARGET = 3;
  private static final int TIME = 4;

  /** How far back a duplicate or a conflict looks for its original. */
  private static final int REACH = 10_000;

  private static final int USERS = 20_000;
  private static final int PRODUCTS = 120;
  private static final long SESSION_MILLIS = 1_800_000;
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** Type and subtype; what is there more often happens more often. */
  private static final String[] TYPES = {
    "page/viewed",
    "page/viewed",
    "page/viewed",
    "page/viewed",
    "page/viewed",
    "page/searched",
    "product/viewed",
    "product/viewed",
    "product/viewed",
    "product/viewed",
    "product/reviewed",
    "cart/added",
    "cart/added",
    "cart/removed",
    "order/placed",
    "order/cancelled",
    "payment/made",
    "payment/refused",
    "account/created",
    "account/logged_in"
  };

  private static final String[] PAGES = {
    "/", "/new", "/sale", "/search", "/category/books", "/category/garden", "/category/kitchen"
  };

  private static final String[] PLACES = {
    "AT\",\"city\":\"Wien",
    "CH\",\"city\":\"Zürich",
    "DE\",\"city\":\"Köln",
    "DE\",\"city\":\"Leipzig",
    "DK\",\"city\":\"Ærøskøbing",
    "FR\",\"city\":\"Orléans",
    "GB\",\"city\":\"Leeds",
    "JP\",\"city\":\"京都",
    "PL\",\"city\":\"Łódź",
    "US\",\"city\":\"Austin"
  };

  private static final String[] DEVICES = {
    "desktop\",\"os\":\"linux", "desktop\",\"os\":\"windows", "desktop\",\"os\":\"macos",
    "phone\",\"os\":\"android", "phone\",\"os\":\"ios", "tablet\",\"os\":\"android"
  };

  private final EventPlan plan;

  public ShopEvents(EventPlan plan) {
    this.plan = plan;
  }

  /** What is sent in a turn, counted from 0. */
  public Generated at(long index) {
    Kind kind = kind(index);
    byte[] bytes =
        switch (kind) {
          case FRESH, LATE, FUTURE -> event(index, kind, "");
          case POISON ->
              Poison.of(Chance.of(plan.seed(), TARGET, index)).of(event(index, kind, ""));
          case DUPLICATE -> original(target(index, true));
          case CONFLICT -> original(target(index, false), "-" + Long.toString(index, 36));
        };
    return new Generated(kind, bytes);
  }

  private byte[] original(long index) {
    return original(index, "");
  }

  private byte[] original(long index, String otherwise) {
    return event(index, drawn(index), otherwise);
  }

  // ---- kinds ----

  /** A repetition that finds nothing to repeat is an event of its own. */
  private Kind kind(long index) {
    Kind drawn = drawn(index);
    boolean repeats = drawn == Kind.DUPLICATE || drawn == Kind.CONFLICT;
    return repeats && target(index, drawn == Kind.DUPLICATE) < 0 ? Kind.FRESH : drawn;
  }

  private Kind drawn(long index) {
    EventPlan.Shares shares = plan.shares();
    double share = Chance.of(plan.seed(), KIND, index).share();
    double conflicts = shares.duplicates() + shares.conflicts();
    double poison = conflicts + shares.poison();
    double late = poison + shares.late();
    if (share < conflicts) {
      return share < shares.duplicates() ? Kind.DUPLICATE : Kind.CONFLICT;
    } else if (share < poison) {
      return Kind.POISON;
    } else if (share < late) {
      return Kind.LATE;
    }
    return share < late + shares.future() ? Kind.FUTURE : Kind.FRESH;
  }

  /**
   * An earlier event, or -1. Duplicates repeat those with an even index, conflicts the others: of
   * an id with both, what is a duplicate would depend on which comes first.
   */
  private long target(long index, boolean even) {
    int reach = (int) Math.min(index, REACH);
    if (reach == 0) {
      return -1;
    }
    long from = index - 1 - Chance.of(plan.seed(), TARGET, index).below(reach);
    for (long at = from; at >= Math.max(0, from - REACH); at--) {
      if ((at % 2 == 0) == even && isEvent(drawn(at))) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isEvent(Kind drawn) {
    return drawn == Kind.FRESH || drawn == Kind.LATE || drawn == Kind.FUTURE;
  }

  // ---- content ----

  private byte[] event(long index, Kind kind, String otherwise) {
    Chance chance = Chance.of(plan.seed(), CONTENT, index);
    Instant turn = plan.start().plus(plan.spacing().multipliedBy(index));
    String type = chance.pick(TYPES);
    int slash = type.indexOf('/');
    StringBuilder text = new StringBuilder(400).append("{\"event_id\":\"");
    uuid(text, chance.next(), chance.next());
    text.append("\",\"event_type\":\"").append(type, 0, slash);
    text.append("\",\"event_subtype\":\"").append(type, slash + 1, type.length());
    text.append("\",\"event_time\":\"").append(MILLIS.format(turn.plus(shift(index, kind))));
    who(text, chance, turn);
    text.append(otherwise).append('"');
    what(text, chance, type.substring(0, slash));
    text.append(",\"country\":\"").append(chance.pick(PLACES));
    text.append("\",\"device\":{\"type\":\"").append(chance.pick(DEVICES));
    text.append("\",\"app\":").append(chance.below(4) == 0).append("}}");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** From an event's turn to its time. */
  private Duration shift(long index, Kind kind) {
    Chance chance = Chance.of(plan.seed(), TIME, index);
    return switch (kind) {
      case LATE ->
          chance.below(2) == 0
              ? Duration.ofSeconds(-60 - chance.below(3_540))
              : Duration.ofMinutes(-60 - chance.below(7 * 1_440 - 60));
      case FUTURE -> Duration.ofMinutes(60 + chance.below(30 * 1_440 - 60));
      case FRESH, DUPLICATE, CONFLICT, POISON -> Duration.ZERO;
    };
  }

  /** Few people do much, many do little. */
  private void who(StringBuilder text, Chance chance, Instant turn) {
    int user = (int) (USERS * chance.share() * chance.share());
    long session = Math.floorDiv(turn.toEpochMilli(), SESSION_MILLIS);
    text.append("\",\"user_id\":\"user").append(user);
    text.append("\",\"session_id\":\"s");
    text.append(Long.toString(Chance.of(plan.seed(), user, session).next() >>> 1, 36));
  }

  private static void what(StringBuilder text, Chance chance, String type) {
    int product = 1 + chance.below(PRODUCTS);
    int quantity = 1 + chance.below(3);
    int cents = quantity * (199 + 50 * product);
    boolean ofProduct = type.equals("product") || type.equals("cart");
    boolean ofMoney = type.equals("order") || type.equals("payment");
    text.append(",\"page\":");
    if (type.equals("page")) {
      text.append('"').append(chance.pick(PAGES)).append('"');
    } else {
      text.append("null");
    }
    text.append(",\"product_id\":");
    if (ofProduct) {
      text.append("\"SKU-").append(1_000_000 + product).append('"');
    } else {
      text.append("null");
    }
    text.append(",\"quantity\":").append(type.equals("cart") ? quantity : "null");
    text.append(",\"amount\":");
    if (ofMoney) {
      text.append(cents / 100).append('.').append(cents / 10 % 10).append(cents % 10);
    } else {
      text.append("null");
    }
  }

  /** Of version 4. */
  private static void uuid(StringBuilder text, long high, long low) {
    hex(text, high >>> 32, 8);
    hex(text.append('-'), high >>> 16, 4);
    hex(text.append('-'), high & 0x0fff | 0x4000, 4);
    hex(text.append('-'), low >>> 48 & 0x3fff | 0x8000, 4);
    hex(text.append('-'), low, 12);
  }

  private static void hex(StringBuilder text, long value, int width) {
    for (int shift = (width - 1) * 4; shift >= 0; shift -= 4) {
      text.append(Character.forDigit((int) (value >>> shift & 0xf), 16));
    }
  }
}
