package tarn.core.lake;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A recipient as it is written: {@code webhook: …} or {@code email: …}. */
final class RecipientType implements ValueType<Recipient> {
  private static final String WEBHOOK = Types.SECRET + "|" + Recipient.WEBHOOK;
  private static final String EMAIL = "[^\\s@,;<>\"]+@[A-Za-z0-9][A-Za-z0-9.-]*";
  private static final List<String> KEYS = List.of("webhook", "email");

  @Override
  public String label() {
    return "recipient: webhook or email";
  }

  @Override
  public Optional<Recipient> read(Node node, Problems problems) {
    if (!(node instanceof Node.Mapping mapping) || mapping.entries().size() != 1) {
      problems.error(
          node.place(),
          "",
          "expected one of webhook and email, found " + node.kind(),
          "write {webhook: env:ALERTS} or {email: someone@example.com}");
      return Optional.empty();
    }
    Node.Entry entry = mapping.entries().get(0);
    String key = entry.key().text();
    if (!KEYS.contains(key)) {
      problems.unknown(entry.key().place(), "key", key, KEYS);
      return Optional.empty();
    }
    return key.equals("webhook")
        ? webhook(entry.value(), problems)
        : Types.text("e-mail address", EMAIL)
            .read(entry.value(), problems)
            .map(to -> new Recipient(Recipient.Kind.EMAIL, to));
  }

  /** Its text is not repeated: such addresses often have a secret in them. */
  private static Optional<Recipient> webhook(Node node, Problems problems) {
    Optional<Node.Scalar> scalar = Types.scalar(node, "webhook", problems);
    if (scalar.isPresent() && !scalar.get().text().matches(WEBHOOK)) {
      problems.error(
          scalar.get().place(),
          "",
          "this is not a webhook: an address https://…, or http:// on this machine, without a user; or a reference to one",
          "write env:<variable of the server's environment>, file:<path> or aws-secretsmanager:<name or ARN> if the address has a secret in it");
      return Optional.empty();
    }
    return scalar.map(s -> new Recipient(Recipient.Kind.WEBHOOK, s.text()));
  }

  @Override
  public String print(Recipient value) {
    return value.kind().name().toLowerCase(Locale.ROOT) + ": " + value.to();
  }

  @Override
  public Map<String, Object> schema() {
    return Map.of(
        "type",
        "object",
        "minProperties",
        1,
        "maxProperties",
        1,
        "additionalProperties",
        false,
        "properties",
        Map.of(
            "webhook",
            Map.of("type", "string", "pattern", "^(" + WEBHOOK + ")$"),
            "email",
            Map.of("type", "string", "pattern", "^(" + EMAIL + ")$")));
  }
}
