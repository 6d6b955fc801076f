package tarn.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.Fields;
import tarn.api.Json;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.PipelineDefinition;
import tarn.core.lake.Recipient;
import tarn.core.workflow.Notifier;
import tarn.core.workflow.Run;
import tarn.core.workflow.RunStore;
import tarn.core.workflow.Workflow;

/**
 * Tells people what became of runs: by a POST of JSON to an address, or by e-mail. Addresses and
 * what servers answer may have secrets in them, so neither is in any message or log.
 */
final class Notices implements Notifier {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 3;
  private static final long PAUSE_MILLIS = 500;

  private final Supplier<LakeDefinition> lake;
  private final Secrets secrets;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param lake as it is now
   */
  Notices(Supplier<LakeDefinition> lake, Secrets secrets) {
    this.lake = lake;
    this.secrets = secrets;
  }

  @Override
  public String tell(Workflow workflow, Run run) {
    LakeDefinition now = lake.get();
    Optional<PipelineDefinition> definition =
        now.pipelines().stream().filter(p -> p.pipeline().equals(workflow.name())).findFirst();
    if (definition.isEmpty()) {
      return "its file is no longer there";
    }
    List<String> failed = new ArrayList<>();
    List<Recipient> recipients = definition.get().recipients();
    for (int i = 0; i < recipients.size(); i++) {
      Recipient to = recipients.get(i);
      try {
        send(now, definition.get(), to, run);
      } catch (TarnException e) {
        LOG.warn("{}: {}", definition.get().file(), e.line());
        failed.add(
            "notify "
                + (i + 1)
                + " ("
                + to.kind().name().toLowerCase(Locale.ROOT)
                + "): "
                + e.line());
      }
    }
    return String.join("; ", failed);
  }

  private void send(LakeDefinition now, PipelineDefinition of, Recipient to, Run run) {
    if (to.kind() == Recipient.Kind.EMAIL) {
      new Mail(now, secrets).send(to.to(), subject(now, run), text(now, run));
    } else {
      post(address(now, of, to), message(now, run));
    }
  }

  private static String subject(LakeDefinition now, Run run) {
    return "["
        + now.name()
        + "] pipeline "
        + run.workflow()
        + (run.state() == Run.State.FAILED ? " failed" : " succeeded again");
  }

  private static String text(LakeDefinition now, Run run) {
    StringBuilder text = new StringBuilder();
    message(now, run)
        .all()
        .forEach((key, value) -> text.append(key).append(": ").append(value).append('\n'));
    return text.append("\ndatalake pipeline history ")
        .append(run.workflow())
        .append('\n')
        .toString();
  }

  private static Fields message(LakeDefinition now, Run run) {
    return new Fields()
        .with("lake", now.name())
        .with("environment", now.environment())
        .with("pipeline", run.workflow())
        .with("run", run.id())
        .with("state", run.state().name().toLowerCase(Locale.ROOT))
        .with("trigger", RunStore.cause(run.trigger()))
        .with("attempt", run.attempt())
        .with("started_at", run.startedAt())
        .with("ended_at", run.endedAt())
        .with("problem", run.problem());
  }

  private URI address(LakeDefinition now, PipelineDefinition of, Recipient to) {
    String text = secrets.referenced(now, to.to(), of.file() + ": notify");
    if (!Recipient.isWebhook(text)) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID,
          of.file()
              + ": what 'notify' refers to is not an address https://…, or http:// on this machine");
    }
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new TarnException(
          ErrorCode.DEFINITION_INVALID, of.file() + ": the address in 'notify' is none");
    }
  }

  private void post(URI to, Fields message) {
    HttpRequest request =
        HttpRequest.newBuilder(to)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(message)))
            .build();
    String problem = "";
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status < 300) {
          return;
        }
        problem = "it answered with status " + status;
        if (status < 500 && status != 429) {
          break;
        }
      } catch (IOException e) {
        problem = "it did not answer (" + e.getClass().getSimpleName() + ")";
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TarnException(ErrorCode.CANCELLED, "interrupted while a webhook was told");
      }
      pause(attempt);
    }
    throw new TarnException(ErrorCode.SOURCE_UNAVAILABLE, "the webhook was not told: " + problem);
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(PAUSE_MILLIS << attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "interrupted while a webhook was told");
    }
  }
}
