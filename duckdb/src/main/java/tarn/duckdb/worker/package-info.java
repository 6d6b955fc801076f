/** The process that DuckDB runs in. */
@NullMarked
package tarn.duckdb.worker;

import org.jspecify.annotations.NullMarked;
