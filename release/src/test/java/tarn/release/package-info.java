/** What is handed out, tried as a user would. */
@org.jspecify.annotations.NullMarked
package tarn.release;
