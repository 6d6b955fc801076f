package tarn.api;

/** What {@code GET /v1/status} answers: the server, and the lake it serves. */
public record StatusAnswer(ServerStatus server, LakeStatus lake) implements Message {

  @Override
  public Fields fields() {
    return new Fields().with("server", server).with("lake", lake);
  }

  public static StatusAnswer from(Fields fields) {
    return new StatusAnswer(
        ServerStatus.from(part(fields, "server")), LakeStatus.from(part(fields, "lake")));
  }

  private static Fields part(Fields fields, String name) {
    if (fields.value(name) instanceof Fields part) {
      return part;
    }
    throw new WireException("field '" + name + "' is missing; it is an object");
  }
}
