@NullMarked
package tarn.core.observe;

import org.jspecify.annotations.NullMarked;
