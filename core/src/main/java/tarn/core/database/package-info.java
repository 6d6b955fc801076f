@NullMarked
package tarn.core.database;

import org.jspecify.annotations.NullMarked;
