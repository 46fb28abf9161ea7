-- The jobs of each pipeline, the best first: what varied, how long each took, how accurate it is.
SELECT j.run_id AS run, j.position AS job, p.settings, j.status, j.time_ns / 1e9 AS seconds,
  j.accuracy, j.loss, j.position = r.best_job AS is_best
FROM jobs j
JOIN runs r ON r.id = j.run_id
LEFT JOIN (
  SELECT run_id, job, group_concat(name || '=' || value, ' ') AS settings
  FROM job_parameters GROUP BY run_id, job
) p ON p.run_id = j.run_id AND p.job = j.position
ORDER BY j.run_id, is_best DESC, j.accuracy DESC, j.loss;
