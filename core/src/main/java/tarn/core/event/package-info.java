/** Events before they land: the port of the log that keeps them until the ledger has them. */
@NullMarked
package tarn.core.event;

import org.jspecify.annotations.NullMarked;
