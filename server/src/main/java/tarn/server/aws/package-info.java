/**
 * AWS's wire protocols: signatures, JSON and CBOR, errors, dispatch. Knows no service: each is a
 * package of its own, which translates between {@link tarn.server.aws.Input}, {@link
 * tarn.server.aws.Output} and the lake.
 */
@NullMarked
package tarn.server.aws;

import org.jspecify.annotations.NullMarked;
