package tarn.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.BackupAnswer;
import tarn.api.BackupRequest;
import tarn.api.ChangesRequest;
import tarn.api.CommitRequest;
import tarn.api.CrawlAnswer;
import tarn.api.CrawlRequest;
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
import tarn.api.TablesAnswer;
import tarn.api.UnarchiveAnswer;
import tarn.api.UnarchiveRequest;
import tarn.api.UndoAnswer;
import tarn.api.UploadAnswer;
import tarn.api.ValidateAnswer;
import tarn.api.VerifyAnswer;
import tarn.api.VerifyRequest;
import tarn.core.ledger.SourceName;
import tarn.core.stream.ConsumerName;
import tarn.core.table.TableName;

/**
 * What a lake can be asked to do, whichever door the request came through. The doors check who asks
 * and that the request can be understood; everything else is behind this interface.
 *
 * <p>Methods are called by many threads at once. A failure is a {@link
 * tarn.core.errors.TarnException}; anything else that is thrown is reported as a fault of Tarn's
 * own. Long operations say how far they are to {@link Work#progress} and look at {@link
 * Work#cancellation} at points where stopping leaves the lake as before or as after.
 */
public interface Operations extends AutoCloseable {

  /** Tells how the lake is. Fast: no file is read. */
  LakeStatus status();

  /** Reads the lake folder again and tells all that is wrong with it. */
  ValidateAnswer validate();

  /**
   * Lands one file. The body is read to its end; whatever is wrong with it (cut off, longer than
   * allowed, not of the announced SHA-256) is thrown by its {@code read}, so a body that ended is
   * whole. When reading throws, nothing may have landed.
   */
  UploadAnswer land(Upload upload);

  /**
   * Puts events into a stream. Those that are accepted will be in the lake, each id once, whatever
   * dies; the others have their reasons. {@code NOT_FOUND} for a stream that the lake folder has
   * not.
   */
  PutAnswer put(SourceName stream, List<byte[]> events);

  /** Tells how all streams are. */
  StreamsAnswer streams();

  /** Tells a stream's events that could not be taken, the newest first. */
  DeadLettersAnswer deadLetters(SourceName stream, int limit);

  /** Tells how a stream takes events by Kafka's own protocol. */
  KafkaAnswer kafka(SourceName stream);

  /** Takes dead letters of a stream again, as its definition is now. */
  RedriveAnswer redrive(SourceName stream, RedriveRequest request);

  /** Takes events of a stream that tables have had through their definitions again. */
  ReplayAnswer replay(ReplayRequest request, Work work);

  /** Tells all about one stream. */
  StreamDetail stream(SourceName stream);

  /** Splits and merges a stream's shards until there are so many, and tells all about it. */
  StreamDetail reshard(SourceName stream, ReshardRequest request);

  /** Tells how far behind the readers of a stream are. */
  LagAnswer lag(SourceName stream);

  /**
   * Reads a stream without a name.
   *
   * @param from {@code oldest}, {@code latest} or a time, for the first question
   * @param at where the answer before said to go on; empty for the first question
   */
  EventsAnswer read(SourceName stream, String from, String at, int limit);

  /** Reads on from where a consumer is; one that is new begins at {@code from}. */
  EventsAnswer consume(SourceName stream, ConsumerName consumer, String from, int limit);

  /** Moves a consumer on, in all shards named or in none. */
  void commit(SourceName stream, ConsumerName consumer, CommitRequest request);

  /** Forgets a consumer. */
  void removeConsumer(SourceName stream, ConsumerName consumer);

  /** Tells how all databases are followed. */
  SourcesAnswer sources();

  /** Tells the tables of a database that are asked for, as they are in it now. */
  SourceTablesAnswer sourceTables(SourceName source);

  /** Looks at all that a database needs to be followed, and changes nothing. */
  SourceVerifyAnswer verifySource(SourceName source, SourceVerifyRequest request, Work work);

  SourceCheckAnswer checkSource(SourceName source);

  /** Lets tables of a database be loaded anew. */
  SourceReloadAnswer reloadSource(SourceName source, SourceReloadRequest request);

  /** What can be asked of pipelines; the same at each call. */
  PipelineOperations pipelines();

  /** Opens AWS's services if they are not, and tells where they are and how to sign. */
  GatewayAnswer gateway();

  /** Looks for what landed, and enters schemas and partitions in the catalog. */
  CrawlAnswer crawl(CrawlRequest request, Work work);

  /** Tells what the next run would do, and does nothing. */
  PlanAnswer plan();

  /**
   * Brings clean tables, then models, up to date, each after what it reads; does not crawl. A table
   * that fails is in the answer with outcome {@code failed}, what reads it is {@code skipped}, and
   * the others go on. A backfill makes the clean tables named anew, and nothing else.
   */
  RunAnswer run(RunRequest request, Work work);

  /**
   * Answers one query: {@code rows} hears the columns once, then rows, in the calling thread; a
   * call may block for as long as the client does not read. It throws {@code CANCELLED} when the
   * client is gone.
   */
  QueryAnswer query(QueryRequest request, RowSink rows, Work work);

  /** Reads what happened to a table's rows. */
  QueryAnswer changes(TableName table, ChangesRequest request, RowSink rows, Work work);

  /** Lists all datasets and tables. */
  TablesAnswer tables();

  /** Tells all about one. */
  TableDetail describe(TableName table);

  /** Tells what happened to one, newest first. */
  HistoryAnswer history(TableName table);

  /** Takes back the newest commit of one. */
  UndoAnswer undo(TableName table);

  /**
   * Shows what was put aside.
   *
   * @param table only for this table, or null for all
   * @param limit at most so many rows; the counts are complete
   */
  QuarantineAnswer quarantine(@Nullable TableName table, int limit);

  /**
   * Tells what became of quality rules.
   *
   * @param table only for this table, or null for all
   * @param loads at most so many of each table's newest loads
   */
  QualityAnswer quality(@Nullable TableName table, int loads);

  /** Compacts, expires snapshots, removes orphans, archives and expires files. */
  MaintainAnswer maintain(MaintainRequest request, Work work);

  /** Brings archived files of a dataset back to raw. */
  UnarchiveAnswer unarchive(UnarchiveRequest request, Work work);

  /**
   * Copies the lake into a folder of backups, while it is used; waits for maintenance, and
   * maintenance for it.
   */
  BackupAnswer backup(BackupRequest request, Work work);

  /** Tells what of the lake is missing, and what its tables have. Takes turns as a backup does. */
  VerifyAnswer verify(VerifyRequest request, Work work);

  /** Stops the workers and lets go of the database. Called once, when no operation is running. */
  @Override
  void close();
}
