@NullMarked
package tarn.core.table;

import org.jspecify.annotations.NullMarked;
