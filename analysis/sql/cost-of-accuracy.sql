-- The first point of each curve at which a run has passed 75 % accuracy: when, and at what cost.
SELECT r.id AS run, r.framework, min(c.time_ns) / 1e9 AS seconds,
  min(c.cost_pico_usd) / 1e12 AS usd
FROM runs r JOIN curve c ON c.run_id = r.id
WHERE c.accuracy >= 0.75
GROUP BY r.id
ORDER BY usd;
