/** Crashes at drawn moments, around our own ports. */
@NullMarked
package tarn.testkit.faults;

import org.jspecify.annotations.NullMarked;
