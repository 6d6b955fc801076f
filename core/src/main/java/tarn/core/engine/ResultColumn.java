package tarn.core.engine;

/** A column of a result: its name and its type in the engine's SQL. */
public record ResultColumn(String name, String type) {}
