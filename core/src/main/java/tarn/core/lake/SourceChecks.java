package tarn.core.lake;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What no single key of a source can know. */
final class SourceChecks {
  private SourceChecks() {}

  static void check(
      List<SourceDefinition> sources, List<StreamDefinition> streams, Problems problems) {
    Map<String, String> names = new HashMap<>();
    streams.forEach(stream -> names.put(stream.stream(), stream.file()));
    for (SourceDefinition source : sources) {
      String other = names.get(source.source());
      if (other != null) {
        problems.error(
            Place.startOf(source.file()),
            source.source(),
            "a stream has the name '" + source.source() + "' already, in " + other,
            "rename one of the files: both land under their name");
      }
      if (source.tls() == SourceDefinition.Tls.DISABLE
          && source.settings().has(SourceSettings.CA_FILE)) {
        problems.error(
            source.settings().place(SourceSettings.CA_FILE).orElseThrow(),
            "",
            "'connection.ca_file' names certificates, but the connection is not encrypted",
            "write connection.tls: verify-full, or remove ca_file");
      }
    }
  }
}
