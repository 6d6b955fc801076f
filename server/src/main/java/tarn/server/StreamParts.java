package tarn.server;

import java.util.function.Supplier;
import tarn.core.event.EventLog;
import tarn.core.stream.IdIndexes;

/**
 * What streams stand on.
 *
 * @param log opens the log, once, when there is a stream; whoever asked closes it
 */
record StreamParts(Supplier<EventLog> log, IdIndexes indexes) {}
