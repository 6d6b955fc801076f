package tarn.testkit.shop;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tarn.testkit.shop.DirtPlan.Share;
import tarn.testkit.shop.Order.Line;

/**
 * Writes what came back, a file per month, as the warehouse's German spreadsheet has it:
 * semicolons, decimal commas, dates like 24.12.2025. Orders are to be told in their order.
 */
final class Returns implements AutoCloseable {
  private static final String HEADER =
      "return_id;order_id;line_no;returned_on;quantity;refund;reason";
  private static final long FIRST_ID = 500_001;
  private static final long FIRST_UNKNOWN_ID = 900_001;

  private final World world;
  private final DirtPlan dirt;
  private final Tally tally = new Tally();
  private final Map<YearMonth, RecordFile> files = new TreeMap<>();
  private long count;

  private Returns(World world) {
    this.world = world;
    this.dirt =
        world.dirt(
            World.RETURN,
            100,
            new Share(Dirt.DUPLICATE, 3),
            new Share(Dirt.BAD_NUMBER, 2),
            new Share(Dirt.IMPOSSIBLE_DATE, 2),
            new Share(Dirt.NEGATIVE_NUMBER, 1),
            new Share(Dirt.ORPHAN, 3));
  }

  static Returns open(World world, Path folder) throws IOException {
    Returns returns = new Returns(world);
    for (int day = 0; day < World.DAYS; day += World.FIRST_DAY.plusDays(day).lengthOfMonth()) {
      YearMonth month = YearMonth.from(World.FIRST_DAY.plusDays(day));
      RecordFile file = RecordFile.open(folder.resolve("returns-" + month + ".csv"), returns.tally);
      file.header(HEADER);
      returns.files.put(month, file);
    }
    return returns;
  }

  /** Writes what came back of a stored order's line, if anything did; returns what is stored. */
  Optional<Return> of(Order order, Line line) throws IOException {
    Optional<Return> drawn = world.returned(order, line, FIRST_ID + count, dirt.at(count));
    if (drawn.isEmpty()) {
      return drawn;
    }
    Return back = drawn.get();
    count++;
    tally.dirt(back.dirt());
    write(back);
    if (back.dirt() == Dirt.DUPLICATE) {
      write(back);
      tally.superseded();
    } else if (back.dirt() == Dirt.ORPHAN) {
      write(back.ofOrder(FIRST_UNKNOWN_ID + count, World.unknownOrder(count)));
      tally.stored();
    }
    if (back.stored()) {
      tally.stored();
      return drawn;
    }
    tally.quarantined(reason(back.dirt()));
    return Optional.empty();
  }

  private void write(Return back) throws IOException {
    LocalDate day = back.returnedOn();
    String refund = back.refund().toString().replace('.', ',');
    RecordFile file = java.util.Objects.requireNonNull(files.get(YearMonth.from(day)));
    file.record(
        String.join(
            ";",
            Formats.fields(
                back.id(),
                back.orderId(),
                back.lineNo(),
                back.dirt() == Dirt.IMPOSSIBLE_DATE ? "30.02.2025" : Formats.germanDay(day),
                back.quantity(),
                switch (back.dirt()) {
                  case BAD_NUMBER -> "n/a";
                  case NEGATIVE_NUMBER -> "-" + refund;
                  default -> refund;
                },
                back.reason())));
  }

  private static Reason reason(Dirt dirt) {
    return switch (dirt) {
      case BAD_NUMBER -> Reason.type("refund");
      case IMPOSSIBLE_DATE -> Reason.type("returned_on");
      case NEGATIVE_NUMBER -> Reason.rule("ColumnValues \"refund\" >= 0");
      default -> throw new IllegalStateException("A return is not quarantined for " + dirt);
    };
  }

  Manifest.Source tally() {
    return tally.close();
  }

  @Override
  public void close() throws IOException {
    for (RecordFile file : files.values()) {
      file.close();
    }
  }
}
