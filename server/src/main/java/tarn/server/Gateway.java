package tarn.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.api.GatewayAnswer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeDefinition;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.Settings;
import tarn.core.storage.Buckets;
import tarn.core.storage.Zone;
import tarn.server.aws.AccessKey;
import tarn.server.aws.AccessKeyFile;
import tarn.server.aws.AwsGateway;
import tarn.server.aws.AwsPlace;
import tarn.server.aws.AwsService;
import tarn.server.event.EventStreams;
import tarn.server.firehose.Firehose;
import tarn.server.kinesis.Kinesis;

/**
 * AWS's services for this lake, when they are wanted: from the start, once there is a stream, once
 * somebody asks, or never, as {@code gateway.enabled} says. Safe for many threads.
 */
final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  private final LakeDefinition definition;
  private final EventStreams streams;
  private final Clock clock;

  private @Nullable AwsGateway open;
  private @Nullable AccessKey key;
  private String problem = "";
  private boolean closed;

  Gateway(LakeDefinition definition, EventStreams streams, Clock clock) {
    this.definition = definition;
    this.streams = streams;
    this.clock = clock;
  }

  /** Opens it if it is wanted now. That it cannot be opened is told by {@link #note}. */
  void wantedFor(boolean hasStreams) {
    boolean wanted = settings().find(LakeSettings.GATEWAY_ENABLED).orElse(hasStreams);
    try {
      if (wanted) {
        opened();
      }
    } catch (TarnException e) {
      told(e);
    }
  }

  /** Where it is, and the key; opens it. {@code FORBIDDEN} if the lake does not want it. */
  GatewayAnswer ask() {
    if (!settings().find(LakeSettings.GATEWAY_ENABLED).orElse(true)) {
      throw new TarnException(
          ErrorCode.FORBIDDEN, "this lake offers no AWS services: gateway.enabled is false");
    }
    AwsGateway gateway = opened();
    AccessKey known = key();
    return new GatewayAnswer(
        gateway.address().toString(),
        settings().get(LakeSettings.GATEWAY_REGION),
        known.id(),
        known.secret());
  }

  /** Where it is, in words; empty if nobody wants it. */
  synchronized Optional<String> note() {
    if (!problem.isEmpty()) {
      return Optional.of("the AWS gateway is not open: " + problem);
    }
    return Optional.ofNullable(open)
        .map(gateway -> "AWS's Kinesis and Firehose: " + gateway.address() + " (`datalake env`)");
  }

  private Settings settings() {
    return definition.settings();
  }

  private synchronized void told(TarnException e) {
    if (!problem.equals(e.line())) {
      LOG.warn("the AWS gateway is not open", e);
      problem = e.line();
    }
  }

  private synchronized AccessKey key() {
    if (key == null) {
      key = AccessKeyFile.in(definition.home());
    }
    return key;
  }

  private synchronized AwsGateway opened() {
    if (closed) {
      throw new TarnException(ErrorCode.BUSY, "the server is stopping; start it again and retry");
    }
    if (open == null) {
      int port = Math.toIntExact(settings().get(LakeSettings.GATEWAY_PORT));
      AwsPlace place = new AwsPlace(settings().get(LakeSettings.GATEWAY_REGION), AwsPlace.ACCOUNT);
      open = AwsGateway.start(port, key(), services(place), clock);
      problem = "";
      LOG.info("AWS services on {}", open.address());
    }
    return open;
  }

  private List<AwsService> services(AwsPlace place) {
    byte[] sealKey = ("TARN-SEAL" + key().secret()).getBytes(StandardCharsets.UTF_8);
    String bucket = new Buckets(definition.prefix(), definition.environment()).name(Zone.RAW);
    return List.of(
        new Kinesis(streams, place, sealKey, clock), new Firehose(streams, place, bucket));
  }

  static Path streamFiles(LakeDefinition definition) {
    return definition.dir().resolve("streams");
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
