"""Runs every workload in every simulator in turn and prints the least CPU time of each.

    compare.py ROUNDS CORE BUILD [WORKLOAD ...]      as bench-peers.sh calls it
"""

import json
import os
import subprocess
import sys

WORKLOADS = (
    "sleep-1e3 sleep-1e5 mm1-process mm1-store ping-pong handlers-1e3 "
    "transfers-1e2 transfers-1e3 transfers-1e4 hold-1e2 hold-1e3 hold-1e4 hold-1e5 hold-1e6"
).split()

# No cross traffic and no TCP window, as in our links: the bare max-min model. Small stacks without
# guard pages: else 1e5 actors do not fit into the kernel's limit of memory maps.
SIMGRID_OPTIONS = (
    "--log=root.thresh:warning --cfg=network/model:CM02 --cfg=network/crosstraffic:0 "
    "--cfg=network/TCP-gamma:0 --cfg=contexts/stack-size:64 --cfg=contexts/guard-size:0"
).split()


def commands(build):
    return {
        "Nephoscope": lambda name: [
            ".build/release/nephoscope-bench", "--filter", name, "--runs", "1", "--json"],
        "C loop": lambda name: [f"{build}/limit", name],
        "SimPy": lambda name: [f"{build}/python/bin/python", "analysis/peers/simpy_peer.py", name],
        "SimGrid": lambda name: [f"{build}/simgrid_peer", name, *SIMGRID_OPTIONS],
    }


def measure(command, name, core):
    """Nanoseconds for each item; None where the peer has no such workload (exit code 64)."""
    run = subprocess.run(
        ["taskset", "-c", core, *command(name)], capture_output=True, text=True)
    if run.returncode == 64:
        return None
    if run.returncode != 0:
        sys.exit(f"{command(name)} failed:\n{run.stderr}")
    results = json.loads(run.stdout)
    results = results if isinstance(results, list) else [results]
    return next(result["ns_per_item"] for result in results if result["name"] == name)


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def row(name, best):
    ours = best["Nephoscope"]
    cells = [name, digits(ours)]
    for peer in ("C loop", "SimPy", "SimGrid"):
        theirs = best.get(peer)
        if theirs is None:
            cells.append("")
        else:
            ratio = theirs / ours
            cells.append(f"{digits(theirs)} ({ratio:.2f}x)" if ratio < 10 else
                         f"{digits(theirs)} ({ratio:.0f}x)")
    return "| " + " | ".join(cells) + " |"


def main():
    rounds, core, build = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    print(f"Load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores.")
    print()
    print("| workload | Nephoscope | C loop | SimPy | SimGrid |")
    print("|---|---:|---:|---:|---:|")
    for name in sys.argv[4:] or WORKLOADS:
        best = {}
        for _ in range(rounds):
            for peer, command in commands(build).items():
                nanoseconds = measure(command, name, core)
                if nanoseconds is not None:
                    best[peer] = min(best.get(peer, nanoseconds), nanoseconds)
        print(row(name, best), flush=True)
    print()
    print(f"Load of the machine after: {os.getloadavg()[0]:.2f}.")


if __name__ == "__main__":
    main()
