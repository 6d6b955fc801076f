package tarn.core.lake;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What no single lifecycle rule can know. */
final class LifecycleChecks {
  private final List<LifecycleRule> rules;
  private final Problems problems;

  LifecycleChecks(List<LifecycleRule> rules, Problems problems) {
    this.rules = rules;
    this.problems = problems;
  }

  void check() {
    rules.forEach(this::alone);
    for (int i = 0; i < rules.size(); i++) {
      for (int j = 0; j < i; j++) {
        LifecycleRule earlier = rules.get(j);
        LifecycleRule later = rules.get(i);
        if (sameFiles(earlier, later)) {
          twice(earlier, later, "transition", LifecycleRule::transition);
          twice(earlier, later, "expire", LifecycleRule::expire);
          neverArchived(earlier, later);
          neverArchived(later, earlier);
        }
      }
    }
  }

  private void alone(LifecycleRule rule) {
    if (rule.transition().isPresent() && rule.area() != LifecycleRule.Area.RAW) {
      problems.error(
          rule.place(),
          rule.area().label(),
          "a transition goes from raw to the archive zone; files in "
              + rule.area().label()
              + " have none",
          "write expire, or zone: raw");
    }
    neverArchived(rule, rule);
  }

  /** An archived file is the raw file that it was: it must not have two ends. */
  private static boolean sameFiles(LifecycleRule one, LifecycleRule other) {
    boolean temp = one.area() == LifecycleRule.Area.TEMP;
    return temp == (other.area() == LifecycleRule.Area.TEMP) && one.overlaps(other);
  }

  private void twice(
      LifecycleRule earlier,
      LifecycleRule later,
      String what,
      Function<LifecycleRule, Optional<Duration>> part) {
    if (part.apply(earlier).isPresent() && part.apply(later).isPresent()) {
      problems.error(
          later.place(),
          later.prefix(),
          "this rule ("
              + later.name()
              + ") and that in line "
              + earlier.place().line()
              + " ("
              + earlier.name()
              + ") both say '"
              + what
              + "' for the same files",
          "choose prefixes that do not begin with each other, or leave one '" + what + "' out");
    }
  }

  /** Whether all files of a transition expire before it. */
  private void neverArchived(LifecycleRule archiving, LifecycleRule expiring) {
    Optional<Duration> archive = archiving.transition();
    Optional<Duration> expire = expiring.expire();
    boolean never =
        archive.isPresent()
            && expire.isPresent()
            && expiring.area() == LifecycleRule.Area.RAW
            && expiring.covers(archiving.prefix())
            && expire.get().compareTo(archive.get()) <= 0;
    if (never) {
      problems.error(
          archiving.place(),
          archiving.prefix(),
          "files would expire after "
              + DurationText.print(expire.orElseThrow())
              + ", not later than they are archived, after "
              + DurationText.print(archive.orElseThrow()),
          "let them expire later, or leave the transition out");
    }
  }
}
