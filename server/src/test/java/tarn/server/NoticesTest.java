package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.core.lake.SecretStore;
import tarn.core.lake.StoredSecret;
import tarn.core.workflow.Counts;
import tarn.core.workflow.Run;
import tarn.core.workflow.Trigger;
import tarn.core.workflow.Workflow;

/** People are told by servers that listen on this machine. */
class NoticesTest {
  @TempDir private Path folder;
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
  private HttpServer web;
  private GreenMail mail;

  @BeforeEach
  void listen() throws IOException {
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          heard.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          Integer status = answers.poll();
          exchange.getResponseHeaders().add("Location", "http://localhost:1/elsewhere");
          exchange.sendResponseHeaders(status == null ? 200 : status, -1);
          exchange.close();
        });
    web.start();
    mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    Files.createDirectories(folder.resolve("pipelines"));
    Files.writeString(
        folder.resolve("lake.yaml"),
        "name: told\nsmtp:\n  host: 127.0.0.1\n  port: "
            + mail.getSmtp().getPort()
            + "\n  tls: none\n  from: lake@example.com\n");
  }

  @AfterEach
  void stop() {
    web.stop(0);
    mail.stop();
  }

  @Test
  void aWebhookHearsOfAFailureAsJson() throws IOException {
    assertThat(tell("[{webhook: '" + address("/hook") + "'}]", Run.State.FAILED)).isEmpty();
    Fields told = Json.readObject(heard.remove());
    assertThat(told.text("pipeline")).isEqualTo("p");
    assertThat(told.text("state")).isEqualTo("failed");
    assertThat(told.text("problem")).isEqualTo("it broke");
    assertThat(told.text("lake")).isEqualTo("told");
    assertThat(heard).isEmpty();
  }

  @Test
  void aWebhookThatStumblesIsToldAgainAndOneThatRefusesIsNot() throws IOException {
    answers.addAll(List.of(503, 429));
    assertThat(tell("[{webhook: '" + address("/") + "'}]", Run.State.FAILED)).isEmpty();
    assertThat(heard).hasSize(3);
    heard.clear();
    answers.addAll(List.of(403, 403));
    assertThat(tell("[{webhook: '" + address("/") + "'}]", Run.State.FAILED))
        .isEqualTo("notify 1 (webhook): the webhook was not told: it answered with status 403");
    assertThat(heard).hasSize(1);
  }

  @Test
  void noAddressIsFollowedToAnother() throws IOException {
    answers.addAll(List.of(302));
    assertThat(tell("[{webhook: '" + address("/") + "'}]", Run.State.FAILED))
        .contains("status 302");
  }

  @Test
  void aSecretAddressIsInNoMessage() throws IOException {
    Files.writeString(folder.resolve("hook"), "http://localhost:1/services/geheim-42\n");
    String problem = tell("[{webhook: 'file:hook'}]", Run.State.FAILED);
    assertThat(problem).contains("notify 1 (webhook)").doesNotContain("geheim");
    Files.writeString(folder.resolve("hook"), "http://example.com/services/geheim-42\n");
    assertThat(tell("[{webhook: 'file:hook'}]", Run.State.FAILED))
        .contains("is not an address https://")
        .doesNotContain("geheim");
    Files.writeString(folder.resolve("hook"), address("/services/geheim-42") + "\n");
    assertThat(tell("[{webhook: 'file:hook'}]", Run.State.FAILED)).isEmpty();
    assertThat(heard).hasSize(1);
  }

  @Test
  void anEMailTellsOfAFailureAndOfTheNextSuccess() throws Exception {
    assertThat(tell("[{email: someone@example.com}]", Run.State.FAILED)).isEmpty();
    assertThat(tell("[{email: someone@example.com}]", Run.State.SUCCEEDED)).isEmpty();
    assertThat(mail.waitForIncomingEmail(10_000, 2)).isTrue();
    assertThat(mail.getReceivedMessages()[0].getSubject()).isEqualTo("[told] pipeline p failed");
    assertThat(mail.getReceivedMessages()[0].getFrom()[0]).hasToString("lake@example.com");
    assertThat(mail.getReceivedMessages()[0].getContent().toString())
        .contains("problem: it broke")
        .contains("datalake pipeline history p");
    assertThat(mail.getReceivedMessages()[1].getSubject())
        .isEqualTo("[told] pipeline p succeeded again");
  }

  @Test
  void anAddressMayBeInAStoreOfSecrets() throws IOException {
    assertThat(tell("[{webhook: 'aws-secretsmanager:hook#address'}]", Run.State.FAILED)).isEmpty();
    assertThat(heard).hasSize(1);
  }

  @Test
  void oneWhoIsNotReachedDoesNotKeepTheOthersFromIt() throws IOException {
    mail.stop();
    String problem =
        tell("[{email: someone@example.com}, {webhook: '" + address("/") + "'}]", Run.State.FAILED);
    assertThat(problem).startsWith("notify 1 (email): the server 127.0.0.1:");
    assertThat(heard).hasSize(1);
  }

  /** All its secrets are an address of the web server. */
  private SecretStore stored() {
    return new SecretStore() {
      @Override
      public String read(StoredSecret secret) {
        return address("/services/" + secret.id());
      }

      @Override
      public String readInsteadOf(StoredSecret secret, String refused) {
        return read(secret);
      }
    };
  }

  private String address(String path) {
    return "http://localhost:" + web.getAddress().getPort() + path;
  }

  private String tell(String recipients, Run.State state) throws IOException {
    Files.writeString(
        folder.resolve("pipelines/p.yaml"),
        "type: custom\ncommand: ['true']\nnotify: " + recipients + "\n");
    Workflow workflow =
        new Workflow(
            "p",
            "1",
            true,
            Optional.empty(),
            ZoneOffset.UTC,
            List.of(),
            Optional.empty(),
            0,
            true,
            context -> Counts.NONE);
    Instant now = Instant.parse("2026-01-31T12:00:00Z");
    Run run =
        new Run(
            "r1",
            "p",
            new Trigger.Manual(),
            state,
            1,
            1,
            now,
            now,
            now,
            Counts.NONE,
            "",
            state == Run.State.FAILED ? "it broke" : "",
            "",
            false,
            "telling");
    return new Notices(() -> Wiring.read(folder, null).definition(), new Secrets(stored()))
        .tell(workflow, run);
  }
}
