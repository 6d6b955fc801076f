package tarn.server.shop;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What people do in the shop, one transaction at a time, in the spirit of TPC-C: an order with its
 * lines, payment, delivery, an order that is taken back (deleted), another price, an address that
 * changes (its key too), and looking up an order. Some change their mind at the end (rollback) or
 * in the middle (a savepoint). What is done is decided by seed and number; which order is met, by
 * the database.
 */
final class OrderEntry {
  private static final double CHANGED_MIND = 0.02;
  private static final double LINE_TAKEN_BACK = 0.03;
  private static final int MOST_LINES = 8;
  private static final int RESTOCKED_BELOW = 10;
  private static final int DELIVERED_TOGETHER = 6;
  private static final List<String> KINDS = List.of("home", "work", "billing");

  /** What can be done, and how often of a hundred. */
  enum Kind {
    NEW_ORDER(40),
    PAYMENT(28),
    DELIVERY(8),
    CANCELLATION(6),
    PRICE(5),
    ADDRESS(5),
    LOOK(8);

    private final int share;

    Kind(int share) {
      this.share = share;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(int percent) {
      int left = percent;
      for (Kind kind : values()) {
        left -= kind.share;
        if (left < 0) {
          return kind;
        }
      }
      return LOOK;
    }
  }

  /** What was done, and whether it stayed. */
  record Outcome(Kind kind, boolean committed) {}

  private final Session session;
  private final ShopSchema.Size size;
  private final long seed;

  OrderEntry(Session session, ShopSchema.Size size, long seed) {
    this.session = session;
    this.size = size;
    this.seed = seed;
  }

  /** Does the transaction of a number. After an error it is as if it had not begun. */
  Outcome transaction(long number) throws SQLException {
    SplittableRandom chance = new SplittableRandom(seed * 1_000_003 + number);
    Kind kind = Kind.of(chance.nextInt(100));
    boolean commit = chance.nextDouble() >= CHANGED_MIND;
    boolean ended = false;
    try {
      act(kind, chance);
      session.end(commit);
      ended = true;
    } finally {
      if (!ended) {
        session.end(false);
      }
    }
    return new Outcome(kind, commit);
  }

  private void act(Kind kind, SplittableRandom chance) throws SQLException {
    switch (kind) {
      case NEW_ORDER -> newOrder(chance);
      case PAYMENT -> payment(chance);
      case DELIVERY -> delivery(chance);
      case CANCELLATION -> cancellation();
      case PRICE -> price(chance);
      case ADDRESS -> address(chance);
      case LOOK -> look(chance);
    }
  }

  /** Some are asked for far more often than others. */
  private static int favourite(SplittableRandom chance, int most) {
    double draw = chance.nextDouble();
    return 1 + (int) (draw * draw * most);
  }

  private void newOrder(SplittableRandom chance) throws SQLException {
    int customer = favourite(chance, size.customers());
    long order =
        Long.parseLong(
            session.value(
                "INSERT INTO shop.orders (customer_id, status, total, note, placed_at, updated_at)"
                    + " VALUES (?, 'placed', 0, ?, now(), now()) RETURNING id",
                customer,
                chance.nextInt(4) == 0 ? "leave it with \"the neighbour\",\nplease" : null));
    TreeMap<Integer, Integer> wanted = new TreeMap<>(); // locks are taken in the order of products
    int lines = 1 + chance.nextInt(MOST_LINES);
    for (int i = 0; i < lines; i++) {
      wanted.put(favourite(chance, size.products()), 1 + chance.nextInt(4));
    }
    short line = 0;
    for (var product : wanted.entrySet()) {
      short number = ++line;
      short warehouse = (short) (1 + chance.nextInt(2));
      boolean undo = number > 1 && chance.nextDouble() < LINE_TAKEN_BACK;
      session.orUndo(
          undo, () -> line(order, number, product.getKey(), warehouse, product.getValue()));
    }
    BigDecimal total =
        new BigDecimal(
            session.value(
                "UPDATE shop.orders SET total = (SELECT sum(quantity * price) FROM shop.order_lines"
                    + " WHERE order_id = ?) WHERE id = ? RETURNING total",
                order,
                order));
    note("placed", order, customer, total);
  }

  private void line(long order, short line, int product, short warehouse, int quantity)
      throws SQLException {
    session.run(
        "UPDATE shop.inventory SET quantity = quantity - ?::int + CASE WHEN quantity - ?::int < "
            + RESTOCKED_BELOW
            + " THEN 91 ELSE 0 END WHERE product_id = ? AND warehouse = ?",
        quantity,
        quantity,
        product,
        warehouse);
    session.run(
        "INSERT INTO shop.order_lines SELECT ?, ?, id, ?, ?, price FROM shop.products WHERE id = ?",
        order,
        line,
        warehouse,
        quantity,
        product);
  }

  private void payment(SplittableRandom chance) throws SQLException {
    byte[] bytes = new byte[16];
    chance.nextBytes(bytes);
    for (List<@Nullable Object> order : orders("placed", "id", 1)) {
      session.run(
          "INSERT INTO shop.payments VALUES (?, ?, ?, ?, ?::jsonb, now())",
          UUID.nameUUIDFromBytes(bytes),
          order.get(0),
          order.get(2),
          chance.nextBoolean() ? "card" : "transfer",
          chance.nextInt(5) == 0
              ? null
              : "{\"reference\": \"r" + chance.nextInt(1_000_000) + "\"}");
      status("paid", order.get(0));
      session.run(
          "UPDATE shop.customers SET balance = balance + ?, updated_at = now() WHERE id = ?",
          order.get(2),
          order.get(1));
      note("paid", order.get(0), order.get(1), order.get(2));
    }
  }

  private void delivery(SplittableRandom chance) throws SQLException {
    for (List<@Nullable Object> order : orders("shipped", "id", DELIVERED_TOGETHER)) {
      session.run(
          "UPDATE shop.shipments SET delivered_at = now() WHERE order_id = ?", order.get(0));
      status("delivered", order.get(0));
    }
    for (List<@Nullable Object> order : orders("paid", "id", DELIVERED_TOGETHER)) {
      session.run(
          "INSERT INTO shop.shipments VALUES (?, ?, ?, now(), NULL)",
          order.get(0),
          "carrier " + chance.nextInt(3),
          "T" + order.get(0));
      status("shipped", order.get(0));
      note("shipped", order.get(0), order.get(1), null);
    }
  }

  /** The newest one that is not paid. */
  private void cancellation() throws SQLException {
    for (List<@Nullable Object> order : orders("placed", "id DESC", 1)) {
      session.rows(
          "SELECT 1 FROM shop.inventory i JOIN shop.order_lines l USING (product_id, warehouse)"
              + " WHERE l.order_id = ? ORDER BY product_id FOR NO KEY UPDATE OF i",
          order.get(0));
      session.run(
          "UPDATE shop.inventory i SET quantity = i.quantity + l.quantity FROM shop.order_lines l"
              + " WHERE l.order_id = ? AND (i.product_id, i.warehouse) = (l.product_id, l.warehouse)",
          order.get(0));
      session.run("DELETE FROM shop.order_lines WHERE order_id = ?", order.get(0));
      session.run("DELETE FROM shop.orders WHERE id = ?", order.get(0));
      note("cancelled", order.get(0), order.get(1), order.get(2));
    }
  }

  /** The document, which is large, stays as it is most times. */
  private void price(SplittableRandom chance) throws SQLException {
    int product = 1 + chance.nextInt(size.products());
    session.run(
        "UPDATE shop.products SET price = greatest(0.50, round(price * ?::numeric, 2)), updated_at = now()"
            + " WHERE id = ?",
        BigDecimal.valueOf(80 + chance.nextInt(41), 2),
        product);
    if (chance.nextInt(5) == 0) {
      session.run(
          "UPDATE shop.products SET document = jsonb_set(document, '{weight}', to_jsonb(?::int)),"
              + " tags = tags || ARRAY['sale']::text[] WHERE id = ? AND cardinality(tags) < 9",
          chance.nextInt(100),
          product);
    }
  }

  private void address(SplittableRandom chance) throws SQLException {
    int customer = favourite(chance, size.customers());
    String from = KINDS.get(chance.nextInt(KINDS.size()));
    String to = KINDS.get(chance.nextInt(KINDS.size()));
    session.rows("SELECT 1 FROM shop.customers WHERE id = ? FOR NO KEY UPDATE", customer);
    session.run(
        "UPDATE shop.addresses SET street = ?, since = current_date WHERE customer_id = ? AND kind = 'home'",
        (1 + chance.nextInt(200)) + " Elm Street",
        customer);
    session.run(
        "UPDATE shop.addresses a SET kind = ? WHERE customer_id = ? AND kind = ? AND NOT EXISTS"
            + " (SELECT FROM shop.addresses WHERE customer_id = a.customer_id AND kind = ?)",
        to,
        customer,
        from,
        to);
    session.run(
        "UPDATE shop.customers SET settings = jsonb_set(settings, '{newsletter}', to_jsonb(?::boolean)),"
            + " updated_at = now() WHERE id = ?",
        chance.nextBoolean(),
        customer);
  }

  private void look(SplittableRandom chance) throws SQLException {
    session.rows(
        "SELECT o.id, o.status::text, l.line, l.quantity, s.shipped_at FROM shop.orders o"
            + " JOIN shop.order_lines l ON l.order_id = o.id"
            + " LEFT JOIN shop.shipments s ON s.order_id = o.id"
            + " WHERE o.id = ? ORDER BY l.line",
        (long) (1 + chance.nextInt(size.products())));
  }

  /** Orders in a state, which nobody else is busy with: id, customer, total. */
  private List<List<@Nullable Object>> orders(String status, String order, int most)
      throws SQLException {
    return session.rows(
        "SELECT id, customer_id, total FROM shop.orders WHERE status = '"
            + status
            + "' ORDER BY "
            + order
            + " LIMIT "
            + most
            + " FOR UPDATE SKIP LOCKED");
  }

  private void status(String status, @Nullable Object order) throws SQLException {
    session.run(
        "UPDATE shop.orders SET status = ?::shop.order_status, updated_at = now() WHERE id = ?",
        status,
        order);
  }

  private void note(
      String what, @Nullable Object order, @Nullable Object customer, @Nullable Object amount)
      throws SQLException {
    session.run(
        "INSERT INTO shop.history VALUES (clock_timestamp(), ?, ?::bigint, ?::int, ?::numeric)",
        what,
        order,
        customer,
        amount);
  }
}
