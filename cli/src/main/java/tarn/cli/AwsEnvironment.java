package tarn.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tarn.api.Fields;
import tarn.api.GatewayAnswer;
import tarn.api.Json;

/** {@code datalake env}. */
final class AwsEnvironment {
  /** What would send a tool elsewhere, or make it sign with something else. */
  private static final List<String> IN_THE_WAY =
      List.of(
          "AWS_SESSION_TOKEN",
          "AWS_SECURITY_TOKEN",
          "AWS_CREDENTIAL_EXPIRATION",
          "AWS_PROFILE",
          "AWS_DEFAULT_PROFILE",
          "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
          "AWS_ENDPOINT_URL_KINESIS",
          "AWS_ENDPOINT_URL_FIREHOSE");

  private AwsEnvironment() {}

  static int env(Session session) {
    String shell = session.line().option("--shell");
    GatewayAnswer answer = GatewayAnswer.from(session.connect().post("/v1/gateway", null));
    Map<String, String> variables = variables(answer);
    if (session.format().equals("json")) {
      Fields fields = new Fields();
      variables.forEach(fields::with);
      session.print(Json.write(fields) + "\n");
    } else if (session.format().equals("csv")) {
      session.table(
          List.of("variable", "value"),
          variables.entrySet().stream()
              .map(v -> List.<Object>of(v.getKey(), v.getValue()))
              .map(List::copyOf)
              .toList());
    } else {
      session.print(script(shell == null ? "bash" : shell, variables));
    }
    return 0;
  }

  private static Map<String, String> variables(GatewayAnswer answer) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("AWS_ENDPOINT_URL", answer.endpoint());
    variables.put("AWS_REGION", answer.region());
    variables.put("AWS_DEFAULT_REGION", answer.region()); // the CLI v1 knows this one only
    variables.put("AWS_ACCESS_KEY_ID", answer.accessKeyId());
    variables.put("AWS_SECRET_ACCESS_KEY", answer.secretAccessKey());
    return variables;
  }

  /** Values are letters, digits and {@code -_:/.}, which no shell takes for something else. */
  static String script(String shell, Map<String, String> variables) {
    StringBuilder script = new StringBuilder();
    switch (shell) {
      case "bash", "zsh", "sh" -> {
        script.append("unset ").append(String.join(" ", IN_THE_WAY)).append('\n');
        variables.forEach((name, value) -> script.append("export " + name + "='" + value + "'\n"));
      }
      case "fish" -> {
        script.append("set -e ").append(String.join(" ", IN_THE_WAY)).append('\n');
        variables.forEach((name, value) -> script.append("set -gx " + name + " '" + value + "'\n"));
      }
      case "powershell" -> {
        IN_THE_WAY.forEach(
            name -> script.append("Remove-Item Env:" + name + " -ErrorAction SilentlyContinue\n"));
        variables.forEach((name, value) -> script.append("$Env:" + name + " = '" + value + "'\n"));
      }
      default ->
          throw CommandFailed.usage(
              "unknown shell '" + shell + "'; it is bash, zsh, fish or powershell");
    }
    return script.toString();
  }
}
