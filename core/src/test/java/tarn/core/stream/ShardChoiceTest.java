package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardChoiceTest {

  /** MD5 of "a" begins with 0c, of "b" with 92, of "c" with 4a, of the empty text with d4. */
  @ParameterizedTest
  @CsvSource({"a,1,0", "a,2,0", "b,2,1", "c,2,0", "c,4,1", "b,4,2", "'',4,3", "'',100,82"})
  void everyShardHasAnEqualRangeOfHashes(String key, int shards, int shard) {
    assertThat(ShardChoice.of(key, shards)).isEqualTo(shard);
  }

  @Test
  void theKeyIsReadWhereItIs() {
    assertThat(shard("{\"x\":{\"user\":\"a\"},\"user\":{\"id\":\"b\"},\"z\":[")).isEqualTo(1);
    assertThat(shard("{\"user\":{\"id\":7}}")).isEqualTo(ShardChoice.of("7", 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "{",
        "{\"user\":\"b\"}",
        "{\"user\":{\"id\":null}}",
        "{\"user\":{\"id\":{}}}",
        "{\"id\":\"b\"}"
      })
  void anEventWithoutAKeyHasNoShardOfItsOwn(String event) {
    assertThat(ShardChoice.of(event.getBytes(StandardCharsets.UTF_8), List.of("user", "id"), 2))
        .isEmpty();
  }

  private static int shard(String event) {
    return ShardChoice.of(event.getBytes(StandardCharsets.UTF_8), List.of("user", "id"), 2)
        .orElseThrow();
  }
}
