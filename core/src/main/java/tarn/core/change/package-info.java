/** Databases before they land: the port of a database whose tables are loaded and followed. */
@NullMarked
package tarn.core.change;

import org.jspecify.annotations.NullMarked;
