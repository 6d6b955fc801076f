@NullMarked
package tarn.core.engine;

import org.jspecify.annotations.NullMarked;
