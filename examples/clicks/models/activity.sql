---
description: What people did, by type and subtype; how many they were, and for how much money.
---
SELECT
  event_type,
  event_subtype,
  count(*) AS events,
  count(DISTINCT user_id) AS people,
  sum(amount) AS amount
FROM clean.clicks
GROUP BY event_type, event_subtype
ORDER BY events DESC, event_type, event_subtype
