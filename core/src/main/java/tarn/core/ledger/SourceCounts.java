package tarn.core.ledger;

/** Files of a source, counted where it happens: {@code received = stored + duplicate}. */
public record SourceCounts(
    SourceName source, long received, long stored, long duplicate, long bytes, long lastSeq) {}
