---
description: >-
  One row per visit: the page views of a visitor until half an hour passes without one. reached is the furthest step: 1 the
  visit, 2 a product, 3 the cart, 4 the checkout, 5 an order.
---
WITH marked AS (
  SELECT
    *,
    coalesce(viewed_at - lag(viewed_at) OVER visitor > INTERVAL 30 MINUTES, true) AS is_first
  FROM clean.page_views
  WINDOW visitor AS (PARTITION BY visitor ORDER BY viewed_at)
),
numbered AS (
  SELECT *, CAST(sum(CAST(is_first AS INTEGER)) OVER (PARTITION BY visitor ORDER BY viewed_at) AS INTEGER) AS visit
  FROM marked
)
SELECT
  visitor,
  visit,
  min(viewed_at) AS started_at,
  max(viewed_at) AS ended_at,
  count(*) AS pages,
  CAST(max(CASE page WHEN 'product' THEN 2 WHEN 'cart' THEN 3 WHEN 'checkout' THEN 4 WHEN 'order' THEN 5 ELSE 1 END) AS INTEGER) AS reached,
  max(order_id) AS order_id
FROM numbered
GROUP BY visitor, visit
ORDER BY started_at, visitor
