package tarn.aws;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What the S3 API's failures mean for a person. */
final class S3Failures {
  private static final int NOT_FOUND = 404;
  private static final int NOT_IMPLEMENTED = 501;
  private static final int PRECONDITION_FAILED = 412;
  private static final int CONFLICT = 409;
  private static final int RANGE = 416;

  private final String server;

  S3Failures(S3Settings settings) {
    this.server =
        settings.endpoint() == null ? "S3 in " + settings.region() : "" + settings.endpoint();
  }

  /** Whether the object, or its bucket, is not there. */
  static boolean absent(SdkException e) {
    return e instanceof NoSuchKeyException
        || status(e) == NOT_FOUND && !code(e).equals("NoSuchBucket");
  }

  static boolean beyondTheEnd(SdkException e) {
    return status(e) == RANGE;
  }

  /** Whether a conditional put found the name taken, or somebody else taking it. */
  static boolean taken(SdkException e) {
    return status(e) == PRECONDITION_FAILED || status(e) == CONFLICT;
  }

  /** Whether it is not known what became of the request: its answer was lost. */
  static boolean unanswered(SdkException e) {
    return !(e instanceof AwsServiceException) && !(e instanceof AbortedException);
  }

  static boolean conditionsUnknown(SdkException e) {
    return status(e) == NOT_IMPLEMENTED;
  }

  static boolean bucketIsOurs(SdkException e) {
    return code(e).equals("BucketAlreadyOwnedByYou") || code(e).equals("BucketAlreadyExists");
  }

  static int status(SdkException e) {
    return e instanceof AwsServiceException service ? service.statusCode() : 0;
  }

  TarnException report(String what, SdkException e) {
    if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      return new TarnException(ErrorCode.CANCELLED, "interrupted while using '" + what + "'", e);
    }
    String why =
        e instanceof AwsServiceException ? code(e) + " (" + status(e) + ")" : "" + e.getMessage();
    return new TarnException(
        ErrorCode.STORAGE_UNAVAILABLE,
        "'" + what + "' at " + server + " cannot be used: " + why,
        e);
  }

  private static String code(SdkException e) {
    if (e instanceof AwsServiceException service && service.awsErrorDetails() != null) {
      return String.valueOf(service.awsErrorDetails().errorCode());
    }
    return "";
  }
}
