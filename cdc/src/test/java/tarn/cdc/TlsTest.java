package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static tarn.cdc.FollowTest.assertFails;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.cdc.PostgresSettings.Tls;
import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;

/** A server with a certificate of its own making, for the name {@code localhost}. */
class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path folder;
  private static Shop shop;

  @BeforeAll
  static void encrypt() throws Exception {
    shop = new Shop("CREATE TABLE t (id int PRIMARY KEY)").prepared();
    certify("server");
    certify("stranger");
    shop.database.execute(
        "ALTER SYSTEM SET ssl_cert_file = '" + folder.resolve("server.crt") + "'",
        "ALTER SYSTEM SET ssl_key_file = '" + folder.resolve("server.key") + "'",
        "ALTER SYSTEM SET ssl = on",
        "SELECT pg_reload_conf()");
    FollowTest.await(() -> shop.database.value("SHOW ssl").equals("on"));
  }

  @AfterAll
  static void plain() throws Exception {
    shop.database.execute(
        "ALTER SYSTEM RESET ssl",
        "ALTER SYSTEM RESET ssl_cert_file",
        "ALTER SYSTEM RESET ssl_key_file",
        "SELECT pg_reload_conf()");
    FollowTest.await(() -> shop.database.value("SHOW ssl").equals("off"));
  }

  @Test
  void aServerIsVerifiedByItsCertificate() {
    shop.database.execute("INSERT INTO t VALUES (1)");
    PostgresSource source = source("localhost", Tls.VERIFY_FULL, "server.crt");
    try (var stream = source.follow(Lsn.ZERO)) {
      assertThat(Shop.read(stream, 1).get(0).texts()).containsExactly("INSERT t -> [1]");
      assertThat(
              shop.database.query(
                  "SELECT DISTINCT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                      + " WHERE a.application_name = 'tarn' AND a.datname = current_database()"))
          .containsExactly(List.of("t"));
    }
  }

  @Test
  void aServerOfAnotherNameIsRefused() {
    assertFails(
        () -> source("127.0.0.1", Tls.VERIFY_FULL, "server.crt").tables(),
        ErrorCode.SOURCE_REFUSED,
        "127.0.0.1",
        "connection.host");
  }

  @Test
  void aServerThatNobodyVouchesForIsRefused() {
    for (String ca : List.of("stranger.crt", "")) {
      assertFails(
          () -> source("localhost", Tls.VERIFY_FULL, ca).tables(),
          ErrorCode.SOURCE_REFUSED,
          "connection.ca_file");
    }
    assertThat(source("localhost", Tls.REQUIRE, "").tables()).hasSize(1);
  }

  @Test
  void aFileWithoutCertificatesIsToldWithItsName() {
    assertFails(
        () -> source("localhost", Tls.VERIFY_FULL, "none.crt").tables(),
        ErrorCode.SOURCE_REFUSED,
        "none.crt",
        "connection.ca_file");
  }

  private static PostgresSource source(String host, Tls tls, String ca) {
    PostgresSettings plain = shop.settings("postgres", "postgres");
    return new PostgresSource(
        new PostgresSettings(
            host,
            plain.port(),
            plain.database(),
            plain.user(),
            plain.password(),
            tls,
            ca.isEmpty() ? Optional.empty() : Optional.of(folder.resolve(ca)),
            plain.slot(),
            plain.publication(),
            plain.tables(),
            plain.appendOnly(),
            plain.copied()));
  }

  /** Writes {@code name.crt} and {@code name.key}, as PEM. */
  private static void certify(String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-alias",
                name,
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    pem(folder.resolve(name + ".crt"), "CERTIFICATE", keys.getCertificate(name).getEncoded());
    Path key = folder.resolve(name + ".key");
    pem(key, "PRIVATE KEY", keys.getKey(name, PASSWORD).getEncoded());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
  }

  private static void pem(Path file, String what, byte[] der) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)));
  }
}
