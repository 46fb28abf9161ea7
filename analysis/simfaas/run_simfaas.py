"""Runs fixed arrivals and durations in SimFaaS and writes `expected.json`.

Usage: pip install simfaas && python3 analysis/simfaas/run_simfaas.py

Times are whole milliseconds, so that floating point adds and compares them exactly. The test of
Cloud makes the same arrivals and durations from the same generator and compares the counts.
"""

import json
import pathlib

from simfaas.ServerlessSimulator import ServerlessSimulator
from simfaas.SimProcess import SimProcess

CASES = [
    # name, arrivals, longest pause, longest duration, cold extra, keep-alive, concurrency (ms)
    ("sparse", 400, 1_400_000, 3000, 500, 600_000, 1000),
    ("edge-of-keep-alive", 400, 4, 2, 1, 6, 1000),
    ("readme-load", 3000, 2222, 3982, 253, 600_000, 1000),
    ("busy", 3000, 20, 4000, 500, 60_000, 1000),
    ("few-servers", 3000, 100, 900, 50, 2000, 5),
    ("one-server", 1500, 40, 30, 7, 50, 1),
    ("no-keep-alive-left", 500, 10, 5, 3, 1, 1000),
]


class Generator:
    """A linear congruential generator, the same as the test's."""

    def __init__(self):
        self.state = 1

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


class Arrivals(SimProcess):
    """Pauses from a list; nothing comes after the last."""

    def __init__(self, pauses):
        super().__init__()
        self.pauses = pauses
        self.drawn = 0

    def generate_trace(self):
        self.drawn += 1
        return float(self.pauses[self.drawn - 1]) if self.drawn <= len(self.pauses) else 1e15


class Durations(SimProcess):
    """The duration of the invocation that arrives now, with what a cold start adds."""

    def __init__(self, arrivals, durations, extra):
        super().__init__()
        self.arrivals, self.durations, self.extra = arrivals, durations, extra

    def generate_trace(self):
        # The pause after this arrival has been drawn already.
        return float(self.durations[self.arrivals.drawn - 2] + self.extra)


def run(count, pause, duration, extra, keep_alive, concurrency):
    generator = Generator()
    pauses, durations = [], []
    for _ in range(count):
        pauses.append(generator.below(pause + 1))
        durations.append(generator.below(duration + 1))
    arrivals = Arrivals(pauses)
    simulator = ServerlessSimulator(
        arrival_process=arrivals, warm_service_process=Durations(arrivals, durations, 0),
        cold_service_process=Durations(arrivals, durations, extra),
        expiration_threshold=float(keep_alive), maximum_concurrency=concurrency,
        max_time=sum(pauses) + 1e-6)
    simulator.generate_trace()
    # SimFaaS goes on to the first event after the last arrival; the averages are to the arrival.
    end = float(sum(pauses))
    lengths = [min(b, end) - min(a, end)
               for a, b in zip(simulator.hist_times, simulator.hist_times[1:])]

    def mean(counts):
        return float(sum(length * count for length, count in zip(lengths, counts)) / end)

    return {
        "invocations": simulator.total_req_count, "cold": simulator.total_cold_count,
        "rejected": simulator.total_reject_count,
        "meanInstances": mean(simulator.hist_server_count),
        "meanRunning": mean(simulator.hist_server_running_count),
    }


def main():
    names = ["arrivals", "pause", "duration", "extra", "keepAlive", "concurrency"]
    cases = {case[0]: {**dict(zip(names, case[1:])), **run(*case[1:])} for case in CASES}
    path = pathlib.Path(__file__).parent / "expected.json"
    path.write_text(json.dumps(cases, indent=1, sort_keys=True) + "\n")


main()
