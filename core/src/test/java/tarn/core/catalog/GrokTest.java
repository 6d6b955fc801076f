package tarn.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.core.engine.RawFormat;

class GrokTest {
  private static final String COMBINED =
      "192.0.2.7 - frank [10/Oct/2025:13:55:36 -0700] \"GET /a?b=\\\"c HTTP/1.1\" 200 2326 \"-\" \"Mozilla/5.0 (X11)\"";

  @Test
  void aCombinedLogsFieldsAreFound() {
    assertThat(match("%{COMBINEDAPACHELOG}", COMBINED, Map.of()))
        .containsEntry("clientip", "192.0.2.7")
        .doesNotContainKey("ident")
        .containsEntry("auth", "frank")
        .containsEntry("timestamp", "10/Oct/2025:13:55:36 -0700")
        .containsEntry("verb", "GET")
        .containsEntry("response", "200")
        .containsEntry("bytes", "2326")
        .doesNotContainKey("referrer")
        .containsEntry("agent", "Mozilla/5.0 (X11)");
    assertThat(
            match(
                "%{COMBINEDAPACHELOG}",
                COMBINED.replace("GET /a?b=\\\"c HTTP/1.1", "\\x16\\x03"), Map.of()))
        .containsEntry("rawrequest", "\\x16\\x03");
  }

  @Test
  void wholeLinesMatchOrNone() {
    assertThat(match("%{INT:n}", "12 more", Map.of())).isEmpty();
    assertThat(match("%{INT:n}%{GREEDYDATA:rest}", "12 more", Map.of()))
        .containsEntry("rest", " more");
  }

  @Test
  void ownPatternsAreUsedAndCountNoGroupsOfTheirOwn() {
    assertThat(
            match(
                "%{LEVEL:level} (a|b)+ (?<id>[()x]+) %{INT:n:int}",
                "LOW ab (x) 7", Map.of("LEVEL", "(LOW|HIGH)")))
        .containsOnly(Map.entry("level", "LOW"), Map.entry("id", "(x)"), Map.entry("n", "7"));
  }

  @ParameterizedTest
  @CsvSource({
    "%{IP:a} %{WRD:b}, there is no pattern 'WRD'; did you mean 'WORD'?",
    "%{INT:a:integer}, 'integer' is no field's type",
    "%{INT}, names no field",
    "(?=x)%{INT:a}, (?=…)",
    "(x)\\1%{INT:a}, a reference back",
    "%{INT:a}(, no regular expression",
    "%{LOOP:a}, made of itself",
    "%{INT:a b}, 'a b' is no field's name"
  })
  void whatIsWrongIsSaid(String pattern, String message) {
    assertThatThrownBy(() -> Grok.compile("grok", pattern, Map.of("LOOP", "x%{LOOP}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void everyStandardPatternCompiles() {
    for (String name : GrokPatterns.ALL.keySet()) {
      Grok.compile("grok", "%{" + name + ":x}", Map.of());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "IP,2001:db8::1,true",
    "IP,256.1.1.1,false",
    "TIMESTAMP_ISO8601,2025-10-09T08:07:06.5+02:00,true",
    "EMAILADDRESS,a.b@example.org,true",
    "URI,https://example.org:8080/a/b?c=d,true",
    "UUID,123e4567-e89b-12d3-a456-426614174000,true",
    "SYSLOGTIMESTAMP,Oct  9 08:07:06,true",
    "LOGLEVEL,WARN,true",
    "MAC,00:1b:44:11:3a:b7,true",
    "NUMBER,-1.5,true",
    "NUMBER,1.,false"
  })
  void standardPatternsMatchWhatTheirNamesSay(String name, String text, boolean matches) {
    assertThat(match("%{" + name + ":x}", text, Map.of()).containsKey("x")).isEqualTo(matches);
  }

  private static Map<String, String> match(String grok, String line, Map<String, String> own) {
    RawFormat.Lines lines = Grok.compile("grok", grok, own);
    Matcher matcher = Pattern.compile(lines.regex()).matcher(line);
    Map<String, String> found = new LinkedHashMap<>();
    if (matcher.matches()) {
      assertThat(matcher.groupCount()).isEqualTo(lines.groups().size());
      for (int i = 0; i < lines.groups().size(); i++) {
        if (matcher.group(i + 1) != null) {
          found.put(lines.groups().get(i), matcher.group(i + 1));
        }
      }
    }
    return found;
  }
}
