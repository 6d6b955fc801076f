@NullMarked
package tarn.core.lake;

import org.jspecify.annotations.NullMarked;
