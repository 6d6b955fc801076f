WITH a AS (SELECT * FROM orders), b AS (SELECT * FROM a) SELECT * FROM b, customers, (WITH customers AS (SELECT 1) SELECT * FROM customers) c
