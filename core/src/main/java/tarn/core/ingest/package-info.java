@NullMarked
package tarn.core.ingest;

import org.jspecify.annotations.NullMarked;
