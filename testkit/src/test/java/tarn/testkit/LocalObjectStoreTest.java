package tarn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.storage.Buckets;
import tarn.core.storage.LocalObjectStore;
import tarn.core.storage.ObjectStore;
import tarn.core.storage.Zone;

class LocalObjectStoreTest extends ObjectStoreContract {
  private static final Buckets BUCKETS = new Buckets("shop", "dev");

  @Override
  protected ObjectStore open(Path temp) {
    return new LocalObjectStore(temp.resolve("zones"), BUCKETS, true);
  }

  @Test
  void objectsArePlainFilesInPlainFolders() {
    store.put(raw("landing/orders/a.csv"), bytes("x"));
    assertThat(bucket().resolve("landing/orders/a.csv")).hasContent("x");
  }

  @Test
  void onlyTheOwnerCanRead() throws IOException {
    store.put(raw("landing/a.csv"), Files.writeString(temp.resolve("f"), "x"));
    Path staging = store.stagingDirectory(Zone.RAW);
    assertThat(staging.getParent()).isEqualTo(bucket().resolve(".staging"));
    assertThat(permissions("landing/a.csv")).isEqualTo("rw-------");
    assertThat(permissions("landing")).isEqualTo("rwx------");
    assertThat(permissions(".")).isEqualTo("rwx------");
    assertThat(permissions(".staging")).isEqualTo("rwx------");
  }

  @Test
  void linksThatLeadOutAreNotFollowed() throws IOException {
    Path outside = Files.createDirectories(temp.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "secret");
    Files.createSymbolicLink(bucket().resolve("folder"), outside);
    Files.createSymbolicLink(bucket().resolve("file"), outside.resolve("secret"));

    assertThat(list(Zone.RAW, "")).isEmpty();
    assertThat(list(Zone.RAW, "folder/")).isEmpty();
    assertThat(store.stat(raw("file"))).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> store.read(raw("folder/secret")).close());
    assertFails(ErrorCode.NOT_FOUND, () -> store.localize(raw("file")));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> store.put(raw("folder/x/y"), bytes("x")));
    store.delete(raw("folder/secret"));
    assertThat(outside.resolve("secret")).hasContent("secret");
    assertThat(outside.resolve("x")).doesNotExist();
  }

  @Test
  void aLinkIsNotStoredInPlaceOfItsBytes() throws IOException {
    Path link =
        Files.createSymbolicLink(temp.resolve("link"), Files.writeString(temp.resolve("f"), "x"));
    assertFails(ErrorCode.BAD_REQUEST, () -> store.put(raw("a"), link));
  }

  @Test
  void anOutageDoesNotLookLikeAnEmptyZone() throws IOException {
    Files.move(bucket(), temp.resolve("unmounted"));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> store.stat(raw("a")));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> list(Zone.RAW, ""));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> list(Zone.RAW, "landing/"));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> store.put(raw("a"), bytes("x")));
    assertFails(ErrorCode.STORAGE_UNAVAILABLE, () -> store.put(raw("a/b"), bytes("x")));
    assertThat(bucket()).doesNotExist();
  }

  @Test
  void stagingIsNotForObjects() {
    assertFails(ErrorCode.BAD_REQUEST, () -> store.put(raw(".staging/x"), bytes("x")));
    assertFails(ErrorCode.BAD_REQUEST, () -> store.stat(raw(".staging")));
  }

  @Test
  void anObjectCannotBeAFolderToo() {
    store.put(raw("a"), bytes("x"));
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.put(raw("a/b"), bytes("x")));
    assertThat(store.stat(raw("a/b"))).isEmpty();
    store.put(raw("c/d"), bytes("x"));
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.put(raw("c"), bytes("x")));
  }

  @Test
  void aNameTooLongForTheDiskIsRefused() {
    assertFails(ErrorCode.BAD_REQUEST, () -> store.put(raw("n".repeat(300)), bytes("x")));
    assertThat(store.stat(raw("n".repeat(300)))).isEmpty();
  }

  @Test
  void aFileThatNoObjectCanBeNamedAfterIsReported() throws IOException {
    Files.writeString(bucket().resolve("two\nlines.csv"), "x");
    assertThatThrownBy(() -> list(Zone.RAW, ""))
        .isInstanceOf(TarnException.class)
        .hasMessageContaining("rename it");
  }

  @Test
  void leftoversOfDeadProcessesAreRemovedAndThoseOfLivingOnesStay() throws IOException {
    Path mine = store.stagingDirectory(Zone.RAW);
    Path dead = Files.createDirectories(bucket().resolve(".staging/999999999-1-abc/deep"));
    Path recycled =
        Files.createDirectories(
            bucket().resolve(".staging/" + ProcessHandle.current().pid() + "-1-abc"));
    open(temp).close();
    assertThat(mine).exists();
    assertThat(dead.getParent()).doesNotExist();
    assertThat(recycled).doesNotExist();
  }

  @Test
  void putLeavesNothingInStaging() throws IOException {
    store.put(raw("a"), bytes("x"));
    assertFails(ErrorCode.ALREADY_EXISTS, () -> store.put(raw("a"), bytes("y")));
    try (var left = Files.list(bucket().resolve(".staging"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aFullDiskIsReportedAndTheStoreGoesOn() throws Exception {
    Path disk = Files.createDirectories(temp.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()),
        "skipped: mounting a small tmpfs needs root");
    try (ObjectStore small = new LocalObjectStore(disk, BUCKETS, true)) {
      small.put(raw("first"), random(1, 1_000_000));
      assertThatThrownBy(() -> small.put(raw("second"), random(2, 3_000_000)))
          .isInstanceOfSatisfying(
              TarnException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL))
          .hasMessageContaining("second");
      assertThat(small.stat(raw("second"))).isEmpty();
      small.put(raw("third"), random(3, 500_000));
      assertThat(small.read(raw("first"), 0, 1_000_000)).isEqualTo(random(1, 1_000_000));
    } finally {
      run("umount", "-l", disk.toString());
    }
  }

  private Path bucket() {
    return temp.resolve("zones/shop-raw-dev");
  }

  private String permissions(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(bucket().resolve(path)));
  }

  private static boolean run(String... command) throws Exception {
    try {
      return new ProcessBuilder(List.of(command)).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
