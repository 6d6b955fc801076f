package tarn.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.arns.Arn;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import tarn.core.lake.SecretStore;
import tarn.core.lake.StoredSecret;

/**
 * Secrets in AWS Secrets Manager, read as this process is allowed to: credentials, region and
 * address are what the AWS SDK finds (system properties, environment, the user's AWS files, the
 * role of the container or machine). An ARN says its region itself. Nothing is asked before the
 * first secret is.
 */
public final class SecretsManager implements SecretStore {
  private static final Duration KEPT = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MAX_ATTEMPTS = 3;
  private static final String PASSWORD = "password";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final LongSupplier nanos;
  private final Map<Region, Access> accesses = new ConcurrentHashMap<>();
  private final Map<StoredSecret, Held> held = new ConcurrentHashMap<>();

  public SecretsManager() {
    this(System::nanoTime);
  }

  /**
   * @param nanos a clock that never goes back
   */
  SecretsManager(LongSupplier nanos) {
    this.nanos = nanos;
  }

  private record Held(String value, long at) {}

  private record Access(SecretsManagerClient client, AwsCredentialsProvider credentials) {}

  @Override
  public String read(StoredSecret secret) {
    return held(secret, known -> known != null && nanos.getAsLong() - known.at() < KEPT.toNanos());
  }

  @Override
  public String readInsteadOf(StoredSecret secret, String refused) {
    return held(secret, known -> known != null && !known.value().equals(refused));
  }

  /** Whoever wants the same secret waits, and is content with what was read for the first. */
  private String held(StoredSecret secret, Contents content) {
    return held.compute(
            secret,
            (s, known) -> content.are(known) ? known : new Held(fetch(s), nanos.getAsLong()))
        .value();
  }

  private interface Contents {
    boolean are(@Nullable Held known);
  }

  private String fetch(StoredSecret secret) {
    SecretFailures failures = new SecretFailures(secret);
    Region region = region(secret, failures);
    Access access = accesses.computeIfAbsent(region, SecretsManager::access);
    try {
      access.credentials().resolveCredentials();
    } catch (SdkException e) {
      throw failures.noCredentials(e);
    }
    try {
      String text = access.client().getSecretValue(r -> r.secretId(secret.id())).secretString();
      if (text == null) {
        throw failures.unusable("is binary; store a text, or a JSON object of texts");
      }
      return value(secret, text, failures);
    } catch (SdkException e) {
      throw failures.of(region, e);
    }
  }

  private static Region region(StoredSecret secret, SecretFailures failures) {
    try {
      return Arn.tryFromString(secret.id())
          .flatMap(Arn::region)
          .map(Region::of)
          .orElseGet(() -> DefaultAwsRegionProviderChain.builder().build().getRegion());
    } catch (SdkException e) {
      throw failures.noRegion(e);
    }
  }

  private static Access access(Region region) {
    AwsCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
    return new Access(client(region, credentials), credentials);
  }

  private static SecretsManagerClient client(Region region, AwsCredentialsProvider credentials) {
    return SecretsManagerClient.builder()
        .region(region)
        .credentialsProvider(credentials)
        .httpClientBuilder(
            UrlConnectionHttpClient.builder().connectionTimeout(PATIENCE).socketTimeout(PATIENCE))
        .overrideConfiguration(
            c ->
                c.retryStrategy(
                    AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(MAX_ATTEMPTS)
                        .build()))
        .build();
  }

  /** Line ends at the end of a text are of the file that it was written from. */
  private static String value(StoredSecret secret, String text, SecretFailures failures) {
    JsonNode object = object(text);
    String value;
    if (object != null) {
      String key = secret.key().orElse(PASSWORD);
      JsonNode entry = object.path(key);
      if (!entry.isTextual() && !entry.isNumber()) {
        throw failures.unusable(
            "is a JSON object without a text '" + key + "'; write which key it is, after a #");
      }
      value = entry.asText();
    } else if (secret.key().isPresent()) {
      throw failures.unusable("is no JSON object; leave out the # and what follows it");
    } else {
      value = text.replaceAll("[\\r\\n]+$", "");
    }
    if (value.isEmpty()) {
      throw failures.unusable("is empty; set it");
    }
    return value;
  }

  private static @Nullable JsonNode object(String text) {
    try {
      JsonNode read = JSON.readTree(text);
      return read.isObject() ? read : null;
    } catch (JsonProcessingException e) {
      return null; // a text that is no JSON is the secret itself
    }
  }
}
