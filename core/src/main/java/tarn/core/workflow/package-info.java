/**
 * What is run by hand, at times and after other runs: the runs, who starts them, and what became of
 * them.
 */
@NullMarked
package tarn.core.workflow;

import org.jspecify.annotations.NullMarked;
