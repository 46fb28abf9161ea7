"""Nephoscope's gradients and vector kernels beside PyTorch's, in turns on one core.

    python3 bench.py PATH/TO/nephoscope-bench [--models a,b] [--batches 32,128] [--rounds 3]
        [--parts gradients,epoch,vectors]

Both are measured in CPU time, both with one thread on the same core, and in turns, so that a busy
machine slows both; of several rounds the least counts. Prints a table in Markdown.
"""

import argparse
import gzip
import json
import os
import pathlib
import subprocess
import time

import numpy as np
import torch
import torch.nn.functional as F

from models import ZOO

FIXTURE = pathlib.Path(__file__).parents[2] / "Sources/CEmbedded/fashion-mnist"
VECTOR = 11_173_962
# A busy machine disturbs long measurements: short ones are taken often, and the least counts.
SECONDS = 0.03
WINDOWS = 12
LONG = {"resnet8", "mobilenet", "resnet18"}


def ours(bench, name, runs=WINDOWS):
    """Nanoseconds of one item, the least of so many runs."""
    output = subprocess.run(
        [bench, "--filter", name, "--runs", str(runs), "--json"], check=True, capture_output=True)
    return json.loads(output.stdout)[0]["ns_per_item"]


def least(work, runs=WINDOWS):
    """Seconds of one call: the least mean of so many short runs."""
    work()
    start = time.process_time()
    work()
    count = max(1, int(SECONDS / max(time.process_time() - start, 1e-6)))
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        for _ in range(count):
            work()
        best = min(best, (time.process_time() - start) / count)
    return best


def images(count):
    """The first images of the fixture that Nephoscope carries, normalised as it does, and labels."""
    def read(name, header):
        with gzip.open(FIXTURE / f"train-{name}-ubyte.gz") as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    pixels = read("images-idx3", 16).reshape(-1, 1, 28, 28)[:count].astype(np.float32) / 255
    labels = read("labels-idx1", 8)[:count].astype(np.int64)
    return torch.from_numpy((pixels - 0.2860) / 0.3530), torch.from_numpy(labels)


def gradient(name, batch):
    build, shape = ZOO[name]
    torch.manual_seed(0)
    module = build(shape, 10)
    if shape == (1, 28, 28):
        x, y = images(batch)
    else:
        x, y = torch.randn(batch, *shape), torch.randint(10, (batch,))

    def work():
        module.zero_grad()
        F.cross_entropy(module(x), y).backward()

    return work


def epoch(samples):
    """LeNet-5 on so many samples once, which are floats in memory, with the optimizer's steps."""
    build, shape = ZOO["lenet5"]
    module = build(shape, 10)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    x, y = torch.randn(samples, *shape), torch.randint(10, (samples,))

    def work():
        for batch in torch.randperm(samples).split(128)[: samples // 128]:
            optimizer.zero_grad()
            F.cross_entropy(module(x[batch]), y[batch]).backward()
            optimizer.step()

    return work


def vectors():
    streams = [torch.rand(VECTOR) for _ in range(8)]
    result = torch.zeros(VECTOR)
    parameter = torch.nn.Parameter(torch.rand(VECTOR))
    parameter.grad = torch.rand(VECTOR)
    momentum = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    adam = torch.optim.Adam([parameter], lr=1e-3)

    def mean():
        result.copy_(streams[0])
        for stream in streams[1:]:
            result.add_(stream)
        result.mul_(1 / 8)

    return {
        "mean-8": (mean, 9),
        "momentum": (momentum.step, 5),
        "adam": (adam.step, 7),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument(
        "--models", default="logistic-regression,mlp,lenet5,resnet8,mobilenet,resnet18")
    parser.add_argument("--batches", default="32,128,512")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", default="gradients,epoch,vectors")
    options = parser.parse_args()
    parts = options.parts.split(",")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    torch.set_num_threads(1)

    print(f"PyTorch {torch.__version__}, one thread")
    if "gradients" in parts:
        print_gradients(options)
    if "epoch" in parts:
        print_epoch(options)
    if "vectors" in parts:
        print_vectors(options)


def print_gradients(options):
    print("\n| model | batch | ours, img/s | PyTorch, img/s | ratio |")
    print("|---|---|---|---|---|")
    for name in filter(None, options.models.split(",")):
        runs = 3 if name in LONG else WINDOWS
        for batch in map(int, options.batches.split(",")):
            work = gradient(name, batch)
            mine, theirs = float("inf"), float("inf")
            for _ in range(options.rounds):
                mine = min(mine, ours(options.bench, f"learning/{name}/{batch}", runs) * 1e-9)
                theirs = min(theirs, least(work, runs) / batch)
            print(f"| {name} | {batch} | {1 / mine:,.0f} | {1 / theirs:,.0f} "
                  f"| {theirs / mine:.2f} |", flush=True)


def print_epoch(options):
    print("\n| epoch of 60,000 samples | ours, s | PyTorch, s | ratio |")
    print("|---|---|---|---|")
    work = epoch(60_000)
    mine, theirs = float("inf"), float("inf")
    for _ in range(options.rounds):
        mine = min(mine, ours(options.bench, "learning/epoch/lenet5", 2) * 60_000e-9)
        start = time.process_time()
        work()
        theirs = min(theirs, time.process_time() - start)
    print(f"| lenet5 | {mine:.2f} | {theirs:.2f} | {theirs / mine:.2f} |", flush=True)


def print_vectors(options):
    print("\n| vector kernel, 11 M floats | ours, GB/s | PyTorch, GB/s | ratio |")
    print("|---|---|---|---|")
    torches = vectors()
    for name in ("triad", "mean-8", "momentum", "adam", "filter-sparse"):
        mine, theirs = float("inf"), float("inf")
        for _ in range(options.rounds):
            mine = min(mine, ours(options.bench, f"learning/{name}"))
            if name in torches:
                work, streams = torches[name]
                theirs = min(theirs, least(work) * 1e9 / (streams * 4 * VECTOR))
        ratio = f"{1 / theirs:.1f} | {theirs / mine:.2f}" if name in torches else "| "
        print(f"| {name} | {1 / mine:.1f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
