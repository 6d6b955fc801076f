package tarn.server;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.BackupAnswer;
import tarn.api.BackupRequest;
import tarn.api.ChangesRequest;
import tarn.api.CommitRequest;
import tarn.api.CrawlAnswer;
import tarn.api.CrawlRequest;
import tarn.api.DatasetChange;
import tarn.api.DeadLettersAnswer;
import tarn.api.EventsAnswer;
import tarn.api.GatewayAnswer;
import tarn.api.HistoryAnswer;
import tarn.api.KafkaAnswer;
import tarn.api.LagAnswer;
import tarn.api.LakeStatus;
import tarn.api.MaintainAnswer;
import tarn.api.MaintainRequest;
import tarn.api.PlanAnswer;
import tarn.api.PlannedChange;
import tarn.api.PutAnswer;
import tarn.api.QualityAnswer;
import tarn.api.QuarantineAnswer;
import tarn.api.QueryAnswer;
import tarn.api.QueryRequest;
import tarn.api.RedriveAnswer;
import tarn.api.RedriveRequest;
import tarn.api.ReplayAnswer;
import tarn.api.ReplayRequest;
import tarn.api.ReshardRequest;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.api.SourceCheckAnswer;
import tarn.api.SourceReloadAnswer;
import tarn.api.SourceReloadRequest;
import tarn.api.SourceTablesAnswer;
import tarn.api.SourceVerifyAnswer;
import tarn.api.SourceVerifyRequest;
import tarn.api.SourcesAnswer;
import tarn.api.StreamDetail;
import tarn.api.StreamsAnswer;
import tarn.api.TableDetail;
import tarn.api.TableRun;
import tarn.api.TablesAnswer;
import tarn.api.UnarchiveAnswer;
import tarn.api.UnarchiveRequest;
import tarn.api.UndoAnswer;
import tarn.api.UploadAnswer;
import tarn.api.ValidateAnswer;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;
import tarn.core.catalog.Crawler;
import tarn.core.catalog.DatasetFiles;
import tarn.core.catalog.DatasetLayout;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.catalog.RawInputs;
import tarn.core.database.Database;
import tarn.core.engine.Engine;
import tarn.core.engine.QueryOutcome;
import tarn.core.engine.ResultColumn;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.event.LogRecord;
import tarn.core.ingest.Landings;
import tarn.core.ingest.Replay;
import tarn.core.ingest.TableLoader;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.Setting;
import tarn.core.lake.Settings;
import tarn.core.lake.SourceDefinition;
import tarn.core.lake.StreamDefinition;
import tarn.core.lake.StreamSettings;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.Whereabouts;
import tarn.core.lifecycle.Consumed;
import tarn.core.lifecycle.Lifecycle;
import tarn.core.model.ModelRunner;
import tarn.core.observe.Progress;
import tarn.core.preview.Planned;
import tarn.core.preview.Preview;
import tarn.core.query.Queries;
import tarn.core.source.Copies;
import tarn.core.source.Follower;
import tarn.core.source.Verification;
import tarn.core.storage.ObjectStore;
import tarn.core.stream.Compaction;
import tarn.core.stream.ConsumerName;
import tarn.core.stream.Consumers;
import tarn.core.stream.DeadLetter;
import tarn.core.stream.DeadLetters;
import tarn.core.stream.Shards;
import tarn.core.stream.StreamRules;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;
import tarn.core.undo.Undo;
import tarn.core.workflow.Body;

/**
 * The lake behind the doors: answers of the API from the ideas of the core. The definition is read
 * again for every run, so that an edit needs no restart.
 */
final class LakeOperations implements Operations {
  private static final Logger LOG = LoggerFactory.getLogger(LakeOperations.class);
  private static final Duration PATIENCE_WITH_OTHERS = Duration.ofSeconds(2);
  private final Lake lake;
  private final Settings settings;
  private final Ledger ledger;
  private final ObjectStore objects;
  private final TableStore tables;
  private final Landings landings;
  private final Datasets datasets;
  private final Crawler crawler;
  private final Queries queries;
  private final Preview preview;
  private final Runs runs;
  private final Maintenance maintenance;
  private final LifecycleView lifecycle;
  private final Backups backups;
  private final Streams streams;
  private final Sources sources;
  private final SourceComparison comparison;
  private final LakePipelines pipelines;
  private final Replays replays;
  private final TableUpkeep upkeep = new TableUpkeep();
  private final Consumption consumption;
  private final Gateway gateway;
  private final CatalogView catalog;
  private final QualityView quality;
  private final AtomicReference<DatasetLayout> layout;
  private final Closer closer;

  LakeOperations(
      Lake lake,
      LakeDefinition definition,
      Ledger ledger,
      ObjectStore objects,
      Database database,
      TableStore tables,
      Engine engine,
      Backups backups,
      Arrivals arrivals,
      Clock clock,
      Closer closer) {
    this.lake = lake;
    this.settings = definition.settings();
    this.ledger = ledger;
    this.objects = objects;
    this.tables = tables;
    this.closer = closer;
    this.layout = new AtomicReference<>(new DatasetLayout(definition.datasets()));
    RawInputs inputs = new RawInputs(objects, layout::get);
    DatasetFiles files = new DatasetFiles(ledger, inputs);
    Duration loadTimeout = settings.get(LakeSettings.ENGINE_LOAD_TIMEOUT);
    this.landings = new Landings(objects, ledger, clock);
    this.datasets = new Datasets(database);
    this.crawler = new Crawler(ledger, inputs, engine, datasets, clock);
    this.queries = new Queries(engine, tables, datasets, files, limits());
    ModelRunner models = new ModelRunner(engine, tables, datasets, queries, loadTimeout);
    this.preview = new Preview(ledger, inputs, datasets, tables, engine, models);
    TableLoader loader = new TableLoader(ledger, inputs, datasets, tables, engine, loadTimeout);
    Whereabouts whereabouts = new Whereabouts(database);
    this.replays =
        new Replays(
            ledger,
            whereabouts,
            objects,
            new Replay(loader, ledger, whereabouts, inputs, tables, engine, loadTimeout));
    this.runs =
        new Runs(
            tables,
            datasets,
            crawler,
            loader,
            models,
            Math.toIntExact(settings.get(LakeSettings.ENGINE_WORKERS)));
    this.maintenance = new Maintenance(tables, engine, settings, loadTimeout);
    this.lifecycle =
        new LifecycleView(
            new Lifecycle(
                whereabouts,
                objects,
                inputs,
                datasets,
                tables,
                clock,
                Wiring.longestWork(definition)));
    this.backups = backups;
    this.streams =
        closer.add(
            new Streams(
                arrivals.log(),
                new Shards(database),
                ledger,
                objects,
                arrivals.indexes(),
                clock,
                new TableFeed(this::loadTables)));
    this.consumption = new Consumption(streams, new Consumers(database, clock), ledger, clock);
    streams.followSoon(definition.streams());
    this.sources =
        closer.add(
            new Sources(
                arrivals.databases(),
                new Follower.Parts(ledger, objects, engine, clock),
                new Copies(ledger, tables, engine, loadTimeout),
                loadTimeout,
                upkeep::loaded));
    this.comparison =
        new SourceComparison(
            sources, new Verification(ledger, objects, tables, engine, clock, loadTimeout));
    sources.follow(definition.sources());
    this.pipelines =
        closer.add(
            new LakePipelines(
                definition,
                this::followed,
                database,
                new SourceRuns(sources),
                this::runModels,
                new Notices(this::current, Wiring.secrets()),
                clock));
    this.gateway =
        closer.add(
            new Gateway(
                definition,
                new LakeStreams(
                    streams, () -> current().streams(), Gateway.streamFiles(definition)),
                clock));
    gateway.wantedFor(!definition.streams().isEmpty());
    closer.add(
        StreamUpkeep.start(
            () -> {
              List<StreamUpkeep.Chore> chores = new ArrayList<>();
              for (StreamRules rules : streams.delivered()) {
                Compaction compaction = new Compaction(rules, ledger, whereabouts, objects, clock);
                chores.add(
                    new StreamUpkeep.Chore(
                        "the compaction of " + rules.stream(), () -> compact(compaction, rules)));
              }
              chores.add(new StreamUpkeep.Chore("the maintenance of tables", this::maintainTables));
              chores.add(new StreamUpkeep.Chore("the removal of leftovers", this::removeLeftovers));
              return chores;
            }));
    this.catalog = new CatalogView(ledger, tables, datasets, queries);
    this.quality = new QualityView(tables);
    pipelines.start();
  }

  private Queries.Limits limits() {
    return new Queries.Limits(
        settings.get(LakeSettings.ENGINE_QUERY_TIMEOUT),
        settings.get(LakeSettings.QUERY_MAX_ROWS),
        settings.get(LakeSettings.QUERY_MAX_BYTES).bytes());
  }

  @Override
  public LakeStatus status() {
    return new LakeStatus(
        lake.name(),
        lake.environment(),
        lake.definition().dir().toString(),
        lake.home().toString(),
        CatalogView.sources(ledger),
        Processes.all(),
        datasets.list().size() + tables.list().size(),
        Stream.concat(gateway.note().stream(), pipelines.problems().stream()).toList());
  }

  @Override
  public ValidateAnswer validate() {
    return Wiring.validate(lake.definition().dir(), lake.environment());
  }

  @Override
  public UploadAnswer land(Upload upload) {
    Landings.Landed landed =
        landings.land(upload.source(), upload.folder(), upload.name(), upload.body());
    Long seq = landed.seq();
    return new UploadAnswer(
        seq == null ? "duplicate" : "landed",
        seq,
        seq == null ? null : landed.file().key().path(),
        landed.file().bytes(),
        landed.file().sha256());
  }

  @Override
  public PutAnswer put(SourceName stream, List<byte[]> events) {
    followed(stream);
    return streams.put(stream, events);
  }

  /**
   * As the folder says; while it has errors, all stays as it is, and while somebody else opens the
   * log of a stream, the others are told.
   */
  private void followFolder() {
    try {
      current();
    } catch (TarnException e) {
      streams.stayAsTheyAre(e);
      return;
    }
    if (streams.followWithin(PATIENCE_WITH_OTHERS, this::declared)) {
      gateway.wantedFor(streams.any());
    }
  }

  private void follow() {
    streams.follow(this::declared);
    gateway.wantedFor(streams.any());
  }

  private List<StreamDefinition> declared() {
    return current().streams();
  }

  @Override
  public SourcesAnswer sources() {
    followed();
    return new SourcesAnswer(sources.status());
  }

  @Override
  public SourceTablesAnswer sourceTables(SourceName source) {
    return sources.tables(declared(source));
  }

  @Override
  public SourceCheckAnswer checkSource(SourceName source) {
    return sources.check(declared(source));
  }

  @Override
  public SourceReloadAnswer reloadSource(SourceName source, SourceReloadRequest request) {
    declared(source);
    return sources.reload(source, request.tables());
  }

  @Override
  public SourceVerifyAnswer verifySource(
      SourceName source, SourceVerifyRequest request, Work work) {
    followed();
    Thread asking = Thread.currentThread();
    try (Cancellation.Registration stop = work.cancellation().onCancel(asking::interrupt)) {
      return comparison.compare(declared(source), request, progress(work));
    } finally {
      if (Thread.interrupted()) {
        work.cancellation().check();
      }
    }
  }

  private SourceDefinition declared(SourceName source) {
    return current().sources().stream()
        .filter(definition -> definition.source().equals(source.value()))
        .findFirst()
        .orElseThrow(
            () ->
                new TarnException(
                    ErrorCode.NOT_FOUND,
                    "there is no database '"
                        + source
                        + "': declare it in sources/"
                        + source
                        + ".yaml"));
  }

  @Override
  public PipelineOperations pipelines() {
    return pipelines;
  }

  private List<TableRun> runModels(List<String> models, Body.Context context) {
    List<TableRun> done = runs.run(current(), models, context.progress());
    upkeep.loaded(done);
    return done;
  }

  @Override
  public GatewayAnswer gateway() {
    return gateway.ask();
  }

  @Override
  public StreamsAnswer streams() {
    followFolder();
    return new StreamsAnswer(streams.status());
  }

  @Override
  public StreamDetail stream(SourceName stream) {
    followFolder();
    followed(stream);
    Map<String, String> settings = new LinkedHashMap<>();
    StreamSettings.ALL.forEach(
        setting -> settings.put(setting.key(), shown(setting, streams.definition(stream))));
    return new StreamDetail(
        streams.status(stream),
        settings,
        consumption.shards(stream),
        consumption.lag(stream).readers());
  }

  private static <T> String shown(Setting<T> setting, StreamDefinition definition) {
    return definition
        .settings()
        .find(setting)
        .map(value -> setting.type().print(value))
        .orElse(setting.printedDefault());
  }

  @Override
  public StreamDetail reshard(SourceName stream, ReshardRequest request) {
    followFolder();
    followed(stream);
    long shards = Math.max(0, Math.min(Integer.MAX_VALUE, request.shards()));
    streams.log(stream).resize(stream, (int) shards);
    return stream(stream);
  }

  @Override
  public LagAnswer lag(SourceName stream) {
    followed(stream);
    return consumption.lag(stream);
  }

  @Override
  public EventsAnswer read(SourceName stream, String from, String at, int limit) {
    followed(stream);
    return consumption.read(stream, from, at, limit);
  }

  @Override
  public EventsAnswer consume(SourceName stream, ConsumerName consumer, String from, int limit) {
    followed(stream);
    return consumption.read(stream, consumer, from, limit);
  }

  @Override
  public void commit(SourceName stream, ConsumerName consumer, CommitRequest request) {
    followed(stream);
    consumption.commit(stream, consumer, request);
  }

  @Override
  public void removeConsumer(SourceName stream, ConsumerName consumer) {
    followed(stream);
    consumption.remove(stream, consumer);
  }

  /** A stream whose file is new is known from here on. */
  private void followed(SourceName stream) {
    if (!streams.has(stream)) {
      follow();
    }
  }

  @Override
  public DeadLettersAnswer deadLetters(SourceName stream, int limit) {
    return new DeadLettersAnswer(
        new DeadLetters(ledger, objects)
            .newest(stream, limit).stream().map(LakeOperations::letter).toList());
  }

  @Override
  public KafkaAnswer kafka(SourceName stream) {
    follow();
    Map<String, String> how = new TreeMap<>(streams.producing(stream));
    String topic = Objects.requireNonNullElse(how.remove("topic"), "");
    return new KafkaAnswer(
        stream.value(),
        topic,
        how.entrySet().stream().map(p -> p.getKey() + "=" + p.getValue()).toList());
  }

  @Override
  public RedriveAnswer redrive(SourceName stream, RedriveRequest request) {
    TimeSpan time = TimeSpan.of(request.from(), request.to());
    follow();
    EventCounts changed = streams.redrive(stream, time);
    return new RedriveAnswer(
        stream.value(),
        changed.stored(),
        changed.duplicate(),
        changed.conflict(),
        changed.rejected());
  }

  @Override
  public ReplayAnswer replay(ReplayRequest request, Work work) {
    if (request.into().isEmpty()) {
      return replays.run(current(), request, progress(work));
    }
    follow();
    return replays.into(current(), request, streams::put, progress(work));
  }

  private static DeadLettersAnswer.Letter letter(DeadLetter letter) {
    LogRecord record = letter.record();
    String text = new String(record.bytes(), StandardCharsets.UTF_8);
    boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), record.bytes());
    return new DeadLettersAnswer.Letter(
        record.shard(),
        record.offset(),
        record.arrived(),
        letter.reason(),
        isText ? text : null,
        isText ? null : Base64.getEncoder().encodeToString(record.bytes()));
  }

  /** What every table has; all, if there is none and raw is kept. */
  private void compact(Compaction compaction, StreamRules rules) {
    long none = rules.raw().keep() ? Long.MAX_VALUE : 0;
    long taken = Consumed.byTables(rules.stream(), current(), tables).orElse(none);
    try {
      while (compaction.run(taken) > 0) {
        LOG.debug("{} goes on", rules.stream());
      }
      streams.upkeep(rules.stream(), "");
    } catch (TarnException e) {
      if (e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.BUSY) {
        streams.upkeep(rules.stream(), e.line());
      }
      throw e;
    }
  }

  private void maintainTables() {
    upkeep.maintain(
        table -> {
          try (Turns.Turn turn = backups.removing(Progress.NONE)) {
            maintenance.maintain(List.of(table), false, Progress.NONE);
          }
        });
  }

  private void removeLeftovers() {
    if (upkeep.leftoversAreDue()) {
      try (Turns.Turn turn = backups.removing(Progress.NONE)) {
        lifecycle.removeLeftovers(asWritten());
      }
    }
  }

  /** Loads the clean tables that are made of some streams. */
  private List<TableRun> loadTables(Set<SourceName> delivered) {
    Set<SourceName> some =
        delivered.stream()
            .filter(stream -> ledger.eventCounts(stream).stored() > 0)
            .collect(Collectors.toSet());
    LakeDefinition now = current();
    List<String> wanted =
        now.tables().stream()
            .filter(t -> some.stream().anyMatch(s -> DatasetName.isOf(s, TableLoader.from(t))))
            .map(TableDefinition::table)
            .toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    crawler.crawl(some, false, Progress.NONE);
    List<TableRun> done = runs.run(now, wanted, Progress.NONE);
    upkeep.loaded(done);
    return done;
  }

  @Override
  public CrawlAnswer crawl(CrawlRequest request, Work work) {
    current();
    Set<SourceName> sources = new LinkedHashSet<>();
    request.sources().forEach(s -> sources.add(new SourceName(s)));
    List<String> notes = new ArrayList<>();
    if (!request.dryRun()) {
      Landings.Discovery found = landings.discover(settings.get(LakeSettings.LANDING_SETTLE));
      notes.addAll(found.notes());
      if (found.waiting() > 0) {
        notes.add(
            found.waiting()
                + " files in the landing folder changed a moment ago: crawl again to take them");
      }
    }
    List<DatasetChange> changes = new ArrayList<>();
    for (Crawler.Report report : crawler.crawl(sources, request.dryRun(), progress(work))) {
      changes.add(CatalogView.change(report));
    }
    if (!notes.isEmpty()) {
      changes.add(
          new DatasetChange(
              "landing", "unchanged", "", 0, 0, 0, 0, List.of(), List.of(), List.of(), notes));
    }
    return new CrawlAnswer(changes);
  }

  /** The lake folder as it is now; from here on its datasets are laid out as it says. */
  private LakeDefinition current() {
    LakeDefinition now = Wiring.read(lake.definition().dir(), lake.environment()).definition();
    layout.set(new DatasetLayout(now.datasets()));
    return now;
  }

  /** The same; from here on its databases are followed as it says. */
  private LakeDefinition followed() {
    LakeDefinition now = current();
    sources.follow(now.sources());
    return now;
  }

  @Override
  public PlanAnswer plan() {
    List<PlannedChange> changes = new ArrayList<>();
    for (SourceName source : crawler.behind()) {
      changes.add(
          new PlannedChange(
              "source " + source,
              "crawl",
              0,
              0,
              List.of(
                  "files landed that no crawl has seen: a run begins with a crawl, and may then do more than this")));
    }
    LakeDefinition now = current();
    for (Planned planned : preview.of(now)) {
      changes.add(
          new PlannedChange(
              planned.table().toString(),
              planned.action().name().toLowerCase(Locale.ROOT),
              planned.files(),
              planned.bytes(),
              planned.details()));
    }
    changes.addAll(lifecycle.plan(now));
    return new PlanAnswer(changes);
  }

  @Override
  public RunAnswer run(RunRequest request, Work work) {
    LakeDefinition now = current();
    return new RunAnswer(
        request.backfill()
            ? runs.backfill(now, request.tables(), progress(work))
            : runs.run(now, request.tables(), progress(work)));
  }

  @Override
  public QueryAnswer query(QueryRequest request, RowSink rows, Work work) {
    long started = System.nanoTime();
    Queries.Limits limits = limits();
    Queries.Limits wanted =
        new Queries.Limits(
            request.timeoutMillis() > 0
                ? Duration.ofMillis(request.timeoutMillis())
                : limits.timeout(),
            request.maxRows() > 0 ? request.maxRows() : limits.maxRows(),
            limits.maxBytes());
    QueryOutcome outcome;
    Thread asking = Thread.currentThread();
    try (Cancellation.Registration stop = work.cancellation().onCancel(asking::interrupt)) {
      outcome = queries.run(request.sql(), wanted, new Forwarding(rows));
    } finally {
      boolean interrupted = Thread.interrupted();
      if (interrupted) {
        work.cancellation().check();
      }
    }
    return new QueryAnswer(
        outcome.rows(), outcome.truncated(), (System.nanoTime() - started) / 1_000_000);
  }

  @Override
  public QueryAnswer changes(TableName table, ChangesRequest request, RowSink rows, Work work) {
    List<String> key =
        tables.load(table).map(state -> TableState.key(state.properties())).orElse(List.of());
    String sql = ChangesQuery.sql(table, key, request);
    return query(new QueryRequest(sql, request.limit(), 0), rows, work);
  }

  private record Forwarding(RowSink rows) implements tarn.core.engine.RowSink {
    @Override
    public void columns(List<ResultColumn> columns) {
      rows.columns(columns.stream().map(c -> new tarn.api.Column(c.name(), c.type())).toList());
    }

    @Override
    public void rows(byte[] jsonRows, int count) {
      rows.rows(jsonRows, count);
    }
  }

  /** The definition as the lake folder has it now; while it has errors, as it was. */
  private LakeDefinition asWritten() {
    try {
      return Wiring.read(lake.definition().dir(), lake.environment()).definition();
    } catch (TarnException e) {
      return lake.definition();
    }
  }

  @Override
  public TablesAnswer tables() {
    return catalog.tables();
  }

  @Override
  public TableDetail describe(TableName table) {
    return catalog.describe(asWritten(), table);
  }

  @Override
  public HistoryAnswer history(TableName table) {
    return catalog.history(table);
  }

  @Override
  public UndoAnswer undo(TableName table) {
    Undo.Report report = new Undo(tables).undo(table);
    return new UndoAnswer(
        report.table().toString(),
        report.operation(),
        report.undone(),
        report.now(),
        report.ledgerSeq());
  }

  @Override
  public QuarantineAnswer quarantine(@Nullable TableName table, int limit) {
    return catalog.quarantine(asWritten(), Optional.ofNullable(table), limit, limits());
  }

  @Override
  public QualityAnswer quality(@Nullable TableName table, int loads) {
    return new QualityAnswer(quality.results(lake.definition(), table, loads));
  }

  @Override
  public MaintainAnswer maintain(MaintainRequest request, Work work) {
    tarn.core.observe.Progress progress = progress(work);
    try (Turns.Turn turn = backups.removing(progress)) {
      return new MaintainAnswer(
          maintenance.maintain(request.tables(), request.dryRun(), progress),
          request.tables().isEmpty()
              ? lifecycle.work(this::current, request.dryRun(), progress)
              : List.of());
    }
  }

  @Override
  public UnarchiveAnswer unarchive(UnarchiveRequest request, Work work) {
    current();
    try (Turns.Turn turn = backups.removing(progress(work))) {
      return lifecycle.unarchive(request, progress(work));
    }
  }

  @Override
  public BackupAnswer backup(BackupRequest request, Work work) {
    return backups.backup(request, progress(work));
  }

  @Override
  public VerifyAnswer verify(VerifyRequest request, Work work) {
    return backups.verify(request, progress(work));
  }

  @Override
  public void close() {
    closer.close();
  }

  private static tarn.core.observe.Progress progress(Work work) {
    return (stage, name, done, total, unit) -> {
      work.cancellation().check();
      work.progress().report(stage, name, done, total, unit);
    };
  }
}
