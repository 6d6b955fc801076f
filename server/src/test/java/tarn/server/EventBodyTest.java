package tarn.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import tarn.core.errors.TarnException;

class EventBodyTest {
  /** A network that brings each byte when it is asked for, and tells of none before. */
  private static InputStream slowly(byte[] bytes) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] to, int from, int length) throws IOException {
        return super.read(to, from, Math.min(1, length));
      }

      @Override
      public int available() {
        return 0;
      }
    };
  }

  @Test
  void membersOfGzipThatComeSlowlyAreAllRead() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (int i = 0; i < 5; i++) {
      try (OutputStream member = new GZIPOutputStream(sent)) {
        member.write(("{\"id\":" + i + "}\n").getBytes(UTF_8));
      }
    }
    assertThat(EventBody.events(slowly(sent.toByteArray()), "gzip")).hasSize(5);
  }

  @Test
  void whatIsSmallOnlyWhenCompressedIsRefused() throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    try (OutputStream member = new GZIPOutputStream(sent)) {
      for (int i = 0; i < 17; i++) {
        member.write(new byte[1 << 20]);
      }
    }
    assertThat(sent.size()).isLessThan(1 << 17);
    assertThatThrownBy(() -> EventBody.events(slowly(sent.toByteArray()), "gzip"))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("16777216 bytes");
  }

  @Test
  void elementsOfAnArrayAreTakenAsTheyStand() {
    List<byte[]> events =
        EventBody.events(
            new ByteArrayInputStream(
                " [ {\"a\" : 1,\n\"ä\":[{}]} ,{},7, \"x\" ]\n".getBytes(UTF_8)),
            null);
    assertThat(events.stream().map(e -> new String(e, UTF_8)))
        .containsExactly("{\"a\" : 1,\n\"ä\":[{}]}", "{}", "7", "\"x\"");
  }
}
