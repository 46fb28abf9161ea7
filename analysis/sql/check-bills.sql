-- Runs whose reported bill is not what usage times prices gives: there must be none.
SELECT r.id AS run, r.cost_pico_usd AS reported, coalesce(sum(b.pico_usd), 0) AS recomputed
FROM runs r LEFT JOIN recomputed_bill b ON b.run_id = r.id
GROUP BY r.id
HAVING r.cost_pico_usd <> coalesce(sum(b.pico_usd), 0);
