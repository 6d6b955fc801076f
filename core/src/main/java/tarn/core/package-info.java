@NullMarked
package tarn.core;

import org.jspecify.annotations.NullMarked;
