package tarn.iceberg;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/** A partition's values, between Iceberg's positional structs and lists. */
record PartitionRow(List<@Nullable Object> values) implements StructLike {

  static List<@Nullable Object> values(PartitionSpec spec, StructLike partition) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < spec.fields().size(); i++) {
      Object value = partition.get(i, spec.javaClasses()[i]);
      values.add(value instanceof CharSequence text ? text.toString() : value);
    }
    return values;
  }

  @Override
  public int size() {
    return values.size();
  }

  @Override
  @SuppressWarnings(
      "NullAway") // a partition value may be null; Iceberg's interface is not annotated
  public <T> T get(int position, Class<T> type) {
    return type.cast(values.get(position));
  }

  @Override
  public <T> void set(int position, T value) {
    throw new UnsupportedOperationException("a partition's values do not change");
  }
}
