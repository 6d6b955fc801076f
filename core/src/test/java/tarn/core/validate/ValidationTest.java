package tarn.core.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.lake.Problem;

class ValidationTest {
  @TempDir Path dir;

  @Test
  void recipesAndRulesAreCheckedWithTheRestAlsoWhereOtherFilesAreBroken() throws IOException {
    write("lake.yaml", "nam: shop\n");
    write(
        "tables/orders.yaml",
        """
        from: orders
        partition: [mnth(ordered_at)]
        recipe:
          - RENME: {sourceColumn: ts, targetColumn: ordered_at}
        """);
    write(
        "tables/items.yaml",
        """
        from: items
        recipe:
          - RENAME: {sourceColumn: id, targetColumn: item_id}
        quality:
          - 'IsComplet "item_id"'
          - IsUnique "id"
        key: [id]
        ordering: id
        partition: ["bucket(4, id)"]
        sort: [id desc]
        """);

    assertThat(problems())
        .containsExactly(
            "lake.yaml:1:1: unknown key 'nam'; did you mean 'name'?",
            "lake.yaml:1:1: 'name' is missing; The lake's name.",
            "tables/items.yaml:5:6: unknown rule type 'IsComplet'; did you mean 'IsComplete'?",
            "tables/items.yaml:6:14: there is no column 'id' in the recipe's output; known: item_id",
            "tables/items.yaml:7:6: 'key' names the column 'id', which the recipe takes away; known: item_id",
            "tables/items.yaml:8:11: 'ordering' names the column 'id', which the recipe takes away; known: item_id",
            "tables/items.yaml:9:12: 'partition' names the column 'id', which the recipe takes away; known: item_id",
            "tables/items.yaml:10:7: 'sort' names the column 'id', which the recipe takes away; known: item_id",
            "tables/orders.yaml:2:13: 'mnth(ordered_at)' is not a partition: a column, or one of identity, year, month, day, hour, bucket, truncate with a column in parentheses; did you mean month?",
            "tables/orders.yaml:4:5: unknown operation 'RENME'; did you mean 'RENAME'?");
  }

  @Test
  void rulesMayBeOneTextAndCompareOnlyWithTablesThatThereAre() throws IOException {
    write("lake.yaml", "name: shop\n");
    write("tables/customers.yaml", "from: customers\n");
    write(
        "tables/orders.yaml",
        """
        from: orders
        quality: |
          Rules = [
            IsComplete "id",
            ReferentialIntegrity "customer" "clean.customers.id" = 1.0,
            RowCountMatch "custmers" > 0
          ]
        """);
    write(
        "tables/broken.yaml",
        """
        from: orders
        on_failure: stop
        quality: |
          Rules = [
            IsComplete "id"
            IsUnique "id"
          ]
        """);

    assertThat(problems())
        .containsExactly(
            "tables/broken.yaml:2:13: 'stop' is not one of fail, warn",
            "tables/broken.yaml:6:5: expected ',' or ']', found 'IsUnique'",
            "tables/orders.yaml:2:10: a rule compares with the table clean.custmers, which this lake does not define; did you mean 'clean.customers'?");
  }

  @Test
  void whatIsSaidOfDatasetsIsChecked() throws IOException {
    write("lake.yaml", "name: shop\n");
    write("datasets/a.yaml", "formt: csv\nclassifier: grok\nupdate_behavior: LOGG\n");
    write("datasets/b.yaml", "classifier: grok\npattern: '%{WRD:x}'\ndelimiter: ';'\n");
    write("datasets/c.yaml", "format: json\nencoding: utf-16\nexclusions: ['[a']\nheader: yes\n");
    write("datasets/d.yaml", "partitions: [year, year]\ndataset: raw.c\n");
    assertThat(problems())
        .containsExactly(
            "datasets/a.yaml:1:1: unknown key 'formt'; did you mean 'format'?",
            "datasets/a.yaml:2:13: 'pattern' is missing: classifier grok needs it; write pattern: '%{COMBINEDAPACHELOG}'",
            "datasets/a.yaml:3:18: 'LOGG' is not one of UPDATE_IN_DATABASE, LOG; did you mean 'LOG'?",
            "datasets/b.yaml:2:10: there is no pattern 'WRD'; did you mean 'WORD'?",
            "datasets/b.yaml:3:12: 'delimiter' is for CSV; write format: csv, or remove it",
            "datasets/c.yaml:2:11: 'encoding' is for CSV and lines: JSON is UTF-8, and Parquet no text; remove it",
            "datasets/c.yaml:3:13: '[a' is not a glob pattern: Missing ']",
            "datasets/c.yaml:4:9: 'yes' is not true or false",
            "datasets/d.yaml:1:13: 'year' stands twice in 'partitions'",
            "datasets/d.yaml:2:10: the dataset raw.c is already described in datasets/c.yaml");
  }

  @Test
  void aSoundFolderHasNoProblems() throws IOException {
    write("lake.yaml", "name: shop\n");
    write(
        "tables/orders.yaml",
        "from: orders\nrecipe:\n  - TRIM: {sourceColumn: name}\nquality:\n  - IsComplete \"id\"\nkey: [id]\n");

    assertThat(Validation.check(dir, "dev")).isEmpty();
  }

  private List<String> problems() {
    return Validation.check(dir).stream().map(Problem::toString).toList();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(dir.resolve(file).getParent());
    Files.writeString(dir.resolve(file), text);
  }
}
