---
description: How far visits come, step by step; of_all and of_previous are percentages of all visits and of those that came to the step before.
---
WITH steps AS (
  SELECT * FROM (VALUES (1, 'visit'), (2, 'product'), (3, 'cart'), (4, 'checkout'), (5, 'order')) AS s(step, name)
),
counted AS (
  SELECT step, name, count(v.visitor) AS visits
  FROM steps
  LEFT JOIN analytics.visits AS v ON v.reached >= step
  GROUP BY step, name
)
SELECT
  step,
  name,
  visits,
  CAST(round(100 * visits / nullif(max(visits) OVER (), 0), 1) AS DECIMAL(5, 1)) AS of_all,
  CAST(round(100 * visits / nullif(coalesce(lag(visits) OVER (ORDER BY step), visits), 0), 1) AS DECIMAL(5, 1)) AS of_previous
FROM counted
ORDER BY step
