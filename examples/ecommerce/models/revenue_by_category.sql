---
description: Revenue, refunds and what remains (euros) per month of the order and category of the product.
---
SELECT
  CAST(date_trunc('month', day) AS DATE) AS month,
  category,
  count(DISTINCT order_id) AS orders,
  CAST(sum(units) AS BIGINT) AS units,
  CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue,
  CAST(sum(refund) AS DECIMAL(18, 2)) AS refunds,
  CAST(sum(revenue - refund) AS DECIMAL(18, 2)) AS net_revenue
FROM analytics.sales
GROUP BY 1, 2
ORDER BY 1, 2
