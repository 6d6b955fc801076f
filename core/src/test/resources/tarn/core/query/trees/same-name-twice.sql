SELECT clean.events.id, raw.events.id FROM clean.events, raw.events
