"""The workloads of nephoscope-bench in SimPy.

    simpy_peer.py NAME      prints {"name": ..., "items": ..., "ns_per_item": ...}

Fewer items than ours where an item costs the same however many there are; garbage collection as
Python has it by default.
"""

import json
import random
import sys
import time

import simpy


def sleepers(processes, sleeps):
    env = simpy.Environment()

    def sleeper():
        for _ in range(sleeps):
            yield env.timeout(random.expovariate(1000))

    for _ in range(processes):
        env.process(sleeper())
    env.run()
    return processes * sleeps


def queue_with_a_process_per_customer(customers):
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)

    def customer():
        with server.request() as request:
            yield request
            yield env.timeout(random.expovariate(1 / 0.9e-3))

    def source():
        for _ in range(customers):
            yield env.timeout(random.expovariate(1000))
            env.process(customer())

    env.process(source())
    env.run()
    return customers


def queue_with_a_store(customers):
    env = simpy.Environment()
    queue = simpy.Store(env)

    def source():
        for _ in range(customers):
            yield env.timeout(random.expovariate(1000))
            yield queue.put(env.now)

    def server():
        for _ in range(customers):
            yield queue.get()
            yield env.timeout(random.expovariate(1 / 0.9e-3))

    env.process(source())
    env.process(server())
    env.run()
    return customers


def ping_pong(pairs, rounds):
    env = simpy.Environment()

    def ping(there, back, number):
        for _ in range(rounds):
            yield there.put(number)
            number = (yield back.get()) + 1

    def pong(there, back):
        for _ in range(rounds):
            number = yield there.get()
            yield back.put(number + 1)

    for pair in range(pairs):
        there, back = simpy.Store(env), simpy.Store(env)
        env.process(ping(there, back, pair))
        env.process(pong(there, back))
    env.run()
    return 2 * pairs * rounds


WORKLOADS = {
    "sleep-1e3": lambda: sleepers(1_000, 500),
    "sleep-1e5": lambda: sleepers(100_000, 20),
    "mm1-process": lambda: queue_with_a_process_per_customer(100_000),
    "mm1-store": lambda: queue_with_a_store(100_000),
    "ping-pong": lambda: ping_pong(1_000, 50),
}

if __name__ == "__main__":
    name = sys.argv[1]
    if name not in WORKLOADS:
        sys.exit(64)
    random.seed(1)
    start = time.process_time()
    items = WORKLOADS[name]()
    ns = (time.process_time() - start) * 1e9 / items
    print(json.dumps({"name": name, "items": items, "ns_per_item": round(ns, 3)}))
