/** Recipes: steps with DataBrew's names, compiled to the engine-neutral plan. */
@NullMarked
package tarn.core.recipe;

import org.jspecify.annotations.NullMarked;
