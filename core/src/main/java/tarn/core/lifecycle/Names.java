package tarn.core.lifecycle;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Whereabouts.Encoding;
import tarn.core.ledger.Whereabouts.Entry;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;

/**
 * Names of objects that the lifecycle writes: {@code
 * raw/20260301T120000Z-0123456789ab/orders/year=2025/a-<hash>.csv.gz} in the archive zone, {@code
 * restored/…/orders/year=2025/a-<hash>.csv} in raw. The second part is new in every run, so no name
 * is ever used twice.
 */
final class Names {
  static final String ARCHIVE_FOLDER = "raw/";
  static final String RAW_FOLDER = "restored/";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern OURS =
      Pattern.compile(
          "(?:raw|restored)/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}/([a-z][a-z0-9_-]*)/(?:(.+)/)?[^/]*-([0-9a-f]{16})[^/]*");

  private Names() {}

  /** The mark of a run. */
  static String token(Instant now) {
    return TIME.format(now) + "-" + String.format("%012x", RANDOM.nextLong() & 0xffffffffffffL);
  }

  static ObjectKey archive(Entry entry, String token, Encoding encoding) {
    String end = encoding == Encoding.GZIP ? ".gz" : "";
    return new ObjectKey(Zone.ARCHIVE, ARCHIVE_FOLDER + token + "/" + path(entry) + end);
  }

  static ObjectKey raw(Entry entry, String token) {
    return new ObjectKey(Zone.RAW, RAW_FOLDER + token + "/" + path(entry));
  }

  private static String path(Entry entry) {
    String folder = entry.file().folder();
    return entry.source()
        + "/"
        + (folder.isEmpty() ? "" : folder + "/")
        + entry.file().key().name();
  }

  /** What the name of an object that the lifecycle wrote says of its file. */
  record Content(SourceName source, String folder, String hash) {}

  /** Empty for names of others. */
  static Optional<Content> content(String path) {
    Matcher matcher = OURS.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      String folder = matcher.group(2);
      return Optional.of(
          new Content(
              new SourceName(matcher.group(1)), folder == null ? "" : folder, matcher.group(3)));
    } catch (TarnException e) {
      return Optional.empty(); // no source has such a name
    }
  }
}
