---
description: What was ordered, by the category of products.
---
SELECT
  p.category,
  count(DISTINCT l.order_id) AS orders,
  sum(l.quantity) AS units,
  sum(l.quantity * l.price) AS revenue
FROM clean.shop_order_lines l
JOIN clean.shop_products p ON p.id = l.product_id
GROUP BY p.category
ORDER BY revenue DESC, p.category
