package tarn.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.Event;
import tarn.api.shop.EventPlan;
import tarn.api.shop.Generated;
import tarn.api.shop.Generated.Kind;
import tarn.api.shop.ShopEvents;

/** {@code datalake generate}. */
final class Generation {
  private static final int BATCH = 500;

  /** Batches a second, where a rate is asked for. */
  private static final int BEATS = 20;

  private Generation() {}

  static int generate(Session session) {
    List<String> arguments = session.line().arguments();
    String file = session.line().option("--file");
    String what = arguments.isEmpty() ? "" : arguments.get(0);
    if (what.equals("orders")) {
      return OrderGeneration.generate(session);
    } else if (!what.equals("events")) {
      throw CommandFailed.usage(
          "say what to generate: datalake generate events STREAM, or events --file FILE, or orders");
    }
    OrderGeneration.refuse(session.line());
    if (arguments.size() == 2 == (file != null)) {
      throw CommandFailed.usage("name either a stream or, with --file, a file");
    }
    EventPlan plan = plan(session.line());
    long count = count(session.line());
    long rate = session.line().number("--rate", 0);
    if (file != null) {
      return write(session, file, plan, count);
    }
    StreamSender sender = new StreamSender(session.connect(), session.notes(), arguments.get(1));
    Made made = put(session.notes(), sender, plan, count, rate);
    print(session, plan, made, sender);
    return sender.refused() == 0 ? 0 : 1;
  }

  // ---- what was asked for ----

  private static EventPlan plan(Line line) {
    boolean seeded = line.has("--seed");
    long seed = line.number("--seed", new SecureRandom().nextInt(1_000_000));
    Instant start = seeded ? ShopEvents.START : Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String asked = line.option("--start");
    try {
      return new EventPlan(
          seed,
          asked == null || asked.equals("now") && !seeded ? start : Instant.parse(asked),
          Duration.ofMillis(line.number("--spacing", 1)),
          new EventPlan.Shares(
              share(line, "--duplicates", 0.01),
              share(line, "--late", 0.02),
              share(line, "--future", 0),
              share(line, "--poison", 0.001),
              share(line, "--conflicts", 0.001)));
    } catch (IllegalArgumentException e) {
      throw CommandFailed.usage(String.valueOf(e.getMessage()));
    } catch (DateTimeParseException e) {
      throw CommandFailed.usage(
          "--start is '" + asked + "'; it is a time like " + ShopEvents.START);
    }
  }

  private static double share(Line line, String name, double otherwise) {
    String text = line.option(name);
    try {
      return text == null ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw CommandFailed.usage(name + " is '" + text + "'; it is a share, from 0 to 1");
    }
  }

  private static long count(Line line) {
    if (!line.has("--seconds")) {
      return line.number("--count", 1_000);
    } else if (line.has("--count") || line.number("--rate", 0) == 0) {
      throw CommandFailed.usage("--seconds goes with --rate, and takes the place of --count");
    }
    return line.number("--seconds", 0) * line.number("--rate", 0);
  }

  // ---- to a stream ----

  /** What was made, by its kind, and how long that took. */
  record Made(long[] kinds, long millis) {
    long of(Kind... wanted) {
      long sum = 0;
      for (Kind kind : wanted) {
        sum += kinds[kind.ordinal()];
      }
      return sum;
    }

    long all() {
      return of(Kind.values());
    }

    /** What a stream stores of it. */
    long unique() {
      return of(Kind.FRESH, Kind.LATE, Kind.FUTURE);
    }
  }

  /** Sends events, at most so many a second; 0 for as many as go. */
  static Made put(Notes notes, StreamSender sender, EventPlan plan, long count, long rate) {
    ShopEvents events = new ShopEvents(plan);
    long[] kinds = new long[Kind.values().length];
    int most = rate == 0 ? BATCH : (int) Math.max(1, Math.min(BATCH, rate / BEATS));
    long began = System.nanoTime();
    for (long at = 0; at < count; ) {
      List<byte[]> batch = new ArrayList<>(most);
      for (; batch.size() < most && at < count; at++) {
        Generated made = events.at(at);
        kinds[made.kind().ordinal()]++;
        batch.add(made.bytes());
      }
      if (rate > 0) {
        awaitTurn(began + turn(at - batch.size(), rate));
      }
      sender.send(batch);
      notes.progress(new Event.Progress("put", sender.stream(), at, count, "events"));
    }
    return new Made(kinds, (System.nanoTime() - began) / 1_000_000);
  }

  /** Nanoseconds from the first event to another. */
  private static long turn(long index, long rate) {
    return index / rate * 1_000_000_000 + index % rate * 1_000_000_000 / rate;
  }

  private static void awaitTurn(long nanos) {
    StreamSender.pause((nanos - System.nanoTime()) / 1_000_000);
  }

  private static void print(Session session, EventPlan plan, Made made, StreamSender sender) {
    if (sender.again() > 0) {
      session
          .notes()
          .say(
              sender.again()
                  + " events were sent again, as no answer came: what had arrived counts twice, as duplicate, conflict or rejected");
    }
    long perSecond = made.all() * 1000 / Math.max(1, made.millis());
    session.table(
        List.of(
            "stream",
            "seed:BIGINT",
            "start",
            "put:BIGINT",
            "unique:BIGINT",
            "duplicates:BIGINT",
            "conflicts:BIGINT",
            "poison:BIGINT",
            "late:BIGINT",
            "future:BIGINT",
            "refused:BIGINT",
            "again:BIGINT",
            "millis:BIGINT",
            "per_second:BIGINT"),
        List.of(
            List.of(
                sender.stream(),
                plan.seed(),
                plan.start().toString(),
                made.all(),
                made.unique(),
                made.of(Kind.DUPLICATE),
                made.of(Kind.CONFLICT),
                made.of(Kind.POISON),
                made.of(Kind.LATE),
                made.of(Kind.FUTURE),
                sender.refused(),
                sender.again(),
                made.millis(),
                perSecond)));
  }

  // ---- to a file ----

  private static int write(Session session, String file, EventPlan plan, long count) {
    boolean here = file.equals("-");
    Path path = session.folder().resolve(file);
    long[] kinds = new long[Kind.values().length];
    try (OutputStream out = new BufferedOutputStream(open(here ? null : path), 1 << 16)) {
      ShopEvents events = new ShopEvents(plan);
      for (long at = 0; at < count; at++) {
        Generated made = events.at(at);
        kinds[made.kind().ordinal()]++;
        out.write(made.bytes());
        out.write('\n');
        if ((at & 0xfff) == 0) {
          session.notes().progress(new Event.Progress("write", file, at, count, "events"));
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw CommandFailed.usage("there is " + path + " already: name a new file");
    } catch (IOException e) {
      throw String.valueOf(e.getMessage()).contains("Broken pipe")
          ? CommandFailed.notRead()
          : CommandFailed.external("cannot write " + file + ": " + e.getMessage());
    }
    Made made = new Made(kinds, 0);
    session.notes().say(summary(plan, made));
    return 0;
  }

  private static OutputStream open(@Nullable Path path) throws IOException {
    return path == null
        ? new FileOutputStream(FileDescriptor.out)
        : Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static String summary(EventPlan plan, Made made) {
    return "seed %d, start %s: %d unique (%d late, %d future), %d duplicates, %d conflicts, %d poison"
        .formatted(
            plan.seed(),
            plan.start(),
            made.unique(),
            made.of(Kind.LATE),
            made.of(Kind.FUTURE),
            made.of(Kind.DUPLICATE),
            made.of(Kind.CONFLICT),
            made.of(Kind.POISON));
  }
}
