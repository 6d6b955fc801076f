package tarn.testkit.shop;

import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tarn.testkit.shop.Hit.Stage;

/**
 * Visits, from the page views that are stored: those of one address and browser, until half an hour
 * passes without one. Memory grows with page views.
 */
final class ExpectedVisits {
  private static final Duration PAUSE = Duration.ofMinutes(30);

  private final Map<String, List<Hit>> views = new HashMap<>();

  private static final class Visit {
    private final LocalDate day;
    private LocalDateTime last;
    private long pages = 1;
    private Stage stage;

    Visit(Hit first) {
      this.day = first.at().toLocalDate();
      this.last = first.at();
      this.stage = first.stage();
    }

    void add(Hit hit) {
      last = hit.at();
      pages++;
      stage = hit.stage().compareTo(stage) > 0 ? hit.stage() : stage;
    }
  }

  void add(Hit hit) {
    views.computeIfAbsent(hit.ip() + " " + hit.agent(), v -> new ArrayList<>()).add(hit);
  }

  void write(Map<String, ExpectedTable> to) {
    List<Visit> visits = new ArrayList<>();
    views.values().forEach(hits -> cut(hits, visits));
    to.put("funnel", funnel(visits));
    to.put("visits_by_day", byDay(visits));
  }

  private static void cut(List<Hit> hits, List<Visit> visits) {
    hits.sort(Comparator.comparing(Hit::at));
    Visit visit = null;
    for (Hit hit : hits) {
      if (visit == null || Duration.between(visit.last, hit.at()).compareTo(PAUSE) > 0) {
        visit = new Visit(hit);
        visits.add(visit);
      } else {
        visit.add(hit);
      }
    }
  }

  private static ExpectedTable funnel(List<Visit> visits) {
    ExpectedTable table = new ExpectedTable("step,name,visits,of_all,of_previous");
    long before = visits.size();
    for (Stage stage : Stage.values()) {
      long reached = visits.stream().filter(v -> v.stage.compareTo(stage) >= 0).count();
      table.row(
          stage.ordinal() + 1,
          stage.name().toLowerCase(Locale.ROOT),
          reached,
          visits.isEmpty() ? null : Sum.percent(reached, visits.size()),
          before == 0 ? null : Sum.percent(reached, before));
      before = reached;
    }
    return table;
  }

  private static ExpectedTable byDay(List<Visit> visits) {
    SortedMap<LocalDate, List<Visit>> days = new TreeMap<>();
    visits.forEach(v -> days.computeIfAbsent(v.day, d -> new ArrayList<>()).add(v));
    ExpectedTable table = new ExpectedTable("day,visits,pages,orders,conversion,bounce_rate");
    days.forEach(
        (day, all) -> {
          long orders = all.stream().filter(v -> v.stage == Stage.ORDER).count();
          long bounced = all.stream().filter(v -> v.pages == 1).count();
          table.row(
              day,
              all.size(),
              all.stream().mapToLong(v -> v.pages).sum(),
              orders,
              Sum.percent(orders, all.size()),
              Sum.percent(bounced, all.size()));
        });
    return table;
  }
}
