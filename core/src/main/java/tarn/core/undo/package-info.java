/** Taking commits back. */
@org.jspecify.annotations.NullMarked
package tarn.core.undo;
