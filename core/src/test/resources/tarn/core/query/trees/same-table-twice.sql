SELECT a.id FROM orders a JOIN Clean.Orders b ON a.id = b.id
