package tarn.api;

import java.util.List;

/**
 * How a lake is.
 *
 * @param name from lake.yaml
 * @param environment {@code dev}
 * @param folder the lake folder, absolute
 * @param home where its state is, absolute
 * @param sources by name
 * @param processes the server itself and its workers
 * @param tables how many datasets and tables the catalog has
 * @param notes what a person should know, one line each
 */
public record LakeStatus(
    String name,
    String environment,
    String folder,
    String home,
    List<SourceStatus> sources,
    List<ProcessStatus> processes,
    long tables,
    List<String> notes)
    implements Message {

  @Override
  public Fields fields() {
    return new Fields()
        .with("name", name)
        .with("environment", environment)
        .with("folder", folder)
        .with("home", home)
        .with("sources", sources)
        .with("processes", processes)
        .with("tables", tables)
        .with("notes", notes);
  }

  public static LakeStatus from(Fields fields) {
    return new LakeStatus(
        fields.text("name"),
        fields.text("environment"),
        fields.text("folder"),
        fields.text("home"),
        fields.objects("sources", SourceStatus::from),
        fields.objects("processes", ProcessStatus::from),
        fields.number("tables"),
        fields.texts("notes"));
  }
}
