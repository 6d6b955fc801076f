/**
 * Databases that are loaded and followed: their rows and changes land in raw, and copies of their
 * tables are kept equal to them.
 */
@NullMarked
package tarn.core.source;

import org.jspecify.annotations.NullMarked;
