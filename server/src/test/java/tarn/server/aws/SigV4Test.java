package tarn.server.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against the vectors that AWS publishes for its key {@code AKIDEXAMPLE}. */
class SigV4Test {
  private static final SigV4 SIGNER = new SigV4("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  private static final String TIME = "20150830T123600Z";
  private static final SigV4.Scope SCOPE = new SigV4.Scope("20150830", "us-east-1", "service");
  private static final Map<String, List<String>> HEADERS =
      Map.of("host", List.of("example.amazonaws.com"), "x-amz-date", List.of(TIME));

  private static String sign(String method, String path, String query) {
    return SIGNER.signature(
        new Head(method, path, query, HEADERS),
        List.of("host", "x-amz-date"),
        TIME,
        SCOPE,
        SigV4.sha256(new byte[0]));
  }

  @Test
  void getVanilla() {
    assertThat(sign("GET", "/", ""))
        .isEqualTo("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  }

  @Test
  void postVanilla() {
    assertThat(sign("POST", "/", ""))
        .isEqualTo("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  }

  @Test
  void getVanillaQueryOrderKeyCase() {
    assertThat(sign("GET", "/", "Param2=value2&Param1=value1"))
        .isEqualTo("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  }

  @Test
  void listUsersOfTheGuide() {
    Head head =
        new Head(
            "GET",
            "/",
            "Action=ListUsers&Version=2010-05-08",
            Map.of(
                "content-type",
                List.of("application/x-www-form-urlencoded; charset=utf-8"),
                "host",
                List.of("iam.amazonaws.com"),
                "x-amz-date",
                List.of(TIME)));
    String signature =
        SIGNER.signature(
            head,
            List.of("content-type", "host", "x-amz-date"),
            TIME,
            new SigV4.Scope("20150830", "us-east-1", "iam"),
            SigV4.sha256("".getBytes(UTF_8)));
    assertThat(signature)
        .isEqualTo("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  }

  @Test
  void spacesInAHeaderAreOne() {
    Head spaced =
        new Head(
            "GET",
            "/",
            "",
            Map.of(
                "host",
                List.of("example.amazonaws.com"),
                "my-header1",
                List.of(" value1"),
                "my-header2",
                List.of(" \"a   b   c\""),
                "x-amz-date",
                List.of(TIME)));
    assertThat(
            SIGNER.signature(
                spaced,
                List.of("host", "my-header1", "my-header2", "x-amz-date"),
                TIME,
                SCOPE,
                SigV4.sha256(new byte[0])))
        .isEqualTo("acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
  }
}
