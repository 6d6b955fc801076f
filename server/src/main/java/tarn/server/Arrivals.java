package tarn.server;

import java.util.function.Function;
import java.util.function.Supplier;
import tarn.core.change.ChangeSource;
import tarn.core.event.EventLog;
import tarn.core.lake.SourceDefinition;
import tarn.core.stream.IdIndexes;

/**
 * What events and changes arrive by.
 *
 * @param log opens the log of streams, once, when there is a stream; whoever asked closes it
 * @param indexes of delivered ids
 * @param databases opens the database of a source; whoever asked closes it
 */
record Arrivals(
    Supplier<EventLog> log,
    IdIndexes indexes,
    Function<SourceDefinition, ChangeSource> databases) {}
