package tarn.core.table;

import java.util.Map;

/**
 * One table's part of a commit.
 *
 * @param base the state it was computed from. If another commit came first, the change is applied
 *     on top when that is safe (the properties that it sets are still those of the base, and
 *     Iceberg's conflict checks pass); otherwise it is refused
 * @param data what happens to the rows
 * @param properties set in the same commit, among them the ledger sequence consumed
 * @param operation what did it, for the history: {@code load}, {@code model}, {@code compact}…
 * @param summary counts for the history and the snapshot: rows read, stored, quarantined…
 */
public record TableChange(
    TableState base,
    DataChange data,
    Map<String, String> properties,
    String operation,
    Map<String, String> summary) {}
