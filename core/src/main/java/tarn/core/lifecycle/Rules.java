package tarn.core.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tarn.core.lake.LifecycleRule;
import tarn.core.lake.LifecycleRule.Area;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.Whereabouts.Entry;

/** Which rule is for which file. A lake that is valid has at most one of each kind for a file. */
record Rules(List<LifecycleRule> all) {

  /** The shortest age at which a file of this state is due for anything; empty if none ever is. */
  Optional<Duration> youngest(RawFile.State state) {
    Stream<Duration> ages =
        of(areas(state))
            .flatMap(
                rule ->
                    state == RawFile.State.STORED
                        ? Stream.concat(rule.expire().stream(), rule.transition().stream())
                        : rule.expire().stream());
    return ages.min(Duration::compareTo);
  }

  /** The rule by which a file has to go now. Its age counts from its landing. */
  Optional<LifecycleRule> expiring(Entry entry, Instant now) {
    return of(areas(entry.file().state()))
        .filter(rule -> rule.covers(entry.path()))
        .filter(rule -> rule.expire().filter(a -> isOver(entry.landedAt(), a, now)).isPresent())
        .findFirst();
  }

  /**
   * The rule by which a file has to be archived now. Its age counts from its landing, or from its
   * return to raw, so that what was brought back stays for a while.
   */
  Optional<LifecycleRule> archiving(Entry entry, Instant now) {
    if (entry.file().state() != RawFile.State.STORED) {
      return Optional.empty();
    }
    return of(EnumSet.of(Area.RAW))
        .filter(rule -> rule.covers(entry.path()))
        .filter(rule -> rule.transition().filter(a -> isOver(entry.since(), a, now)).isPresent())
        .findFirst();
  }

  /** The rule for an object in temp. */
  Optional<LifecycleRule> temp(String path) {
    return Stream.concat(of(EnumSet.of(Area.TEMP)), Stream.of(LifecycleRule.TEMP))
        .filter(rule -> rule.covers(path))
        .findFirst();
  }

  private Stream<LifecycleRule> of(Set<Area> areas) {
    return all.stream().filter(rule -> areas.contains(rule.area()));
  }

  private static Set<Area> areas(RawFile.State state) {
    return state == RawFile.State.ARCHIVED
        ? EnumSet.of(Area.RAW, Area.ARCHIVE)
        : EnumSet.of(Area.RAW);
  }

  private static boolean isOver(Instant since, Duration age, Instant now) {
    return !since.plus(age).isAfter(now);
  }
}
