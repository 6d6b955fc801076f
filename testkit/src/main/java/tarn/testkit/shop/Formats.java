package tarn.testkit.shop;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tarn.testkit.shop.Order.Line;

/** How records look in files, before any damage. */
final class Formats {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final DateTimeFormatter GERMAN_DAY = DateTimeFormatter.ofPattern("dd.MM.yyyy");
  private static final DateTimeFormatter LOG_TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss '+0000'", Locale.ROOT);

  static final String CUSTOMER_HEADER =
      "customer_id,email,first_name,last_name,address,country,segment,signed_up_on,updated_at";
  static final String ORDER_HEADER =
      "order_id,customer_id,channel,status,ordered_at,updated_at,shipping_fee,coupon,note";

  private Formats() {}

  static List<String> customer(Customer c) {
    return fields(
        c.id(),
        c.email(),
        c.firstName(),
        c.lastName(),
        c.address(),
        c.country(),
        c.segment(),
        c.signedUpOn(),
        time(c.updatedAt()));
  }

  static List<String> order(Order o) {
    return fields(
        o.id(),
        o.customerId(),
        o.channel(),
        o.status(),
        time(o.orderedAt()),
        time(o.updatedAt()),
        o.shippingFee(),
        o.coupon(),
        o.note());
  }

  /** A CSV row; fields are quoted only where they must be, so an empty one is a missing one. */
  static String csv(List<String> fields) {
    return fields.stream().map(Formats::quoted).collect(Collectors.joining(","));
  }

  static String product(Product p, String price) {
    String name = p.dirt() == Dirt.MISSING_FIELD ? "null" : text(p.name());
    return "{\"product_id\":"
        + text(p.id())
        + ",\"name\":"
        + name
        + ",\"category\":"
        + text(p.category())
        + ",\"price\":"
        + price
        + ",\"active\":"
        + p.active()
        + ",\"dimensions\":{\"weight_g\":"
        + p.dimensions().weightGrams()
        + ",\"width_mm\":"
        + p.dimensions().widthMillimetres()
        + ",\"height_mm\":"
        + p.dimensions().heightMillimetres()
        + "},\"tags\":["
        + p.tags().stream().map(Formats::text).collect(Collectors.joining(","))
        + "],\"updated_at\":"
        + text(time(p.updatedAt()))
        + "}";
  }

  static String line(Line l, String quantity) {
    String product = l.dirt() == Dirt.MISSING_FIELD ? "" : ",\"product_id\":" + text(l.productId());
    return "{\"order_id\":"
        + l.orderId()
        + ",\"line_no\":"
        + l.lineNo()
        + product
        + ",\"quantity\":"
        + quantity
        + ",\"unit_price\":"
        + l.unitPrice()
        + ",\"discount\":"
        + l.discount()
        + (l.giftText().isEmpty() ? "" : ",\"gift_text\":" + text(l.giftText()))
        + "}";
  }

  static String germanDay(LocalDate day) {
    return GERMAN_DAY.format(day);
  }

  /** A line of a web server's log, in the combined format. */
  static String combined(Hit h) {
    return String.format(
        Locale.ROOT,
        "%s - - [%s] \"%s %s HTTP/1.1\" %d %d \"%s\" \"%s\"",
        h.ip(),
        LOG_TIME.format(h.at()),
        h.method(),
        h.path(),
        h.status(),
        h.bytes(),
        h.referrer(),
        h.agent());
  }

  static List<String> fields(Object... values) {
    List<String> fields = new ArrayList<>(values.length);
    for (Object value : values) {
      fields.add(value.toString());
    }
    return fields;
  }

  private static String quoted(String field) {
    boolean needed = field.indexOf(',') >= 0 || field.indexOf('"') >= 0 || field.indexOf('\n') >= 0;
    return needed ? '"' + field.replace("\"", "\"\"") + '"' : field;
  }

  private static String text(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String time(LocalDateTime time) {
    return TIME.format(time);
  }
}
