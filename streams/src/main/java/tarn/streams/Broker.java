package tarn.streams;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.streams.broker.BrokerFolder;

/**
 * A Kafka broker of our own: a child process that listens on this machine only, lets in nobody but
 * this lake, and is started again when it dies. Clients reach it at the same place for as long as
 * this object lives; while it is away they wait. Safe for use by many threads.
 */
public final class Broker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration LAST_BACKOFF = Duration.ofSeconds(10);

  private final BrokerFolder folder;
  private final BrokerConfig config;
  private final String secret;
  private final boolean fsync;
  private final Thread supervisor;
  private final CountDownLatch firstReady = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable BrokerProcess process;
  private volatile String lastWords = "it did not say why";

  private Broker(BrokerFolder folder, BrokerConfig config, String secret, boolean fsync) {
    this.folder = folder;
    this.config = config;
    this.secret = secret;
    this.fsync = fsync;
    this.supervisor = new Thread(this::supervise, "broker");
    supervisor.setDaemon(true);
  }

  /**
   * Starts a broker whose data are in a folder, which is made if need be, and returns at once.
   *
   * @param fsync whether a record is on disk before it is answered
   * @throws TarnException {@code LOG_UNAVAILABLE} if the folder cannot be used
   */
  public static Broker start(Path folder, boolean fsync) {
    return start(folder, fsync, 0);
  }

  /** The same, where clients find it at a port that they know; 0 for any free one. */
  public static Broker start(Path folder, boolean fsync, int port) {
    BrokerFolder files = new BrokerFolder(folder);
    try {
      files.prepare();
      files.checkSecret();
      Broker broker = new Broker(files, BrokerConfig.onFreePorts(port), files.secret(), fsync);
      broker.supervisor.start();
      return broker;
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.LOG_UNAVAILABLE,
          "cannot use the log's folder " + folder + ": " + e.getMessage(),
          e);
    }
  }

  /**
   * How others put events into the streams' topics by Kafka's own protocol.
   *
   * @throws TarnException {@code LOG_UNAVAILABLE} if their secret cannot be read
   */
  Producer producer() {
    try {
      return new Producer(config, BrokerFolder.PRODUCER, folder.producerSecret());
    } catch (IOException e) {
      throw new TarnException(
          ErrorCode.LOG_UNAVAILABLE, "cannot read the secret of producers: " + e.getMessage(), e);
    }
  }

  /** A user that may write to the topics of the streams, and nothing else. */
  record Producer(BrokerConfig config, String user, String password) {
    Map<String, String> properties() {
      Map<String, String> properties = new TreeMap<>(config.security(user, password));
      properties.put("bootstrap.servers", config.bootstrap());
      return properties;
    }

    @Override
    public String toString() {
      return "Producer[" + user + "]";
    }
  }

  /** How clients reach it. */
  public KafkaSettings settings() {
    return new KafkaSettings(config.bootstrap(), config.security(secret), "tarn.", 1, fsync);
  }

  /**
   * Waits until it has served clients once.
   *
   * @throws TarnException {@code LOG_UNAVAILABLE} if it has not by then; it is tried further
   */
  public void awaitReady(Duration patience) {
    try {
      if (!firstReady.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TarnException(
            ErrorCode.LOG_UNAVAILABLE,
            "the log's broker does not start; its folder is " + folder.path() + ": " + lastWords);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TarnException(ErrorCode.CANCELLED, "the wait for the log was cancelled", e);
    }
  }

  /** The process that runs now. */
  public long pid() {
    BrokerProcess now = process;
    return now == null ? -1 : now.pid();
  }

  /** Stops it, by force if it does not within 15 seconds. What was answered is kept either way. */
  @Override
  public void close() {
    stopped.countDown();
    BrokerProcess now = process;
    if (now != null) {
      now.stop();
    }
    try {
      supervisor.join(STOP.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    now = process;
    if (now != null) {
      now.kill();
    }
  }

  private void supervise() {
    long backoff = FIRST_BACKOFF.toMillis();
    while (stopped.getCount() > 0) {
      boolean served = runOnce();
      backoff = served ? FIRST_BACKOFF.toMillis() : Math.min(2 * backoff, LAST_BACKOFF.toMillis());
      if (stopped.getCount() > 0) {
        LOG.warn("the log's broker ended and is started again in {} ms: {}", backoff, lastWords);
      }
      if (pause(backoff)) {
        return;
      }
    }
  }

  /** Whether it came as far as serving clients. */
  private boolean runOnce() {
    boolean served = false;
    try {
      BrokerProcess child = BrokerProcess.start(folder, config, secret);
      process = child;
      if (stopped.getCount() == 0) {
        child.stop();
      }
      if (child.awaitReady()) {
        served = true;
        firstReady.countDown();
      }
      lastWords = child.awaitEnd();
    } catch (IOException e) {
      lastWords = "its process cannot be started: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return served;
  }

  /** Whether it was asked to stop meanwhile. */
  private boolean pause(long millis) {
    try {
      return stopped.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
