---
table: analytics.sales
description: >-
  Every order line that counts, with what came back of it: the ground of the other models about sales. Cancelled orders and
  lines without an order do not count. customer_id is null and country ZZ if the customer is not in clean.customers; name and
  category are (unknown) if the product is not in clean.products. Money is in euros, revenue without shipping.
---
WITH returned AS (
  SELECT order_id, line_no, CAST(sum(quantity) AS BIGINT) AS units, CAST(sum(refund) AS DECIMAL(18, 2)) AS refund
  FROM clean.returns
  GROUP BY order_id, line_no
)
SELECT
  i.order_id,
  i.line_no,
  CAST(o.ordered_at AS DATE) AS day,
  c.customer_id,
  coalesce(c.country, 'ZZ') AS country,
  i.product_id,
  coalesce(p.name, '(unknown)') AS name,
  coalesce(p.category, '(unknown)') AS category,
  i.quantity AS units,
  CAST(i.quantity * i.unit_price - i.discount AS DECIMAL(18, 2)) AS revenue,
  coalesce(r.units, 0) AS returned,
  coalesce(r.refund, CAST(0 AS DECIMAL(18, 2))) AS refund
FROM clean.order_items AS i
JOIN clean.orders AS o ON o.order_id = i.order_id
LEFT JOIN clean.customers AS c ON c.customer_id = o.customer_id
LEFT JOIN clean.products AS p ON p.product_id = i.product_id
LEFT JOIN returned AS r ON r.order_id = i.order_id AND r.line_no = i.line_no
WHERE o.status <> 'cancelled'
ORDER BY i.order_id, i.line_no
