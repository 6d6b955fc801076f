@NullMarked
package tarn.api;

import org.jspecify.annotations.NullMarked;
