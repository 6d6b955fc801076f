---
table: analytics.revenue_by_month_and_country
description: >-
  Orders, units and revenue (euros, without shipping) per month of the order (UTC) and country of the customer.
  Cancelled orders do not count. Lines without an order are left out. Orders whose customer is not in
  clean.customers are counted under the country ZZ.
---
SELECT
  CAST(date_trunc('month', o.ordered_at) AS DATE) AS month,
  coalesce(c.country, 'ZZ') AS country,
  count(DISTINCT o.order_id) AS orders,
  CAST(sum(i.quantity) AS BIGINT) AS units,
  CAST(sum(i.quantity * i.unit_price - i.discount) AS DECIMAL(18, 2)) AS revenue
FROM clean.order_items AS i
JOIN clean.orders AS o ON o.order_id = i.order_id
LEFT JOIN clean.customers AS c ON c.customer_id = o.customer_id
WHERE o.status <> 'cancelled'
GROUP BY 1, 2
ORDER BY 1, 2
