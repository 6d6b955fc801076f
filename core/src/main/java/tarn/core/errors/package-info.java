@NullMarked
package tarn.core.errors;

import org.jspecify.annotations.NullMarked;
