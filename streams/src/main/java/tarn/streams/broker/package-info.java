@NullMarked
package tarn.streams.broker;

import org.jspecify.annotations.NullMarked;
