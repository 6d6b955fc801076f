package tarn.core.engine;

import java.util.List;
import org.apache.iceberg.types.Type;

/**
 * A column of rows on their way: a name (exact, any characters) and an Iceberg type, whose nested
 * field ids mean nothing yet.
 *
 * @param spellings how records write its name otherwise, in other cases; empty if they never do. A
 *     record's value is the one that it has under any of them
 */
public record Column(String name, Type type, List<String> spellings) {
  public Column {
    spellings = List.copyOf(spellings);
  }

  /** A column whose name records write in one way. */
  public Column(String name, Type type) {
    this(name, type, List.of());
  }

  /** The same with another type. */
  public Column as(Type other) {
    return new Column(name, other, spellings);
  }
}
