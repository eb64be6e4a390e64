//! The pipeline on NeXosim, one thread: five stations with workers and a line, and a source.

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::{EventSinkReader, Output, SinkState, event_queue};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use peers::{Chance, GAP_NS, HOPS, NETWORK_NS, SERVICE_NS, WORKERS, orders, report};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// An arrival, and a network latency and a service time for each hop.
const EVENTS_PER_ORDER: u64 = 1 + 2 * HOPS.len() as u64;

/// Sends orders into the network, one after the other.
#[derive(Serialize, Deserialize)]
struct Customers {
    next: Output<u64>,
    chance: Chance,
    sent: u64,
    orders: u64,
}

#[Model]
impl Customers {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        after(context, GAP_NS, schedulable!(Self::arrive), 0);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, order: u64, context: &Context<Self>) {
        let network_ns = self.chance.exponential_ns(NETWORK_NS);
        after(context, network_ns, schedulable!(Self::depart), order);
        self.sent += 1;
        if self.sent < self.orders {
            after(context, GAP_NS, schedulable!(Self::arrive), self.sent);
        }
    }

    #[nexosim(schedulable)]
    async fn depart(&mut self, order: u64) {
        self.next.send(order).await;
    }
}

/// A hop: its workers, its line, and the network behind it.
#[derive(Serialize, Deserialize)]
struct Station {
    next: Output<u64>,
    chance: Chance,
    busy: u32,
    line: VecDeque<u64>,
    last: bool,
}

#[Model]
impl Station {
    fn arrive(&mut self, order: u64, context: &Context<Self>) {
        if self.busy == WORKERS {
            self.line.push_back(order);
        } else {
            self.busy += 1;
            self.serve(order, context);
        }
    }

    fn serve(&mut self, order: u64, context: &Context<Self>) {
        let service_ns = self.chance.exponential_ns(SERVICE_NS);
        after(context, service_ns, schedulable!(Self::done), order);
    }

    #[nexosim(schedulable)]
    async fn done(&mut self, order: u64, context: &Context<Self>) {
        match self.line.pop_front() {
            Some(waiting) => self.serve(waiting, context),
            None => self.busy -= 1,
        }
        if self.last {
            self.next.send(order).await;
        } else {
            let network_ns = self.chance.exponential_ns(NETWORK_NS);
            after(context, network_ns, schedulable!(Self::depart), order);
        }
    }

    #[nexosim(schedulable)]
    async fn depart(&mut self, order: u64) {
        self.next.send(order).await;
    }
}

/// Schedules an input of the model itself.
fn after<M: Model>(
    context: &Context<M>,
    ns: u64,
    input: &nexosim::model::SchedulableId<M, u64>,
    order: u64,
) {
    let at = Duration::from_nanos(ns);
    context.schedule_event(at, input, order).expect("it is in the future");
}

fn main() {
    let orders = orders();
    let since = Instant::now();
    let mut bench = SimInit::with_num_threads(1);
    let (sink, mut completed) = event_queue(SinkState::Enabled);
    let mailboxes = HOPS.map(|_| Mailbox::<Station>::new());
    let mut first = Output::default();
    first.connect(Station::arrive, &mailboxes[0]);
    let mut stations = Vec::new();
    for hop in 0..HOPS.len() {
        let mut next = Output::default();
        match mailboxes.get(hop + 1) {
            Some(mailbox) => next.connect(Station::arrive, mailbox),
            None => next.connect_sink(sink.clone()),
        }
        let (chance, last) = (Chance::new(hop as u64 + 2), hop + 1 == HOPS.len());
        stations.push(Station { next, chance, busy: 0, line: VecDeque::new(), last });
    }
    let customers = Customers { next: first, chance: Chance::new(1), sent: 0, orders };
    bench = bench.add_model(customers, Mailbox::new(), "customers");
    for ((station, mailbox), name) in stations.into_iter().zip(mailboxes).zip(HOPS) {
        bench = bench.add_model(station, mailbox, name);
    }
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("it can begin");
    simulation.run().expect("it can end");
    let count = std::iter::from_fn(|| completed.try_read()).count() as u64;
    report(orders, count, EVENTS_PER_ORDER, since);
}
