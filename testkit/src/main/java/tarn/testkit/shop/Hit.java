package tarn.testkit.shop;

import java.time.LocalDateTime;

/**
 * A request as the web server writes it down.
 *
 * @param at UTC, to the second
 * @param path with its query
 * @param referrer {@code -} if there is none
 */
record Hit(
    LocalDateTime at,
    String ip,
    String method,
    String path,
    int status,
    int bytes,
    String referrer,
    String agent) {

  /** How far a visit has come, in the funnel's order. */
  enum Stage {
    VISIT,
    PRODUCT,
    CART,
    CHECKOUT,
    ORDER
  }

  /** A page that a person was shown: no redirect, no error, no part of a page, no robot. */
  boolean isPageView() {
    return status == 200 && !path.startsWith("/static/") && !agent.contains("bot");
  }

  Stage stage() {
    if (path.startsWith("/product/")) {
      return Stage.PRODUCT;
    } else if (path.startsWith("/cart")) {
      return Stage.CART;
    } else if (path.startsWith("/checkout")) {
      return Stage.CHECKOUT;
    }
    return path.startsWith("/orders/") ? Stage.ORDER : Stage.VISIT;
  }
}
