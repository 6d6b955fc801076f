---
description: How many orders are in which state, and for how much money.
---
SELECT
  status,
  count(*) AS orders,
  sum(total) AS total,
  max(updated_at) AS newest
FROM clean.shop_orders
GROUP BY status
ORDER BY orders DESC, status
