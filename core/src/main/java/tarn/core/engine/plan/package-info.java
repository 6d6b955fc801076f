/** The engine-neutral plan: what recipes and rules compile to, and every engine runs alike. */
@NullMarked
package tarn.core.engine.plan;

import org.jspecify.annotations.NullMarked;
