package tarn.duckdb.worker;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Whether bytes are text. */
final class Utf8 {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);

  /** An empty text if the bytes are UTF-8, otherwise what is wrong. */
  String problem(byte[] bytes, int start, int length) {
    boolean ascii = true;
    for (int i = start; i < start + length; i++) {
      ascii &= bytes[i] >= 0;
    }
    if (ascii) {
      return "";
    }
    try {
      decoder.reset().decode(ByteBuffer.wrap(bytes, start, length));
      return "";
    } catch (CharacterCodingException e) {
      return "not UTF-8";
    }
  }
}
