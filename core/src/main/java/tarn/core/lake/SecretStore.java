package tarn.core.lake;

/**
 * Secrets that are kept elsewhere and may change at any time. Safe for use by many threads. No
 * message has a secret, or a part of one.
 */
public interface SecretStore {

  /**
   * A secret as it was at most a minute ago.
   *
   * @throws tarn.core.errors.TarnException {@code DEFINITION_INVALID} if there is no such secret,
   *     or it is not what the reference says; {@code SECRET_UNAVAILABLE} if it could not be read:
   *     nobody answers, or this process may not read it
   */
  String read(StoredSecret secret);

  /**
   * A secret after somebody refused a value of it: another one that is known, or as it is now,
   * which may be the same.
   *
   * @throws tarn.core.errors.TarnException as {@link #read}
   */
  String readInsteadOf(StoredSecret secret, String refused);
}
