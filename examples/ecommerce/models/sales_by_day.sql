---
description: >-
  Sales per day: orders, units, revenue and the average order in euros, and the revenue of the seven days that end with it.
---
WITH days AS (
  SELECT day, count(DISTINCT order_id) AS orders, CAST(sum(units) AS BIGINT) AS units, CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue
  FROM analytics.sales
  GROUP BY day
)
SELECT
  day,
  orders,
  units,
  revenue,
  CAST(round(revenue / orders, 2) AS DECIMAL(18, 2)) AS average_order,
  CAST(sum(revenue) OVER (ORDER BY day RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW) AS DECIMAL(18, 2)) AS revenue_7_days
FROM days
ORDER BY day
