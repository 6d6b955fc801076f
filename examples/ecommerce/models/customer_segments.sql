---
description: The segments of analytics.customer_rfm, by revenue (euros); share is their part of it, in percent.
---
SELECT
  segment,
  count(*) AS customers,
  CAST(sum(orders) AS BIGINT) AS orders,
  CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue,
  CAST(round(100 * sum(revenue) / sum(sum(revenue)) OVER (), 1) AS DECIMAL(5, 1)) AS share,
  CAST(round(sum(revenue) / sum(orders), 2) AS DECIMAL(18, 2)) AS average_order
FROM analytics.customer_rfm
GROUP BY segment
ORDER BY revenue DESC, segment
