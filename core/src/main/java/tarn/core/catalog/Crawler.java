package tarn.core.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Classified;
import tarn.core.engine.Column;
import tarn.core.engine.Compression;
import tarn.core.engine.Crashes;
import tarn.core.engine.Engine;
import tarn.core.engine.RawFormat;
import tarn.core.engine.RawInput;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.DatasetDefinition;
import tarn.core.ledger.Batch;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceCounts;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;
import tarn.core.table.TableName;

/**
 * Looks at what landed since it last looked, finds schemas and partitions, and enters them in the
 * catalog.
 */
public final class Crawler {
  private static final int PAGE = 1_000;

  /**
   * So many files of CSV or lines of one shape are sampled in one crawl, evenly; the types of the
   * others are checked when they are loaded. Files whose records have names of their own are all
   * looked at, so that no name is passed over.
   */
  private static final int MAX_SAMPLED = 300;

  /** So many values of a column tell of which kind they are. */
  private static final long MANY_VALUES = 1_000;

  /** In the first of so many files that are looked at together, values are classified. */
  private static final int MAX_CLASSIFIED = 20;

  /** So many files are looked at together: DuckDB holds 32 MB for each of JSON. */
  private static final int MAX_TOGETHER = 64;

  /** So much is looked at in one go. */
  private static final long MAX_BYTES = 1L << 30;

  private final Ledger ledger;
  private final RawInputs inputs;
  private final Engine engine;
  private final Datasets datasets;
  private final Clock clock;

  public Crawler(Ledger ledger, RawInputs inputs, Engine engine, Datasets datasets, Clock clock) {
    this.ledger = ledger;
    this.inputs = inputs;
    this.engine = engine;
    this.datasets = datasets;
    this.clock = clock;
  }

  /** What a crawl did to a dataset. */
  public enum Change {
    ADDED,
    CHANGED,
    UNCHANGED,
    /** No file belongs to it any more. */
    REMOVED
  }

  /**
   * What became of columns.
   *
   * @param added that were not there before
   * @param changed that have another type now, with that
   * @param removed that are gone
   */
  public record ColumnChanges(List<Column> added, List<Column> changed, List<Column> removed) {
    private static final ColumnChanges NONE = new ColumnChanges(List.of(), List.of(), List.of());

    static ColumnChanges between(List<Column> before, List<Column> now) {
      Map<String, Column> old = byName(before);
      Map<String, Column> fresh = byName(now);
      return new ColumnChanges(
          now.stream().filter(c -> !old.containsKey(key(c))).toList(),
          now.stream().filter(c -> old.containsKey(key(c)) && !same(c, old.get(key(c)))).toList(),
          before.stream().filter(c -> !fresh.containsKey(key(c))).toList());
    }

    boolean isEmpty() {
      return added.isEmpty() && changed.isEmpty() && removed.isEmpty();
    }

    private static Map<String, Column> byName(List<Column> columns) {
      Map<String, Column> byName = new LinkedHashMap<>();
      columns.forEach(c -> byName.put(key(c), c));
      return byName;
    }

    private static String key(Column column) {
      return column.name().toLowerCase(Locale.ROOT);
    }

    /** Ids of nested fields mean nothing, and another spelling is no other type. */
    private static boolean same(Column one, @org.jspecify.annotations.Nullable Column other) {
      return other != null && typeOf(one).equals(typeOf(other));
    }

    private static JsonNode typeOf(Column column) {
      return ColumnJson.write(List.of(column)).path(0).path("type");
    }
  }

  /**
   * A dataset after a crawl.
   *
   * @param newFiles that no crawl saw before
   * @param partitions how many different partitions those are in
   * @param columns what became of its columns
   * @param notes what a person should know
   */
  public record Report(
      Dataset dataset,
      Change change,
      long newFiles,
      long partitions,
      ColumnChanges columns,
      List<String> notes) {}

  /**
   * Crawls sources; empty for all.
   *
   * @param dryRun only tells what would be entered
   */
  public synchronized List<Report> crawl(
      Set<SourceName> sources, boolean dryRun, Progress progress) {
    Map<TableName, Dataset> known = new TreeMap<>();
    datasets.list().forEach(d -> known.put(d.name(), d));
    Map<TableName, Found> found = new TreeMap<>();
    Map<TableName, Dataset> base = new TreeMap<>(known);
    Set<SourceName> anew = new LinkedHashSet<>();
    long last = ledger.lastSeq();
    for (SourceName source : sources.isEmpty() ? landed() : sources) {
      if (isSaidOtherwise(source, known.values())) {
        anew.add(source);
        base.values().removeIf(d -> d.source().equals(source));
      }
      collect(source, crawled(source, base.values()), last, base, found);
      if (isIncomplete(source, base, found)) {
        found.values().removeIf(f -> f.source.equals(source));
        collect(source, 0, last, base, found);
      }
    }
    List<Report> reports = new ArrayList<>();
    for (Map.Entry<TableName, Found> entry : found.entrySet()) {
      progress.report("crawl", entry.getKey().toString(), reports.size(), found.size(), "datasets");
      Report report =
          report(
              entry.getKey(),
              entry.getValue(),
              Optional.ofNullable(base.get(entry.getKey())),
              Optional.ofNullable(known.get(entry.getKey())),
              last);
      reports.add(report);
    }
    List<TableName> removed = new ArrayList<>();
    for (Dataset dataset : known.values()) {
      if (anew.contains(dataset.source()) && !found.containsKey(dataset.name())) {
        reports.add(vanished(dataset, last, removed));
      }
    }
    if (!dryRun) {
      datasets.save(
          reports.stream().map(Report::dataset).filter(d -> !removed.contains(d.name())).toList(),
          removed);
    }
    for (Dataset dataset : known.values()) {
      if (!found.containsKey(dataset.name())
          && !anew.contains(dataset.source())
          && (sources.isEmpty() || sources.contains(dataset.source()))) {
        reports.add(new Report(dataset, Change.UNCHANGED, 0, 0, ColumnChanges.NONE, List.of()));
      }
    }
    return reports;
  }

  /**
   * Whether the lake folder says something else of the source's datasets than when it was crawled.
   */
  private boolean isSaidOtherwise(SourceName source, Collection<Dataset> known) {
    String said = inputs.layout().fingerprint(source);
    return known.stream().anyMatch(d -> d.source().equals(source) && !d.more().said().equals(said));
  }

  /** A dataset to which no file belongs now: as its definition says, or the one above it. */
  private Report vanished(Dataset dataset, long last, List<TableName> removed) {
    DatasetDefinition.DeleteBehavior behavior =
        inputs
            .layout()
            .nearest(dataset.name())
            .map(DatasetDefinition::deleteBehavior)
            .orElse(DatasetDefinition.DeleteBehavior.DEPRECATE_IN_DATABASE);
    String note =
        switch (behavior) {
          case LOG ->
              "no file belongs to it any more; it stays in the catalog (delete_behavior: LOG)";
          case DEPRECATE_IN_DATABASE ->
              "no file belongs to it any more; it is marked as deprecated";
          case DELETE_FROM_DATABASE -> "no file belongs to it any more; it is out of the catalog";
        };
    if (behavior == DatasetDefinition.DeleteBehavior.DELETE_FROM_DATABASE) {
      removed.add(dataset.name());
    }
    Dataset empty =
        new Dataset(
            dataset.name(),
            dataset.source(),
            dataset.columns(),
            dataset.partitions(),
            dataset.format(),
            0,
            0,
            last,
            clock.instant(),
            new Dataset.More(
                0,
                inputs.layout().fingerprint(dataset.source()),
                behavior == DatasetDefinition.DeleteBehavior.DEPRECATE_IN_DATABASE,
                dataset.more().classified()));
    return new Report(empty, Change.REMOVED, 0, 0, ColumnChanges.NONE, List.of(note));
  }

  /** Sources with files that no crawl has seen, or whose datasets have lost some. */
  public List<SourceName> behind() {
    List<Dataset> known = datasets.list();
    return ledger.counts().stream()
        .filter(
            counts -> {
              List<Dataset> own =
                  known.stream().filter(d -> d.source().equals(counts.source())).toList();
              long seen = own.stream().mapToLong(Dataset::crawledSeq).max().orElse(0);
              long entered = own.stream().mapToLong(d -> d.files() + d.more().excluded()).sum();
              return counts.lastSeq() > seen
                  || counts.stored() > entered
                  || isSaidOtherwise(counts.source(), own);
            })
        .map(SourceCounts::source)
        .toList();
  }

  /** New files of one dataset. */
  private static final class Found {
    private final SourceName source;
    private final List<RawInput> readable = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> partitions = new LinkedHashSet<>();
    private final Set<Map<String, String>> values = new HashSet<>();
    private long excluded;

    /** Those that are not in raw any more: what was known of them stays. */
    private long away;

    private long files;
    private long bytes;

    Found(SourceName source) {
      this.source = source;
    }
  }

  private List<SourceName> landed() {
    return ledger.counts().stream().map(SourceCounts::source).toList();
  }

  /** A crawl enters all datasets of a source at once, so none can be new before this. */
  private static long crawled(SourceName source, Collection<Dataset> known) {
    return known.stream()
        .filter(d -> d.source().equals(source))
        .mapToLong(Dataset::crawledSeq)
        .min()
        .orElse(0);
  }

  /**
   * Whether files of the source are in no dataset: one was lost, so the others' numbers say nothing
   * about its files.
   */
  private boolean isIncomplete(
      SourceName source, Map<TableName, Dataset> known, Map<TableName, Found> found) {
    long stored =
        ledger.counts().stream()
            .filter(c -> c.source().equals(source))
            .mapToLong(SourceCounts::stored)
            .sum();
    long entered =
        known.values().stream()
            .filter(d -> d.source().equals(source))
            .mapToLong(d -> d.files() + d.more().excluded())
            .sum();
    long fresh =
        found.values().stream()
            .filter(f -> f.source.equals(source))
            .mapToLong(f -> f.files + f.excluded)
            .sum();
    return entered + fresh < stored;
  }

  private void collect(
      SourceName source,
      long from,
      long last,
      Map<TableName, Dataset> known,
      Map<TableName, Found> found) {
    long after = from;
    while (true) {
      List<Batch> page = ledger.batches(Set.of(source), after, PAGE);
      for (Batch batch : page) {
        if (batch.seq() > last) {
          return;
        }
        for (RawFile file : ledger.files(batch.seq())) {
          DatasetLayout.Spot spot = inputs.spot(batch.source(), file);
          TableName name = spot.dataset();
          Dataset dataset = known.get(name);
          if (dataset == null || batch.seq() > dataset.crawledSeq()) {
            add(found.computeIfAbsent(name, n -> new Found(batch.source())), batch, file, spot);
          }
        }
        after = batch.seq();
      }
      if (page.size() < PAGE) {
        return;
      }
    }
  }

  private void add(Found found, Batch batch, RawFile file, DatasetLayout.Spot spot) {
    if (!file.isStored() && !spot.excluded()) {
      found.away++;
      found.files++;
      found.bytes += file.bytes();
      return;
    }
    RawInputs.Found what = inputs.find(batch.seq(), file, spot);
    if (what instanceof RawInputs.Found.Excluded) {
      found.excluded++;
      return;
    }
    found.files++;
    found.bytes += file.bytes();
    if (what instanceof RawInputs.Found.Readable readable) {
      found.readable.add(readable.input());
      found.partitions.addAll(readable.input().partitionValues().keySet());
      if (!readable.input().partitionValues().isEmpty()) {
        found.values.add(readable.input().partitionValues());
      }
    } else if (what instanceof RawInputs.Found.Unreadable unreadable) {
      found.notes.add(file.name() + ": " + unreadable.reason());
    }
  }

  /**
   * Whether values may say more of columns' kinds than those before: few were looked at, of some
   * column none, or there is as much data again.
   */
  private static boolean isWorthClassifying(
      List<Column> own, List<Classified> before, Found found, Optional<Dataset> dataset) {
    Map<String, Long> values = new HashMap<>();
    before.forEach(column -> values.merge(column.column(), column.values(), Long::sum));
    return found.bytes >= dataset.map(Dataset::bytes).orElse(0L)
        || own.stream()
            .filter(c -> c.type() == Types.StringType.get() || c.type() == Types.LongType.get())
            .anyMatch(column -> values.getOrDefault(column.name(), 0L) < MANY_VALUES);
  }

  /**
   * @param before what it adds to; empty to begin anew
   * @param shown as what people know it
   */
  private Report report(
      TableName name, Found found, Optional<Dataset> before, Optional<Dataset> shown, long last) {
    Optional<Dataset> kept = found.away > 0 ? shown : before;
    List<Column> old = kept.map(Dataset::columns).orElse(List.of());
    List<Column> columns = old;
    List<Classified> classified = before.map(d -> d.more().classified()).orElse(List.of());
    for (List<RawInput> group : shapes(found.readable)) {
      for (List<RawInput> part : parts(sample(group))) {
        List<Column> own = withoutPartitions(infer(name, part), found.partitions);
        columns = TypeMerge.merge(columns, own);
        if (isWorthClassifying(own, classified, found, kept)) {
          List<RawInput> few = part.subList(0, Math.min(part.size(), MAX_CLASSIFIED));
          classified =
              Kinds.merge(
                  classified, Crashes.survive(name.toString(), () -> engine.classify(few, own)));
        }
      }
    }
    Set<String> partitions = new LinkedHashSet<>(kept.map(Dataset::partitions).orElse(List.of()));
    partitions.addAll(found.partitions);
    columns = TypeMerge.merge(columns, partitionColumns(found));
    Optional<DatasetDefinition> said = inputs.layout().definition(name);
    columns = said.map(DatasetDefinition::columns).map(overruled(columns)).orElse(columns);
    List<Column> earlier = shown.map(Dataset::columns).orElse(List.of());
    ColumnChanges changes = ColumnChanges.between(earlier, columns);
    List<String> notes = new ArrayList<>(found.notes);
    if (found.away > 0) {
      notes.add(
          found.away
              + " files are archived or expired and were not looked at; what was known of them stays");
    }
    if (shown.isPresent()
        && !changes.isEmpty()
        && said.map(DatasetDefinition::updateBehavior).stream()
            .anyMatch(b -> b == DatasetDefinition.UpdateBehavior.LOG)) {
      notes.add("its columns stay as they are in the catalog (update_behavior: LOG)");
      columns = earlier;
    }
    Dataset dataset =
        new Dataset(
            name,
            found.source,
            columns,
            List.copyOf(partitions),
            format(found, kept),
            found.files + before.map(Dataset::files).orElse(0L),
            found.bytes + before.map(Dataset::bytes).orElse(0L),
            last,
            clock.instant(),
            new Dataset.More(
                found.excluded + before.map(d -> d.more().excluded()).orElse(0L),
                inputs.layout().fingerprint(found.source),
                false,
                classified));
    notes.addAll(Kinds.news(shown, dataset));
    Change change =
        shown.isEmpty() ? Change.ADDED : changes.isEmpty() ? Change.UNCHANGED : Change.CHANGED;
    return new Report(dataset, change, found.files, found.values.size(), changes, notes);
  }

  /** Columns with the types that are said, and those that no file has. */
  private static Function<Map<String, Type.PrimitiveType>, List<Column>> overruled(
      List<Column> columns) {
    return said -> {
      Map<String, Type.PrimitiveType> left = new LinkedHashMap<>();
      said.forEach((name, type) -> left.put(name.toLowerCase(Locale.ROOT), type));
      List<Column> all = new ArrayList<>();
      for (Column column : columns) {
        Type type = left.remove(column.name().toLowerCase(Locale.ROOT));
        all.add(type == null ? column : column.as(type));
      }
      said.forEach(
          (name, type) -> {
            if (left.containsKey(name.toLowerCase(Locale.ROOT))) {
              all.add(new Column(name, type));
            }
          });
      return List.copyOf(all);
    };
  }

  private static List<Column> withoutPartitions(List<Column> columns, Set<String> partitions) {
    Set<String> lower =
        partitions.stream().map(p -> p.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    return columns.stream()
        .filter(c -> !lower.contains(c.name().toLowerCase(Locale.ROOT)))
        .toList();
  }

  /**
   * Whole numbers if all values are, without leading zeros being lost to anyone who compares texts:
   * {@code 09} is 9 for year, month and day.
   */
  private static List<Column> partitionColumns(Found found) {
    List<Column> columns = new ArrayList<>();
    for (String name : found.partitions) {
      boolean whole =
          found.readable.stream()
              .filter(i -> !name.equals(RawInput.BATCH) || i.partitionValues().containsKey(name))
              .map(i -> i.partitionValues().get(name))
              .allMatch(v -> v != null && v.matches("-?[0-9]{1,18}"));
      columns.add(new Column(name, whole ? Types.LongType.get() : Types.StringType.get()));
    }
    return columns;
  }

  /** Files with the same format, header and compression, in order. */
  private static List<List<RawInput>> shapes(List<RawInput> inputs) {
    record Shape(RawFormat format, Compression compression) {}
    Map<Shape, List<RawInput>> groups = new LinkedHashMap<>();
    for (RawInput input : inputs) {
      groups
          .computeIfAbsent(new Shape(input.format(), input.compression()), s -> new ArrayList<>())
          .add(input);
    }
    return List.copyOf(groups.values());
  }

  private static List<RawInput> sample(List<RawInput> group) {
    boolean ownNames =
        !(group.get(0).format() instanceof RawFormat.Csv
            || group.get(0).format() instanceof RawFormat.Lines);
    if (group.size() <= MAX_SAMPLED || ownNames) {
      return group; // in each of them there may be columns that no other has
    }
    List<RawInput> sample = new ArrayList<>();
    for (int i = 0; i < MAX_SAMPLED; i++) {
      sample.add(group.get((int) ((long) i * group.size() / MAX_SAMPLED)));
    }
    return sample;
  }

  /**
   * An engine may hold buffers for every file that it looks at together: what is too much for its
   * memory is halved.
   */
  private List<Column> infer(TableName name, List<RawInput> part) {
    try {
      return Crashes.survive(name.toString(), () -> engine.infer(part));
    } catch (TarnException e) {
      if (e.code() != ErrorCode.OUT_OF_MEMORY || part.size() == 1) {
        throw e;
      }
      int half = part.size() / 2;
      return TypeMerge.merge(
          infer(name, part.subList(0, half)), infer(name, part.subList(half, part.size())));
    }
  }

  /** Portions of what is looked at in one go. */
  private static List<List<RawInput>> parts(List<RawInput> inputs) {
    List<List<RawInput>> parts = new ArrayList<>();
    long bytes = 0;
    for (RawInput input : inputs) {
      bytes += input.file().bytes();
      if (parts.isEmpty()
          || bytes > MAX_BYTES
          || parts.get(parts.size() - 1).size() == MAX_TOGETHER) {
        parts.add(new ArrayList<>());
        bytes = input.file().bytes();
      }
      parts.get(parts.size() - 1).add(input);
    }
    return parts;
  }

  private static String base(RawFormat format) {
    if (format instanceof RawFormat.Csv) {
      return "csv";
    }
    if (format instanceof RawFormat.Lines lines) {
      return lines.name();
    }
    return format instanceof RawFormat.Parquet ? "parquet" : "json";
  }

  private static String format(Found found, Optional<Dataset> before) {
    Set<String> formats = new LinkedHashSet<>();
    before.map(Dataset::format).filter(f -> !f.isEmpty()).ifPresent(formats::add);
    for (RawInput input : found.readable) {
      String base = base(input.format());
      String end =
          switch (input.compression()) {
            case NONE -> "";
            case GZIP -> ".gz";
            case ZSTD -> ".zst";
          };
      formats.add(base + end);
    }
    return formats.size() == 1 ? formats.iterator().next() : formats.isEmpty() ? "" : "mixed";
  }
}
