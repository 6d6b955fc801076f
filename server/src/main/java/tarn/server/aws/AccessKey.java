package tarn.server.aws;

/** The key that requests are signed with. Its text never shows the secret. */
public record AccessKey(String id, String secret) {
  @Override
  public String toString() {
    return "AccessKey[id=" + id + ", secret=***]";
  }
}
