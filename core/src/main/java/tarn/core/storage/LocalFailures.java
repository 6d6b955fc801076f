package tarn.core.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;

/** What the file system's failures mean for a person. */
public final class LocalFailures {
  private LocalFailures() {}

  /** Whether a failure says that there is nothing of that name. */
  static boolean absent(IOException e) {
    return e instanceof NoSuchFileException
        || says(e, "not a directory")
        || says(e, "file name too long");
  }

  static boolean crossesDevices(IOException e) {
    return says(e, "cross-device");
  }

  static boolean linksUnsupported(IOException e) {
    return says(e, "operation not permitted") || says(e, "not supported");
  }

  /** Names the file that the failure is about, if it says one, else {@code asked}. */
  public static TarnException report(Path asked, IOException e) {
    String file = e instanceof FileSystemException known ? known.getFile() : null;
    Path path = file == null ? asked : Path.of(file);
    if (says(e, "no space left") || says(e, "quota exceeded")) {
      return new TarnException(
          ErrorCode.DISK_FULL,
          "the disk of '" + path + "' is full: free some space, then retry",
          e);
    }
    if (says(e, "file name too long")) {
      return new TarnException(
          ErrorCode.BAD_REQUEST, "'" + path + "' has a name that is too long for this disk", e);
    }
    if (says(e, "not a directory")) {
      return new TarnException(
          ErrorCode.ALREADY_EXISTS,
          "'" + path + "' cannot be stored: an object has the name of one of its folders",
          e);
    }
    String why = e instanceof AccessDeniedException ? "permission denied" : e.toString();
    return new TarnException(
        ErrorCode.STORAGE_UNAVAILABLE, "'" + path + "' cannot be used: " + why, e);
  }

  private static boolean says(IOException e, String words) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains(words);
  }
}
