package tarn.streams;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import tarn.streams.broker.BrokerFolder;

/**
 * The settings of our own broker: one node that is broker and controller, on loopback, with a
 * password for everything.
 *
 * @param port for clients
 * @param controllerPort for the node itself
 */
record BrokerConfig(int port, int controllerPort) {
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * @param wanted for clients; 0 for any
   */
  static BrokerConfig onFreePorts(int wanted) throws IOException {
    try (ServerSocket one = free();
        ServerSocket two = free()) {
      return new BrokerConfig(wanted == 0 ? one.getLocalPort() : wanted, two.getLocalPort());
    }
  }

  private static ServerSocket free() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK));
  }

  String bootstrap() {
    return LOOPBACK + ":" + port;
  }

  /** What clients need to get in. */
  Map<String, String> security(String secret) {
    return security(BrokerFolder.USER, secret);
  }

  Map<String, String> security(String user, String secret) {
    return Map.of(
        "security.protocol", "SASL_PLAINTEXT",
        "sasl.mechanism", "SCRAM-SHA-512",
        "sasl.jaas.config", scram(user, secret));
  }

  /** The broker's own; the controller's password lives as long as its process. */
  Map<String, String> server(String secret) {
    Map<String, String> all = new LinkedHashMap<>();
    all.putAll(place());
    all.putAll(doors(secret));
    all.putAll(small());
    all.putAll(promises());
    return all;
  }

  private Map<String, String> place() {
    return Map.of(
        "process.roles",
        "broker,controller",
        "node.id",
        "1",
        "controller.quorum.voters",
        "1@" + LOOPBACK + ":" + controllerPort,
        // Relative to the process's folder: Kafka would cut a path at its commas.
        "log.dirs",
        BrokerFolder.DATA);
  }

  private Map<String, String> doors(String secret) {
    String password = BrokerFolder.random();
    Map<String, String> doors = new LinkedHashMap<>();
    doors.put(
        "listeners",
        "CLIENT://" + bootstrap() + ",CONTROLLER://" + LOOPBACK + ":" + controllerPort);
    doors.put("advertised.listeners", "CLIENT://" + bootstrap());
    doors.put("listener.security.protocol.map", "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT");
    doors.put("inter.broker.listener.name", "CLIENT");
    doors.put("controller.listener.names", "CONTROLLER");
    doors.put("sasl.mechanism.inter.broker.protocol", "SCRAM-SHA-512");
    doors.put("listener.name.client.sasl.enabled.mechanisms", "SCRAM-SHA-512");
    doors.put(
        "listener.name.client.scram-sha-512.sasl.jaas.config", scram(BrokerFolder.USER, secret));
    doors.put("sasl.mechanism.controller.protocol", "PLAIN");
    doors.put("listener.name.controller.sasl.enabled.mechanisms", "PLAIN");
    doors.put("listener.name.controller.plain.sasl.jaas.config", plain(password));
    doors.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    doors.put("super.users", "User:" + BrokerFolder.USER);
    doors.put("allow.everyone.if.no.acl.found", "false");
    return doors;
  }

  /** One node of a small machine. */
  private static Map<String, String> small() {
    Map<String, String> small = new LinkedHashMap<>();
    small.put("num.network.threads", "2");
    small.put("num.io.threads", "4");
    small.put("background.threads", "2");
    small.put("num.recovery.threads.per.data.dir", "2");
    small.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
    small.put("log.segment.bytes", Integer.toString(128 << 20));
    small.put("log.index.size.max.bytes", Integer.toString(1 << 20));
    small.put("socket.request.max.bytes", Integer.toString(16 << 20));
    small.put("offsets.topic.num.partitions", "1");
    small.put("offsets.topic.replication.factor", "1");
    small.put("transaction.state.log.num.partitions", "1");
    small.put("transaction.state.log.replication.factor", "1");
    small.put("transaction.state.log.min.isr", "1");
    small.put("share.coordinator.state.topic.num.partitions", "1");
    small.put("share.coordinator.state.topic.replication.factor", "1");
    small.put("share.coordinator.state.topic.min.isr", "1");
    // A broker that was killed may begin again when its last sign of life is as old as this.
    small.put("broker.session.timeout.ms", "3000");
    small.put("broker.heartbeat.interval.ms", "500");
    // Otherwise an idle broker writes and syncs twice a second.
    small.put("metadata.max.idle.interval.ms", "0");
    return small;
  }

  private static Map<String, String> promises() {
    return Map.of(
        "auto.create.topics.enable", "false",
        "unclean.leader.election.enable", "false",
        "default.replication.factor", "1",
        "min.insync.replicas", "1");
  }

  private static String scram(String user, String secret) {
    return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
        + user
        + "\" password=\""
        + secret
        + "\";";
  }

  private static String plain(String password) {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
        + BrokerFolder.USER
        + "\" password=\""
        + password
        + "\" user_"
        + BrokerFolder.USER
        + "=\""
        + password
        + "\";";
  }

  @Override
  public String toString() {
    return "BrokerConfig[" + bootstrap() + "]";
  }
}
