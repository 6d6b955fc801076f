SELECT now(), current_date, random(), age(x), localtimestamp, age(x, y), o.current_date FROM orders o TABLESAMPLE 10 PERCENT
