@NullMarked
package tarn.core.ledger;

import org.jspecify.annotations.NullMarked;
