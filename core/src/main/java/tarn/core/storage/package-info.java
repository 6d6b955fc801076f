@NullMarked
package tarn.core.storage;

import org.jspecify.annotations.NullMarked;
