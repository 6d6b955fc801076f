package tarn.core.lifecycle;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import tarn.core.catalog.Dataset;
import tarn.core.catalog.DatasetName;
import tarn.core.catalog.Datasets;
import tarn.core.ingest.AppliedDefinition;
import tarn.core.ingest.TableLoader;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.TableDefinition;
import tarn.core.ledger.SourceName;
import tarn.core.table.TableName;
import tarn.core.table.TableState;
import tarn.core.table.TableStore;

/**
 * How far the ledger has been taken in by everyone who reads a dataset: the crawler, and every
 * clean table that the lake folder makes from it. One that the next run makes anew needs all of it
 * again. Answers are remembered: a number that has grown since does no harm.
 */
public final class Consumed {
  private final LakeDefinition lake;
  private final TableStore tables;
  private final Map<TableName, Long> crawled = new HashMap<>();
  private final Map<TableName, Long> known = new HashMap<>();

  Consumed(LakeDefinition lake, Datasets datasets, TableStore tables) {
    this.lake = lake;
    this.tables = tables;
    for (Dataset dataset : datasets.list()) {
      crawled.put(dataset.name(), dataset.crawledSeq());
    }
  }

  /**
   * How far every clean table that the lake folder makes from a source has taken the ledger; empty
   * if there is no such table.
   */
  public static OptionalLong byTables(SourceName source, LakeDefinition lake, TableStore tables) {
    return lake.tables().stream()
        .filter(table -> DatasetName.of(source, "").equals(TableLoader.from(table)))
        .mapToLong(table -> taken(table, tables))
        .min();
  }

  /** The last sequence number that nobody needs any more; 0 for none. */
  long upTo(TableName dataset) {
    return known.computeIfAbsent(dataset, this::read);
  }

  private long read(TableName dataset) {
    long upTo = crawled.getOrDefault(dataset, 0L);
    for (TableDefinition definition : lake.tables()) {
      if (TableLoader.from(definition).equals(dataset)) {
        upTo = Math.min(upTo, taken(definition, tables));
      }
    }
    return upTo;
  }

  private static long taken(TableDefinition definition, TableStore tables) {
    return tables
        .load(TableName.parse(definition.table()))
        .filter(state -> !AppliedDefinition.asksForBackfill(definition, state))
        .map(TableState::ledgerSeq)
        .orElse(0L);
  }
}
