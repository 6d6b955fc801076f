---
description: >-
  Sales per week, which begins on Monday; change is that of the revenue against the week before, in percent. The first and the
  last week may be shorter.
---
WITH weeks AS (
  SELECT
    CAST(date_trunc('week', day) AS DATE) AS week,
    count(DISTINCT order_id) AS orders,
    CAST(sum(units) AS BIGINT) AS units,
    CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue
  FROM analytics.sales
  GROUP BY 1
)
SELECT
  week,
  orders,
  units,
  revenue,
  CAST(round(revenue / orders, 2) AS DECIMAL(18, 2)) AS average_order,
  CAST(round(100 * (revenue - lag(revenue) OVER (ORDER BY week)) / lag(revenue) OVER (ORDER BY week), 1) AS DECIMAL(9, 1)) AS change
FROM weeks
ORDER BY week
