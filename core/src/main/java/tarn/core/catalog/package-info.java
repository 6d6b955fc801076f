@NullMarked
package tarn.core.catalog;

import org.jspecify.annotations.NullMarked;
