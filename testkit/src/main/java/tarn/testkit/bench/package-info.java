/** Big, seeded data for benchmarks. */
@NullMarked
package tarn.testkit.bench;

import org.jspecify.annotations.NullMarked;
