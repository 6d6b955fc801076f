package tarn.server;

import io.javalin.http.HttpResponseException;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.Failure;
import tarn.api.WireException;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.Kind;
import tarn.core.errors.TarnException;

/**
 * Turns what was thrown into what the client is told. Faults of Tarn's own are told as an id only;
 * the log has the same id with all there is to know.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static ErrorCode code(Throwable thrown) {
    if (thrown instanceof TarnException failure) {
      return failure.code();
    }
    if (thrown instanceof WireException) {
      return ErrorCode.BAD_REQUEST;
    }
    if (thrown instanceof HttpResponseException response) {
      return ofStatus(response.getStatus());
    }
    return ErrorCode.INTERNAL;
  }

  static Failure told(Throwable thrown) {
    ErrorCode code = code(thrown);
    if (code.kind() == Kind.INTERNAL) {
      return internal(thrown);
    }
    if (code.kind() == Kind.EXTERNAL) {
      LOG.warn("{}", code, thrown);
    }
    return new Failure(code.name(), code.kind().name(), line(thrown, code), null);
  }

  private static Failure internal(Throwable thrown) {
    String id = UUID.randomUUID().toString().substring(0, 13);
    LOG.error("fault {}", id, thrown);
    return new Failure(
        ErrorCode.INTERNAL.name(),
        Kind.INTERNAL.name(),
        "a fault of Tarn's own; the server's log tells more under the id " + id,
        id);
  }

  private static String line(Throwable thrown, ErrorCode code) {
    String message = thrown.getMessage();
    return message == null ? code.meaning() : message;
  }

  private static ErrorCode ofStatus(int status) {
    return switch (status) {
      case 404 -> ErrorCode.NOT_FOUND;
      case 413 -> ErrorCode.LIMIT_EXCEEDED;
      default -> status < 500 ? ErrorCode.BAD_REQUEST : ErrorCode.INTERNAL;
    };
  }
}
