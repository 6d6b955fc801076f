package tarn.aws;

import java.net.UnknownHostException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Why a secret could not be read, for a person. The SDK's exceptions are not kept as causes: one
 * about an answer that could not be read may have a part of it.
 */
record SecretFailures(String what) {
  private static final int FORBIDDEN = 403;

  SecretFailures(Object secret) {
    this("the secret " + secret);
  }

  /** There is such a secret, but not as the reference says. */
  TarnException unusable(String how) {
    return new TarnException(ErrorCode.DEFINITION_INVALID, what + " " + how);
  }

  TarnException noRegion(SdkException e) {
    return interrupted(e)
        ? cancelled()
        : unavailable(
            "no AWS region is known; set AWS_REGION in the server's environment, or write the"
                + " secret's ARN");
  }

  TarnException noCredentials(SdkException e) {
    return interrupted(e)
        ? cancelled()
        : unavailable(
            "there are no AWS credentials; give the server AWS_ACCESS_KEY_ID and"
                + " AWS_SECRET_ACCESS_KEY, a profile, or a role of its machine");
  }

  /** What a call failed with. */
  TarnException of(Region region, SdkException e) {
    if (interrupted(e)) {
      return cancelled();
    }
    String store = "AWS Secrets Manager in " + region;
    if (e instanceof ResourceNotFoundException) {
      return new TarnException(
          ErrorCode.DEFINITION_INVALID,
          what
              + " is not in "
              + store
              + "; write its name or ARN as it is there, and set AWS_REGION to its region");
    }
    if (!(e instanceof AwsServiceException service)) {
      return unavailable(store + " cannot be reached (" + reason(e) + ")");
    }
    String code =
        service.awsErrorDetails() == null
            ? "status " + service.statusCode()
            : String.valueOf(service.awsErrorDetails().errorCode());
    return unavailable(store + " does not give it: " + code + advice(code, service.statusCode()));
  }

  private static String advice(String code, int status) {
    return switch (code) {
      case "AccessDeniedException" ->
          "; allow the server's user or role secretsmanager:GetSecretValue on it, and kms:Decrypt"
              + " if it has a key of its own";
      case "DecryptionFailure" -> "; check the KMS key that it is encrypted with";
      case "UnrecognizedClientException",
          "InvalidSignatureException",
          "ExpiredTokenException",
          "InvalidClientTokenId",
          "IncompleteSignature" ->
          "; check the server's AWS credentials";
      default -> status == FORBIDDEN ? "; check the server's AWS credentials" : "";
    };
  }

  private static String reason(SdkException e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getClass().getSimpleName()
        + (last instanceof UnknownHostException ? ": " + last.getMessage() : "");
  }

  private static boolean interrupted(SdkException e) {
    return e instanceof AbortedException || Thread.currentThread().isInterrupted();
  }

  private TarnException unavailable(String why) {
    return new TarnException(ErrorCode.SECRET_UNAVAILABLE, what + " cannot be read: " + why);
  }

  private TarnException cancelled() {
    Thread.currentThread().interrupt();
    return new TarnException(ErrorCode.CANCELLED, "interrupted while " + what + " was read");
  }
}
