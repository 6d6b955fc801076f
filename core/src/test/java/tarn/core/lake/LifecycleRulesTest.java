package tarn.core.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleRulesTest {
  @TempDir Path dir;

  @Test
  void aRuleSaysWhichFilesWhenAndHow() throws IOException {
    LakeFolder folder =
        folder(
            """
              - zone: raw
                prefix: landing/weblogs/
                transition: {after: 90d, storage_class: GLACIER_IR}
                expire: {after: 365d}
              - {zone: temp, expire: {after: 1d}}
            """);
    assertThat(folder.problems()).isEmpty();
    List<LifecycleRule> rules =
        folder.definition().orElseThrow().settings().find(LakeSettings.LIFECYCLE).orElseThrow();
    assertThat(rules.get(0))
        .isEqualTo(
            new LifecycleRule(
                LifecycleRule.Area.RAW,
                "landing/weblogs/",
                Optional.of(Duration.ofDays(90)),
                StorageClass.GLACIER_IR,
                Optional.of(Duration.ofDays(365)),
                new Place("lake.yaml", 3, 5)));
    assertThat(rules.get(1).name()).isEqualTo("temp");
  }

  @Test
  void whatCannotBeMeantIsRefusedWithTheRemedy() throws IOException {
    assertThat(
            problems(
                """
                  - {zone: clean, expire: {after: 9d}}
                  - {zone: raw, transition: {after: 9d, storage_class: DEEP_ARCHIVE}}
                  - {zone: raw, transition: {after: 9d, storage_class: GLACIER}}
                  - {zone: raw, transition: {after: 9d, storage_class: COLD}}
                  - {zone: rwa, expire: {after: 9d}}
                  - {prefix: x, expire: {after: 9d}}
                  - {zone: raw}
                  - {zone: raw, expire: 9d}
                  - {zone: raw, expire: {}}
                  - {zone: raw, expire: {after: soon}}
                  - {zone: raw, prefix: /landing, expire: {after: 9d}}
                  - {zone: raw, expires: {after: 9d}}
                  - 9d
                """))
        .containsExactly(
            "3:12 files in clean belong to its tables and have no lifecycle of their own; how long old states of tables are kept says maintenance.snapshot_retention",
            "4:56 objects of the storage class DEEP_ARCHIVE cannot be read before S3 has brought them back, which takes minutes to days; GLACIER_IR costs little and can be read at once",
            "5:56 objects of the storage class GLACIER cannot be read before S3 has brought them back, which takes minutes to days; GLACIER_IR costs little and can be read at once",
            "6:56 'COLD' is not one of STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR",
            "7:12 'rwa' is not one of raw, archive, temp; did you mean 'raw'?",
            "8:5 'zone' is missing in a lifecycle rule",
            "9:5 the rule does nothing; write transition: {after: 90d} or expire: {after: 365d}",
            "10:25 expected 'key: value' lines in 'expire', found '9d'; its keys are after",
            "11:25 'after' is missing in 'expire'; write after: 90d",
            "12:33 'soon' is not a number with ms, s, m, h or d, like 10s or 7d",
            "13:25 a prefix is a path below the zone; write it without the first '/'",
            "14:17 unknown key 'expires' in a lifecycle rule; did you mean 'expire'?",
            "15:5 expected 'key: value' lines in a lifecycle rule, found '9d'; its keys are zone, prefix, transition, expire");
  }

  @Test
  void rulesThatContradictEachOtherAreRefused() throws IOException {
    assertThat(
            problems(
                """
                  - {zone: raw, prefix: landing/a, transition: {after: 9d}, expire: {after: 9d}}
                  - {zone: raw, prefix: landing/ab/, expire: {after: 99d}}
                  - {zone: archive, prefix: landing/, expire: {after: 99d}}
                  - {zone: archive, transition: {after: 9d}}
                """))
        .containsExactly(
            "3:5 files would expire after 9d, not later than they are archived, after 9d; let them expire later, or leave the transition out",
            "4:5 this rule (raw landing/ab/) and that in line 3 (raw landing/a) both say 'expire' for the same files; choose prefixes that do not begin with each other, or leave one 'expire' out",
            "5:5 this rule (archive landing/) and that in line 3 (raw landing/a) both say 'expire' for the same files; choose prefixes that do not begin with each other, or leave one 'expire' out",
            "5:5 this rule (archive landing/) and that in line 4 (raw landing/ab/) both say 'expire' for the same files; choose prefixes that do not begin with each other, or leave one 'expire' out",
            "6:5 a transition goes from raw to the archive zone; files in archive have none; write expire, or zone: raw",
            "6:5 this rule (archive) and that in line 3 (raw landing/a) both say 'transition' for the same files; choose prefixes that do not begin with each other, or leave one 'transition' out");
  }

  @Test
  void rulesForDifferentFilesOrDifferentEndsStandBesideEachOther() throws IOException {
    assertThat(
            problems(
                """
                  - {zone: raw, transition: {after: 9d}}
                  - {zone: raw, prefix: landing/short/, expire: {after: 1d}}
                  - {zone: archive, prefix: landing/long/, expire: {after: 999d}}
                  - {zone: temp, expire: {after: 1d}}
                """))
        .isEmpty();
    assertThat(
            problems(
                """
                  - {zone: raw, prefix: landing/a/, transition: {after: 9d}}
                  - {zone: raw, prefix: landing/, expire: {after: 1d}}
                """))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("3:5 files would expire after 1d");
  }

  private List<String> problems(String rules) throws IOException {
    return folder(rules).problems().stream()
        .map(
            p ->
                p.place().line()
                    + ":"
                    + p.place().column()
                    + " "
                    + p.message()
                    + (p.suggestion().isEmpty() ? "" : "; " + p.suggestion()))
        .toList();
  }

  private LakeFolder folder(String rules) throws IOException {
    Files.writeString(dir.resolve("lake.yaml"), "name: old\nlifecycle:\n" + rules.indent(0));
    return LakeFolder.load(dir);
  }
}
