package tarn.core.engine;

/**
 * A name that a query's text may use.
 *
 * @param name as it stands in the text, one part, lower case
 * @param rows what it stands for
 */
public record View(String name, Relation rows) {}
