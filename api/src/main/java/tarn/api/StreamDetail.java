package tarn.api;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything about one stream.
 *
 * @param status as in the list of streams
 * @param settings what holds for it, by the keys of its file
 * @param shards all it ever had, by number
 * @param readers how far behind who reads it is
 */
public record StreamDetail(
    StreamStatus status,
    Map<String, String> settings,
    List<ShardStatus> shards,
    List<ReaderLag> readers)
    implements Message {

  @Override
  public Fields fields() {
    Fields given = new Fields();
    settings.forEach(given::with);
    return status
        .fields()
        .with("settings", given)
        .with("shard_list", shards)
        .with("readers", readers);
  }

  public static StreamDetail from(Fields fields) {
    Map<String, String> settings = new TreeMap<>();
    if (fields.value("settings") instanceof Fields given) {
      given.all().keySet().forEach(name -> settings.put(name, given.text(name)));
    }
    return new StreamDetail(
        StreamStatus.from(fields),
        settings,
        fields.objects("shard_list", ShardStatus::from),
        fields.objects("readers", ReaderLag::from));
  }
}
