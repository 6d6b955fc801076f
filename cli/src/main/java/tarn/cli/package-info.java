@NullMarked
package tarn.cli;

import org.jspecify.annotations.NullMarked;
