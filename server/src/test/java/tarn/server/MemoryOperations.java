package tarn.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tarn.api.BackupAnswer;
import tarn.api.BackupRequest;
import tarn.api.ChangesRequest;
import tarn.api.Column;
import tarn.api.Commit;
import tarn.api.CommitRequest;
import tarn.api.CrawlAnswer;
import tarn.api.CrawlRequest;
import tarn.api.DatasetChange;
import tarn.api.DeadLettersAnswer;
import tarn.api.EventsAnswer;
import tarn.api.FollowedSource;
import tarn.api.GatewayAnswer;
import tarn.api.HistoryAnswer;
import tarn.api.KafkaAnswer;
import tarn.api.LagAnswer;
import tarn.api.LakeStatus;
import tarn.api.MaintainAnswer;
import tarn.api.MaintainRequest;
import tarn.api.OffsetStep;
import tarn.api.PlanAnswer;
import tarn.api.PlannedChange;
import tarn.api.ProcessStatus;
import tarn.api.PutAnswer;
import tarn.api.QualityAnswer;
import tarn.api.QualityResult;
import tarn.api.QuarantineAnswer;
import tarn.api.QuarantineCount;
import tarn.api.QuarantinedRow;
import tarn.api.QueryAnswer;
import tarn.api.QueryRequest;
import tarn.api.ReaderLag;
import tarn.api.RedriveAnswer;
import tarn.api.RedriveRequest;
import tarn.api.ReplayAnswer;
import tarn.api.ReplayRequest;
import tarn.api.ReshardRequest;
import tarn.api.RunAnswer;
import tarn.api.RunRequest;
import tarn.api.ShardStatus;
import tarn.api.SourceCheckAnswer;
import tarn.api.SourceReloadAnswer;
import tarn.api.SourceReloadRequest;
import tarn.api.SourceStatus;
import tarn.api.SourceTablesAnswer;
import tarn.api.SourceVerifyAnswer;
import tarn.api.SourceVerifyRequest;
import tarn.api.SourcesAnswer;
import tarn.api.StreamDetail;
import tarn.api.StreamStatus;
import tarn.api.StreamsAnswer;
import tarn.api.TableColumn;
import tarn.api.TableDetail;
import tarn.api.TableRun;
import tarn.api.TableSummary;
import tarn.api.TablesAnswer;
import tarn.api.UnarchiveAnswer;
import tarn.api.UnarchiveRequest;
import tarn.api.UndoAnswer;
import tarn.api.UploadAnswer;
import tarn.api.ValidateAnswer;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ConsumerName;
import tarn.core.table.TableName;

/** Operations that remember what they were asked and answer from memory. */
final class MemoryOperations implements Operations {
  static final Instant THEN = Instant.parse("2026-01-31T12:00:00Z");

  final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
  final CountDownLatch waiting = new CountDownLatch(1);
  final CountDownLatch cancelled = new CountDownLatch(1);
  final CountDownLatch closed = new CountDownLatch(1);

  @Override
  public LakeStatus status() {
    return new LakeStatus(
        "shop",
        "dev",
        "/lakes/shop",
        "/lakes/shop/.datalake",
        List.of(new SourceStatus("orders", 2, 2048, 1, THEN)),
        List.of(new ProcessStatus("server", 4711, 123_456_789)),
        3,
        List.of());
  }

  @Override
  public ValidateAnswer validate() {
    return new ValidateAnswer(List.of());
  }

  @Override
  public UploadAnswer land(Upload upload) {
    if (upload.name().startsWith("full")) {
      throw new TarnException(ErrorCode.DISK_FULL, "the disk is full");
    }
    long bytes = count(upload.body());
    asked.add("land " + upload.source() + " [" + upload.folder() + "] " + upload.name());
    return new UploadAnswer("landed", 1L, upload.source() + "/1/" + upload.name(), bytes, "00");
  }

  @Override
  public PutAnswer put(SourceName stream, List<byte[]> events) {
    if (stream.value().equals("nowhere")) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no stream 'nowhere'");
    }
    events.forEach(e -> asked.add("put " + stream + " " + new String(e, StandardCharsets.UTF_8)));
    return new PutAnswer(
        events.size(),
        0,
        events.stream().map(e -> new PutAnswer.Result(0L, 7L, null, false)).toList());
  }

  @Override
  public StreamsAnswer streams() {
    return new StreamsAnswer(
        List.of(new StreamStatus("clicks", 2, "running", "", 10, 6, 2, 1, 1, 5L, THEN)));
  }

  @Override
  public SourcesAnswer sources() {
    return new SourcesAnswer(
        List.of(
            new FollowedSource(
                "shop",
                "running",
                "",
                3,
                List.of("public.log"),
                List.of("public.orders.until (12)"),
                "0/16B3748",
                120L,
                THEN)));
  }

  @Override
  public SourceTablesAnswer sourceTables(SourceName source) {
    asked.add("tables of " + source);
    return new SourceTablesAnswer(
        List.of(
            new SourceTablesAnswer.Column(
                "public.orders", "clean.orders", "id", "bigint", "long", true, "total > 0")));
  }

  @Override
  public SourceCheckAnswer checkSource(SourceName source) {
    asked.add("check " + source);
    return new SourceCheckAnswer(
        false,
        List.of(new SourceCheckAnswer.Check("wal_level", "error", "replica", "make it logical")));
  }

  @Override
  public SourceReloadAnswer reloadSource(SourceName source, SourceReloadRequest request) {
    asked.add("reload " + source + " " + request.tables());
    return new SourceReloadAnswer(request.tables());
  }

  @Override
  public PipelineOperations pipelines() {
    return new MemoryPipelines(asked);
  }

  @Override
  public StreamDetail stream(SourceName stream) {
    asked.add("describe " + stream);
    return new StreamDetail(
        streams().streams().get(0),
        Map.of("shards", "2"),
        List.of(new ShardStatus(0, "open", "0", "99", null, null, THEN, null, 3, 9, 0, 4)),
        lag(stream).readers());
  }

  @Override
  public StreamDetail reshard(SourceName stream, ReshardRequest request) {
    asked.add("reshard " + stream + " " + request.shards());
    return stream(stream);
  }

  @Override
  public LagAnswer lag(SourceName stream) {
    return new LagAnswer(List.of(new ReaderLag("billing", "consumer", 5, 12, 60)), 0);
  }

  @Override
  public EventsAnswer read(SourceName stream, String from, String at, int limit) {
    asked.add("read " + stream + " " + from + " [" + at + "] " + limit);
    return events("0:8");
  }

  private static EventsAnswer events(String at) {
    return new EventsAnswer(
        List.of(new EventsAnswer.Item(0, 7, THEN, "user 1", "{}", null)),
        List.of(new OffsetStep(0, 7L, 8)),
        List.of(),
        at);
  }

  @Override
  public EventsAnswer consume(SourceName stream, ConsumerName consumer, String from, int limit) {
    asked.add("consume " + stream + " " + consumer + " " + from + " " + limit);
    return events("");
  }

  @Override
  public void commit(SourceName stream, ConsumerName consumer, CommitRequest request) {
    asked.add("commit " + stream + " " + consumer + " " + request.offsets());
  }

  @Override
  public void removeConsumer(SourceName stream, ConsumerName consumer) {
    asked.add("remove " + stream + " " + consumer);
  }

  @Override
  public DeadLettersAnswer deadLetters(SourceName stream, int limit) {
    asked.add("dead " + stream + " " + limit);
    return new DeadLettersAnswer(
        List.of(new DeadLettersAnswer.Letter(1, 7, THEN, "it is empty", "", null)));
  }

  @Override
  public GatewayAnswer gateway() {
    return new GatewayAnswer("http://127.0.0.1:4566", "us-east-1", "TARNTEST", "secret");
  }

  @Override
  public CrawlAnswer crawl(CrawlRequest request, Work work) {
    work.progress().report("crawl", "raw.orders", 1, 2, "files");
    work.progress().report("crawl", "raw.orders", 2, 2, "files");
    return new CrawlAnswer(
        List.of(
            new DatasetChange(
                "raw.orders",
                "added",
                "csv",
                2,
                2,
                2048,
                0,
                List.of(new Column("id", "BIGINT")),
                List.of(),
                List.of(),
                List.of())));
  }

  @Override
  public PlanAnswer plan() {
    return new PlanAnswer(
        List.of(new PlannedChange("clean.orders", "load", 2, 2048, List.of("+ total int"))));
  }

  @Override
  public RunAnswer run(RunRequest request, Work work) {
    work.progress().report("clean", "clean.orders", 2, 2, "files");
    return new RunAnswer(List.of(new TableRun("clean.orders", "written", 10, 9, 1, 77L, 12, null)));
  }

  /** {@code fail}, {@code crash}, {@code sleep} and {@code many} do as they say. */
  @Override
  public SourceVerifyAnswer verifySource(
      SourceName source, SourceVerifyRequest request, Work work) {
    throw new UnsupportedOperationException();
  }

  @Override
  public QueryAnswer changes(TableName table, ChangesRequest request, RowSink rows, Work work) {
    throw new UnsupportedOperationException();
  }

  @Override
  public QueryAnswer query(QueryRequest request, RowSink rows, Work work) {
    switch (request.sql()) {
      case "fail" -> throw new TarnException(ErrorCode.SQL_INVALID, "no such column: x");
      case "crash" -> throw new IllegalStateException("secret of the house");
      case "sleep" -> sleep(work.cancellation());
      case "late" -> late(rows);
      case "many" -> many(rows, 100_000);
      default -> few(rows);
    }
    return new QueryAnswer(2, false, 3);
  }

  @Override
  public TablesAnswer tables() {
    return new TablesAnswer(List.of(orders()));
  }

  @Override
  public TableDetail describe(TableName table) {
    if (!table.toString().equals("clean.orders")) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no table " + table);
    }
    return new TableDetail(
        orders(),
        "iceberg v2",
        "clean/orders",
        List.of(new TableColumn("id", "BIGINT", true, null)),
        List.of("month(at)"),
        List.of("id"),
        77L,
        Map.of("tarn.consumed", "1"));
  }

  @Override
  public HistoryAnswer history(TableName table) {
    return new HistoryAnswer(
        table.toString(), List.of(new Commit(77L, THEN, "append", 9, 0, 9, 1, 1L, "run")));
  }

  @Override
  public UndoAnswer undo(TableName table) {
    asked.add("undo " + table);
    return new UndoAnswer(table.toString(), "load", 77L, null, 0L);
  }

  @Override
  public QuarantineAnswer quarantine(@Nullable TableName table, int limit) {
    asked.add("quarantine " + table + " " + limit);
    return new QuarantineAnswer(
        List.of(new QuarantineCount("clean.orders", "unreadable", 1)),
        List.of(
            new QuarantinedRow(
                "clean.orders", "unreadable", "too few fields", "orders.csv", 7, "x;y", THEN)));
  }

  @Override
  public QualityAnswer quality(@Nullable TableName table, int loads) {
    asked.add("quality " + table + " " + loads);
    return new QualityAnswer(
        List.of(
            new QualityResult(
                "clean.orders", THEN, 1L, 77L, "RowCount > 0", "table", "passed", "RowCount 9")));
  }

  @Override
  public MaintainAnswer maintain(MaintainRequest request, Work work) {
    return new MaintainAnswer(List.of(), List.of());
  }

  @Override
  public UnarchiveAnswer unarchive(UnarchiveRequest request, Work work) {
    asked.add("unarchive " + request.dataset() + " " + request.from() + " " + request.to());
    return new UnarchiveAnswer(request.dataset(), 2, 9, 1, List.of());
  }

  @Override
  public KafkaAnswer kafka(SourceName stream) {
    return new KafkaAnswer(stream.value(), "tarn." + stream, List.of("a=b"));
  }

  @Override
  public RedriveAnswer redrive(SourceName stream, RedriveRequest request) {
    asked.add("redrive " + stream + " " + request.from() + " " + request.to());
    return new RedriveAnswer(stream.value(), 2, 1, 0, -3);
  }

  @Override
  public ReplayAnswer replay(ReplayRequest request, Work work) {
    asked.add("replay " + request.stream() + " " + request.from() + " " + request.to());
    return new ReplayAnswer(request.stream(), List.of());
  }

  @Override
  public BackupAnswer backup(BackupRequest request, Work work) {
    return new BackupAnswer("20260131T120000.000Z", request.directory(), 0, 0, 0, 0, 0, 0);
  }

  @Override
  public VerifyAnswer verify(VerifyRequest request, Work work) {
    return new VerifyAnswer(List.of(), List.of(), 0, 0, List.of());
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private static TableSummary orders() {
    return new TableSummary("clean.orders", "table", 9L, 1, 1024, THEN, "what was ordered");
  }

  private static void few(RowSink rows) {
    rows.columns(List.of(new Column("id", "BIGINT"), new Column("price", "DECIMAL(20,2)")));
    List<@Nullable Object> second = Arrays.asList(Long.MAX_VALUE, null);
    send(rows, List.of(List.of(1, new BigDecimal("123456789012345678.90")), second));
  }

  private static void send(RowSink rows, List<? extends List<? extends @Nullable Object>> values) {
    try {
      rows.rows(
          new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsBytes(values),
          values.size());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void late(RowSink rows) {
    rows.columns(List.of(new Column("id", "BIGINT")));
    throw new TarnException(ErrorCode.OUT_OF_MEMORY, "the engine's memory is used up");
  }

  private static void many(RowSink rows, int count) {
    rows.columns(List.of(new Column("id", "BIGINT")));
    List<List<Object>> batch = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      batch.add(List.of(i));
      if (batch.size() == 500) {
        send(rows, batch);
        batch.clear();
      }
    }
  }

  private void sleep(Cancellation cancellation) {
    CountDownLatch done = new CountDownLatch(1);
    try (Cancellation.Registration registered = cancellation.onCancel(done::countDown)) {
      waiting.countDown();
      done.await();
      cancelled.countDown();
      cancellation.check();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long count(InputStream body) {
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    try {
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        bytes += read;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }
}
