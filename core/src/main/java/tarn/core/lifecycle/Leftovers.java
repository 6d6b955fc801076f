package tarn.core.lifecycle;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Whereabouts;
import tarn.core.ledger.Whereabouts.Archived;
import tarn.core.ledger.Whereabouts.Entry;
import tarn.core.ledger.Whereabouts.Left;
import tarn.core.lifecycle.Lifecycle.Amount;
import tarn.core.lifecycle.Lifecycle.Result;
import tarn.core.source.RawTables;
import tarn.core.storage.ObjectInfo;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.stream.Delivery;

/**
 * Removes objects that files have left, and those that a run wrote and did not live to enter. An
 * object goes only when its file's bytes are where the ledger says, or have expired: a catalog that
 * was restored from an old backup must not cost the only copy.
 */
final class Leftovers {
  private static final int PAGE = 500;
  private static final int MAX_NOTES = 20;
  private static final Duration SOON = Duration.ofHours(1);

  private final Whereabouts whereabouts;
  private final ObjectStore objects;
  private final Instant now;
  private final Instant unread;
  private final List<String> notes = new ArrayList<>();
  private Amount removed = Amount.NONE;

  Leftovers(Whereabouts whereabouts, ObjectStore objects, Clock clock, Duration longestWork) {
    this.whereabouts = whereabouts;
    this.objects = objects;
    this.now = clock.instant();
    this.unread = now.minus(longestWork);
  }

  /**
   * @param patience how long an object may wait to be entered
   */
  Result remove(Duration patience) {
    left();
    unlisted(Zone.ARCHIVE, Names.ARCHIVE_FOLDER, now.minus(patience));
    unlisted(Zone.RAW, Names.RAW_FOLDER, now.minus(patience));
    ofLandings(Delivery.FOLDER, now.minus(patience));
    ofLandings(RawTables.FOLDER, now.minus(patience));
    return new Result("removed", Amount.NONE, Amount.NONE, 0, removed, notes);
  }

  private void left() {
    Set<ObjectKey> kept = new HashSet<>();
    while (true) {
      List<Left> page = whereabouts.left(unread, PAGE + kept.size());
      List<Left> gone = new ArrayList<>();
      for (Left left : page) {
        if (kept.contains(left.key())) {
          continue;
        }
        if (isSafe(left.key(), whereabouts.find(left.seq(), left.ordinal()))) {
          objects.delete(left.key());
          removed = removed.plus(1, left.bytes());
          gone.add(left);
        } else {
          kept.add(left.key());
        }
      }
      whereabouts.removed(gone);
      if (gone.isEmpty()) {
        return;
      }
    }
  }

  /**
   * What streams and followed databases wrote, or a compaction, and did not live to enter. Names
   * are never used twice, so no batch will ever list it. It goes only if its source landed
   * something soon after it was written: a ledger that knows nothing of that time may be older than
   * the object.
   */
  private void ofLandings(String folder, Instant writtenBefore) {
    for (ObjectInfo info : unlistedIn(Zone.RAW, folder, writtenBefore)) {
      Instant at = info.modified();
      boolean known =
          source(info.key())
              .filter(s -> whereabouts.landed(s, at.minus(SOON), at.plus(SOON)))
              .isPresent();
      if (known) {
        objects.delete(info.key());
        removed = removed.plus(1, info.bytes());
      }
    }
  }

  private static Optional<SourceName> source(ObjectKey key) {
    String[] parts = key.path().split("/", 3);
    return parts.length == 3 && SourceName.isOne(parts[1])
        ? Optional.of(new SourceName(parts[1]))
        : Optional.empty();
  }

  private void unlisted(Zone zone, String folder, Instant writtenBefore) {
    for (ObjectInfo info : unlistedIn(zone, folder, writtenBefore)) {
      Optional<Names.Content> content = Names.content(info.key().path());
      if (content.isPresent() && isSafe(info.key(), content.flatMap(this::file))) {
        objects.delete(info.key());
        removed = removed.plus(1, info.bytes());
      }
    }
  }

  private List<ObjectInfo> unlistedIn(Zone zone, String folder, Instant writtenBefore) {
    List<ObjectInfo> page = new ArrayList<>();
    List<ObjectInfo> unlisted = new ArrayList<>();
    objects.list(
        zone,
        folder,
        info -> {
          if (info.modified().isBefore(writtenBefore)) {
            page.add(info);
          }
          if (page.size() == PAGE) {
            unlisted.addAll(unlisted(zone, page));
            page.clear();
          }
        });
    unlisted.addAll(unlisted(zone, page));
    return unlisted;
  }

  private List<ObjectInfo> unlisted(Zone zone, List<ObjectInfo> page) {
    Set<String> known =
        whereabouts.known(zone, page.stream().map(info -> info.key().path()).toList());
    return page.stream().filter(info -> !known.contains(info.key().path())).toList();
  }

  private Optional<Entry> file(Names.Content content) {
    return whereabouts.find(content.source(), content.folder(), content.hash());
  }

  /** Whether nothing is lost with an object. */
  private boolean isSafe(ObjectKey key, Optional<Entry> file) {
    boolean safe = file.filter(f -> hasItsBytesElsewhere(f, key)).isPresent();
    if (!safe && notes.size() == MAX_NOTES) {
      notes.add("and more");
    } else if (!safe && notes.size() < MAX_NOTES) {
      notes.add(key + " is kept: the ledger " + whereItSaysItIs(file));
    }
    return safe;
  }

  private static String whereItSaysItIs(Optional<Entry> file) {
    return file.map(Entry::location)
        .map(l -> "has its file at " + l.map(ObjectKey::toString).orElse("") + ", where it is not")
        .orElse("does not know its content");
  }

  private boolean hasItsBytesElsewhere(Entry file, ObjectKey key) {
    Optional<ObjectKey> location = file.location();
    if (location.isEmpty()) {
      return true;
    }
    long bytes = file.archived().map(Archived::bytes).orElse(file.file().bytes());
    return !location.get().equals(key)
        && objects.stat(location.get()).filter(info -> info.bytes() == bytes).isPresent();
  }
}
