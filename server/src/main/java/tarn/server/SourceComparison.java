package tarn.server;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tarn.api.SourceVerifyAnswer;
import tarn.api.SourceVerifyRequest;
import tarn.core.change.ChangeSource;
import tarn.core.engine.CompareJob;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.SourceDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.observe.Progress;
import tarn.core.source.CopyName;
import tarn.core.source.Verification;

/** {@code datalake source verify}: what is asked and answered. */
final class SourceComparison {
  private static final int MOST = 10_000;
  private static final int USUAL = 100;
  private static final long USUAL_WAIT_SECONDS = 600;

  private final Sources sources;
  private final Verification verification;

  SourceComparison(Sources sources, Verification verification) {
    this.sources = sources;
    this.verification = verification;
  }

  SourceVerifyAnswer compare(
      SourceDefinition definition, SourceVerifyRequest request, Progress progress) {
    SourceName source = new SourceName(definition.source());
    Verification.Wanted wanted =
        new Verification.Wanted(
            source,
            CopyName.of(definition),
            request.table(),
            Duration.ofSeconds(
                request.waitSeconds() == 0 ? USUAL_WAIT_SECONDS : request.waitSeconds()),
            number("ranges", request.ranges()),
            number("keys", request.keys()));
    try (ChangeSource database = sources.open(definition)) {
      return answer(verification.compare(database, wanted, () -> sources.health(source), progress));
    }
  }

  private static int number(String name, long wanted) {
    if (wanted < 0 || wanted > MOST) {
      throw new TarnException(
          ErrorCode.BAD_REQUEST,
          "'" + name + "' is " + wanted + "; it is a number from 1 to " + MOST);
    }
    return wanted == 0 ? USUAL : (int) wanted;
  }

  private static SourceVerifyAnswer answer(Verification.Report report) {
    List<SourceVerifyAnswer.Table> tables =
        report.tables().stream().map(SourceComparison::table).toList();
    return new SourceVerifyAnswer(
        tables.stream().allMatch(t -> t.differing() == 0),
        report.log().toString(),
        tables,
        report.left());
  }

  private static SourceVerifyAnswer.Table table(Verification.Compared compared) {
    CompareJob.Result result = compared.result();
    return new SourceVerifyAnswer.Table(
        compared.table(),
        compared.copy().toString(),
        compared.snapshot().isPresent() ? compared.snapshot().getAsLong() : null,
        result.ranges().stream().mapToLong(CompareJob.Range::sourceRows).sum(),
        result.ranges().stream().mapToLong(CompareJob.Range::copyRows).sum(),
        result.passed(),
        result.differing(),
        result.ranges().stream()
            .map(
                r ->
                    new SourceVerifyAnswer.Range(
                        r.first(),
                        r.last(),
                        r.sourceRows(),
                        r.copyRows(),
                        r.sourceHash(),
                        r.copyHash(),
                        r.differing()))
            .toList(),
        result.differences().stream()
            .map(
                d ->
                    new SourceVerifyAnswer.Difference(
                        d.key(), d.kind().name().toLowerCase(Locale.ROOT), d.columns()))
            .toList());
  }
}
