package tarn.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import tarn.core.engine.ApplyJob;
import tarn.core.engine.BuildJob;
import tarn.core.engine.Column;
import tarn.core.engine.ColumnarJob;
import tarn.core.engine.CompareJob;
import tarn.core.engine.Engine;
import tarn.core.engine.LoadJob;
import tarn.core.engine.LoadResult;
import tarn.core.engine.MeasureJob;
import tarn.core.engine.QueryJob;
import tarn.core.engine.QueryOutcome;
import tarn.core.engine.RawInput;
import tarn.core.engine.RewriteJob;
import tarn.core.engine.RowSink;
import tarn.core.engine.plan.Measure;
import tarn.core.engine.plan.Step;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.table.WrittenFile;

/** An engine whose process dies now and then, before its work or when it has left files. */
record DyingEngine(Engine engine, Random random) implements Engine {
  private static final int ONE_IN = 20;

  private <T> T mortal(Supplier<T> work) {
    dies();
    T answer = work.get();
    dies();
    return answer;
  }

  private void dies() {
    boolean now;
    synchronized (random) {
      now = random.nextInt(ONE_IN) == 0;
    }
    if (now) {
      throw new TarnException(ErrorCode.ENGINE_CRASHED, "the engine died on purpose");
    }
  }

  @Override
  public ColumnarJob.Stored columnar(ColumnarJob job) {
    return mortal(() -> engine.columnar(job));
  }

  @Override
  public ApplyJob.Result apply(ApplyJob job) {
    return mortal(() -> engine.apply(job));
  }

  @Override
  public LoadResult load(LoadJob job) {
    return mortal(() -> engine.load(job));
  }

  @Override
  public JsonNode parse(String sql, Duration timeout) {
    return engine.parse(sql, timeout);
  }

  @Override
  public Text unparse(JsonNode tree, Duration timeout) {
    return engine.unparse(tree, timeout);
  }

  @Override
  public List<Column> infer(List<RawInput> inputs) {
    return engine.infer(inputs);
  }

  @Override
  public List<Column> describe(List<Column> columns, List<Step> steps) {
    return engine.describe(columns, steps);
  }

  @Override
  public List<Column> describe(QueryJob query) {
    return engine.describe(query);
  }

  @Override
  public QueryOutcome query(QueryJob query, RowSink sink) {
    return engine.query(query, sink);
  }

  @Override
  public List<WrittenFile> build(BuildJob job) {
    return engine.build(job);
  }

  @Override
  public Map<Measure, BigDecimal> measure(MeasureJob job) {
    return engine.measure(job);
  }

  @Override
  public CompareJob.Result compare(CompareJob job) {
    return engine.compare(job);
  }

  @Override
  public List<WrittenFile> rewrite(RewriteJob job) {
    return engine.rewrite(job);
  }

  @Override
  public void close() {
    engine.close();
  }
}
