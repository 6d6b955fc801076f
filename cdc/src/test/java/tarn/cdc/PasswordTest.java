package tarn.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tarn.core.change.ChangeSource;
import tarn.core.change.ChangeSource.Check;
import tarn.core.errors.ErrorCode;
import tarn.core.errors.TarnException;
import tarn.testkit.SourcePostgres;

/** A password may change between two connections of one source. */
class PasswordTest {
  private final SourcePostgres database = SourcePostgres.fresh();
  private final String user = "reader_of_" + database.database();
  private final AtomicInteger askedAgain = new AtomicInteger();
  private String known = "first";
  private String stored = "first";
  private final ChangeSource source = source(new Stored());

  /** Told anew only when it is said to be refused. */
  private final class Stored implements PostgresSettings.Password {
    @Override
    public String value() {
      return known;
    }

    @Override
    public String insteadOf(String refused) {
      assertThat(refused).isEqualTo(known);
      askedAgain.incrementAndGet();
      known = stored;
      return known;
    }
  }

  private ChangeSource source(PostgresSettings.Password password) {
    return new PostgresSource(new Shop(database).settings(user, password));
  }

  @BeforeEach
  void aReader() {
    database.execute(
        "CREATE ROLE " + user + " LOGIN PASSWORD 'first'",
        "CREATE TABLE t (id int PRIMARY KEY)",
        "GRANT SELECT ON t TO " + user);
    database.askForPassword(user);
  }

  @Test
  void theNextConnectionHasTheOneOfNow() {
    assertThat(source.tables()).hasSize(1);
    change("second");
    assertThat(source.tables()).hasSize(1);
    assertThat(askedAgain).hasValue(1);
    assertThat(source.tables()).hasSize(1);
    assertThat(askedAgain).hasValue(1);
  }

  @Test
  void oneThatIsRefusedAndStillTheSameIsTold() {
    change("second");
    stored = "first";
    assertThatThrownBy(source::tables)
        .hasMessageContaining("check user " + user + " and its password")
        .hasMessageNotContaining("first");
    assertThat(askedAgain).hasValue(1);
  }

  @Test
  void whyNobodyKnowsItIsPartOfTheCheck() {
    PostgresSettings.Password none =
        new PostgresSettings.Password() {
          @Override
          public String value() {
            throw new TarnException(ErrorCode.SECRET_UNAVAILABLE, "the secret s cannot be read");
          }

          @Override
          public String insteadOf(String refused) {
            return value();
          }
        };
    assertThat(source(none).check(false))
        .containsExactly(
            new Check("connection", Check.Result.ERROR, "the secret s cannot be read", ""));
  }

  private void change(String password) {
    database.execute("ALTER ROLE " + user + " PASSWORD '" + password + "'");
    stored = password;
  }
}
