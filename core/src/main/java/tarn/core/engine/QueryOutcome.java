package tarn.core.engine;

/** How a query ended: rows delivered, and whether there would have been more. */
public record QueryOutcome(long rows, boolean truncated) {}
