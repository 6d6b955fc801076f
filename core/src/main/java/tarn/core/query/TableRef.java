package tarn.core.query;

import org.jspecify.annotations.Nullable;

/**
 * A table as a query names it, once for each place where it stands.
 *
 * @param namespace in lower case; null if the query gives the bare name
 * @param name in lower case
 * @param alias as written; null if there is none
 * @param at which state of it
 */
public record TableRef(@Nullable String namespace, String name, @Nullable String alias, At at) {
  @Override
  public String toString() {
    return namespace == null ? name : namespace + "." + name;
  }
}
