package tarn.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.api.CrawlAnswer;
import tarn.api.TableColumn;
import tarn.api.TableDetail;
import tarn.core.table.TableName;

/** A crawl suggests what columns hold; what is declared is never overruled; both are described. */
class ClassificationTest {
  @Test
  void suggestionsAreToldOnceAndDeclarationsWin(@TempDir Path folder) throws IOException {
    try (UntunedLake lake =
        UntunedLake.at(
            folder,
            "datasets/people.yaml",
            "classification: {work: secret}\nexclusions: ['**.bak']\n",
            "tables/people.yaml",
            "table: clean.people\nfrom: people\nclassification: {mail: email}\n")) {
      StringBuilder rows = new StringBuilder("id,mail,work,Last_Name\n");
      for (int i = 0; i < 40; i++) {
        String mail = i % 10 == 0 ? "none" : "p" + i + "@example.org";
        rows.append(i).append(',').append(mail).append(",w@x.org,O'Neil-").append("abcd\n");
      }
      lake.land("people", "a.csv", rows.toString());
      lake.land("people", "b.bak", "whatever");
      CrawlAnswer first = lake.crawl();
      assertThat(first.datasets().get(0).notes())
          .contains(
              "suggested classification of mail: email (90 % of 40 values)",
              "suggested classification of Last_Name: name (100 % of 40 values)");
      lake.land("people", "c.csv", rows.toString().replace("p1@", "q@"));
      assertThat(lake.crawl().datasets().get(0).notes()).isEmpty();
      lake.run();
      assertThat(column(lake, "raw", "mail"))
          .isEqualTo(new TableColumn("mail", "string", false, null, null, "email", 90L));
      assertThat(column(lake, "raw", "work").classification()).isEqualTo("secret");
      assertThat(column(lake, "raw", "work").suggested()).isNull();
      assertThat(column(lake, "raw", "id").suggested()).isNull();
      assertThat(column(lake, "clean", "mail").classification()).isEqualTo("email");
      assertThat(detail(lake, "raw").properties()).containsEntry("excluded files", "1");
    }
  }

  private static TableDetail detail(UntunedLake lake, String namespace) {
    return lake.operations().describe(new TableName(namespace, "people"));
  }

  private static TableColumn column(UntunedLake lake, String namespace, String name) {
    return detail(lake, namespace).columns().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
