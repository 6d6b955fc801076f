@NullMarked
package tarn.core.model;

import org.jspecify.annotations.NullMarked;
