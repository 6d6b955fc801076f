package tarn.core.lifecycle;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.Datasets;
import tarn.core.catalog.RawInputs;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.LifecycleRule;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.Whereabouts;
import tarn.core.ledger.Whereabouts.Cursor;
import tarn.core.ledger.Whereabouts.Entry;
import tarn.core.ledger.Whereabouts.ToArchive;
import tarn.core.ledger.Whereabouts.ToRaw;
import tarn.core.observe.Progress;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;
import tarn.core.table.TableName;
import tarn.core.table.TableStore;

/**
 * Archives, expires and brings back raw files as the lake's rules say. Bytes are written under a
 * new name first; then one transaction moves the files in the ledger; what they left is removed
 * when no load or query can be reading it any more. Dying anywhere in between leaves every file
 * where the ledger says, and perhaps an object that a later run removes. Runs of one server take
 * turns; those of several do not harm each other.
 */
public final class Lifecycle {
  private static final int PAGE = 500;

  /** What is moved in one transaction. */
  private static final int GROUP_FILES = 64;

  private static final long GROUP_BYTES = 256L << 20;

  private final Whereabouts whereabouts;
  private final ObjectStore objects;
  private final RawInputs inputs;
  private final Datasets datasets;
  private final TableStore tables;
  private final Clock clock;
  private final Duration longestWork;
  private final Copies copies;

  /**
   * @param longestWork how long a load or query that has begun may still read a file that has moved
   */
  public Lifecycle(
      Whereabouts whereabouts,
      ObjectStore objects,
      RawInputs inputs,
      Datasets datasets,
      TableStore tables,
      Clock clock,
      Duration longestWork) {
    this.whereabouts = whereabouts;
    this.objects = objects;
    this.inputs = inputs;
    this.datasets = datasets;
    this.tables = tables;
    this.clock = clock;
    this.longestWork = longestWork;
    this.copies = new Copies(objects);
  }

  /**
   * What a rule did, or would do.
   *
   * @param rule its zone and prefix
   * @param archived files that went to the archive zone, and their bytes as they were in raw
   * @param expired files that are gone for good, and their bytes as they were in raw
   * @param waiting files that are old enough, but were not crawled yet or not taken by every table
   *     that is made from their dataset
   * @param removed objects that files had left before and that are removed now
   * @param notes what a person should know
   */
  public record Result(
      String rule,
      Amount archived,
      Amount expired,
      long waiting,
      Amount removed,
      List<String> notes) {}

  /** Some files. */
  public record Amount(long files, long bytes) {
    static final Amount NONE = new Amount(0, 0);

    Amount plus(long more, long moreBytes) {
      return new Amount(files + more, bytes + moreBytes);
    }
  }

  /**
   * What bringing back did.
   *
   * @param restored files that are in raw again
   * @param expired files of the dataset that are gone for good
   * @param failed why some stayed in the archive
   */
  public record Restored(Amount restored, long expired, List<String> failed) {}

  /** What {@link #apply} would do now; nothing is changed. */
  public List<Result> preview(LakeDefinition lake) {
    return run(lake, true, Progress.NONE);
  }

  /** Archives and expires what is due, and removes what was left long enough ago. */
  public synchronized List<Result> apply(LakeDefinition lake, Progress progress) {
    List<Result> results = run(lake, false, progress);
    Result removed = removeLeftovers(lake);
    if (removed.removed().files() > 0 || !removed.notes().isEmpty()) {
      results.add(removed);
    }
    return results;
  }

  /** Removes what files left long enough ago, and what was written and never entered. */
  public synchronized Result removeLeftovers(LakeDefinition lake) {
    Duration grace = lake.settings().get(LakeSettings.MAINTENANCE_ORPHAN_GRACE);
    return new Leftovers(whereabouts, objects, clock, longestWork).remove(patience(grace));
  }

  private Duration patience(Duration orphanGrace) {
    return orphanGrace.compareTo(longestWork) < 0 ? longestWork : orphanGrace;
  }

  private List<Result> run(LakeDefinition lake, boolean dryRun, Progress progress) {
    Rules rules = new Rules(lake.settings().find(LakeSettings.LIFECYCLE).orElse(List.of()));
    Run run = new Run(rules, new Consumed(lake, datasets, tables), dryRun, progress, lake);
    for (RawFile.State state : List.of(RawFile.State.STORED, RawFile.State.ARCHIVED)) {
      rules.youngest(state).ifPresent(age -> run.files(state, run.now.minus(age)));
    }
    run.temp();
    return run.results();
  }

  /** Brings archived files of a dataset back to raw; those that landed in a span of time. */
  public synchronized Restored restore(
      TableName name, Instant from, Instant to, boolean dryRun, Progress progress) {
    Dataset dataset =
        datasets
            .find(name)
            .orElseThrow(
                () ->
                    new TarnException(
                        ErrorCode.NOT_FOUND,
                        "there is no dataset "
                            + name
                            + "; `datalake tables` lists those there are"));
    List<Entry> wanted = new ArrayList<>();
    long expired = 0;
    for (Entry entry : whereabouts.away(dataset.source(), 0)) {
      boolean meant =
          inputs.spot(entry.source(), entry.file()).dataset().equals(name)
              && !entry.landedAt().isBefore(from)
              && entry.landedAt().isBefore(to);
      if (meant && entry.file().state() == RawFile.State.ARCHIVED) {
        wanted.add(entry);
      } else if (meant) {
        expired++;
      }
    }
    if (dryRun) {
      long bytes = wanted.stream().mapToLong(e -> e.file().bytes()).sum();
      return new Restored(new Amount(wanted.size(), bytes), expired, List.of());
    }
    return restore(name, wanted, expired, progress);
  }

  private Restored restore(TableName name, List<Entry> wanted, long expired, Progress progress) {
    String token = Names.token(clock.instant());
    List<String> failed = new ArrayList<>();
    Amount restored = Amount.NONE;
    for (List<Entry> group : groups(wanted)) {
      List<ToRaw> ready = new ArrayList<>();
      for (Entry entry : group) {
        progress.report(
            "unarchive", name.toString(), restored.files() + ready.size(), wanted.size(), "files");
        try {
          ready.add(new ToRaw(entry, copies.toRaw(entry, token)));
        } catch (TarnException e) {
          failed.add(oneFilesFault(entry, e));
        }
      }
      for (Entry moved : whereabouts.restore(ready, clock.instant())) {
        restored = restored.plus(1, moved.file().bytes());
      }
    }
    return new Restored(restored, expired, failed);
  }

  /** What is wrong with a file and leaves the others as they are; anything else is thrown on. */
  private static String oneFilesFault(Entry entry, TarnException e) {
    return switch (e.code()) {
      case NOT_FOUND, FILE_DAMAGED, BAD_REQUEST, ALREADY_EXISTS -> entry.path() + ": " + e.line();
      default -> throw e;
    };
  }

  private static List<List<Entry>> groups(List<Entry> entries) {
    List<List<Entry>> groups = new ArrayList<>();
    List<Entry> group = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : entries) {
      group.add(entry);
      bytes += entry.file().bytes();
      if (group.size() == GROUP_FILES || bytes >= GROUP_BYTES) {
        groups.add(group);
        group = new ArrayList<>();
        bytes = 0;
      }
    }
    if (!group.isEmpty()) {
      groups.add(group);
    }
    return groups;
  }

  /** One look at all files that are old enough for some rule. */
  private final class Run {
    private static final int MAX_NOTES = 20;

    private final Rules rules;
    private final Consumed consumed;
    private final boolean dryRun;
    private final Progress progress;
    private final Duration patience;
    private final Instant now = clock.instant();
    private final String token = Names.token(now);
    private final Map<LifecycleRule, Tally> tallies = new LinkedHashMap<>();

    Run(Rules rules, Consumed consumed, boolean dryRun, Progress progress, LakeDefinition lake) {
      this.rules = rules;
      this.consumed = consumed;
      this.dryRun = dryRun;
      this.progress = progress;
      this.patience = patience(lake.settings().get(LakeSettings.MAINTENANCE_ORPHAN_GRACE));
      rules.all().forEach(rule -> tallies.put(rule, new Tally()));
    }

    void files(RawFile.State state, Instant landedBy) {
      Cursor after = Cursor.START;
      while (true) {
        List<Entry> page = whereabouts.page(state, after, landedBy, PAGE);
        page(page);
        if (page.size() < PAGE) {
          return;
        }
        after = Cursor.of(page.get(page.size() - 1));
      }
    }

    private void page(List<Entry> page) {
      Map<LifecycleRule, List<Entry>> expiring = new LinkedHashMap<>();
      Map<LifecycleRule, List<Entry>> archiving = new LinkedHashMap<>();
      for (Entry entry : page) {
        Optional<LifecycleRule> expiry = rules.expiring(entry, now);
        Optional<LifecycleRule> due = expiry.or(() -> rules.archiving(entry, now));
        if (due.isPresent() && !isConsumed(entry)) {
          tally(due.get()).waiting++;
        } else if (due.isPresent()) {
          (expiry.isPresent() ? expiring : archiving)
              .computeIfAbsent(due.get(), r -> new ArrayList<>())
              .add(entry);
        }
      }
      expiring.forEach(this::expire);
      archiving.forEach(this::archive);
    }

    private boolean isConsumed(Entry entry) {
      TableName dataset = inputs.spot(entry.source(), entry.file()).dataset();
      return entry.seq() <= consumed.upTo(dataset);
    }

    private void expire(LifecycleRule rule, List<Entry> files) {
      for (Entry gone : dryRun ? files : whereabouts.expire(files, clock.instant())) {
        tally(rule).expired = tally(rule).expired.plus(1, gone.file().bytes());
      }
      progress.report("expire", rule.name(), tally(rule).expired.files(), -1, "files");
    }

    private void archive(LifecycleRule rule, List<Entry> files) {
      for (List<Entry> group : groups(files)) {
        for (Entry moved : dryRun ? group : archived(rule, group)) {
          tally(rule).archived = tally(rule).archived.plus(1, moved.file().bytes());
        }
      }
    }

    private List<Entry> archived(LifecycleRule rule, List<Entry> group) {
      Instant began = clock.instant();
      List<ToArchive> ready = new ArrayList<>();
      for (Entry entry : group) {
        long done = tally(rule).archived.files() + ready.size();
        progress.report("archive", rule.name(), done, -1, "files");
        try {
          ready.add(new ToArchive(entry, copies.toArchive(entry, token, rule.storageClass())));
        } catch (TarnException e) {
          note(rule, oneFilesFault(entry, e));
        }
      }
      if (clock.instant().isAfter(began.plus(patience.dividedBy(2)))) {
        note(rule, ready.size() + " files took too long to be written and stay in raw for now");
        return List.of();
      }
      return whereabouts.archive(ready, clock.instant());
    }

    void temp() {
      List<ObjectKey> due = new ArrayList<>();
      objects.list(
          Zone.TEMP,
          "",
          info ->
              rules
                  .temp(info.key().path())
                  .filter(rule -> info.modified().isBefore(now.minus(age(rule))))
                  .ifPresent(
                      rule -> {
                        due.add(info.key());
                        tally(rule).expired = tally(rule).expired.plus(1, info.bytes());
                      }));
      if (!dryRun) {
        due.forEach(objects::delete);
      }
    }

    /** What is in temp may be in use for as long as any work takes. */
    private Duration age(LifecycleRule rule) {
      Duration after = rule.expire().orElseThrow();
      return after.compareTo(longestWork) < 0 ? longestWork : after;
    }

    private Tally tally(LifecycleRule rule) {
      return tallies.computeIfAbsent(rule, r -> new Tally());
    }

    private void note(LifecycleRule rule, String note) {
      List<String> notes = tally(rule).notes;
      if (notes.size() < MAX_NOTES) {
        notes.add(note);
      } else if (notes.size() == MAX_NOTES) {
        notes.add("and more");
      }
    }

    List<Result> results() {
      List<Result> results = new ArrayList<>();
      tallies.forEach(
          (rule, tally) ->
              results.add(
                  new Result(
                      rule.name(),
                      tally.archived,
                      tally.expired,
                      tally.waiting,
                      Amount.NONE,
                      List.copyOf(tally.notes))));
      return results;
    }
  }

  private static final class Tally {
    private Amount archived = Amount.NONE;
    private Amount expired = Amount.NONE;
    private long waiting;
    private final List<String> notes = new ArrayList<>();
  }
}
