---
description: >-
  Customers by the month of their first order, and what became of them: how many ordered again so many months later (retention
  in percent), and what a customer of the cohort has brought in by then (value_per_customer, euros).
---
WITH monthly AS (
  SELECT
    customer_id,
    CAST(date_trunc('month', day) AS DATE) AS month,
    min(CAST(date_trunc('month', min(day)) AS DATE)) OVER (PARTITION BY customer_id) AS cohort,
    sum(revenue) AS revenue
  FROM analytics.sales
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id, month
),
cohorts AS (
  SELECT cohort, count(DISTINCT customer_id) AS customers FROM monthly GROUP BY cohort
),
cells AS (
  SELECT cohort, date_diff('month', cohort, month) AS months_later, count(*) AS active, CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue
  FROM monthly
  GROUP BY 1, 2
)
SELECT
  cohort,
  months_later,
  customers,
  active,
  CAST(round(100 * active / customers, 1) AS DECIMAL(5, 1)) AS retention,
  revenue,
  CAST(round(sum(revenue) OVER (PARTITION BY cohort ORDER BY months_later) / customers, 2) AS DECIMAL(18, 2)) AS value_per_customer
FROM cells
JOIN cohorts USING (cohort)
ORDER BY cohort, months_later
