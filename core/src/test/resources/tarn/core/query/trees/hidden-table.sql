SELECT (SELECT clean.orders.id FROM customers orders LIMIT 1) FROM clean.orders
