package tarn.core.quality;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * What became of a rule in one load, as the commit's summary keeps it.
 *
 * @param rule as its author wrote it, cut at 500 characters
 * @param perRow whether it was checked row by row
 * @param passed whether it was met: by every row, or by the table
 * @param seen the numbers that it was judged by; how many rows failed
 */
public record RuleResult(String rule, boolean perRow, boolean passed, String seen) {
  /** The key of a commit's summary that has them all. */
  public static final String SUMMARY = "tarn.quality";

  /** The name in a table's history of a load that a rule held up. */
  public static final String REFUSED = "load-refused";

  /** The same of a model. */
  public static final String MODEL_REFUSED = "model-refused";

  /** The key of a refused load's summary with the last ledger entry that it would have read. */
  public static final String REFUSED_UP_TO = "tarn.refused-up-to";

  private static final int MAX_TEXT = 500;
  private static final ObjectMapper JSON = new ObjectMapper();

  public RuleResult {
    rule = rule.length() <= MAX_TEXT ? rule : rule.substring(0, MAX_TEXT - 1) + "…";
    seen = seen.length() <= MAX_TEXT ? seen : seen.substring(0, MAX_TEXT - 1) + "…";
  }

  /** As one text. */
  public static String write(List<RuleResult> results) {
    ArrayNode all = JSON.createArrayNode();
    for (RuleResult result : results) {
      all.addObject()
          .put("rule", result.rule)
          .put("per_row", result.perRow)
          .put("passed", result.passed)
          .put("seen", result.seen);
    }
    return all.toString();
  }

  /** From {@link #write}'s text; {@code CATALOG_CORRUPT} if it is none. */
  public static List<RuleResult> read(String text) {
    try {
      List<RuleResult> results = new ArrayList<>();
      for (JsonNode node : JSON.readTree(text)) {
        results.add(
            new RuleResult(
                node.path("rule").asText(),
                node.path("per_row").asBoolean(),
                node.path("passed").asBoolean(),
                node.path("seen").asText()));
      }
      return results;
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT, "a commit's quality results are not JSON", e);
    }
  }
}
