---
description: >-
  The fifty pairs of products that are in the most orders together. share_of_product: of the orders with the first product, how
  many have the second, in percent; share_of_other the other way round. lift: how many times as often as chance would have it.
---
WITH products AS (
  SELECT DISTINCT order_id, product_id, name FROM analytics.sales
),
sold AS (
  SELECT product_id, count(*) AS orders FROM products GROUP BY product_id
),
pairs AS (
  SELECT a.product_id, a.name, b.product_id AS with_product_id, b.name AS with_name, count(*) AS orders
  FROM products AS a
  JOIN products AS b ON b.order_id = a.order_id AND b.product_id > a.product_id
  GROUP BY ALL
),
ranked AS (
  SELECT *, CAST(row_number() OVER (ORDER BY orders DESC, product_id, with_product_id) AS INTEGER) AS rank
  FROM pairs
)
SELECT
  r.rank,
  r.product_id,
  r.name,
  r.with_product_id,
  r.with_name,
  r.orders,
  CAST(round(100 * r.orders / a.orders, 1) AS DECIMAL(5, 1)) AS share_of_product,
  CAST(round(100 * r.orders / b.orders, 1) AS DECIMAL(5, 1)) AS share_of_other,
  CAST(round(r.orders * (SELECT count(DISTINCT order_id) FROM products) / (a.orders * b.orders), 2) AS DECIMAL(9, 2)) AS lift
FROM ranked AS r
JOIN sold AS a ON a.product_id = r.product_id
JOIN sold AS b ON b.product_id = r.with_product_id
WHERE r.rank <= 50
ORDER BY r.rank
