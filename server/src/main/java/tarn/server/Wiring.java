package tarn.server;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tarn.api.Finding;
import tarn.api.ValidateAnswer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.core.lake.LakeFolder;
import tarn.core.lake.Problem;

/** The one place that names the adapters: what stands behind the doors, in data-flow order. */
final class Wiring {
  private Wiring() {}

  /**
   * Reads a lake folder.
   *
   * @throws TarnException {@code NOT_FOUND} if it is none, {@code DEFINITION_INVALID} if it has
   *     errors
   */
  static Lake read(Path folder, @Nullable String environment) {
    return new Lake(load(folder, environment).orThrow());
  }

  /** Tells all that is wrong with a lake folder, without opening the lake. */
  static ValidateAnswer validate(Path folder, @Nullable String environment) {
    return new ValidateAnswer(
        load(folder, environment).problems().stream().map(Wiring::finding).toList());
  }

  private static LakeFolder load(Path folder, @Nullable String environment) {
    Path dir = folder.toAbsolutePath().normalize();
    if (!Files.isRegularFile(dir.resolve(LakeFolder.LAKE_FILE))) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no lake.yaml in " + dir);
    }
    return environment == null ? LakeFolder.load(dir) : LakeFolder.load(dir, environment);
  }

  private static Finding finding(Problem problem) {
    return new Finding(
        problem.severity().name(),
        problem.file(),
        problem.line(),
        problem.column(),
        problem.value(),
        problem.message(),
        problem.suggestion());
  }

  /** Opens the lake: database, storage, engine, catalog, and the operations over them. */
  static Operations open(Lake lake) {
    throw new TarnException(
        ErrorCode.INTERNAL, "lake " + lake.name() + " cannot be opened: nothing is wired yet");
  }
}
