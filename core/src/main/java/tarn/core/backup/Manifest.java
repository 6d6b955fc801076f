package tarn.core.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;

/**
 * What a backup consists of: {@code manifest.json}. A backup without it does not exist.
 *
 * @param format of the repository, 1
 * @param id the backup's name and time, {@code 20260131T235959.123Z}
 * @param lake the lake's name
 * @param prefix first part of its buckets' names, which tables' files carry in them
 * @param environment last part of them
 * @param schemaVersion of its database
 * @param byReference whether the objects were left where they are
 * @param tables the catalog's rows
 * @param files the lake folder's files
 * @param objects the list of objects
 */
record Manifest(
    int format,
    String id,
    String lake,
    String prefix,
    String environment,
    int schemaVersion,
    boolean byReference,
    List<Rows> tables,
    List<Part> files,
    Objects objects) {
  static final int FORMAT = 1;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /**
   * The rows of one table of the catalog.
   *
   * @param columns in the order in which rows have them
   * @param numbers which of them are whole numbers; the others are texts
   * @param rows how many
   * @param bytes of the file {@code catalog/<name>.jsonl}
   * @param sha256 of that file
   */
  record Rows(
      String name,
      List<String> columns,
      List<String> numbers,
      long rows,
      long bytes,
      String sha256) {}

  /** A file of the backup. */
  record Part(String path, long bytes, String sha256) {}

  /**
   * The list of objects, {@code objects.jsonl}.
   *
   * @param count how many objects
   * @param bytes of all objects
   * @param sha256 of the list
   */
  record Objects(long count, long bytes, String sha256) {}

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Manifest read(byte[] json) throws IOException {
    return JSON.readValue(json, Manifest.class);
  }
}
