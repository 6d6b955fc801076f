package tarn.server.aws;

import java.util.Map;

/** One of AWS's services: translates its operations to the lake's, and knows no protocol. */
public interface AwsService {

  /** What stands before the dot in {@code X-Amz-Target}: {@code Kinesis_20131202}. */
  String target();

  /** What its requests are signed for: {@code kinesis}. */
  String signingName();

  /** Its operations by their names; others are an {@code UnknownOperationException}. */
  Map<String, Operation> operations();

  /** How many bytes an operation's answer may have where it is more than a request is good for. */
  default int mostAnswerBytes(String operation) {
    return 0;
  }

  /** What an operation does. Many threads may be in it. */
  @FunctionalInterface
  interface Operation {
    /**
     * Answers a request.
     *
     * @throws AwsException a failure in the words of the service
     * @throws tarn.core.errors.TarnException any other that is known
     */
    Output answer(Input input);
  }
}
