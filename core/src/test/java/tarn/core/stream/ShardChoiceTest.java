package tarn.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardChoiceTest {

  /** MD5 of "a" begins with 0c, of "b" with 92, of "c" with 4a, of the empty text with d4. */
  @ParameterizedTest
  @CsvSource({"a,1,0", "a,2,0", "b,2,1", "c,2,0", "c,4,1", "b,4,2", "'',4,3", "'',100,82"})
  void everyShardHasAnEqualRangeOfHashes(String key, int shards, int shard) {
    assertThat(ShardMap.even(shards, Instant.EPOCH).of(key).number()).isEqualTo(shard);
  }

  @Test
  void theKeyIsReadWhereItIs() {
    assertThat(key("{\"x\":{\"user\":\"a\"},\"user\":{\"id\":\"b\"},\"z\":[")).contains("b");
    assertThat(key("{\"user\":{\"id\":7}}")).contains("7");
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
    assertThat(key(event)).isEmpty();
  }

  private static Optional<String> key(String event) {
    return ShardChoice.key(event.getBytes(StandardCharsets.UTF_8), List.of("user", "id"));
  }
}
