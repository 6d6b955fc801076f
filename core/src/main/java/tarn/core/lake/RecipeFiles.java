package tarn.core.lake;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recipes in files of their own: {@code recipe: {file: recipes/orders.json}}. A file is a list of
 * steps, as Tarn or as DataBrew writes them, or what DataBrew's DescribeRecipe answers, an object
 * with {@code Steps}. Problems in a recipe are reported at their places in its file.
 */
final class RecipeFiles {
  static final String FOLDER = "recipes";
  private static final String RECIPE = "recipe";
  private static final Pattern FILE =
      Pattern.compile(FOLDER + "/[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}\\.(json|yaml)");

  private final LakeFiles files;
  private final Problems problems;

  RecipeFiles(LakeFiles files, Problems problems) {
    this.files = files;
    this.problems = problems;
  }

  /** A table's document with the steps in the place of the file's name. */
  Node resolve(Node document) {
    if (!(document instanceof Node.Mapping mapping)
        || !(mapping.get(RECIPE).orElse(null) instanceof Node.Mapping named)) {
      return document;
    }
    Node steps = steps(named).orElse(new Node.Sequence(named.place(), List.of()));
    return new Node.Mapping(
        mapping.place(),
        mapping.entries().stream()
            .map(e -> e.key().text().equals(RECIPE) ? new Node.Entry(e.key(), steps) : e)
            .toList());
  }

  private Optional<Node> steps(Node.Mapping named) {
    boolean alone =
        named.entries().size() == 1
            && named.get("file").orElse(null) instanceof Node.Scalar file
            && FILE.matcher(file.text()).matches();
    if (!alone) {
      problems.error(
          named.place(),
          "",
          "'recipe' is a list of steps, or names a file of them",
          "write recipe: {file: " + FOLDER + "/orders.json}; it ends in .json or .yaml");
      return Optional.empty();
    }
    String file = ((Node.Scalar) named.get("file").orElseThrow()).text();
    if (!files.has(file)) {
      problems.error(named.place(), file, "there is no file " + file + " in the lake folder");
      return Optional.empty();
    }
    return files
        .text(file)
        .flatMap(text -> YamlReader.read(file, 0, text, problems))
        .map(node -> node instanceof Node.Mapping recipe ? recipe.get("Steps").orElse(node) : node);
  }
}
