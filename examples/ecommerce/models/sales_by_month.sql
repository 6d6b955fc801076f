---
description: >-
  Sales per month: new customers are those whose first order is of this month. Refunds count in the month of the order they
  belong to; refund_rate is their part of the revenue, in percent.
---
WITH firsts AS (
  SELECT customer_id, min(day) AS first_day FROM analytics.sales WHERE customer_id IS NOT NULL GROUP BY customer_id
),
months AS (
  SELECT
    CAST(date_trunc('month', s.day) AS DATE) AS month,
    count(DISTINCT s.order_id) AS orders,
    count(DISTINCT s.customer_id) AS customers,
    count(DISTINCT f.customer_id) AS new_customers,
    CAST(sum(s.units) AS BIGINT) AS units,
    CAST(sum(s.revenue) AS DECIMAL(18, 2)) AS revenue,
    CAST(sum(s.refund) AS DECIMAL(18, 2)) AS refunds
  FROM analytics.sales AS s
  LEFT JOIN firsts AS f ON f.customer_id = s.customer_id AND date_trunc('month', f.first_day) = date_trunc('month', s.day)
  GROUP BY 1
)
SELECT
  month,
  orders,
  customers,
  new_customers,
  units,
  revenue,
  refunds,
  CAST(revenue - refunds AS DECIMAL(18, 2)) AS net_revenue,
  CAST(round(revenue / orders, 2) AS DECIMAL(18, 2)) AS average_order,
  CAST(round(100 * refunds / revenue, 1) AS DECIMAL(5, 1)) AS refund_rate
FROM months
ORDER BY month
