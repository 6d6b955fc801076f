package tarn.core.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tarn.core.event.LogRecord;

/**
 * An event that could not be taken. In its file it is a line of JSON: shard, offset, arrived,
 * reason, and its bytes as {@code text}, or as {@code base64} if they are not UTF-8.
 */
public record DeadLetter(LogRecord record, String reason) {
  /** How the reason begins of one whose id was delivered with other content. */
  static final String CONFLICT = "conflict: ";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonFactory JSON = MAPPER.getFactory();

  static void write(Path file, List<DeadLetter> letters) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        JsonGenerator json = JSON.createGenerator(out)) {
      json.setRootValueSeparator(null);
      for (DeadLetter letter : letters) {
        letter.write(json);
        json.writeRaw('\n');
      }
    }
  }

  /** Reads a file of them and closes it; an {@code IOException} if it is none. */
  static List<DeadLetter> read(InputStream stream) throws IOException {
    List<DeadLetter> letters = new ArrayList<>();
    try (InputStream in = stream;
        MappingIterator<JsonNode> lines = MAPPER.readerFor(JsonNode.class).readValues(in)) {
      while (lines.hasNextValue()) {
        JsonNode line = lines.nextValue();
        byte[] bytes =
            line.has("base64")
                ? line.path("base64").binaryValue()
                : line.path("text").asText().getBytes(StandardCharsets.UTF_8);
        letters.add(
            new DeadLetter(
                new LogRecord(
                    line.path("shard").asInt(),
                    line.path("offset").asLong(),
                    Instant.parse(line.path("arrived").asText()),
                    bytes),
                line.path("reason").asText()));
      }
    }
    return letters;
  }

  private void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("shard", record.shard());
    json.writeNumberField("offset", record.offset());
    json.writeStringField("arrived", record.arrived().toString());
    json.writeStringField("reason", reason);
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(record.bytes())).toString();
      json.writeStringField("text", text);
    } catch (CharacterCodingException e) {
      json.writeBinaryField("base64", record.bytes());
    }
    json.writeEndObject();
  }
}
