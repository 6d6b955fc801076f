package tarn.api.shop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Ways in which the bytes of an event are damaged; each is one line that is no event. */
enum Poison {
  CUT_OFF {
    @Override
    byte[] of(byte[] event) {
      return Arrays.copyOf(event, event.length / 2);
    }
  },
  NOT_UTF_8 {
    @Override
    byte[] of(byte[] event) {
      byte[] bytes = event.clone();
      bytes[bytes.length - 4] = (byte) 0xfc;
      return bytes;
    }
  },
  BYTE_ORDER_MARK {
    @Override
    byte[] of(byte[] event) {
      return joined(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}, event);
    }
  },
  ZERO_BYTE {
    @Override
    byte[] of(byte[] event) {
      byte[] bytes = event.clone();
      bytes[bytes.length - 4] = 0;
      return bytes;
    }
  },
  FIELD_TWICE {
    @Override
    byte[] of(byte[] event) {
      return before(event, ",\"event_id\":\"another\"}");
    }
  },
  TOO_DEEP {
    @Override
    byte[] of(byte[] event) {
      return before(event, ",\"deep\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}");
    }
  },
  NOT_A_NUMBER {
    @Override
    byte[] of(byte[] event) {
      return before(event, ",\"ratio\":NaN}");
    }
  },
  TWO_AT_ONCE {
    @Override
    byte[] of(byte[] event) {
      return joined(event, event);
    }
  },
  NO_OBJECT {
    @Override
    byte[] of(byte[] event) {
      return ascii("\"page viewed\"");
    }
  },
  NO_ID {
    @Override
    byte[] of(byte[] event) {
      return ascii("{\"event_id\":null,\"event_type\":\"page\"}");
    }
  };

  private static final Poison[] ALL = values();

  static Poison of(Chance chance) {
    return ALL[chance.below(ALL.length)];
  }

  /** The damaged bytes of an event, a JSON object. */
  abstract byte[] of(byte[] event);

  private static byte[] before(byte[] event, String end) {
    return joined(Arrays.copyOf(event, event.length - 1), ascii(end));
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] bytes = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, bytes, first.length, second.length);
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
