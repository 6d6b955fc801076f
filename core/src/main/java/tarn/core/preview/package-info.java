/** What a run would do, told before it is done. */
@org.jspecify.annotations.NullMarked
package tarn.core.preview;
