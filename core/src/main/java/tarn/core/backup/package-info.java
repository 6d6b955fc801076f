/** Copies of a whole lake: made, checked, brought back. */
@NullMarked
package tarn.core.backup;

import org.jspecify.annotations.NullMarked;
