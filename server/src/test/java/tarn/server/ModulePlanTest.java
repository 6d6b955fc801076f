package tarn.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Between the modules: this one sees them all, so here stands what Maven cannot forbid. */
class ModulePlanTest {
  private static final List<String> ADAPTERS =
      List.of("iceberg", "duckdb", "aws", "streams", "cdc");

  private static final JavaClasses TARN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("tarn");

  @ParameterizedTest
  @ValueSource(strings = {"iceberg", "duckdb", "aws", "streams", "cdc"})
  void anAdapterKnowsNoOtherAdapterAndNoDoor(String adapter) {
    noClasses()
        .that()
        .resideInAPackage(within(adapter))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ADAPTERS.stream()
                .filter(other -> !other.equals(adapter))
                .map(ModulePlanTest::within)
                .toArray(String[]::new))
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("tarn.server..", "tarn.cli..", "tarn.api..")
        .because(
            "adapters meet in Wiring only: let this one ask for a port of core, or take a function as a parameter, and connect"
                + " the two there")
        .check(TARN);
  }

  @Test
  void onlyWiringNamesTheAdapters() {
    noClasses()
        .that()
        .resideInAPackage("tarn.server..")
        .and()
        .doNotBelongToAnyOf(Wiring.class)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ADAPTERS.stream().map(ModulePlanTest::within).toArray(String[]::new))
        .because("the doors work with ports of core: build the adapter in Wiring and pass the port")
        .check(TARN);
  }

  @Test
  void awssProtocolsKnowNoService() {
    noClasses()
        .that()
        .resideInAPackage("tarn.server.aws..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "tarn.server.kinesis..", "tarn.server.firehose..", "tarn.server.event..")
        .orShould()
        .dependOnClassesThat(belongToTheDoors())
        .because("a service is a package beside it: give it operations through AwsService")
        .check(TARN);
    noClasses()
        .that()
        .resideInAnyPackage(
            "tarn.server.kinesis..", "tarn.server.firehose..", "tarn.server.event..")
        .should()
        .dependOnClassesThat(belongToTheDoors())
        .because("a service translates to a port: add what it needs to EventStreams")
        .check(TARN);
  }

  private static DescribedPredicate<JavaClass> belongToTheDoors() {
    return DescribedPredicate.describe(
        "are of the doors' own package", type -> type.getPackageName().equals("tarn.server"));
  }

  @Test
  void coreKnowsNoOtherModuleAndOnlyIcebergsApi() {
    noClasses()
        .that()
        .resideInAPackage("tarn.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "tarn.iceberg..",
            "tarn.duckdb..",
            "tarn.aws..",
            "tarn.streams..",
            "tarn.api..",
            "tarn.server..",
            "tarn.cli..",
            "org.duckdb..",
            "software.amazon..")
        .orShould()
        .dependOnClassesThat(fromTheJar("iceberg-core"))
        .because(
            "core has ideas and ports: what needs a library's insides belongs into the module of that library, behind a port")
        .check(TARN);
  }

  @Test
  void theApisTypesStandAlone() {
    noClasses()
        .that()
        .resideInAPackage("tarn.api..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("tarn.core..", "tarn.server..", "com.fasterxml.jackson.databind..")
        .because(
            "the client loads every class of api at each command: keep them small, and translate in the server")
        .check(TARN);
  }

  @Test
  void onlyTheAdapterUsesItsLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage("tarn.duckdb..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.duckdb..")
        .because(
            "a crash of native code costs its process: ask the Engine port, which has processes to lose")
        .check(TARN);
    noClasses()
        .that()
        .resideOutsideOfPackage("tarn.aws..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon..")
        .because(
            "every call to the cloud is in one module: ask the ports ObjectStore and SecretStore")
        .check(TARN);
    noClasses()
        .that()
        .resideOutsideOfPackage("tarn.streams..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "kafka..", "org.rocksdb..")
        .because("logs and indexes of events are in one module: ask EventLog or IdIndex")
        .check(TARN);
    noClasses()
        .that()
        .resideOutsideOfPackage("tarn.streams.broker..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kafka..", "org.apache.kafka.server..", "org.apache.kafka.metadata..")
        .because("a broker can halt the process it runs in: it has one of its own")
        .check(TARN);
    noClasses()
        .that()
        .resideInAnyPackage("tarn..")
        .and()
        .resideOutsideOfPackage("tarn.iceberg..")
        .should()
        .dependOnClassesThat(fromTheJar("iceberg-core"))
        .because(
            "commits go through the TableStore port; types, schemas and filters are in iceberg-api")
        .check(TARN);
  }

  private static DescribedPredicate<JavaClass> fromTheJar(String jar) {
    return DescribedPredicate.describe(
        "are in the jar " + jar,
        type -> type.getSource().filter(s -> s.getUri().toString().contains(jar)).isPresent());
  }

  private static String within(String module) {
    return "tarn." + module + "..";
  }
}
