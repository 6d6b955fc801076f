package tarn.core.table;

import java.time.Duration;

/**
 * What maintenance may remove and what it aims for.
 *
 * @param snapshotRetention snapshots younger than this stay
 * @param minSnapshots so many stay, however old
 * @param orphanGrace files that no metadata lists are removed when they are older than this
 */
public record MaintenancePolicy(
    Duration snapshotRetention, int minSnapshots, Duration orphanGrace) {}
