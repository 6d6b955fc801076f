/**
 * The raw limits that Tarn is compared with, and data for it. The figures are made by the scripts
 * beside this module.
 */
@NullMarked
package tarn.benchmarks;

import org.jspecify.annotations.NullMarked;
