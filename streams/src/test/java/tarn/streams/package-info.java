@NullMarked
package tarn.streams;

import org.jspecify.annotations.NullMarked;
