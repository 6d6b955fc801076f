/** A small shop's data at any scale, with known dirt, and what a correct lake makes of it. */
@NullMarked
package tarn.testkit.shop;

import org.jspecify.annotations.NullMarked;
