@NullMarked
package tarn.iceberg;

import org.jspecify.annotations.NullMarked;
