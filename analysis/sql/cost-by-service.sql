-- What each framework pays to which service, in USD, and its share of the run's bill.
SELECT r.id AS run, r.framework, b.service,
  printf('%.9f', sum(b.pico_usd) / 1e12) AS usd,
  printf('%.1f %%', 100.0 * sum(b.pico_usd) / r.cost_pico_usd) AS share
FROM runs r JOIN bill_lines b ON b.run_id = r.id
GROUP BY r.id, b.service
ORDER BY r.id, sum(b.pico_usd) DESC;
