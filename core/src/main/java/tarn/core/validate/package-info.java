/** Checks a whole lake folder, and writes down what it may contain: schemas and docs pages. */
@NullMarked
package tarn.core.validate;

import org.jspecify.annotations.NullMarked;
