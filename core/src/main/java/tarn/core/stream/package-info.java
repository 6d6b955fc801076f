/** Events on their way from the log to the ledger: validated, deduplicated, delivered. */
@NullMarked
package tarn.core.stream;

import org.jspecify.annotations.NullMarked;
