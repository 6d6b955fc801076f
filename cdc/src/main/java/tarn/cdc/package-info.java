@NullMarked
package tarn.cdc;

import org.jspecify.annotations.NullMarked;
