package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static tarn.cdc.FollowTest.assertFails;

import org.junit.jupiter.api.Test;
import tarn.core.change.ChangeSource.Check;
import tarn.core.change.LoadView;
import tarn.core.change.Lsn;
import tarn.core.errors.ErrorCode;
import tarn.testkit.SourcePostgres;

/** Case 14: databases that do not have their texts in UTF-8. */
class EncodingTest {
  @Test
  void case_14_textsOfAnotherEncodingComeInUtf8() {
    for (String encoding : new String[] {"LATIN1", "EUC_JP"}) {
      Shop shop = shop(encoding);
      String letters = encoding.equals("LATIN1") ? "é ÿ ß" : "日本 é";
      shop.database.execute(
          "CREATE TABLE \"" + letters + "\" (id int PRIMARY KEY, \"" + letters + "\" text)");
      shop.prepared();
      shop.database.execute("INSERT INTO \"" + letters + "\" VALUES (1, '" + letters + "')");
      assertThat(shop.follow(Lsn.ZERO, 1).get(0).texts())
          .containsExactly("INSERT " + letters + " -> [1, " + letters + "]");
      try (LoadView view = shop.source.view()) {
        assertThat(shop.copy(view, shop.table(letters), new LoadView.Part("")))
            .isEqualTo("1," + letters + "\n");
      }
    }
  }

  @Test
  void case_14_aDatabaseWithoutAnEncodingIsRefused() {
    Shop shop = shop("SQL_ASCII");
    shop.database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    assertFails(shop::prepared, ErrorCode.SOURCE_REFUSED, "SQL_ASCII", "UTF8");
    assertThat(shop.source.check(false))
        .filteredOn(check -> check.result() == Check.Result.ERROR)
        .extracting(Check::what)
        .containsExactly("encoding");
  }

  /** EUC_JIS_2004 and others have letters that are two of Unicode; WIN1252 has holes. */
  @Test
  void case_14_aTextThatUtf8HasNotIsToldWithItsRemedy() {
    Shop shop = shop("WIN1252");
    shop.database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
    shop.prepared();
    shop.database.execute("INSERT INTO t VALUES (1, convert_from('\\x81', 'WIN1252'))");
    assertFails(() -> shop.follow(Lsn.ZERO, 1), ErrorCode.SOURCE_UNAVAILABLE, "22P05", "UTF-8");
    try (LoadView view = shop.source.view()) {
      assertFails(
          () -> shop.copy(view, shop.table("t"), new LoadView.Part("")),
          ErrorCode.SOURCE_UNAVAILABLE,
          "table public.t",
          "22P05",
          "UTF-8");
    }
  }

  private static Shop shop(String encoding) {
    return new Shop(
        SourcePostgres.fresh(
            "TEMPLATE template0 ENCODING '" + encoding + "' LC_COLLATE 'C' LC_CTYPE 'C'"));
  }
}
