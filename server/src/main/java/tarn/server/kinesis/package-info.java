/** Amazon Kinesis Data Streams' operations, translated to the lake's streams. */
@NullMarked
package tarn.server.kinesis;

import org.jspecify.annotations.NullMarked;
