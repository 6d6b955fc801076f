package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdFileTest {
  private static final byte[] ID = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123Z");
  private static final String DAY = "year=2026/month=11/day=21";

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    IdIndex.Entry entry = new IdIndex.Entry(ID, new IdIndex.Seen(NOON, 42));
    Path file = folder.resolve("ids");
    IdFile.write(file, List.of(entry, entry), List.of("a=1/" + DAY, DAY));
    IdFile.Content read = IdFile.read(Files.newInputStream(file));
    assertThat(read.folders()).containsExactly("a=1/" + DAY, DAY);
    assertThat(read.entries()).extracting(IdIndex.Entry::seen).containsOnly(entry.seen());
    assertThat(read.entries().get(0).id()).isEqualTo(ID);
  }

  /** Their checksums were others, so an event that comes again is the same one. */
  @Test
  void filesOfEarlierBuildsAreReadWithContentsThatAreNotKnown() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write("TARNIDS2".getBytes(StandardCharsets.US_ASCII));
    out.writeInt(1);
    out.writeInt(1);
    out.writeShort(DAY.length());
    out.write(DAY.getBytes(StandardCharsets.US_ASCII));
    entry(out);
    out.writeInt(0);
    readsAsUnknown(bytes.toByteArray());

    bytes.reset();
    out.write("TARNIDS1".getBytes(StandardCharsets.US_ASCII));
    entry(out);
    readsAsUnknown(bytes.toByteArray());
  }

  private static void entry(DataOutputStream out) throws IOException {
    out.write(ID);
    out.writeLong(NOON.toEpochMilli());
    out.writeLong(42);
  }

  private static void readsAsUnknown(byte[] file) throws IOException {
    IdFile.Content read = IdFile.read(new ByteArrayInputStream(file));
    assertThat(read.folders()).containsExactly(DAY);
    IdIndex.Seen seen = read.entries().get(0).seen();
    assertThat(seen.arrived()).isEqualTo(NOON);
    assertThat(seen.is(7)).isTrue();
    assertThat(new IdIndex.Seen(NOON, 42).is(7)).isFalse();
  }
}
