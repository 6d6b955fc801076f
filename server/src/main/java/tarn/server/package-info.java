@NullMarked
package tarn.server;

import org.jspecify.annotations.NullMarked;
