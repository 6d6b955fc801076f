/**
 * The lake folder: its settings, its tables and models as declared, and all that is wrong with it.
 */
@NullMarked
package tarn.core.lake;

import org.jspecify.annotations.NullMarked;
