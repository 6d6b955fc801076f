/** Amazon Data Firehose's operations, translated to the lake's streams. */
@NullMarked
package tarn.server.firehose;

import org.jspecify.annotations.NullMarked;
