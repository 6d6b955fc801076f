---
table: analytics.top_products
description: >-
  The twenty products with the highest revenue (euros); the lower product_id first if two are equal.
  Cancelled orders do not count. Lines without an order are left out. Lines whose product is not in
  clean.products are counted, with the name (unknown).
---
WITH sales AS (
  SELECT
    i.product_id,
    count(DISTINCT i.order_id) AS orders,
    CAST(sum(i.quantity) AS BIGINT) AS units,
    CAST(sum(i.quantity * i.unit_price - i.discount) AS DECIMAL(18, 2)) AS revenue
  FROM clean.order_items AS i
  JOIN clean.orders AS o ON o.order_id = i.order_id
  WHERE o.status <> 'cancelled'
  GROUP BY i.product_id
),
ranked AS (
  SELECT *, CAST(row_number() OVER (ORDER BY revenue DESC, product_id) AS INTEGER) AS rank
  FROM sales
)
SELECT
  r.rank,
  r.product_id,
  coalesce(p.name, '(unknown)') AS name,
  coalesce(p.category, '(unknown)') AS category,
  r.orders,
  r.units,
  r.revenue
FROM ranked AS r
LEFT JOIN clean.products AS p ON p.product_id = r.product_id
WHERE r.rank <= 20
ORDER BY r.rank
