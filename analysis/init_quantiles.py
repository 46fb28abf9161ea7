"""Tabulates the recorded init durations as quantiles: one column for each kind of function.

Usage: python3 analysis/init_quantiles.py > traces/lambda-init/quantiles.csv
Memory sizes are pooled: an init gets a full processor whatever the function's memory.
"""

import collections
import csv
import gzip

NAMES = {"go (prov.al2023)": "go", "rust (prov.al2023)": "rust", "nodejs22.x": "nodejs22"}
PERCENTILES = [0, 0.1, 0.5, *range(1, 100), 99.5, 99.9, 99.99, 100]


def quantile(ordered, percentile):
    """The quantile of sorted samples, linear between them."""
    place = percentile / 100 * (len(ordered) - 1)
    low = min(int(place), len(ordered) - 2)
    return ordered[low] + (place - low) * (ordered[low + 1] - ordered[low])


samples = collections.defaultdict(list)
with gzip.open("traces/lambda-init/samples.csv.gz", "rt") as file:
    for row in csv.DictReader(file):
        runtime = NAMES.get(row["runtime"], row["runtime"])
        samples[f"{runtime}_{row['package']}_{row['arch']}_ms"].append(float(row["init_ms"]))

columns = sorted(samples)
ordered = {column: sorted(samples[column]) for column in columns}
print(",".join(["percentile", *columns]))
for percentile in PERCENTILES:
    print(",".join([str(percentile), *(f"{quantile(ordered[c], percentile):.2f}" for c in columns)]))
