#!/bin/sh
# Measures the kernel beside its peers: the same workloads, one core, interleaved, least CPU time.
#
#   analysis/peers/bench-peers.sh [ROUNDS [CORE [WORKLOAD ...]]]
#
# By default 3 rounds of all workloads on the last core.
#
# Installs SimPy (PyPI) and SimGrid (Debian) where they are missing. Prints a table in Markdown, ns
# for each item and the ratio to Nephoscope, and the load of the machine before and after.
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-3}
core=${2:-$(($(nproc) - 1))}
if [ $# -gt 2 ]; then shift 2; else set --; fi
build=.build/peers
mkdir -p "$build"

if ! [ -x "$build/python/bin/python" ]; then
  python3 -m venv "$build/python"
fi
if ! "$build/python/bin/python" -c 'import simpy' 2>/dev/null; then
  echo "installing SimPy from PyPI" >&2
  "$build/python/bin/pip" install --quiet simpy >&2
fi
if ! [ -e /usr/include/simgrid/s4u.hpp ]; then
  echo "installing libsimgrid-dev with apt-get" >&2
  if [ "$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi
  $sudo apt-get install -y libsimgrid-dev >&2
fi

cc -O3 -march=native -o "$build/limit" analysis/peers/limit.c -lm
c++ -O2 -std=c++17 -o "$build/simgrid_peer" analysis/peers/simgrid_peer.cpp -lsimgrid
swift build --configuration release --static-swift-stdlib --product nephoscope-bench >&2

exec "$build/python/bin/python" analysis/peers/compare.py "$rounds" "$core" "$build" "$@"
