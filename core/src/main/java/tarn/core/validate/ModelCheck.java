package tarn.core.validate;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tarn.core.engine.Engine;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.ModelDefinition;
import tarn.core.lake.Place;
import tarn.core.lake.Problem;
import tarn.core.lake.Problems;
import tarn.core.lake.TableDefinition;
import tarn.core.model.ModelTexts;
import tarn.core.source.CopyName;
import tarn.core.table.TableName;

/**
 * What is wrong with the SQL of models: texts that do not parse or may not be asked, functions that
 * differ each time, tables that nothing makes, circles.
 */
final class ModelCheck {
  private static final Pattern LINE = Pattern.compile("\\(line (\\d{1,9}), column (\\d{1,9})\\)");
  private static final Pattern CHARACTER = Pattern.compile("character (\\d{1,9})");
  private static final String CIRCLE = "models read each other in a circle";

  private final LakeFolder folder;
  private final ModelTexts texts;

  ModelCheck(LakeFolder folder, Engine engine) {
    this.folder = folder;
    this.texts = new ModelTexts(engine);
  }

  List<Problem> problems() {
    ModelTexts.Read read = texts.readWithAnyDataset(folder.models(), names(), this::mayBeCopy);
    Problems problems = new Problems();
    for (ModelDefinition model : folder.models()) {
      TarnException failure = read.failures().get(TableName.parse(model.table()));
      if (failure != null) {
        problems.error(place(model, failure.line()), "", failure.line());
      }
    }
    return problems.sorted();
  }

  /** Whether it may be the copy of a table of a database, whose tables are not known here. */
  private boolean mayBeCopy(TableName name) {
    return folder.sources().stream()
        .anyMatch(source -> CopyName.of(source).mayBe(name, source.tables()));
  }

  private Set<TableName> names() {
    Set<TableName> names = new TreeSet<>();
    for (TableDefinition definition : folder.tables()) {
      TableName table = TableName.parse(definition.table());
      names.add(table);
      names.add(new TableName("quarantine", table.name()));
    }
    folder.models().forEach(m -> names.add(TableName.parse(m.table())));
    return names;
  }

  /** Positions in messages count from the statement's start, behind the front matter. */
  private static Place place(ModelDefinition model, String message) {
    String sql = model.sql();
    int start = sql.length() - sql.stripLeading().length();
    int offset = start;
    Matcher line = LINE.matcher(message);
    Matcher character = CHARACTER.matcher(message);
    if (message.startsWith(CIRCLE)) {
      offset = start;
    } else if (line.find()) {
      int at = start;
      for (int n = 1; n < Integer.parseInt(line.group(1)) && at >= 0; n++) {
        at = sql.indexOf('\n', at) + 1;
      }
      offset = at + Integer.parseInt(line.group(2)) - 1;
    } else if (character.find()) {
      offset = start + Integer.parseInt(character.group(1)) - 1;
    }
    String before = sql.substring(0, Math.min(Math.max(offset, 0), sql.length()));
    int breaks = (int) before.chars().filter(c -> c == '\n').count();
    int column = before.length() - (before.lastIndexOf('\n') + 1) + 1;
    return new Place(model.file(), model.sqlLine() + breaks, column);
  }
}
