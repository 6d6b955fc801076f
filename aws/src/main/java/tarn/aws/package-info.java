@NullMarked
package tarn.aws;

import org.jspecify.annotations.NullMarked;
