@NullMarked
package tarn.core.query;

import org.jspecify.annotations.NullMarked;
