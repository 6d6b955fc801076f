package tarn.core.engine;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import tarn.core.engine.plan.Measure;
import tarn.core.table.DataChange;
import tarn.core.table.WrittenFile;

/**
 * Files written, not committed. {@code read = stored + superseded + filtered + quarantined}.
 *
 * @param change for the table
 * @param quarantined files for the quarantine table; empty if nothing was rejected
 * @param read records in the inputs
 * @param stored rows that are new in the table
 * @param superseded records that lost to a newer version of their key
 * @param filtered records that the recipe drops
 * @param rejected records for the quarantine
 * @param strictFiles inputs read at full speed
 * @param slowFiles inputs that took the byte-preserving path
 * @param reasons how many records were rejected for each reason
 * @param measured what the job's measures came to; one without a value is missing
 */
public record LoadResult(
    DataChange change,
    List<WrittenFile> quarantined,
    long read,
    long stored,
    long superseded,
    long filtered,
    long rejected,
    int strictFiles,
    int slowFiles,
    Map<String, Long> reasons,
    Map<Measure, BigDecimal> measured) {

  /** The same with what was measured. */
  public LoadResult with(Map<Measure, BigDecimal> numbers) {
    return new LoadResult(
        change,
        quarantined,
        read,
        stored,
        superseded,
        filtered,
        rejected,
        strictFiles,
        slowFiles,
        reasons,
        numbers);
  }
}
