package tarn.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tarn.api.ValidateAnswer;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** The one place that names the adapters: what stands behind the doors, in data-flow order. */
final class Wiring {
  private Wiring() {}

  /** Reads as much of a lake folder as a server needs before it opens the lake. */
  static Lake read(Path folder, @Nullable String environment) {
    Path dir = folder.toAbsolutePath().normalize();
    if (!Files.isRegularFile(dir.resolve("lake.yaml"))) {
      throw new TarnException(ErrorCode.NOT_FOUND, "there is no lake.yaml in " + dir);
    }
    return new Lake(
        dir,
        dir.resolve(".datalake"),
        String.valueOf(dir.getFileName()),
        environment == null ? "dev" : environment,
        0);
  }

  /** Tells all that is wrong with a lake folder, without opening the lake. */
  static ValidateAnswer validate(Path folder, @Nullable String environment) {
    read(folder, environment);
    return new ValidateAnswer(List.of());
  }

  /** Opens the lake: database, storage, engine, catalog, and the operations over them. */
  static Operations open(Lake lake) {
    throw new TarnException(
        ErrorCode.INTERNAL, "lake " + lake.name() + " cannot be opened: nothing is wired yet");
  }
}
