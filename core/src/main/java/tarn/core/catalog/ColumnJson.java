package tarn.core.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import tarn.core.engine.Column;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/**
 * Columns as JSON: {@code [{"name": "id", "type": "long"}, {"name": "tags", "type": {"list":
 * "string"}}]}, with {@code "spellings": ["ID"]} where records write a name in several ways.
 */
final class ColumnJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ColumnJson() {}

  static ArrayNode write(List<Column> columns) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Column column : columns) {
      ObjectNode node = array.addObject().put("name", column.name());
      node.set("type", type(column.type()));
      if (!column.spellings().isEmpty()) {
        column.spellings().forEach(node.putArray("spellings")::add);
      }
    }
    return array;
  }

  static List<Column> read(JsonNode array) {
    Ids ids = new Ids();
    List<Column> columns = new ArrayList<>();
    for (JsonNode node : array) {
      List<String> spellings = new ArrayList<>();
      node.path("spellings").forEach(s -> spellings.add(s.asText()));
      columns.add(new Column(node.path("name").asText(), ids.type(node.path("type")), spellings));
    }
    return columns;
  }

  static JsonNode parse(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new TarnException(
          ErrorCode.CATALOG_CORRUPT,
          "the catalog has a dataset that is not JSON; crawl again to mend it",
          e);
    }
  }

  private static JsonNode type(Type type) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (type.isStructType()) {
      ArrayNode fields = nodes.arrayNode();
      for (Types.NestedField field : type.asStructType().fields()) {
        fields.addObject().put("name", field.name()).set("type", type(field.type()));
      }
      return nodes.objectNode().set("struct", fields);
    } else if (type.isListType()) {
      return nodes.objectNode().set("list", type(type.asListType().elementType()));
    } else if (type.isMapType()) {
      ArrayNode pair =
          nodes
              .arrayNode()
              .add(type(type.asMapType().keyType()))
              .add(type(type.asMapType().valueType()));
      return nodes.objectNode().set("map", pair);
    }
    return nodes.textNode(type.toString());
  }

  private static final class Ids {
    private int next = 1;

    Type type(JsonNode node) {
      if (node.isTextual()) {
        return Types.fromPrimitiveString(node.asText());
      } else if (node.has("list")) {
        Type element = type(node.path("list"));
        return Types.ListType.ofOptional(next++, element);
      } else if (node.has("map")) {
        Type key = type(node.path("map").path(0));
        Type value = type(node.path("map").path(1));
        int keyId = next++;
        return Types.MapType.ofOptional(keyId, next++, key, value);
      }
      List<Types.NestedField> fields = new ArrayList<>();
      for (JsonNode field : node.path("struct")) {
        Type type = type(field.path("type"));
        fields.add(Types.NestedField.optional(next++, field.path("name").asText(), type));
      }
      return Types.StructType.of(fields);
    }
  }
}
