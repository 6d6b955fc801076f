package tarn.testkit.shop;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import tarn.testkit.shop.Order.Line;

/**
 * What the shop's web server sees in its last two weeks: every order of the channel web as the
 * visit that led to it (its products, the cart, the checkout), four times as many visits that end
 * earlier, and robots. A function of seed and day, like everything in the {@link World}.
 */
final class Traffic {
  /** The first day (counted from the shop's first) of which there is a log. */
  static final int FIRST_DAY = World.DAYS - 14;

  private static final int VISITOR = 11;
  private static final int ORDERING = 12;
  private static final int LOOKING = 13;
  private static final int ROBOT = 14;
  private static final int VISITS_PER_DAY = 10_000_000;
  private static final long NOT_A_CUSTOMER = 1_000_000_000;
  private static final String SHOP = "https://shop.example";
  private static final String[] NETS = {"192.0.2.", "198.51.100.", "203.0.113."};
  private static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1 Version/18.1 Safari/605.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
  };
  private static final String ROBOT_AGENT = "Example-bot/1.0 (+https://bot.example/)";

  private final long seed;
  private final World world;

  Traffic(long seed, World world) {
    this.seed = seed;
    this.world = world;
  }

  /** The requests of a day (UTC) in the order of time; a visit over midnight is in two days. */
  List<Hit> of(int day) {
    LocalDate date = World.FIRST_DAY.plusDays(day);
    List<Hit> hits = new ArrayList<>();
    for (int visitsOf = day; visitsOf <= day + 1 && visitsOf < World.DAYS; visitsOf++) {
      ordering(visitsOf, hits);
      looking(visitsOf, hits);
    }
    robot(day, hits);
    hits.removeIf(hit -> !hit.at().toLocalDate().equals(date));
    hits.sort(Comparator.comparing(Hit::at));
    return hits;
  }

  private void ordering(int day, List<Hit> hits) {
    for (long i = world.firstOrderOf(day); i < world.firstOrderOf(day + 1); i++) {
      Order order = world.history(i).landings().get(0).order();
      if (order.channel().equals("web")) {
        Walk walk = new Walk(order.customerId(), Draw.of(seed, ORDERING, i));
        walk.enter();
        world.lines(i).stream()
            .filter(line -> line.orderId() == order.id())
            .map(Line::productId)
            .distinct()
            .forEach(walk::buy);
        walk.open("/cart");
        walk.open("/checkout");
        walk.post("/checkout");
        walk.open("/orders/" + order.id() + "/thanks");
        walk.endAt(order.orderedAt(), hits);
      }
    }
  }

  private void looking(int day, List<Hit> hits) {
    long visits = 2 * (world.firstOrderOf(day + 1) - world.firstOrderOf(day));
    for (long n = 0; n < visits; n++) {
      SplittableRandom random = Draw.of(seed, LOOKING, day * (long) VISITS_PER_DAY + n);
      boolean known = random.nextInt(10) < 3;
      long visitor =
          known
              ? 1 + random.nextLong(world.customers())
              : NOT_A_CUSTOMER + day * (long) VISITS_PER_DAY + n;
      Walk walk = new Walk(visitor, random);
      walk.enter();
      look(walk, random);
      walk.endAt(World.FIRST_DAY.plusDays(day).atTime(World.time(random)), hits);
    }
  }

  /** A third leave at once; one in four puts something into the cart; one in ten goes further. */
  private void look(Walk walk, SplittableRandom random) {
    int interest = random.nextInt(100);
    if (interest < 33) {
      return;
    }
    int products = 1 + random.nextInt(3);
    for (int i = 0; i < products; i++) {
      walk.open("/product/" + world.someProduct(random));
    }
    if (random.nextInt(40) == 0) {
      walk.fail("/product/SKU-9999999");
    }
    if (interest >= 75) {
      walk.buy(world.someProduct(random));
      walk.open("/cart");
    }
    if (interest >= 90) {
      walk.open("/checkout");
    }
  }

  private void robot(int day, List<Hit> hits) {
    SplittableRandom random = Draw.of(seed, ROBOT, day);
    LocalDateTime at = World.FIRST_DAY.plusDays(day).atTime(3, random.nextInt(60));
    String ip = NETS[1] + "254";
    hits.add(new Hit(at, ip, "GET", "/robots.txt", 200, 68, "-", ROBOT_AGENT));
    for (int i = 1; i <= 12; i++) {
      String path = "/product/" + world.someProduct(random);
      hits.add(new Hit(at.plusSeconds(10 * i), ip, "GET", path, 200, 7000, "-", ROBOT_AGENT));
    }
  }

  /** The steps of one visit, before it is known when each is. */
  private final class Walk {
    private final SplittableRandom random;
    private final String ip;
    private final String agent;
    private final List<Hit> steps = new ArrayList<>();
    private String page = "";

    Walk(long visitor, SplittableRandom random) {
      this.random = random;
      SplittableRandom who = Draw.of(seed, VISITOR, visitor);
      boolean six = who.nextInt(8) == 0;
      this.ip =
          six
              ? "2001:db8:" + Integer.toHexString(who.nextInt(1 << 16)) + "::1"
              : Draw.pick(who, NETS) + (1 + who.nextInt(253));
      this.agent = Draw.pick(who, AGENTS);
    }

    void enter() {
      int category = random.nextInt(Words.CATEGORIES.length);
      String found = Draw.pick(random, Words.NOUNS[category]).replace(' ', '+');
      switch (random.nextInt(3)) {
        case 0 -> open("/search?q=" + found);
        case 1 -> open("/category/" + Words.CATEGORIES[category]);
        default -> open("/");
      }
      add("GET", "/static/shop.css", 200);
    }

    void open(String path) {
      add("GET", path, 200);
      page = path;
    }

    void post(String path) {
      add("POST", path, 303);
    }

    void fail(String path) {
      add("GET", path, 404);
    }

    void buy(String product) {
      open("/product/" + product);
      post("/cart");
    }

    private void add(String method, String path, int status) {
      String first = random.nextInt(2) == 0 ? "https://search.example/" : "-";
      String referrer = page.isEmpty() ? first : SHOP + page;
      int bytes = status == 200 ? 900 + random.nextInt(9000) : 0;
      steps.add(new Hit(LocalDateTime.MIN, ip, method, path, status, bytes, referrer, agent));
    }

    /** Times are counted back from the last step, 3 to 200 seconds each. */
    void endAt(LocalDateTime end, List<Hit> hits) {
      LocalDateTime at = end;
      for (int i = steps.size() - 1; i >= 0; i--) {
        Hit s = steps.get(i);
        hits.add(
            new Hit(
                at, s.ip(), s.method(), s.path(), s.status(), s.bytes(), s.referrer(), s.agent()));
        at = at.minusSeconds(3 + random.nextInt(198));
      }
    }
  }
}
