package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tarn.core.database.Database;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.ledger.Batch;
import tarn.core.ledger.EventCounts;
import tarn.core.ledger.LandOutcome;
import tarn.core.ledger.Landing;
import tarn.core.ledger.Ledger;
import tarn.core.ledger.Offset;
import tarn.core.ledger.RawFile;
import tarn.core.ledger.SourceCounts;
import tarn.core.ledger.SourceName;
import tarn.core.ledger.SqlLedger;
import tarn.core.ledger.Whereabouts;
import tarn.core.storage.ObjectKey;
import tarn.core.storage.Zone;

/** What every {@link Ledger} keeps. A test extends this and names where its database is. */
public abstract class LedgerContract {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123456Z");
  private static final SourceName ORDERS = new SourceName("orders");
  private static final SourceName CLICKS = new SourceName("clicks");

  @TempDir protected Path temp;
  private Database database;
  private Database otherDatabase;
  private Ledger ledger;
  private Ledger other;
  private Whereabouts whereabouts;

  /** A fresh place, with nothing in it. */
  protected abstract DatabasePlace place(Path temp);

  @BeforeEach
  void openTwice() {
    DatabasePlace place = place(temp);
    database = place.open();
    otherDatabase = place.open();
    ledger = new SqlLedger(database);
    other = new SqlLedger(otherDatabase);
    whereabouts = new Whereabouts(database);
  }

  @AfterEach
  void closeBoth() {
    database.close();
    otherDatabase.close();
  }

  @Test
  void anEmptyLedgerSaysNone() {
    assertThat(ledger.lastSeq()).isZero();
    assertThat(ledger.batches(Set.of(), 0, 10)).isEmpty();
    assertThat(ledger.files(1)).isEmpty();
    assertThat(ledger.counts()).isEmpty();
    assertThat(ledger.offset(ORDERS, "")).isEqualTo(Offset.START);
    assertThat(ledger.find(ORDERS, "", sha("a"))).isEmpty();
    assertThat(ledger.lists("landing/orders/a")).isFalse();
  }

  @Test
  void aLandingIsEnteredWhole() {
    RawFile a = file("day=1", "a");
    RawFile b = file("day=2", "b");
    Batch batch = landed(ledger.land(landing(ORDERS, Offset.START, "1", a, b))).batch();

    assertThat(batch)
        .isEqualTo(
            new Batch(
                1,
                ORDERS,
                "files",
                "",
                "",
                "1",
                0,
                NOON,
                2,
                a.bytes() + b.bytes(),
                0,
                Optional.empty()));
    assertThat(other.batches(Set.of(), 0, 10)).containsExactly(batch);
    assertThat(other.files(1)).containsExactly(a, b);
    assertThat(other.offset(ORDERS, "")).isEqualTo(new Offset("1", 0));
    assertThat(other.lastSeq()).isEqualTo(1);
    assertThat(other.lists(a.key().path())).isTrue();
    assertThat(other.find(ORDERS, "day=1", a.sha256())).contains(1L);
    assertThat(other.counts()).containsExactly(new SourceCounts(ORDERS, 2, 2, 0, batch.bytes(), 1));
  }

  @Test
  void theSameContentInTheSameFolderLandsOnce() {
    RawFile first = file("", "a");
    RawFile again = renamed(first, "other name.csv");
    landed(ledger.land(landing(ORDERS, Offset.START, "1", first)));
    LandOutcome.Landed second =
        landed(ledger.land(landing(ORDERS, new Offset("1", 0), "2", again, file("", "b"))));

    assertThat(second.duplicates()).containsExactly(again);
    assertThat(second.batch().duplicates()).isEqualTo(1);
    assertThat(ledger.files(2)).containsExactly(file("", "b"));
    assertThat(ledger.lists(again.key().path())).isFalse();
    assertCountsBalance();
  }

  @Test
  void eventsAreCountedWithTheirBatch() {
    RawFile segment = file("", "a", RawFile.Role.EVENTS);
    RawFile ids = file("", "i", RawFile.Role.IDS);
    RawFile dead = file("", "d", RawFile.Role.DEAD);
    EventCounts counts = new EventCounts(10, 4, 3, 2, 1);
    Batch batch =
        landed(ledger.land(events(Offset.START, "0:10", counts, segment, ids, dead))).batch();

    assertThat(other.batches(Set.of(ORDERS), 0, 10)).containsExactly(batch);
    assertThat(batch.events()).contains(counts);
    assertThat(other.files(1)).containsExactly(segment);
    assertThat(other.files(1, RawFile.Role.IDS)).containsExactly(ids);
    assertThat(other.files(1, RawFile.Role.DEAD)).containsExactly(dead);
    assertThat(other.offset(ORDERS, "events")).isEqualTo(new Offset("0:10", 0));
    assertThat(other.offset(ORDERS, "")).isEqualTo(Offset.START);
    assertThat(other.eventCounts(ORDERS)).isEqualTo(counts);
    assertThat(other.eventCounts(CLICKS)).isEqualTo(EventCounts.NONE);
  }

  @Test
  void eventsOfWhichNothingIsNewMoveTheOffsetAndAreCounted() {
    landed(
        ledger.land(
            events(
                Offset.START,
                "0:1",
                new EventCounts(1, 1, 0, 0, 0),
                file("", "a", RawFile.Role.EVENTS))));
    assertThat(ledger.land(events(new Offset("0:1", 0), "0:3", new EventCounts(2, 0, 2, 0, 0))))
        .isEqualTo(new LandOutcome.AllDuplicates(List.of()));
    assertThat(other.lastSeq()).isEqualTo(1);
    assertThat(other.offset(ORDERS, "events")).isEqualTo(new Offset("0:3", 0));
    assertThat(other.eventCounts(ORDERS)).isEqualTo(new EventCounts(3, 1, 2, 0, 0));
  }

  @Test
  void segmentsOfTheSameBytesAreTwo() {
    EventCounts one = new EventCounts(1, 1, 0, 0, 0);
    RawFile a = file("", "a", RawFile.Role.EVENTS);
    RawFile again =
        new RawFile(
            new ObjectKey(Zone.RAW, "streams/again"),
            "",
            "again",
            a.bytes(),
            a.sha256(),
            a.modified(),
            a.state(),
            a.role(),
            0);
    landed(ledger.land(events(Offset.START, "0:1", one, a)));
    landed(ledger.land(events(new Offset("0:1", 0), "0:2", one, again)));
    assertThat(ledger.files(2)).containsExactly(again);
    assertThat(ledger.find(ORDERS, "", a.sha256())).isEmpty();
    landed(ledger.land(landing(ORDERS, Offset.START, "1", file("", "a"))));
  }

  private static Landing events(Offset expected, String to, EventCounts counts, RawFile... files) {
    return new Landing(
        ORDERS, "events", "events", expected, to, List.of(files), NOON, Optional.of(counts));
  }

  private static RawFile file(String folder, String content, RawFile.Role role) {
    RawFile file = file(folder, content);
    return new RawFile(
        file.key(),
        file.folder(),
        file.name(),
        file.bytes(),
        file.sha256(),
        file.modified(),
        file.state(),
        role,
        0);
  }

  @Test
  void compactedSegmentsAreListedOnceAsTheirLastBatchs() {
    EventCounts one = new EventCounts(1, 1, 0, 0, 0);
    for (int i = 1; i <= 4; i++) {
      Offset from = i == 1 ? Offset.START : new Offset("0:" + (i - 1), 0);
      RawFile ids = file("", "ids" + i, RawFile.Role.IDS);
      landed(ledger.land(events(from, "0:" + i, one, file("", "s" + i, RawFile.Role.EVENTS), ids)));
    }
    List<Whereabouts.Entry> segments = whereabouts.segments(ORDERS, 3, 10);
    assertThat(segments).extracting(Whereabouts.Entry::seq).containsExactly(1L, 2L, 3L);
    RawFile into = compacted("event_type=a", 1);
    whereabouts.compact(segments, List.of(into), NOON.plusSeconds(9));

    assertThat(ledger.files(1)).isEmpty();
    assertThat(ledger.files(3)).containsExactly(into);
    assertThat(ledger.files(2, RawFile.Role.IDS)).hasSize(1);
    assertThat(whereabouts.segments(ORDERS, 9, 10))
        .extracting(Whereabouts.Entry::seq)
        .containsExactly(4L);
    assertThat(whereabouts.left(NOON.plusSeconds(10), 10))
        .extracting(left -> left.key().path())
        .containsExactlyInAnyOrderElementsOf(
            segments.stream().map(s -> s.file().key().path()).toList());
    assertThat(whereabouts.whole(ORDERS, new Whereabouts.Span(2, 2)))
        .isEqualTo(new Whereabouts.Span(1, 3));
    assertThat(whereabouts.whole(ORDERS, new Whereabouts.Span(4, 4)))
        .isEqualTo(new Whereabouts.Span(4, 4));
    RawFile other = compacted("event_type=b", 1);
    assertThatThrownBy(() -> whereabouts.compact(segments, List.of(other), NOON))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("compacted by another");
    assertThat(ledger.files(3)).as("nothing of it").containsExactly(into);
  }

  private static RawFile compacted(String folder, long firstSeq) {
    RawFile file = file(folder, "all");
    return new RawFile(
        file.key(),
        folder,
        file.name(),
        file.bytes(),
        file.sha256(),
        file.modified(),
        file.state(),
        RawFile.Role.EVENTS,
        firstSeq);
  }

  @Test
  void theSameContentInAnotherFolderOrSourceLandsToo() {
    landed(ledger.land(landing(ORDERS, Offset.START, "1", file("day=1", "a"))));
    landed(ledger.land(landing(ORDERS, new Offset("1", 0), "2", file("day=2", "a"))));
    landed(ledger.land(landing(CLICKS, Offset.START, "1", file("day=1", "a"))));
    assertThat(ledger.lastSeq()).isEqualTo(3);
  }

  @Test
  void duplicatesInsideOneLandingCount() {
    RawFile first = file("", "a");
    RawFile twin = renamed(first, "twin.csv");
    LandOutcome.Landed landed =
        landed(ledger.land(landing(ORDERS, Offset.START, "1", first, twin)));
    assertThat(landed.duplicates()).containsExactly(twin);
    assertThat(ledger.counts())
        .containsExactly(new SourceCounts(ORDERS, 2, 1, 1, first.bytes(), 1));
  }

  @Test
  void aLandingOfDuplicatesOnlyMovesTheOffsetAndUsesNoNumber() {
    RawFile a = file("", "a");
    landed(ledger.land(landing(ORDERS, Offset.START, "1", a)));
    LandOutcome outcome = ledger.land(landing(ORDERS, new Offset("1", 0), "2", a));

    assertThat(outcome).isEqualTo(new LandOutcome.AllDuplicates(List.of(a)));
    assertThat(ledger.offset(ORDERS, "")).isEqualTo(new Offset("2", 0));
    assertThat(ledger.lastSeq()).isEqualTo(1);
    assertThat(ledger.counts()).containsExactly(new SourceCounts(ORDERS, 2, 1, 1, a.bytes(), 1));
    assertThat(landed(ledger.land(landing(CLICKS, Offset.START, "1", a))).batch().seq())
        .isEqualTo(2);
  }

  @Test
  void aStaleOffsetEntersNothing() {
    landed(ledger.land(landing(ORDERS, Offset.START, "1", file("", "a"))));
    LandOutcome outcome = other.land(landing(ORDERS, Offset.START, "9", file("", "b")));

    assertThat(outcome).isEqualTo(new LandOutcome.Stale(new Offset("1", 0)));
    assertThat(ledger.lists(file("", "b").key().path())).isFalse();
    assertThat(ledger.lastSeq()).isEqualTo(1);
    assertCountsBalance();
  }

  @Test
  void anOffsetFromAnotherHistoryIsStale() {
    assertThat(ledger.land(landing(ORDERS, new Offset("7", 3), "8", file("", "a"))))
        .isEqualTo(new LandOutcome.Stale(Offset.START));
    assertThat(ledger.lastSeq()).isZero();
  }

  @Test
  void aRetryAfterALostAnswerComesBackAsDuplicates() {
    Landing landing = landing(ORDERS, Offset.START, "1", file("", "a"), file("", "b"));
    landed(ledger.land(landing));

    LandOutcome retry = ledger.land(landing);
    Offset current = ((LandOutcome.Stale) retry).current();
    LandOutcome second =
        ledger.land(
            landing(ORDERS, current, current.value(), landing.files().toArray(RawFile[]::new)));
    assertThat(second).isEqualTo(new LandOutcome.AllDuplicates(landing.files()));
    assertThat(ledger.lastSeq()).isEqualTo(1);
  }

  @Test
  void aNewOwnerFencesTheOld() {
    Offset mine = ledger.takeOver(ORDERS, "");
    assertThat(mine).isEqualTo(new Offset("", 1));
    landed(ledger.land(landing(ORDERS, mine, "1", file("", "a"))));

    Offset theirs = other.takeOver(ORDERS, "");
    assertThat(theirs).isEqualTo(new Offset("1", 2));
    assertThat(ledger.land(landing(ORDERS, new Offset("1", 1), "2", file("", "b"))))
        .isEqualTo(new LandOutcome.Fenced(theirs));
    assertThat(landed(other.land(landing(ORDERS, theirs, "2", file("", "b")))).batch().epoch())
        .isEqualTo(2);
    assertThat(ledger.land(landing(ORDERS, Offset.START, "2", file("", "c"))))
        .isInstanceOf(LandOutcome.Fenced.class);
  }

  @Test
  void partitionsHaveTheirOwnOffsetsAndOwners() {
    Offset zero = ledger.takeOver(CLICKS, "0");
    assertThat(ledger.offset(CLICKS, "1")).isEqualTo(Offset.START);
    Landing one =
        new Landing(CLICKS, "events", "1", Offset.START, "5", List.of(file("", "a")), NOON);
    landed(ledger.land(one));
    assertThat(ledger.offset(CLICKS, "0")).isEqualTo(zero);
    assertThat(ledger.offset(CLICKS, "1")).isEqualTo(new Offset("5", 0));
    assertThat(ledger.batches(Set.of(), 0, 1).get(0).partition()).isEqualTo("1");
  }

  @Test
  void batchesComeInOrderBySourceAfterANumber() {
    for (int i = 1; i <= 6; i++) {
      SourceName source = i % 2 == 0 ? ORDERS : CLICKS;
      landed(
          ledger.land(landing(source, ledger.offset(source, ""), "" + i, file("", "file " + i))));
    }
    assertThat(seqs(Set.of(), 0, 100)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(seqs(Set.of(ORDERS), 0, 100)).containsExactly(2L, 4L, 6L);
    assertThat(seqs(Set.of(ORDERS, CLICKS), 2, 2)).containsExactly(3L, 4L);
    assertThat(seqs(Set.of(), 6, 100)).isEmpty();
    assertThat(seqs(Set.of(new SourceName("nobody")), 0, 100)).isEmpty();
  }

  @Test
  void aLandingWithoutFilesIsRefused() {
    assertRefused(landing(ORDERS, Offset.START, "1"));
  }

  @Test
  void aLandingOutsideTheRawZoneIsRefused() {
    RawFile a = file("", "a");
    RawFile elsewhere =
        new RawFile(new ObjectKey(Zone.CLEAN, "x"), "", "x", a.bytes(), a.sha256(), a.modified());
    assertRefused(landing(ORDERS, Offset.START, "1", elsewhere));
  }

  @Test
  void oddNamesComeBackAsTheyWent() {
    String odd = "a b/ж=漢字 🐟%2F+'\".csv";
    RawFile file =
        new RawFile(
            new ObjectKey(Zone.RAW, "landing/orders/" + odd),
            "a b/ж=漢字 🐟%2F+",
            odd,
            1,
            sha(odd),
            NOON);
    landed(ledger.land(landing(ORDERS, Offset.START, "1", file)));
    assertThat(ledger.files(1)).containsExactly(file);
    assertThat(ledger.find(ORDERS, file.folder(), file.sha256())).contains(1L);
    assertThat(ledger.lists(file.key().path())).isTrue();
  }

  @Test
  void aLandingOfManyFilesKeepsTheirOrder() {
    RawFile[] files =
        IntStream.range(0, 1_500)
            .mapToObj(i -> file("day=" + i % 3, "f" + i))
            .toArray(RawFile[]::new);
    landed(ledger.land(landing(ORDERS, Offset.START, "1", files)));
    assertThat(ledger.files(1)).containsExactly(files);
    assertThat(ledger.land(landing(ORDERS, new Offset("1", 0), "2", files)))
        .isEqualTo(new LandOutcome.AllDuplicates(List.of(files)));
  }

  @Test
  void threadsThatRaceToLandTheSameContentLandItOnce() {
    int threads = 8;
    int contents = 10;
    Together.run(
        threads,
        number -> {
          Ledger mine = number % 2 == 0 ? ledger : other;
          for (int i = 0; i < contents; i++) {
            landUntilDone(mine, CLICKS, number + "", file("", "content " + i));
          }
          return number;
        });
    assertThat(ledger.lastSeq()).isEqualTo(contents);
    assertThat(seqs(Set.of(), 0, 1_000))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, contents).boxed().toList());
    assertThat(ledger.counts().get(0).received()).isEqualTo((long) threads * contents);
    assertThat(ledger.counts().get(0).stored()).isEqualTo(contents);
    assertCountsBalance();
  }

  @Test
  void threadsThatShareAnOffsetMoveItOneByOne() {
    int threads = 6;
    int each = 5;
    Together.run(
        threads,
        number -> {
          Ledger mine = number % 2 == 0 ? ledger : other;
          for (int i = 0; i < each; i++) {
            landUntilDone(mine, ORDERS, "", file("", number + " lands " + i));
          }
          return number;
        });
    List<Batch> batches = ledger.batches(Set.of(), 0, 1_000);
    assertThat(batches).hasSize(threads * each);
    for (int i = 0; i < batches.size(); i++) {
      assertThat(batches.get(i).seq()).isEqualTo(i + 1L);
      assertThat(batches.get(i).from()).isEqualTo(i == 0 ? "" : "" + i);
      assertThat(batches.get(i).to()).isEqualTo("" + (i + 1));
    }
  }

  @Test
  void aReaderNeverSeesAGapThatIsFilledLater() {
    AtomicBoolean done = new AtomicBoolean();
    List<List<Long>> seen = new ArrayList<>();
    Together.run(
        4,
        number -> {
          if (number == 0) {
            while (!done.get()) {
              seen.add(seqs(Set.of(), 0, 1_000));
            }
            return number;
          }
          Ledger mine = number % 2 == 0 ? ledger : other;
          for (int i = 0; i < 20; i++) {
            landUntilDone(mine, CLICKS, "" + number, file("", number + " lands " + i));
          }
          done.set(number == 1 || done.get());
          return number;
        });
    assertThat(seen)
        .allSatisfy(
            seqs ->
                assertThat(seqs)
                    .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, seqs.size()).boxed().toList()));
  }

  @Test
  void ownersThatRaceHaveDifferentEpochs() {
    List<Offset> offsets =
        Together.run(8, number -> (number % 2 == 0 ? ledger : other).takeOver(ORDERS, "p"));
    assertThat(offsets.stream().map(Offset::epoch).sorted())
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void aFileGoesToTheArchiveAndComesBackUnderANewName() {
    RawFile a = file("day=1", "a");
    landed(ledger.land(landing(ORDERS, Offset.START, "1", a, file("day=1", "b"))));
    Whereabouts.Entry stored = stored().get(0);
    assertThat(stored.path()).isEqualTo("landing/orders/day=1/a.csv");
    assertThat(stored.since()).isEqualTo(NOON);

    assertThat(archive(stored, "raw/1/a.gz")).containsExactly(stored);
    Whereabouts.Entry archived = whereabouts.away(ORDERS, 0).get(0);
    assertThat(archived.location()).contains(inArchive("raw/1/a.gz"));
    assertThat(archived.archived().orElseThrow().bytes()).isEqualTo(7);
    assertThat(archived.since()).isEqualTo(LATER);
    assertThat(ledger.files(1).get(0).state()).isEqualTo(RawFile.State.ARCHIVED);
    assertThat(ledger.files(1).get(1).isStored()).isTrue();
    assertThat(stored()).extracting(e -> e.file().name()).containsExactly("b.csv");

    ObjectKey back = new ObjectKey(Zone.RAW, "restored/2/a");
    assertThat(whereabouts.restore(List.of(new Whereabouts.ToRaw(archived, back)), LATER))
        .containsExactly(archived);
    assertThat(other.files(1).get(0))
        .isEqualTo(new RawFile(back, a.folder(), a.name(), a.bytes(), a.sha256(), a.modified()));
    assertThat(whereabouts.away(ORDERS, 0)).isEmpty();
    assertThat(whereabouts.find(1, 0).orElseThrow().archived()).isEmpty();
  }

  @Test
  void whatAFileLeftIsTheLedgersUntilItIsRemoved() {
    RawFile a = file("", "a");
    landed(ledger.land(landing(ORDERS, Offset.START, "1", a)));
    archive(stored().get(0), "raw/1/a.gz");

    assertThat(whereabouts.left(NOON, 10)).isEmpty();
    Whereabouts.Left left = whereabouts.left(LATER, 10).get(0);
    assertThat(left).isEqualTo(new Whereabouts.Left(a.key(), 1, 0, a.bytes(), LATER));
    assertThat(ledger.lists(a.key().path())).isTrue();
    assertThat(whereabouts.known(Zone.ARCHIVE, List.of("raw/1/a.gz", "raw/1/b.gz")))
        .containsExactly("raw/1/a.gz");
    assertThat(whereabouts.find(ORDERS, "", a.sha256().substring(0, 16)))
        .contains(whereabouts.away(ORDERS, 0).get(0));
    assertThat(whereabouts.find(ORDERS, "x", a.sha256().substring(0, 16))).isEmpty();

    whereabouts.removed(List.of(left));
    assertThat(whereabouts.left(LATER, 10)).isEmpty();
    assertThat(ledger.lists(a.key().path())).isFalse();
  }

  @Test
  void anExpiredFileIsGoneAndStillKnown() {
    RawFile a = file("", "a");
    landed(ledger.land(landing(ORDERS, Offset.START, "1", a, file("", "b"))));
    archive(stored().get(0), "raw/1/a.gz");
    List<Whereabouts.Entry> both = new ArrayList<>(whereabouts.away(ORDERS, 0));
    both.addAll(stored());
    assertThat(whereabouts.expire(both, LATER)).hasSize(2);

    assertThat(ledger.files(1)).extracting(RawFile::state).containsOnly(RawFile.State.EXPIRED);
    assertThat(whereabouts.left(LATER, 10))
        .extracting(Whereabouts.Left::key)
        .containsExactlyInAnyOrder(inArchive("raw/1/a.gz"), a.key(), file("", "b").key());
    assertThat(ledger.land(landing(ORDERS, new Offset("1", 0), "2", a)))
        .isEqualTo(new LandOutcome.AllDuplicates(List.of(a)));
    assertThat(whereabouts.find(1, 0).orElseThrow().location()).isEmpty();
  }

  @Test
  void whoMovesAFileSecondMovesNothing() {
    landed(ledger.land(landing(ORDERS, Offset.START, "1", file("", "a"))));
    Whereabouts.Entry seen = stored().get(0);
    List<List<Whereabouts.Entry>> moved =
        Together.run(8, number -> archive(seen, "raw/" + number + "/a.gz"));
    assertThat(moved.stream().mapToInt(List::size).sum()).isEqualTo(1);
    assertThat(whereabouts.left(LATER, 10)).hasSize(1);

    Whereabouts.Entry archived = whereabouts.away(ORDERS, 0).get(0);
    ObjectKey back = new ObjectKey(Zone.RAW, "restored/2/a");
    assertThat(whereabouts.expire(List.of(seen), LATER)).isEmpty();
    whereabouts.restore(List.of(new Whereabouts.ToRaw(archived, back)), LATER);
    assertThat(whereabouts.expire(List.of(archived), LATER)).isEmpty();
    assertThat(archive(seen, "raw/9/a.gz")).isEmpty();
    assertThat(stored()).extracting(e -> e.file().key()).containsExactly(back);
  }

  @Test
  void filesThatAreOldEnoughComePageByPage() {
    landed(ledger.land(landing(ORDERS, Offset.START, "1", file("", "a"), file("", "b"))));
    landed(ledger.land(landing(CLICKS, Offset.START, "1", file("", "c"))));
    assertThat(stored()).hasSize(3);
    assertThat(
            whereabouts.page(
                RawFile.State.STORED, Whereabouts.Cursor.START, NOON.minusMillis(1), 10))
        .isEmpty();
    Whereabouts.Cursor after = Whereabouts.Cursor.START;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      for (Whereabouts.Entry entry : whereabouts.page(RawFile.State.STORED, after, NOON, 1)) {
        names.add(entry.file().name());
        after = Whereabouts.Cursor.of(entry);
      }
    }
    assertThat(names).containsExactly("a.csv", "b.csv", "c.csv");
  }

  private static final Instant LATER = NOON.plusSeconds(3_600);

  private List<Whereabouts.Entry> stored() {
    return whereabouts.page(RawFile.State.STORED, Whereabouts.Cursor.START, LATER, 100);
  }

  private List<Whereabouts.Entry> archive(Whereabouts.Entry entry, String path) {
    Whereabouts.Archived to =
        new Whereabouts.Archived(inArchive(path), 7, Whereabouts.Encoding.GZIP);
    return whereabouts.archive(List.of(new Whereabouts.ToArchive(entry, to)), LATER);
  }

  private static ObjectKey inArchive(String path) {
    return new ObjectKey(Zone.ARCHIVE, path);
  }

  private static void landUntilDone(
      Ledger ledger, SourceName source, String partition, RawFile file) {
    while (true) {
      Offset offset = ledger.offset(source, partition);
      long next = offset.value().isEmpty() ? 1 : Long.parseLong(offset.value()) + 1;
      LandOutcome outcome =
          ledger.land(
              new Landing(source, "files", partition, offset, "" + next, List.of(file), NOON));
      if (!(outcome instanceof LandOutcome.Stale)) {
        return;
      }
    }
  }

  private List<Long> seqs(Set<SourceName> sources, long after, int limit) {
    return ledger.batches(sources, after, limit).stream().map(Batch::seq).toList();
  }

  private void assertRefused(Landing landing) {
    assertThatThrownBy(() -> ledger.land(landing))
        .isInstanceOfSatisfying(
            TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    assertThat(ledger.offset(landing.source(), landing.partition())).isEqualTo(Offset.START);
  }

  private void assertCountsBalance() {
    assertThat(ledger.counts())
        .allSatisfy(c -> assertThat(c.received()).isEqualTo(c.stored() + c.duplicate()));
  }

  private static LandOutcome.Landed landed(LandOutcome outcome) {
    assertThat(outcome).isInstanceOf(LandOutcome.Landed.class);
    return (LandOutcome.Landed) outcome;
  }

  private static Landing landing(SourceName source, Offset expected, String to, RawFile... files) {
    return new Landing(source, "files", "", expected, to, List.of(files), NOON);
  }

  private static RawFile file(String folder, String content) {
    String path = "landing/orders/" + folder + (folder.isEmpty() ? "" : "/") + content;
    return new RawFile(
        new ObjectKey(Zone.RAW, path),
        folder,
        content + ".csv",
        content.length(),
        sha(content),
        NOON);
  }

  private static RawFile renamed(RawFile file, String name) {
    ObjectKey key = new ObjectKey(Zone.RAW, "landing/orders/" + name);
    return new RawFile(key, file.folder(), name, file.bytes(), file.sha256(), file.modified());
  }

  private static String sha(String content) {
    return Sha256.hex(content.getBytes(StandardCharsets.UTF_8));
  }
}
