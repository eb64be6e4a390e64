"""What the peers in Python share: the shape of the load, and the line each prints."""

import json
import random
import sys
import time

HOPS = ["place", "stock", "order", "payment", "complete"]
GAP_S = 100e-6
SERVICE_S = 2e-3
NETWORK_S = 1e-3
WORKERS = 60


def exponential_s(mean_s):
    """A draw of the exponential distribution, in seconds."""
    return random.expovariate(1 / mean_s)


def measure(pipeline, events_per_order):
    """Runs all orders, the only argument; prints the line that `run` reads."""
    orders = int(sys.argv[1])
    random.seed(1)
    since = time.perf_counter()
    completed = pipeline(orders)
    seconds = time.perf_counter() - since
    if completed != orders:
        sys.exit(f"only {completed} of {orders} orders were completed")
    print(json.dumps({"orders": orders, "seconds": seconds, "events": events_per_order * orders}))
