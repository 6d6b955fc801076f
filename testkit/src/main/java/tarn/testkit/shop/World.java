package tarn.testkit.shop;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import tarn.testkit.shop.DirtPlan.Share;
import tarn.testkit.shop.Order.History;
import tarn.testkit.shop.Order.Landing;
import tarn.testkit.shop.Order.Line;

/**
 * Everything that is true in the shop, as functions of the seed and an index: nothing is kept, so
 * any scale fits in memory.
 */
final class World {
  static final LocalDate FIRST_DAY = LocalDate.of(2025, 10, 1);
  static final int DAYS = 92;

  /** An update or a stale version lands at most this many days after the order. */
  static final int MAX_DELAY_DAYS = 5;

  private static final int CUSTOMER = 1;
  private static final int PRODUCT = 2;
  private static final int ORDER = 3;
  private static final int LINE = 4;
  static final int RETURN = 5;
  static final int LOG_LINE = 6;
  private static final int DIRT = 100;
  private static final long FIRST_ORDER_ID = 1_000_001;
  private static final long NO_SUCH_CUSTOMER = 900_000_000;
  private static final long NO_SUCH_ORDER = 8_000_000_000L;

  private final long seed;
  private final long customers;
  private final int products;
  private final long orders;
  private final DirtPlan customerDirt;
  private final DirtPlan productDirt;
  private final DirtPlan orderDirt;
  private final DirtPlan lineDirt;

  World(long seed, double scale) {
    this.seed = seed;
    this.customers = Math.max(1, Math.round(500 * scale));
    this.products = (int) Math.max(1, Math.round(120 * scale));
    this.orders = Math.max(1, Math.round(3000 * scale));
    this.customerDirt = new DirtPlan(seed, DIRT + CUSTOMER, 250, CUSTOMER_DIRT);
    this.productDirt = new DirtPlan(seed, DIRT + PRODUCT, 120, PRODUCT_DIRT);
    this.orderDirt = new DirtPlan(seed, DIRT + ORDER, 500, ORDER_DIRT);
    this.lineDirt = new DirtPlan(seed, DIRT + LINE, 500, LINE_DIRT);
  }

  private static final List<Share> CUSTOMER_DIRT =
      List.of(
          new Share(Dirt.DUPLICATE, 3),
          new Share(Dirt.LATE_UPDATE, 10),
          new Share(Dirt.IMPOSSIBLE_DATE, 1),
          new Share(Dirt.MISSING_FIELD, 2),
          new Share(Dirt.REPEATED_EMAIL, 1),
          new Share(Dirt.NOT_UTF8, 1),
          new Share(Dirt.RAGGED_SHORT, 1),
          new Share(Dirt.MESSY_TEXT, 30),
          new Share(Dirt.QUOTED_COMMA, 8),
          new Share(Dirt.QUOTED_NEWLINE, 4));

  private static final List<Share> PRODUCT_DIRT =
      List.of(
          new Share(Dirt.DUPLICATE, 2),
          new Share(Dirt.LATE_UPDATE, 6),
          new Share(Dirt.BAD_NUMBER, 1),
          new Share(Dirt.MISSING_FIELD, 1),
          new Share(Dirt.NEGATIVE_NUMBER, 1),
          new Share(Dirt.TRUNCATED, 1));

  private static final List<Share> ORDER_DIRT =
      List.of(
          new Share(Dirt.DUPLICATE, 8),
          new Share(Dirt.LATE_UPDATE, 60),
          new Share(Dirt.STALE_UPDATE, 5),
          new Share(Dirt.CORRECTED, 2),
          new Share(Dirt.BAD_NUMBER, 2),
          new Share(Dirt.IMPOSSIBLE_DATE, 2),
          new Share(Dirt.MISSING_KEY, 1),
          new Share(Dirt.MISSING_FIELD, 2),
          new Share(Dirt.UNKNOWN_VALUE, 2),
          new Share(Dirt.RAGGED_SHORT, 1),
          new Share(Dirt.RAGGED_LONG, 1),
          new Share(Dirt.NOT_UTF8, 1),
          new Share(Dirt.ORPHAN, 5),
          new Share(Dirt.MESSY_TEXT, 15),
          new Share(Dirt.QUOTED_COMMA, 20),
          new Share(Dirt.QUOTED_NEWLINE, 6));

  private static final List<Share> LINE_DIRT =
      List.of(
          new Share(Dirt.DUPLICATE, 8),
          new Share(Dirt.BAD_NUMBER, 3),
          new Share(Dirt.NEGATIVE_NUMBER, 4),
          new Share(Dirt.MISSING_FIELD, 3),
          new Share(Dirt.TRUNCATED, 2),
          new Share(Dirt.NOT_UTF8, 1),
          new Share(Dirt.ORPHAN, 5));

  long customers() {
    return customers;
  }

  int products() {
    return products;
  }

  long orders() {
    return orders;
  }

  /** The day (counted from the first) on which an order is placed; orders are numbered by day. */
  int dayOf(long order) {
    return (int) (order * DAYS / orders);
  }

  /** The first order of a day; for the day after the last one, the number of orders. */
  long firstOrderOf(int day) {
    return (day * orders + DAYS - 1) / DAYS;
  }

  Customer customer(long index) {
    Dirt dirt = customerDirt.at(index);
    Customer drawn = drawCustomer(index, dirt);
    return dirt == Dirt.REPEATED_EMAIL ? withEmailOfAnother(drawn, index) : drawn;
  }

  private Customer drawCustomer(long index, Dirt dirt) {
    SplittableRandom random = Draw.of(seed, CUSTOMER, index);
    String first = dirt == Dirt.NOT_UTF8 ? "Jürgen" : Draw.pick(random, Words.FIRST);
    String last = dirt == Dirt.NOT_UTF8 ? "Müller" : Draw.pick(random, Words.LAST);
    LocalDate signedUp = FIRST_DAY.minusDays(1 + random.nextInt(1500));
    return new Customer(
        index + 1,
        "user" + (index + 1) + "@example." + (random.nextInt(4) == 0 ? "net" : "org"),
        first,
        last,
        address(random, dirt),
        Draw.pick(random, Words.COUNTRIES),
        random.nextInt(20) == 0 ? "" : Draw.pick(random, Words.SEGMENTS),
        signedUp,
        signedUp.atTime(time(random)),
        dirt);
  }

  private static String address(SplittableRandom random, Dirt dirt) {
    String street = (1 + random.nextInt(180)) + " " + Draw.pick(random, Words.STREETS);
    return switch (dirt) {
      case QUOTED_COMMA -> street + ", flat " + (1 + random.nextInt(20));
      case QUOTED_NEWLINE -> street + "\n\"The Annex\"";
      default -> street;
    };
  }

  /**
   * The nearest stored customer before; the first customer of all keeps an address of their own.
   */
  private Customer withEmailOfAnother(Customer customer, long index) {
    for (long other = index - 1; other >= 0; other--) {
      Dirt dirt = customerDirt.at(other);
      if (drawCustomer(other, dirt).stored()) {
        return withEmail(customer, drawCustomer(other, dirt).email(), Dirt.REPEATED_EMAIL);
      }
    }
    return withEmail(customer, customer.email(), Dirt.NONE);
  }

  private static Customer withEmail(Customer c, String email, Dirt dirt) {
    return new Customer(
        c.id(),
        email,
        c.firstName(),
        c.lastName(),
        c.address(),
        c.country(),
        c.segment(),
        c.signedUpOn(),
        c.updatedAt(),
        dirt);
  }

  /** What lands later about a customer whose dirt is LATE_UPDATE. */
  Customer movedCustomer(Customer customer) {
    SplittableRandom random = Draw.of(seed, CUSTOMER + 50, customer.id());
    LocalDateTime when = FIRST_DAY.plusDays(random.nextInt(45)).atTime(time(random));
    return customer.moved(Draw.pick(random, Words.COUNTRIES), when);
  }

  Product product(int index) {
    SplittableRandom random = Draw.of(seed, PRODUCT, index);
    int category = random.nextInt(Words.CATEGORIES.length);
    String name =
        Draw.pick(random, Words.ADJECTIVES) + " " + Draw.pick(random, Words.NOUNS[category]);
    return new Product(
        productId(index),
        name,
        Words.CATEGORIES[category],
        price(random),
        random.nextInt(12) != 0,
        new Product.Dimensions(
            50 + random.nextInt(9000), 20 + random.nextInt(1200), 20 + random.nextInt(1800)),
        tags(random),
        FIRST_DAY.minusDays(1 + random.nextInt(400)).atTime(time(random)),
        productDirt.at(index));
  }

  /** What lands later about a product whose dirt is LATE_UPDATE. */
  Product pricedProduct(Product product, int index) {
    SplittableRandom random = Draw.of(seed, PRODUCT + 50, index);
    LocalDateTime when = FIRST_DAY.plusDays(31 + random.nextInt(14)).atTime(time(random));
    return product.priced(price(random), when);
  }

  private static String productId(int index) {
    return "SKU-" + (1_000_001 + index);
  }

  private static List<String> tags(SplittableRandom random) {
    int first = random.nextInt(Words.TAGS.length);
    int count = random.nextInt(4);
    List<String> tags = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      tags.add(Words.TAGS[(first + i) % Words.TAGS.length]);
    }
    return tags;
  }

  /** Mostly small: 2.50 to 402.49. */
  private static BigDecimal price(SplittableRandom random) {
    double skewed = random.nextDouble() * random.nextDouble();
    return BigDecimal.valueOf(250 + (long) (skewed * 40_000), 2);
  }

  /** The order's records: which land, when, and how damaged. */
  History history(long index) {
    Dirt dirt = orderDirt.at(index);
    SplittableRandom random = Draw.of(seed, ORDER, index);
    int day = dayOf(index);
    Order order = drawOrder(index, day, dirt, random);
    int later = day + 1 + random.nextInt(MAX_DELAY_DAYS);
    Order newer = newer(order, Math.min(later, DAYS - 1), random);
    return new History(dirt, landings(dirt, day, Math.min(later, DAYS - 1), order, newer));
  }

  private static List<Landing> landings(Dirt dirt, int day, int later, Order order, Order newer) {
    Landing good = new Landing(day, order, Dirt.NONE);
    return switch (dirt) {
      case DUPLICATE -> List.of(good, new Landing(Math.min(day + 1, later), order, Dirt.NONE));
      case LATE_UPDATE -> List.of(good, new Landing(later, newer, Dirt.NONE));
      case STALE_UPDATE ->
          List.of(new Landing(day, newer, Dirt.NONE), new Landing(later, order, Dirt.NONE));
      case CORRECTED ->
          List.of(new Landing(day, order, Dirt.BAD_NUMBER), new Landing(later, newer, Dirt.NONE));
      case BAD_NUMBER,
          IMPOSSIBLE_DATE,
          MISSING_KEY,
          MISSING_FIELD,
          UNKNOWN_VALUE,
          RAGGED_SHORT,
          RAGGED_LONG,
          NOT_UTF8 ->
          List.of(new Landing(day, order, dirt));
      default -> List.of(good);
    };
  }

  /** The version that a correct lake ends with; empty if every record is damaged. */
  static Optional<Order> stored(History history) {
    return history.landings().stream()
        .filter(landing -> landing.damage() == Dirt.NONE)
        .map(Landing::order)
        .max(Comparator.comparing(Order::updatedAt));
  }

  private Order drawOrder(long index, int day, Dirt dirt, SplittableRandom random) {
    LocalDateTime orderedAt =
        FIRST_DAY.plusDays(day).atTime(LocalTime.ofSecondOfDay(random.nextInt(23 * 3600)));
    String note = random.nextInt(10) == 0 ? Words.NOTES[0] : "";
    return new Order(
        FIRST_ORDER_ID + index,
        dirt == Dirt.ORPHAN ? NO_SUCH_CUSTOMER + index : buyer(random),
        random.nextInt(40) == 0 ? "" : Draw.pick(random, Words.CHANNELS),
        Draw.pick(random, Words.STATUSES),
        orderedAt,
        orderedAt.plusSeconds(random.nextInt(3600)),
        BigDecimal.valueOf(random.nextInt(4) == 0 ? 0 : 290 + 100L * random.nextInt(7), 2),
        random.nextInt(12) == 0 ? Draw.pick(random, Words.COUPONS) : "",
        noteFor(dirt, note, random));
  }

  /** A few customers buy much. */
  private long buyer(SplittableRandom random) {
    double r = random.nextDouble();
    return 1 + (long) (r * r * customers);
  }

  private static String noteFor(Dirt dirt, String note, SplittableRandom random) {
    return switch (dirt) {
      case QUOTED_COMMA, RAGGED_LONG -> Words.NOTES[1 + random.nextInt(Words.NOTES.length - 1)];
      case QUOTED_NEWLINE -> "Card text:\n\"Happy birthday!\"\nThank you";
      case NOT_UTF8 -> "Grüße an die Küche";
      default -> note;
    };
  }

  private static Order newer(Order order, int day, SplittableRandom random) {
    LocalDateTime nextDay = order.orderedAt().toLocalDate().plusDays(1).atStartOfDay();
    LocalDateTime landed = FIRST_DAY.plusDays(day).atTime(time(random));
    String status = random.nextInt(4) == 0 ? "cancelled" : "delivered";
    return order.with(status, landed.isBefore(nextDay) ? nextDay : landed);
  }

  /** The lines of an order: one to four, and now and then one that names an order never sent. */
  List<Line> lines(long index) {
    SplittableRandom random = Draw.of(seed, LINE, index);
    Dirt dirt = lineDirt.at(index);
    int count = 1 + random.nextInt(4);
    List<Line> lines = new ArrayList<>(count + 1);
    for (int lineNo = 1; lineNo <= count; lineNo++) {
      boolean damaged = lineNo == 1 && dirt != Dirt.ORPHAN;
      lines.add(drawLine(FIRST_ORDER_ID + index, lineNo, damaged ? dirt : Dirt.NONE, random));
    }
    if (dirt == Dirt.ORPHAN) {
      lines.add(drawLine(NO_SUCH_ORDER + index, 1, Dirt.ORPHAN, random));
    }
    return lines;
  }

  private Line drawLine(long orderId, int lineNo, Dirt dirt, SplittableRandom random) {
    int product = drawProduct(random);
    BigDecimal price = product(product).price();
    boolean reduced = random.nextInt(8) == 0;
    return new Line(
        orderId,
        lineNo,
        productId(product),
        random.nextInt(3) == 0 ? 2 + random.nextInt(4) : 1,
        price,
        BigDecimal.valueOf(reduced ? random.nextLong(price.unscaledValue().longValue() / 2) : 0, 2),
        giftText(dirt, random),
        dirt);
  }

  /** A few products are wanted much. */
  private int drawProduct(SplittableRandom random) {
    return (int) (random.nextDouble() * random.nextDouble() * products);
  }

  /** The id of a product; a few are looked at much. */
  String someProduct(SplittableRandom random) {
    return productId(drawProduct(random));
  }

  /** How the dirt of a stream of records is dealt. */
  DirtPlan dirt(int stream, int block, Share... shares) {
    return new DirtPlan(seed, DIRT + stream, block, List.of(shares));
  }

  /** An order's number that no order has. */
  static long unknownOrder(long index) {
    return NO_SUCH_ORDER + index;
  }

  /** Of one in twelve delivered lines some units come back within three weeks. */
  Optional<Return> returned(Order order, Line line, long id, Dirt dirt) {
    SplittableRandom random = Draw.of(seed, RETURN, order.id() * 10 + line.lineNo());
    LocalDate day = order.orderedAt().toLocalDate().plusDays(3 + random.nextInt(18));
    boolean tooLate = !day.isBefore(FIRST_DAY.plusDays(DAYS));
    if (!order.status().equals("delivered") || random.nextInt(12) != 0 || tooLate) {
      return Optional.empty();
    }
    int quantity = 1 + random.nextInt(line.quantity());
    BigDecimal refund =
        line.total()
            .multiply(BigDecimal.valueOf(quantity))
            .divide(BigDecimal.valueOf(line.quantity()), 2, RoundingMode.DOWN);
    String reason = Draw.pick(random, Words.RETURN_REASONS);
    return Optional.of(
        new Return(id, order.id(), line.lineNo(), day, quantity, refund, reason, dirt));
  }

  private static String giftText(Dirt dirt, SplittableRandom random) {
    if (dirt == Dirt.NOT_UTF8) {
      return "Für Zoë";
    }
    return random.nextInt(25) == 0 ? "For " + Draw.pick(random, Words.FIRST) : "";
  }

  static LocalTime time(SplittableRandom random) {
    return LocalTime.ofSecondOfDay(random.nextInt(86_400));
  }
}
