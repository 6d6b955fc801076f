@NullMarked
package tarn.testkit;

import org.jspecify.annotations.NullMarked;
