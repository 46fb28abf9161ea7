"""Writes what rules of robust aggregation make of small gradients, for Nephoscope's tests.

    python3 aggregation.py ../../Tests/LearningTests/Fixtures/golden

Written straight from the papers' definitions with NumPy in double precision. Worker k's gradient is
the SplitMix64 stream k; of the f faulty ones, which come first, a hundred times that.
"""

import json
import pathlib
import sys

import numpy as np

from golden import signed_units

LENGTH = 37


def gradients(workers, faulty):
    rows = np.stack([signed_units(k, LENGTH) for k in range(workers)])
    rows[:faulty] *= np.float32(100)
    return rows.astype(np.float64)


def trimmed_mean(rows, b):
    ordered = np.sort(rows, axis=0)
    return ordered[b : len(rows) - b].mean(axis=0)


def median(rows, _):
    return np.median(rows, axis=0)


def meamed(rows, f):
    middle = np.median(rows, axis=0)
    nearest = np.argsort(np.abs(rows - middle), axis=0, kind="stable")[: len(rows) - f]
    return np.take_along_axis(rows, nearest, axis=0).mean(axis=0)


def krum_scores(rows, f):
    scores = []
    for i, own in enumerate(rows):
        distances = sorted(((own - other) ** 2).sum() for j, other in enumerate(rows) if j != i)
        scores.append(sum(distances[: len(rows) - f - 2]))
    return np.array(scores)


def krum(rows, f):
    return rows[np.argmin(krum_scores(rows, f))]


def multi_krum(rows, f):
    """Keeps W - f, as the paper's experiments do."""
    best = np.argsort(krum_scores(rows, f), kind="stable")[: len(rows) - f]
    return rows[best].mean(axis=0)


def zeno(rows, b):
    """The loss is |x - 0.1|² / 2 at x = 0, the rate 0.5, rho 0.01."""
    loss = lambda x: ((x - 0.1) ** 2).sum() / 2
    scores = np.array([loss(0 * g) - loss(-0.5 * g) - 0.01 * (g**2).sum() for g in rows])
    best = np.argsort(-scores, kind="stable")[: len(rows) - b]
    return rows[best].mean(axis=0)


RULES = {
    "trimmed-mean": trimmed_mean, "median": median, "meamed": meamed, "krum": krum,
    "multi-krum": multi_krum, "zeno": zeno,
}

if __name__ == "__main__":
    cases = [
        {"rule": name, "workers": workers, "faulty": faulty,
         "result": rule(gradients(workers, faulty), faulty).tolist()}
        for name, rule in RULES.items()
        for workers, faulty in [(5, 1), (8, 2), (11, 0), (16, 3), (33, 7)]
    ]
    path = pathlib.Path(sys.argv[1]) / "aggregation.json"
    path.write_text("[\n " + ",\n ".join(json.dumps(case) for case in cases) + "\n]\n")
