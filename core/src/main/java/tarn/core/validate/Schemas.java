package tarn.core.validate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tarn.core.lake.DatasetSettings;
import tarn.core.lake.JsonSchema;
import tarn.core.lake.LakeSettings;
import tarn.core.lake.ModelSettings;
import tarn.core.lake.PipelineSettings;
import tarn.core.lake.SourceSettings;
import tarn.core.lake.StreamSettings;
import tarn.core.lake.TableSettings;
import tarn.core.recipe.Operation;
import tarn.core.recipe.Operations;
import tarn.core.recipe.Parameter;

/** The JSON Schemas of the lake folder's files, as text. */
final class Schemas {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  private Schemas() {}

  static Map<String, String> all() {
    return Map.of(
        "lake",
        lake(),
        "table",
        table(),
        "model",
        model(),
        "dataset",
        dataset(),
        "stream",
        stream(),
        "source",
        source(),
        "pipeline",
        pipeline());
  }

  private static String lake() {
    Map<String, Object> schema = JsonSchema.of("Tarn: lake.yaml", LakeSettings.ALL);
    schema.remove("required"); // an environment's file need not say what lake.yaml says
    return text(schema);
  }

  private static String dataset() {
    return text(JsonSchema.of("Tarn: datasets/*.yaml", DatasetSettings.ALL));
  }

  private static String stream() {
    return text(JsonSchema.of("Tarn: streams/*.yaml", StreamSettings.ALL));
  }

  private static String source() {
    return text(JsonSchema.of("Tarn: sources/*.yaml", SourceSettings.ALL));
  }

  private static String pipeline() {
    return text(JsonSchema.of("Tarn: pipelines/*.yaml", PipelineSettings.ALL));
  }

  private static String model() {
    return text(JsonSchema.of("Tarn: front matter of models/*.sql", ModelSettings.ALL));
  }

  @SuppressWarnings("unchecked") // the shape is JsonSchema's own
  private static String table() {
    Map<String, Object> schema = JsonSchema.of("Tarn: tables/*.yaml", TableSettings.ALL);
    Map<String, Object> properties = (Map<String, Object>) schema.get("properties");
    Map<String, Object> recipe =
        properties == null ? null : (Map<String, Object>) properties.get("recipe");
    if (recipe == null) {
      throw new IllegalStateException("the table's schema has no recipe");
    }
    recipe.remove("type");
    recipe.remove("items");
    recipe.put("anyOf", List.of(Map.of("type", "array", "items", step()), recipeFile()));
    return text(schema);
  }

  private static Map<String, Object> recipeFile() {
    return Map.of(
        "type",
        "object",
        "additionalProperties",
        false,
        "required",
        List.of("file"),
        "properties",
        Map.of("file", Map.of("type", "string")));
  }

  /** Tarn's steps, and DataBrew's. */
  private static Map<String, Object> step() {
    Map<String, Object> dataBrew =
        Map.of(
            "type",
            "object",
            "required",
            List.of("Action"),
            "properties",
            Map.of(
                "Action",
                Map.of("type", "object"),
                "ConditionExpressions",
                Map.of("type", "array")));
    return Map.of("anyOf", List.of(ownStep(), dataBrew));
  }

  private static Map<String, Object> ownStep() {
    Map<String, Object> operations = new LinkedHashMap<>();
    Operations.ALL.forEach(operation -> operations.put(operation.name(), operation(operation)));
    return Map.of(
        "type",
        "object",
        "minProperties",
        1,
        "maxProperties",
        1,
        "additionalProperties",
        false,
        "properties",
        operations);
  }

  private static Map<String, Object> operation(Operation operation) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    operation.parameters().forEach(parameter -> parameters.put(parameter.name(), of(parameter)));
    List<String> required =
        operation.parameters().stream().filter(Parameter::required).map(Parameter::name).toList();
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("description", operation.meaning());
    schema.put("additionalProperties", false);
    schema.put("properties", parameters);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    return schema;
  }

  private static Map<String, Object> of(Parameter parameter) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("description", parameter.meaning());
    if (!parameter.choices().isEmpty()) {
      schema.put("enum", parameter.choices());
    }
    return schema;
  }

  private static String text(Map<String, Object> schema) {
    try {
      return JSON.writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
