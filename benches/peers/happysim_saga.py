"""The pipeline as happy-simulator's own saga: five steps with compensations and timeouts, the way
its example does it. A service has no limit of workers and no line."""

from happysimulator import Entity, Event, Instant, Simulation
from happysimulator.components.microservice import Saga, SagaState, SagaStep
from pipeline import GAP_S, HOPS, NETWORK_S, SERVICE_S, exponential_s, measure

TIMEOUT_S = 1.0


class Service(Entity):
    def handle_event(self, event):
        yield exponential_s(NETWORK_S)
        yield exponential_s(SERVICE_S)


class Customers(Entity):
    """Starts a saga every GAP_S seconds."""

    def __init__(self, saga, orders):
        super().__init__("customers")
        self.saga = saga
        self.orders = orders

    def handle_event(self, event):
        for order in range(self.orders):
            start = {"payload": {"order_id": order}}
            yield GAP_S, [Event(time=self.now, event_type="start", target=self.saga, context=start)]


def pipeline(orders):
    services = [Service(name) for name in HOPS]
    completed = [0]

    def on_complete(_saga, state, _results):
        completed[0] += state == SagaState.COMPLETED

    saga = Saga(
        name="checkout",
        steps=[
            SagaStep(s.name, s, s.name, s, "undo-" + s.name, timeout=TIMEOUT_S) for s in services
        ],
        on_complete=on_complete,
    )
    customers = Customers(saga, orders)
    simulation = Simulation(
        start_time=Instant.Epoch,
        duration=orders * GAP_S + 10 * TIMEOUT_S,
        entities=[customers, saga, *services],
    )
    begin = Event(time=Instant.Epoch, event_type="begin", target=customers)
    simulation.schedule(begin)
    simulation.run()
    return completed[0]


# An arrival, and a network latency and a service time for each hop; happy-simulator adds to each
# step an event for its beginning, its end and its timeout.
measure(pipeline, 1 + 2 * len(HOPS))
