@NullMarked
package tarn.duckdb;

import org.jspecify.annotations.NullMarked;
