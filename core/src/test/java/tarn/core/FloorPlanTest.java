package tarn.core;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The floors of core: a room uses the floors below it. ARCHITECTURE.md draws them. */
class FloorPlanTest {
  /** The ground floor first. */
  private static final List<Set<String>> FLOORS =
      List.of(
          Set.of("errors", "lake", "observe", "database"),
          Set.of("storage"),
          Set.of("ledger", "table", "change"),
          Set.of("engine", "catalog", "event"),
          Set.of("recipe", "quality", "query", "ingest", "stream", "source"),
          Set.of("model", "lifecycle", "workflow"),
          Set.of("validate", "undo", "preview", "backup"));

  /** The doors between rooms of one floor; there are no others. */
  private static final Map<String, Set<String>> DOORS =
      Map.of(
          "lake", Set.of("errors"),
          "database", Set.of("errors"),
          "catalog", Set.of("engine"),
          "ingest", Set.of("recipe", "quality", "query"),
          "source", Set.of("ingest"));

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("tarn.core");

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomUsesOnlyTheFloorsBelowAndItsDoors(String room) {
    classes()
        .that()
        .resideInAPackage(within(room))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(reachable(room)).or(DescribedPredicate.not(inCore())))
        .because(
            room
                + " may know only what is below it: pass what it needs as a parameter, move the shared type down, or"
                + " declare a small interface in "
                + room
                + " that the room above implements; a new door between neighbours is a line in DOORS and in ARCHITECTURE.md")
        .check(CORE);
  }

  @Test
  void noRoomsUseEachOther() {
    slices()
        .matching("tarn.core.(*)..")
        .should()
        .beFreeOfCycles()
        .because(
            "rooms that need each other are one room, or a third idea is missing: find its name and give it a package below both")
        .check(CORE);
  }

  @Test
  void everyRoomIsOnTheFloorPlan() {
    Set<String> built =
        CORE.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith("tarn.core."))
            .map(name -> name.split("\\.")[2])
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(built)
        .as("give a new package a floor in FLOORS and in ARCHITECTURE.md, and delete what is gone")
        .isEqualTo(new TreeSet<>(rooms()));
  }

  @Test
  void coreKnowsNoEngineAndNoCloud() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.duckdb..",
            "software.amazon..",
            "io.javalin..",
            "org.apache.spark..",
            "org.apache.kafka..",
            "org.apache.iceberg.relocated..")
        .because(
            "core has ideas and ports: put the code into the module of that library, behind a port of core")
        .check(CORE);
  }

  @Test
  void onlyTheDatabaseRoomsSpeakToDatabases() {
    noClasses()
        .that()
        .resideOutsideOfPackages("tarn.core.database..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.sqlite..", "org.postgresql..", "org.flywaydb..", "com.zaxxer.hikari..")
        .because(
            "both databases keep one contract: use tarn.core.database.Database, and add to its contract what is missing")
        .check(CORE);
  }

  static Set<String> rooms() {
    Set<String> rooms = new LinkedHashSet<>();
    FLOORS.forEach(rooms::addAll);
    return rooms;
  }

  private static String[] reachable(String room) {
    Set<String> reachable = new LinkedHashSet<>(Set.of(room));
    for (Set<String> floor : FLOORS) {
      if (floor.contains(room)) {
        break;
      }
      reachable.addAll(floor);
    }
    reachable.addAll(DOORS.getOrDefault(room, Set.of()));
    return reachable.stream().map(FloorPlanTest::within).toArray(String[]::new);
  }

  private static DescribedPredicate<JavaClass> inCore() {
    return resideInAPackage("tarn.core..");
  }

  private static String within(String room) {
    return "tarn.core." + room + "..";
  }
}
