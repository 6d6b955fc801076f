package tarn.server;

import java.nio.file.Path;

/**
 * The lake that a server opens.
 *
 * @param folder the lake folder, absolute
 * @param home where its state is, absolute
 * @param name from lake.yaml
 * @param environment {@code dev}
 * @param port where to listen; 0 for any free port
 */
record Lake(Path folder, Path home, String name, String environment, int port) {}
