---
table: analytics.customers_by_value
description: >-
  Every customer of clean.customers, ranked by revenue (euros); the lower customer_id first if two are equal.
  Cancelled orders and orders without a line do not count; sales to unknown customers are left out.
  Tiers: gold from 2500, silver from 800, bronze below, none without an order.
---
WITH sales AS (
  SELECT
    o.customer_id,
    count(DISTINCT o.order_id) AS orders,
    CAST(sum(i.quantity * i.unit_price - i.discount) AS DECIMAL(18, 2)) AS revenue,
    CAST(max(o.ordered_at) AS DATE) AS last_order_on
  FROM clean.orders AS o
  JOIN clean.order_items AS i ON i.order_id = o.order_id
  WHERE o.status <> 'cancelled'
  GROUP BY o.customer_id
),
valued AS (
  SELECT
    c.customer_id,
    c.country,
    c.segment,
    coalesce(s.orders, 0) AS orders,
    coalesce(s.revenue, CAST(0 AS DECIMAL(18, 2))) AS revenue,
    s.last_order_on
  FROM clean.customers AS c
  LEFT JOIN sales AS s ON s.customer_id = c.customer_id
)
SELECT
  CAST(row_number() OVER (ORDER BY revenue DESC, customer_id) AS INTEGER) AS rank,
  customer_id,
  country,
  segment,
  orders,
  revenue,
  last_order_on,
  CASE
    WHEN orders = 0 THEN 'none'
    WHEN revenue >= 2500 THEN 'gold'
    WHEN revenue >= 800 THEN 'silver'
    ELSE 'bronze'
  END AS tier
FROM valued
ORDER BY rank
