package tarn.core.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/**
 * A JSON Schema that events must fit: of the draft that its {@code $schema} names, or of 2020-12.
 * References to other documents are refused: nothing is fetched. Two of the same text are equal.
 * Safe for use by many threads.
 */
public final class EventSchema {
  static final String FOLDER = "schemas";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String text;
  private final Schema schema;

  private EventSchema(String text, Schema schema) {
    this.text = text;
    this.schema = schema;
  }

  /** Reads one; IllegalArgumentException, with what is wrong with it, if it is none. */
  public static EventSchema parse(String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (!node.isObject() && !node.isBoolean()) {
        throw new IllegalArgumentException("it is no object");
      }
      SchemaRegistry registry =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
      Schema schema = registry.getSchema(node);
      List<Error> wrong = metaErrors(registry, node);
      if (!wrong.isEmpty()) {
        throw new IllegalArgumentException(wrong.get(0).toString());
      }
      schema.initializeValidators();
      return new EventSchema(text, schema);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
    } catch (com.networknt.schema.SchemaException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static List<Error> metaErrors(SchemaRegistry registry, JsonNode node) {
    String dialect = node.path("$schema").asText(SpecificationVersion.DRAFT_2020_12.getDialectId());
    return registry.getSchema(com.networknt.schema.SchemaLocation.of(dialect)).validate(node);
  }

  /** What is wrong with an event, in one line; empty if it fits. */
  public String problem(JsonNode event) {
    try {
      List<Error> errors = schema.validate(event);
      return errors.isEmpty() ? "" : errors.get(0).toString();
    } catch (RuntimeException e) { // as for a number that no double can hold
      return "it cannot be compared with it: " + e.getMessage();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventSchema schemaOf && schemaOf.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
