-- Mean time and cost of the completed replications at every point of a sweep.
SELECT r.framework, p.point, count(*) AS n,
  avg(r.accuracy) AS accuracy, avg(r.time_ns) / 1e9 AS seconds, avg(r.cost_pico_usd) / 1e12 AS usd
FROM runs r
LEFT JOIN (
  SELECT run_id, group_concat(name || '=' || value, ' ') AS point FROM parameters GROUP BY run_id
) p ON p.run_id = r.id
WHERE r.status = 'completed'
GROUP BY r.framework, p.point
ORDER BY p.point, r.framework;
