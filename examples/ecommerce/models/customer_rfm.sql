---
description: >-
  Customers who have ordered, in fifths from 1 to 5 (the best) by how recently, how often and for how much. Today is the last
  day on which anything was sold. The segment follows from recency and frequency.
---
WITH customers AS (
  SELECT
    customer_id,
    date_diff('day', max(day), (SELECT max(day) FROM analytics.sales)) AS recency_days,
    count(DISTINCT order_id) AS orders,
    CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue
  FROM analytics.sales
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
),
scored AS (
  SELECT
    *,
    CAST(ntile(5) OVER (ORDER BY recency_days DESC, customer_id) AS INTEGER) AS recency,
    CAST(ntile(5) OVER (ORDER BY orders, customer_id) AS INTEGER) AS frequency,
    CAST(ntile(5) OVER (ORDER BY revenue, customer_id) AS INTEGER) AS monetary
  FROM customers
)
SELECT
  *,
  CASE
    WHEN recency >= 4 AND frequency >= 4 THEN 'champions'
    WHEN recency >= 3 AND frequency >= 3 THEN 'loyal'
    WHEN recency >= 4 THEN 'promising'
    WHEN recency = 3 THEN 'fading'
    WHEN frequency >= 3 THEN 'at risk'
    ELSE 'asleep'
  END AS segment
FROM scored
ORDER BY revenue DESC, customer_id
