package tarn.core.engine;

import org.apache.iceberg.types.Type;

/**
 * A column of rows on their way: a name (exact, any characters) and an Iceberg type, whose nested
 * field ids mean nothing yet.
 */
public record Column(String name, Type type) {}
