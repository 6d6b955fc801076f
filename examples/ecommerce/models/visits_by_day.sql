---
description: >-
  Visits per day on which they began, and how many ended in an order (conversion) or after one page (bounce_rate), in percent.
---
SELECT
  CAST(started_at AS DATE) AS day,
  count(*) AS visits,
  CAST(sum(pages) AS BIGINT) AS pages,
  count(*) FILTER (reached = 5) AS orders,
  CAST(round(100 * count(*) FILTER (reached = 5) / count(*), 1) AS DECIMAL(5, 1)) AS conversion,
  CAST(round(100 * count(*) FILTER (pages = 1) / count(*), 1) AS DECIMAL(5, 1)) AS bounce_rate
FROM analytics.visits
GROUP BY 1
ORDER BY 1
