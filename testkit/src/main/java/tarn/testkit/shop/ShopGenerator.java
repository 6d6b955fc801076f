package tarn.testkit.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tarn.testkit.shop.Order.History;
import tarn.testkit.shop.Order.Landing;
import tarn.testkit.shop.Order.Line;

/**
 * Writes a small shop's data as files, one folder per source, and says what a correct lake makes of
 * them. The same seed and scale give the same bytes everywhere (of compressed files, the same
 * content). Memory grows as {@link ExpectedModels} says.
 *
 * <pre>
 * customers/customers-2025-10-01.csv        everyone; customers-2025-11-15.csv: those who moved
 * products/products-2025-10-01.jsonl        everything; products-2025-11-15.jsonl: new prices
 * orders/year=2025/month=10/day=09/orders.csv   one file per day, 92 days
 * order_items/order_items-2025-10.jsonl     one file per month
 * returns/returns-2025-10.csv               one file per month, with semicolons and commas
 * web_logs/access-2025-12-18.log.gz         one file per day of the last 14, the last two plain
 * </pre>
 */
public final class ShopGenerator {
  private static final String NOT_A_NUMBER = "n/a";
  private static final String NO_SUCH_DAY = "2025-02-30";
  private static final Reason RAGGED = Reason.unreadable("fields");
  private static final Reason ENCODING = Reason.unreadable("encoding");
  private static final Reason SYNTAX = Reason.unreadable("json");

  private final World world;
  private final Traffic traffic;
  private final Path out;
  private final ExpectedModels models = new ExpectedModels();

  private ShopGenerator(long seed, World world, Path out) {
    this.world = world;
    this.traffic = new Traffic(seed, world);
    this.out = out;
  }

  /**
   * Writes the files.
   *
   * @param seed any number
   * @param scale 1 is 500 customers, 120 products, 3,000 orders: about 1.3 MB, and 1 MB of logs
   * @param out the folder that gets one folder per source; created if need be, its files
   *     overwritten
   * @throws UncheckedIOException when a file cannot be written; what was written stays
   */
  public static Manifest generate(long seed, double scale, Path out) {
    if (!(scale > 0) || scale > 1_000_000) {
      throw new IllegalArgumentException(
          "The scale is " + scale + ": more than 0, at most 1000000");
    }
    ShopGenerator shop = new ShopGenerator(seed, new World(seed, scale), out);
    try {
      Map<String, Manifest.Source> sources = new TreeMap<>();
      sources.put("customers", shop.customers());
      sources.put("products", shop.products());
      sources.put("orders", shop.orders());
      shop.linesAndReturns(sources);
      sources.put(
          "web_logs",
          new WebLogs(shop.traffic, shop.world, out.resolve("web_logs"), shop.models::view)
              .write());
      return new Manifest(seed, scale, sources, shop.models.results());
    } catch (IOException e) {
      throw new UncheckedIOException("The shop's files could not be written to " + out, e);
    }
  }

  /**
   * {@code ShopGenerator <seed> <scale> <out dir> [<dir for expected results>]}: with the fourth
   * argument also writes manifest.json and one CSV per model.
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 3 || args.length > 4) {
      throw new IllegalArgumentException(
          "usage: ShopGenerator <seed> <scale> <out dir> [<dir for expected results>]");
    }
    Manifest manifest =
        generate(Long.parseLong(args[0]), Double.parseDouble(args[1]), Path.of(args[2]));
    if (args.length == 4) {
      writeExpected(manifest, Path.of(args[3]));
    }
    System.out.print(manifest.toJson());
  }

  /** Writes manifest.json and {@code <model>.csv} into a folder. */
  public static void writeExpected(Manifest manifest, Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("manifest.json"), manifest.toJson());
    for (Map.Entry<String, String> model : manifest.models().toCsv().entrySet()) {
      Files.writeString(folder.resolve(model.getKey() + ".csv"), model.getValue());
    }
  }

  private Manifest.Source customers() throws IOException {
    Tally tally = new Tally();
    try (RecordFile all = file("customers/customers-2025-10-01.csv", tally);
        RecordFile moves = file("customers/customers-2025-11-15.csv", tally)) {
      all.header(Formats.CUSTOMER_HEADER);
      moves.header(Formats.CUSTOMER_HEADER);
      for (long i = 0; i < world.customers(); i++) {
        customer(world.customer(i), all, moves, tally);
      }
    }
    return tally.close();
  }

  private void customer(Customer c, RecordFile all, RecordFile moves, Tally tally)
      throws IOException {
    tally.dirt(c.dirt());
    writeCustomer(c, all);
    Customer last = c;
    if (c.dirt() == Dirt.DUPLICATE) {
      writeCustomer(c, all);
      tally.superseded();
    } else if (c.dirt() == Dirt.LATE_UPDATE) {
      last = world.movedCustomer(c);
      writeCustomer(last, moves);
      tally.superseded();
    }
    if (c.stored()) {
      tally.stored();
      models.customer(last);
    } else {
      tally.quarantined(customerReason(c.dirt()));
    }
  }

  private static void writeCustomer(Customer c, RecordFile file) throws IOException {
    List<String> fields = Formats.customer(c);
    switch (c.dirt()) {
      case MISSING_FIELD -> fields.set(1, "");
      case MESSY_TEXT -> fields.set(5, messyCountry(c));
      case IMPOSSIBLE_DATE -> fields.set(7, NO_SUCH_DAY);
      case RAGGED_SHORT -> fields = fields.subList(0, 4);
      default -> {}
    }
    write(file, Formats.csv(fields), c.dirt());
  }

  private static String messyCountry(Customer c) {
    String country = c.country();
    return switch ((int) (c.id() % 4)) {
      case 0 -> country.toLowerCase(java.util.Locale.ROOT);
      case 1 -> " " + country;
      case 2 -> country.charAt(0) + country.substring(1).toLowerCase(java.util.Locale.ROOT) + "  ";
      default -> "\t" + country.toLowerCase(java.util.Locale.ROOT) + " ";
    };
  }

  private static Reason customerReason(Dirt dirt) {
    return switch (dirt) {
      case MISSING_FIELD -> Reason.rule("IsComplete \"email\"");
      case REPEATED_EMAIL -> Reason.rule("IsUnique \"email\"");
      case IMPOSSIBLE_DATE -> Reason.type("signed_up_on");
      case RAGGED_SHORT -> RAGGED;
      case NOT_UTF8 -> ENCODING;
      default -> throw new IllegalStateException("A customer is not quarantined for " + dirt);
    };
  }

  private Manifest.Source products() throws IOException {
    Tally tally = new Tally();
    try (RecordFile all = file("products/products-2025-10-01.jsonl", tally);
        RecordFile prices = file("products/products-2025-11-15.jsonl", tally)) {
      for (int i = 0; i < world.products(); i++) {
        product(i, all, prices, tally);
      }
    }
    return tally.close();
  }

  private void product(int index, RecordFile all, RecordFile prices, Tally tally)
      throws IOException {
    Product p = world.product(index);
    tally.dirt(p.dirt());
    all.record(productText(p));
    Product last = p;
    if (p.dirt() == Dirt.DUPLICATE) {
      all.record(productText(p));
      tally.superseded();
    } else if (p.dirt() == Dirt.LATE_UPDATE) {
      last = world.pricedProduct(p, index);
      prices.record(productText(last));
      tally.superseded();
    }
    if (p.stored()) {
      tally.stored();
      models.product(last);
    } else {
      tally.quarantined(productReason(p.dirt()));
    }
  }

  private static String productText(Product p) {
    return switch (p.dirt()) {
      case BAD_NUMBER -> Formats.product(p, '"' + NOT_A_NUMBER + '"');
      case NEGATIVE_NUMBER -> Formats.product(p, p.price().negate().toString());
      case TRUNCATED -> cut(Formats.product(p, p.price().toString()));
      default -> Formats.product(p, p.price().toString());
    };
  }

  private static Reason productReason(Dirt dirt) {
    return switch (dirt) {
      case BAD_NUMBER -> Reason.type("price");
      case NEGATIVE_NUMBER -> Reason.rule("ColumnValues \"price\" > 0");
      case MISSING_FIELD -> Reason.rule("IsComplete \"name\"");
      case TRUNCATED -> SYNTAX;
      default -> throw new IllegalStateException("A product is not quarantined for " + dirt);
    };
  }

  private Manifest.Source orders() throws IOException {
    Tally tally = new Tally();
    for (int day = 0; day < World.DAYS; day++) {
      try (RecordFile file = file(dayFile(day), tally)) {
        file.header(Formats.ORDER_HEADER);
        ordersOf(day, file, tally);
      }
    }
    return tally.close();
  }

  private void ordersOf(int day, RecordFile file, Tally tally) throws IOException {
    long placedToday = world.firstOrderOf(day);
    long from = world.firstOrderOf(Math.max(0, day - World.MAX_DELAY_DAYS));
    for (long i = from; i < world.firstOrderOf(day + 1); i++) {
      History history = world.history(i);
      for (Landing landing : history.landings()) {
        if (landing.day() == day) {
          writeOrder(landing, history.dirt(), file);
        }
      }
      if (i >= placedToday) {
        count(history, tally);
      }
    }
  }

  private static void count(History history, Tally tally) {
    tally.dirt(history.dirt());
    boolean stored = false;
    for (Landing landing : history.landings()) {
      if (landing.damage() != Dirt.NONE) {
        tally.quarantined(orderReason(landing.damage()));
      } else if (stored) {
        tally.superseded();
      } else {
        tally.stored();
        stored = true;
      }
    }
  }

  private static void writeOrder(Landing landing, Dirt dirt, RecordFile file) throws IOException {
    List<String> fields = Formats.order(landing.order());
    if (dirt == Dirt.MESSY_TEXT) {
      fields.set(3, messyStatus(landing.order()));
    }
    switch (landing.damage()) {
      case MISSING_KEY -> fields.set(0, "");
      case MISSING_FIELD -> fields.set(1, "");
      case UNKNOWN_VALUE -> fields.set(3, "teleported");
      case IMPOSSIBLE_DATE -> fields.set(4, NO_SUCH_DAY + fields.get(4).substring(10));
      case BAD_NUMBER -> fields.set(6, NOT_A_NUMBER);
      case RAGGED_SHORT -> fields = fields.subList(0, 3);
      default -> {}
    }
    boolean unquoted = landing.damage() == Dirt.RAGGED_LONG;
    write(file, unquoted ? String.join(",", fields) : Formats.csv(fields), landing.damage());
  }

  private static String messyStatus(Order order) {
    String status = order.status();
    return order.id() % 2 == 0
        ? status.toUpperCase(java.util.Locale.ROOT)
        : " " + Character.toUpperCase(status.charAt(0)) + status.substring(1) + "\t";
  }

  private static Reason orderReason(Dirt damage) {
    return switch (damage) {
      case MISSING_KEY -> Reason.rule("IsComplete \"order_id\"");
      case MISSING_FIELD -> Reason.rule("IsComplete \"customer_id\"");
      case UNKNOWN_VALUE ->
          Reason.rule(
              "ColumnValues \"status\" in"
                  + " [\"placed\", \"paid\", \"shipped\", \"delivered\", \"cancelled\"]");
      case IMPOSSIBLE_DATE -> Reason.type("ordered_at");
      case BAD_NUMBER -> Reason.type("shipping_fee");
      case RAGGED_SHORT, RAGGED_LONG -> RAGGED;
      case NOT_UTF8 -> ENCODING;
      default -> throw new IllegalStateException("An order is not quarantined for " + damage);
    };
  }

  private void linesAndReturns(Map<String, Manifest.Source> sources) throws IOException {
    Returns returns = Returns.open(world, out.resolve("returns"));
    try (returns) {
      sources.put("order_items", lines(returns));
    }
    sources.put("returns", returns.tally());
  }

  private Manifest.Source lines(Returns returns) throws IOException {
    Tally tally = new Tally();
    int day = 0;
    while (day < World.DAYS) {
      LocalDate first = World.FIRST_DAY.plusDays(day);
      int nextMonth = Math.min(World.DAYS, day + first.lengthOfMonth());
      String name = "order_items/order_items-" + YearMonth.from(first) + ".jsonl";
      try (RecordFile file = file(name, tally)) {
        for (long i = world.firstOrderOf(day); i < world.firstOrderOf(nextMonth); i++) {
          linesOf(i, file, returns, tally);
        }
      }
      day = nextMonth;
    }
    return tally.close();
  }

  private void linesOf(long order, RecordFile file, Returns returns, Tally tally)
      throws IOException {
    List<Line> stored = new ArrayList<>();
    for (Line line : world.lines(order)) {
      tally.dirt(line.dirt());
      write(file, lineText(line), line.dirt());
      if (line.dirt() == Dirt.DUPLICATE) {
        write(file, lineText(line), line.dirt());
        tally.superseded();
      }
      if (!line.stored()) {
        tally.quarantined(lineReason(line.dirt()));
        continue;
      }
      tally.stored();
      if (line.dirt() != Dirt.ORPHAN) {
        stored.add(line);
      }
    }
    Optional<Order> last = World.stored(world.history(order));
    if (last.isPresent()) {
      Map<Integer, Return> back = new TreeMap<>();
      for (Line line : stored) {
        returns.of(last.get(), line).ifPresent(r -> back.put(r.lineNo(), r));
      }
      models.order(last.get(), stored, back);
    }
  }

  private static String lineText(Line l) {
    return switch (l.dirt()) {
      case BAD_NUMBER -> Formats.line(l, '"' + NOT_A_NUMBER + '"');
      case NEGATIVE_NUMBER -> Formats.line(l, "-" + l.quantity());
      case TRUNCATED -> cut(Formats.line(l, "" + l.quantity()));
      default -> Formats.line(l, "" + l.quantity());
    };
  }

  private static Reason lineReason(Dirt dirt) {
    return switch (dirt) {
      case BAD_NUMBER -> Reason.type("quantity");
      case NEGATIVE_NUMBER -> Reason.rule("ColumnValues \"quantity\" > 0");
      case MISSING_FIELD -> Reason.rule("IsComplete \"product_id\"");
      case TRUNCATED -> SYNTAX;
      case NOT_UTF8 -> ENCODING;
      default -> throw new IllegalStateException("An order line is not quarantined for " + dirt);
    };
  }

  private static void write(RecordFile file, String text, Dirt damage) throws IOException {
    if (damage == Dirt.NOT_UTF8) {
      file.latinRecord(text);
    } else {
      file.record(text);
    }
  }

  /** Two thirds of a line, as a writer that died leaves it. */
  private static String cut(String line) {
    return line.substring(0, line.length() * 2 / 3);
  }

  private RecordFile file(String name, Tally tally) throws IOException {
    return RecordFile.open(out.resolve(name), tally);
  }

  private static String dayFile(int day) {
    LocalDate date = World.FIRST_DAY.plusDays(day);
    return String.format(
        java.util.Locale.ROOT,
        "orders/year=%d/month=%02d/day=%02d/orders.csv",
        date.getYear(),
        date.getMonthValue(),
        date.getDayOfMonth());
  }
}
