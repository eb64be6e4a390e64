"""The pipeline on SimPy: a process for each order, a resource for the workers of each hop."""

import simpy
from pipeline import GAP_S, HOPS, NETWORK_S, SERVICE_S, WORKERS, exponential_s, measure


def order(env, stations, completed):
    for station in stations:
        yield env.timeout(exponential_s(NETWORK_S))
        with station.request() as worker:
            yield worker
            yield env.timeout(exponential_s(SERVICE_S))
    completed[0] += 1


def customers(env, stations, orders, completed):
    for _ in range(orders):
        yield env.timeout(GAP_S)
        env.process(order(env, stations, completed))


def pipeline(orders):
    env = simpy.Environment()
    stations = [simpy.Resource(env, capacity=WORKERS) for _ in HOPS]
    completed = [0]
    env.process(customers(env, stations, orders, completed))
    env.run()
    return completed[0]


# An arrival, and a network latency and a service time for each hop; SimPy adds requests of its own.
measure(pipeline, 1 + 2 * len(HOPS))
