@NullMarked
package tarn.core.recipe;

import org.jspecify.annotations.NullMarked;
