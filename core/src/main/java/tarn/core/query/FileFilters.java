package tarn.core.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Function;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

final class FileFilters {
  private final List<Resolved.Reference> references;

  FileFilters(
      JsonNode tree,
      List<Resolved.Reference> references,
      Function<Resolved.Reference, Schema> schemas) {
    this.references = references;
  }

  List<Expression> filters() {
    return references.stream().map(r -> (Expression) Expressions.alwaysTrue()).toList();
  }
}
