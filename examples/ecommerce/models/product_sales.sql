---
description: >-
  Every product that was sold, by revenue (euros), and its rank in its category; the lower product_id first if two are equal.
  share is its part of all revenue, in percent.
---
WITH products AS (
  SELECT
    product_id,
    any_value(name) AS name,
    any_value(category) AS category,
    count(DISTINCT order_id) AS orders,
    CAST(sum(units) AS BIGINT) AS units,
    CAST(sum(returned) AS BIGINT) AS returned,
    CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue,
    CAST(sum(refund) AS DECIMAL(18, 2)) AS refunds
  FROM analytics.sales
  GROUP BY product_id
)
SELECT
  CAST(row_number() OVER (ORDER BY revenue DESC, product_id) AS INTEGER) AS rank,
  product_id,
  name,
  category,
  CAST(row_number() OVER (PARTITION BY category ORDER BY revenue DESC, product_id) AS INTEGER) AS rank_in_category,
  orders,
  units,
  returned,
  revenue,
  refunds,
  CAST(round(100 * revenue / sum(revenue) OVER (), 1) AS DECIMAL(5, 1)) AS share
FROM products
ORDER BY rank
