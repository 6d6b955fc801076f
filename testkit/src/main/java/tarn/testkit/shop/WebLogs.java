package tarn.testkit.shop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tarn.testkit.shop.DirtPlan.Share;

/**
 * Writes the web server's logs in the combined format, a file per day; those older than two days
 * are compressed, as log rotation does.
 */
final class WebLogs {
  private static final int PLAIN_DAYS = 2;
  private static final String OTHER_LOG = "[error] 4711#0: worker process 23 exited on signal 9";
  private static final Reason NO_LOG_LINE = Reason.unreadable("line");

  private final Traffic traffic;
  private final DirtPlan dirt;
  private final Path folder;
  private final Tally tally = new Tally();
  private final Consumer<Hit> views;
  private long count;

  /** {@code views} are told each page view that is stored. */
  WebLogs(Traffic traffic, World world, Path folder, Consumer<Hit> views) {
    this.traffic = traffic;
    this.folder = folder;
    this.views = views;
    this.dirt =
        world.dirt(
            World.LOG_LINE,
            500,
            new Share(Dirt.TRUNCATED, 2),
            new Share(Dirt.FOREIGN_LINE, 1),
            new Share(Dirt.NOT_UTF8, 1));
  }

  Manifest.Source write() throws IOException {
    for (int day = Traffic.FIRST_DAY; day < World.DAYS; day++) {
      String suffix = day < World.DAYS - PLAIN_DAYS ? ".log.gz" : ".log";
      Path path = folder.resolve("access-" + World.FIRST_DAY.plusDays(day) + suffix);
      try (RecordFile file = RecordFile.open(path, tally)) {
        for (Hit hit : traffic.of(day)) {
          write(hit, dirt.at(count++), file);
        }
      }
    }
    return tally.close();
  }

  private void write(Hit hit, Dirt kind, RecordFile file) throws IOException {
    tally.dirt(kind);
    String line = Formats.combined(hit);
    switch (kind) {
      case TRUNCATED -> {
        file.record(line.substring(0, line.length() * 2 / 3));
        tally.quarantined(NO_LOG_LINE);
        return;
      }
      case NOT_UTF8 -> {
        file.latinRecord(line.substring(0, line.length() - 1) + " für Zoë\"");
        tally.quarantined(Reason.unreadable("encoding"));
        return;
      }
      case FOREIGN_LINE -> {
        file.record(OTHER_LOG);
        tally.quarantined(NO_LOG_LINE);
      }
      default -> {}
    }
    file.record(line);
    if (hit.isPageView()) {
      tally.stored();
      views.accept(hit);
    } else {
      tally.filtered();
    }
  }
}
