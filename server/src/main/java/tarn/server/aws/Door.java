package tarn.server.aws;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.Kind;
import tarn.core.errors.TarnException;

/** From a request to a whole answer: checks it, finds its operation, words its failures. */
final class Door {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);

  private final Guard guard;
  private final Map<String, AwsService> services = new HashMap<>();

  Door(Guard guard, List<AwsService> services) {
    this.guard = guard;
    services.forEach(service -> this.services.put(service.target(), service));
  }

  /**
   * An answer.
   *
   * @param id of the request, by which its failure is found in the log
   */
  record Answer(int status, Encoding encoding, String id, byte[] body) {}

  /**
   * A request whose body may be read.
   *
   * @param service null if the lake has none of its name
   * @param operation its name; nobody has looked whether there is one
   */
  record Admitted(Guard.Signed signed, @Nullable AwsService service, String operation) {

    /** How much its answer may have, if that is much. */
    int mostAnswerBytes() {
      return service == null ? 0 : service.mostAnswerBytes(operation);
    }
  }

  /**
   * Lets a request be read.
   *
   * @throws AwsException if nothing in its body could make it one that is answered
   */
  Admitted admit(Head head) {
    if (!head.method().equals("POST")) {
      throw new AwsException(
          "AccessDeniedException",
          403,
          "Unable to determine service/operation name to be authorized");
    }
    String target = head.header("x-amz-target");
    int dot = target == null ? -1 : target.lastIndexOf('.');
    AwsService service = target == null || dot < 0 ? null : services.get(target.substring(0, dot));
    Guard.Signed signed = guard.admit(head, service == null ? scope(head) : service.signingName());
    return new Admitted(signed, service, target == null ? "" : target.substring(dot + 1));
  }

  Answer answer(Head head, Admitted admitted, byte[] body) {
    Encoding known = Encoding.of(head.header("content-type"));
    Encoding encoding = known == null ? Encoding.JSON : known;
    String id = UUID.randomUUID().toString();
    try {
      Output output = answer(head, admitted, body, known);
      byte[] bytes = output == Output.EMPTY ? new byte[0] : encoding.write(output);
      return new Answer(200, encoding, id, bytes);
    } catch (RuntimeException e) {
      return failed(e, encoding, id);
    }
  }

  private Output answer(Head head, Admitted admitted, byte[] body, @Nullable Encoding encoding) {
    guard.check(head, admitted.signed(), body);
    String target = head.header("x-amz-target");
    AwsService service = admitted.service();
    if (target == null || service == null) {
      throw unknown(target == null ? "no X-Amz-Target" : target, "no service of this lake");
    }
    AwsService.Operation operation = service.operations().get(admitted.operation());
    if (operation == null) {
      throw unknown(target, "not an operation of " + service.signingName() + " in this lake");
    } else if (encoding == null) {
      throw unknown(target, "sent with a Content-Type that is none of its protocols");
    }
    return operation.answer(encoding.read(body));
  }

  /** Whoever asks for what is not there is checked as well; what it signed for does not matter. */
  private static String scope(Head head) {
    String authorization = head.header("authorization");
    String[] parts = authorization == null ? new String[0] : authorization.split("/", 5);
    return parts.length == 5 ? parts[3] : "";
  }

  private static AwsException unknown(String target, String why) {
    String shown = target.length() > 100 ? target.substring(0, 100) + "…" : target;
    return new AwsException("UnknownOperationException", "'" + shown + "' is " + why);
  }

  /** The answer to a request that was not even read. */
  static Answer refused(Head head, RuntimeException failure) {
    Encoding known = Encoding.of(head.header("content-type"));
    return failed(failure, known == null ? Encoding.JSON : known, UUID.randomUUID().toString());
  }

  static Answer failed(RuntimeException e, Encoding encoding, String id) {
    AwsException failure = worded(e, id);
    if (failure.status() >= 500 && e instanceof TarnException) {
      LOG.warn("request {}", id, e);
    } else if (failure.status() >= 500) {
      LOG.error("request {}", id, e);
    }
    return new Answer(
        failure.status(),
        encoding,
        id,
        encoding.write(
            new Output()
                .with("__type", failure.code())
                .with("message", String.valueOf(failure.getMessage()))));
  }

  private static AwsException worded(RuntimeException e, String id) {
    if (e instanceof AwsException known && known.status() < 500) {
      return known;
    } else if (e instanceof AwsException known) {
      return new AwsException(known.code(), known.status(), known.getMessage() + " (" + id + ")");
    } else if (e instanceof TarnException known && known.code().kind() == Kind.USER) {
      return new AwsException("InvalidArgumentException", known.line());
    } else if (e instanceof TarnException known && known.code().kind() != Kind.INTERNAL) {
      return new AwsException("ServiceUnavailable", 503, known.line() + " (" + id + ")");
    }
    return new AwsException(
        "InternalFailure",
        500,
        "a fault of Tarn's own; the server's log tells more under the id " + id);
  }

  /** Names of headers are the same in upper and lower case. */
  static String headerName(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
