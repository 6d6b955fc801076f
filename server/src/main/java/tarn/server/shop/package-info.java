/**
 * The e-commerce database: its tables, what its people do all day, and a PostgreSQL for the demo.
 */
@NullMarked
package tarn.server.shop;

import org.jspecify.annotations.NullMarked;
