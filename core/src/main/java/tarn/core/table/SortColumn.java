package tarn.core.table;

/** One field of a sort order; nulls come first when ascending and last when descending. */
public record SortColumn(String column, boolean descending) {}
