package tarn.core.lake;

import java.util.Arrays;
import java.util.List;

/**
 * What an S3 API charges for an object, and how soon it can be read. Only classes whose objects can
 * be read at once: an archived file is brought back without waiting for anybody.
 */
public enum StorageClass {
  STANDARD,
  STANDARD_IA,
  ONEZONE_IA,
  INTELLIGENT_TIERING,
  GLACIER_IR;

  /** Classes whose objects S3 has to bring back first, which takes minutes to days. */
  static final List<String> SLOW = List.of("GLACIER", "DEEP_ARCHIVE");

  static List<String> names() {
    return Arrays.stream(values()).map(Enum::name).toList();
  }
}
