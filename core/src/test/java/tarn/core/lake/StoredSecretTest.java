package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredSecretTest {
  @TempDir private Path dir;

  @Test
  void aReferenceHasANameOrAnArnAndPerhapsAKey() {
    assertThat(StoredSecret.parse("aws-secretsmanager:prod/shop"))
        .contains(new StoredSecret("prod/shop", Optional.empty()));
    String arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1-AbCdEf";
    assertThat(StoredSecret.parse("aws-secretsmanager:" + arn + "#user #1"))
        .contains(new StoredSecret(arn, Optional.of("user #1")));
    for (String none : List.of("env:A", "file:aws-secretsmanager:a", "aws-secretsmanager:", "a")) {
      assertThat(StoredSecret.parse(none)).as(none).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aws-secretsmanager:prod/shop",
        "aws-secretsmanager:prod/shop#password",
        "env:SHOP",
        "file:shop.secret"
      })
  void asASourcesPasswordItIsReadAsItIsWritten(String reference) throws IOException {
    assertThat(source(reference).orThrow().sources().get(0).passwordReference())
        .isEqualTo(reference);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hunter2", "aws-secretsmanager: hunter2", "aws-secretsmanager:#hunter2"})
  void aSecretItselfIsRefusedAndNotRepeated(String secret) throws IOException {
    assertThat(source("'" + secret + "'").problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.message()).startsWith("this is no reference to a secret");
              assertThat(problem.suggestion()).contains("aws-secretsmanager:<name or ARN>");
              assertThat(problem.toString()).doesNotContain("hunter2");
            });
  }

  private LakeFolder source(String password) throws IOException {
    Files.writeString(dir.resolve("lake.yaml"), "name: shop\n");
    Files.writeString(
        Files.createDirectories(dir.resolve("sources")).resolve("shop.yaml"),
        "connection: {host: localhost, database: shop, user: tarn}\ntables: [public.*]\n"
            .replace("tarn}", "tarn, password: " + password + "}"));
    return LakeFolder.load(dir);
  }
}
