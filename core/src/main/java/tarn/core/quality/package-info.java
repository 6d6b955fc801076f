/** Quality rules: AWS Glue's DQDL, parsed and compiled to the engine-neutral plan. */
@NullMarked
package tarn.core.quality;

import org.jspecify.annotations.NullMarked;
