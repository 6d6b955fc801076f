/** Events of an invented shop, for trying a stream out. */
@NullMarked
package tarn.api.shop;

import org.jspecify.annotations.NullMarked;
