@NullMarked
package tarn.core.quality;

import org.jspecify.annotations.NullMarked;
