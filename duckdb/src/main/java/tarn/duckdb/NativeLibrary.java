package tarn.duckdb;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * DuckDB's driver unpacks its native library (70 MB) into the temporary folder at every start and
 * leaves it there when the process is killed. So it is unpacked once, beside a copy of the driver
 * without libraries, which then loads it from its own folder.
 */
final class NativeLibrary {
  private static final String PREFIX = "libduckdb_java.so_";

  private NativeLibrary() {}

  /** The worker's class path: this one, with the slim driver instead of the whole. */
  static String classPath(Path directory) {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
      Path file = Path.of(entry);
      String name = file.getFileName() == null ? "" : file.getFileName().toString();
      if (name.startsWith("duckdb_jdbc-") && name.endsWith(".jar")) {
        entries.add(slim(file, directory).toString());
      } else {
        entries.add(file.toAbsolutePath().toString());
      }
    }
    return String.join(java.io.File.pathSeparator, entries);
  }

  private static Path slim(Path driver, Path directory) {
    Path home = directory.resolve(driver.getFileName().toString().replace(".jar", ""));
    Path jar = home.resolve(driver.getFileName());
    if (Files.exists(jar)) {
      return jar;
    }
    try {
      Files.createDirectories(directory);
      Path work = Files.createTempDirectory(directory, "unpacking-");
      unpack(driver, work);
      try {
        Files.move(work, home, StandardCopyOption.ATOMIC_MOVE);
      } catch (java.nio.file.DirectoryNotEmptyException | FileAlreadyExistsException e) {
        deleteFlat(work);
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack DuckDB's native library to " + directory, e);
    }
  }

  private static void unpack(Path driver, Path work) throws IOException {
    String library =
        PREFIX + "linux_" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
    String os = System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT);
    if (os.contains("mac")) {
      library = PREFIX + "macos_arm64";
    } else if (os.contains("windows")) {
      library = PREFIX + "windows_amd64";
    }
    Path name = driver.getFileName();
    try (ZipFile zip = new ZipFile(driver.toFile());
        OutputStream file =
            Files.newOutputStream(work.resolve(name == null ? Path.of("driver.jar") : name));
        ZipOutputStream slim = new ZipOutputStream(file)) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          if (entry.getName().equals(library)) {
            Files.copy(in, work.resolve(library));
          } else if (!entry.getName().startsWith(PREFIX)) {
            slim.putNextEntry(new ZipEntry(entry.getName()));
            in.transferTo(slim);
            slim.closeEntry();
          }
        }
      }
    }
  }

  private static void deleteFlat(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
