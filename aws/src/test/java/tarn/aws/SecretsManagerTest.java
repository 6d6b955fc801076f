package tarn.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.StoredSecret;
import tarn.testkit.SecretsManagerFixture;

/** Secrets are read from a server of this machine, by the SDK's own search for all the rest. */
class SecretsManagerTest {
  private static final String ARN =
      "arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop-AbCdEf";

  @TempDir private Path folder;
  private final Map<String, String> before = new TreeMap<>();
  private final List<String> changed = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final SecretsManager secrets = new SecretsManager(nanos::get);
  private SecretsManagerFixture aws;

  @BeforeEach
  void find() throws IOException {
    aws = SecretsManagerFixture.start();
    property("aws.endpointUrlSecretsManager", aws.endpoint().toString());
    property("aws.region", "eu-central-1");
    property("aws.accessKeyId", SecretsManagerFixture.KEY_ID);
    property("aws.secretAccessKey", "of-nobody");
    property("aws.disableEc2Metadata", "true");
    property("aws.configFile", folder.resolve("none").toString());
    property("aws.sharedCredentialsFile", folder.resolve("none").toString());
  }

  @AfterEach
  void forget() {
    aws.close();
    changed.forEach(System::clearProperty);
    before.forEach(System::setProperty);
  }

  private void property(String name, String value) {
    String old = System.setProperty(name, value);
    if (old != null) {
      before.put(name, old);
    }
    changed.add(name);
  }

  @Test
  void aTextIsItself() {
    aws.has("prod/shop", "hunter2\n");
    assertThat(read("prod/shop")).isEqualTo("hunter2");
    assertThat(aws.regions()).containsExactly("eu-central-1");
    aws.has("odd", "{not json");
    assertThat(read("odd")).isEqualTo("{not json");
  }

  @Test
  void ofAnObjectItIsTheKeyThatIsNamedOrThePassword() {
    aws.has("rds!db-1", "{\"username\":\"tarn\",\"password\":\"hunter2\",\"port\":5432}");
    assertThat(read("rds!db-1")).isEqualTo("hunter2");
    assertThat(read("rds!db-1#username")).isEqualTo("tarn");
    assertThat(read("rds!db-1#port")).isEqualTo("5432");
  }

  @Test
  void anArnSaysItsRegionItself() {
    System.clearProperty("aws.region");
    aws.has(ARN, "{\"password\":\"hunter2\"}");
    assertThat(read(ARN)).isEqualTo("hunter2");
    assertThat(aws.regions()).containsExactly("eu-west-3");
  }

  @Test
  void itIsReadAgainAfterAMinuteOrWhenItWasRefused() {
    aws.has("shop", "old");
    assertThat(read("shop")).isEqualTo("old");
    aws.has("shop", "new");
    nanos.set(Duration.ofSeconds(59).toNanos());
    assertThat(read("shop")).isEqualTo("old");
    nanos.set(Duration.ofSeconds(61).toNanos());
    assertThat(read("shop")).isEqualTo("new");
    assertThat(aws.regions()).hasSize(2);

    assertThat(secrets.readInsteadOf(secret("shop"), "old")).isEqualTo("new");
    assertThat(aws.regions()).as("another one was known").hasSize(2);
    aws.has("shop", "newest");
    assertThat(secrets.readInsteadOf(secret("shop"), "new")).isEqualTo("newest");
    assertThat(secrets.readInsteadOf(secret("shop"), "newest")).isEqualTo("newest");
    assertThat(read("shop")).isEqualTo("newest");
    assertThat(aws.regions()).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          none         | DEFINITION_INVALID | the secret aws-secretsmanager:none is not in AWS Secrets Manager in eu-central-1; write its name
          binary       | DEFINITION_INVALID | the secret aws-secretsmanager:binary is binary; store a text
          empty        | DEFINITION_INVALID | the secret aws-secretsmanager:empty is empty; set it
          object       | DEFINITION_INVALID | the secret aws-secretsmanager:object is a JSON object without a text 'password'
          object#list  | DEFINITION_INVALID | is a JSON object without a text 'list'; write which key it is, after a #
          text#user    | DEFINITION_INVALID | is no JSON object; leave out the # and what follows it
          forbidden    | SECRET_UNAVAILABLE | AWS Secrets Manager in eu-central-1 does not give it: AccessDeniedException; allow the server's user or role secretsmanager:GetSecretValue
          broken       | SECRET_UNAVAILABLE | the secret aws-secretsmanager:broken cannot be read: AWS Secrets Manager in eu-central-1
          """)
  void whatIsWrongIsToldWithoutTheSecret(String reference, ErrorCode code, String told) {
    aws.hasBytes("binary", "hunter2");
    aws.has("empty", "");
    aws.has("object", "{\"secret\":\"hunter2\",\"list\":[\"hunter2\"]}");
    aws.has("text", "hunter2");
    aws.refuses("forbidden", 400, "AccessDeniedException", "User: u is not authorized: hunter2");
    aws.answers("broken", "{\"SecretString\": hunter2");
    assertFails(reference, code, told);
  }

  @Test
  void whoIsNotThereIsTold() {
    aws.close();
    assertFails("shop", ErrorCode.SECRET_UNAVAILABLE, "cannot be reached (ConnectException)");
  }

  @Test
  void aMissingRegionIsTold() {
    assumeThat(System.getenv("AWS_REGION")).isNull();
    System.clearProperty("aws.region");
    assertFails("shop", ErrorCode.SECRET_UNAVAILABLE, "no AWS region is known; set AWS_REGION");
  }

  @Test
  void missingCredentialsAreTold() {
    assumeThat(System.getenv("AWS_ACCESS_KEY_ID")).isNull();
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    assertFails("shop", ErrorCode.SECRET_UNAVAILABLE, "there are no AWS credentials; give the");
  }

  @Test
  void aFailureIsNotKept() {
    assertThatThrownBy(() -> read("shop")).hasMessageContaining("is not in AWS Secrets Manager");
    aws.has("shop", "hunter2");
    assertThat(read("shop")).isEqualTo("hunter2");
  }

  private void assertFails(String reference, ErrorCode code, String told) {
    TarnException failure = catchThrowableOfType(TarnException.class, () -> read(reference));
    assertThat(failure).hasMessageContaining(told);
    assertThat(failure.code()).isEqualTo(code);
    StringWriter all = new StringWriter();
    failure.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).doesNotContain("hunter2");
  }

  private String read(String reference) {
    return secrets.read(secret(reference));
  }

  private static StoredSecret secret(String reference) {
    return StoredSecret.parse("aws-secretsmanager:" + reference).orElseThrow();
  }
}
