package tarn.core.stream;

import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.SourceName;

/** The shards of streams, as the lake's SQL database keeps them. Times are whole microseconds. */
public final class Shards {
  private static final int HEX = 16;

  private final Database database;

  public Shards(Database database) {
    this.database = database;
  }

  /** A stream's shards; an empty map if it has none yet. */
  public ShardMap map(SourceName stream) {
    return database.read(handle -> map(handle, stream));
  }

  /**
   * Replaces a map in one transaction, if it still is as it was; whether it was. A map that is not
   * the same any more is left as it is.
   */
  boolean replace(SourceName stream, ShardMap before, ShardMap after) {
    return database.write(
        handle -> {
          if (!map(handle, stream).equals(before)) {
            return false;
          }
          for (Shard shard : after.all()) {
            if (!before.has(shard.number()) || !before.shard(shard.number()).equals(shard)) {
              enter(handle, stream, shard);
            }
          }
          return true;
        });
  }

  private static void enter(Handle handle, SourceName stream, Shard shard) {
    handle
        .createUpdate(
            """
            INSERT INTO stream_shard
              (stream, shard, hash_from, hash_to, parent, adjacent_parent, opened_at, closed_at, ends_at)
            VALUES (:stream, :shard, :from, :to, :parent, :adjacent, :opened, :closed, :ends)
            ON CONFLICT (stream, shard) DO UPDATE SET
              closed_at = excluded.closed_at, ends_at = excluded.ends_at""")
        .bind("stream", stream.value())
        .bind("shard", shard.number())
        .bind("from", hex(shard.from()))
        .bind("to", hex(shard.to()))
        .bind("parent", number(shard.parent()))
        .bind("adjacent", number(shard.adjacentParent()))
        .bind("opened", micros(shard.openedAt()))
        .bind("closed", shard.closedAt() == null ? null : (Long) micros(shard.closedAt()))
        .bind("ends", shard.endsAt())
        .execute();
  }

  /** Says where a closed shard ends, unless somebody has said so already. */
  void end(SourceName stream, int shard, long offset) {
    database.write(
        handle ->
            handle
                .createUpdate(
                    """
                    UPDATE stream_shard SET ends_at = :ends
                    WHERE stream = :stream AND shard = :shard
                      AND closed_at IS NOT NULL AND ends_at IS NULL""")
                .bind("ends", offset)
                .bind("stream", stream.value())
                .bind("shard", shard)
                .execute());
  }

  private static ShardMap map(Handle handle, SourceName stream) {
    List<Shard> shards =
        handle
            .createQuery("SELECT * FROM stream_shard WHERE stream = :stream")
            .bind("stream", stream.value())
            .map((row, context) -> shard(row))
            .list();
    return new ShardMap(shards);
  }

  private static Shard shard(ResultSet row) throws SQLException {
    Long closed = numberOrNull(row, "closed_at");
    Long parent = numberOrNull(row, "parent");
    Long adjacent = numberOrNull(row, "adjacent_parent");
    return new Shard(
        row.getInt("shard"),
        hash(row.getString("hash_from")),
        hash(row.getString("hash_to")),
        parent == null ? null : (Integer) Math.toIntExact(parent),
        adjacent == null ? null : (Integer) Math.toIntExact(adjacent),
        time(row.getLong("opened_at")),
        closed == null ? null : time(closed),
        numberOrNull(row, "ends_at"));
  }

  private static String hex(BigInteger hash) {
    String digits = hash.toString(HEX);
    return "0".repeat(2 * HEX - digits.length()) + digits;
  }

  private static BigInteger hash(String hex) {
    try {
      return new BigInteger(hex, HEX);
    } catch (NumberFormatException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT, "the catalog has '" + hex + "' as a shard's hash", e);
    }
  }

  private static @Nullable Long number(@Nullable Integer number) {
    return number == null ? null : (Long) number.longValue();
  }

  static @Nullable Long numberOrNull(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : (Long) value;
  }

  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
