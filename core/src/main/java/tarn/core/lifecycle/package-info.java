/** What becomes of files as they grow old: archived, brought back, expired, removed. */
@NullMarked
package tarn.core.lifecycle;

import org.jspecify.annotations.NullMarked;
