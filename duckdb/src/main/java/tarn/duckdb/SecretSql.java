package tarn.duckdb;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tarn.core.engine.plan.Expr;
import tarn.core.engine.plan.SecretReference;
import tarn.core.engine.plan.Step;

/**
 * Keyed hashes. DuckDB has no HMAC: RFC 2104 builds it of two SHA-256 over pads made of the key.
 * The pads are variables of the session's own database, so that they stand in no statement that an
 * error message could quote, and are gone with the session.
 */
final class SecretSql {
  private static final int BLOCK_BYTES = 64;

  private SecretSql() {}

  /** Gives the session the secrets that the steps name. */
  static void define(WorkerSession session, List<Step> steps) {
    Set<SecretReference> references = new LinkedHashSet<>();
    for (Step step : steps) {
      if (step instanceof Step.Project project) {
        project.columns().forEach(column -> collect(column.value(), references));
      } else if (step instanceof Step.Filter filter) {
        collect(filter.keep(), references);
      }
    }
    for (SecretReference reference : references) {
      byte[] secret = reference.read();
      byte[] key =
          Arrays.copyOf(secret.length > BLOCK_BYTES ? sha256(secret) : secret, BLOCK_BYTES);
      session.execute(setting(reference, "in", pad(key, 0x36)));
      session.execute(setting(reference, "out", pad(key, 0x5c)));
    }
  }

  private static void collect(Expr expr, Set<SecretReference> references) {
    if (expr instanceof Expr.Secret secret) {
      references.add(secret.reference());
    } else if (expr instanceof Expr.Call call) {
      call.arguments().forEach(argument -> collect(argument, references));
    } else if (expr instanceof Expr.Cast cast) {
      collect(cast.value(), references);
    }
  }

  /** The HMAC-SHA256 of a value's text, in hex. */
  static String hmac(SecretReference reference, String value) {
    String inner =
        "sha256(" + variable(reference, "in") + " || encode(CAST(" + value + " AS VARCHAR)))";
    return "sha256(" + variable(reference, "out") + " || unhex(" + inner + "))";
  }

  private static String variable(SecretReference reference, String pad) {
    return "CAST(getvariable('" + name(reference, pad) + "') AS BLOB)";
  }

  private static String setting(SecretReference reference, String pad, byte[] value) {
    return "SET VARIABLE "
        + name(reference, pad)
        + " = unhex('"
        + HexFormat.of().formatHex(value)
        + "')";
  }

  private static String name(SecretReference reference, String pad) {
    byte[] digest = sha256(reference.text().getBytes(StandardCharsets.UTF_8));
    return "tarn_" + pad + "_" + HexFormat.of().formatHex(digest, 0, 16);
  }

  private static byte[] pad(byte[] key, int with) {
    byte[] padded = new byte[key.length];
    for (int i = 0; i < key.length; i++) {
      padded[i] = (byte) (key[i] ^ with);
    }
    return padded;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
