//! The raw ceiling of actix: five actors pass an order on, five deliveries an order, no time, no
//! chance, no state, no checks. `ring`: each sends to the next by `do_send`. `bus`: each writes
//! into an outbox, the one bus of the thread takes it and dispatches what is next, as sagasim does.

use actix::prelude::*;
use peers::{HOPS, report};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;
use tokio::sync::oneshot;

/// Orders under way at once.
const IN_FLIGHT: u64 = 150;
/// Each hop is one delivery.
const EVENTS_PER_ORDER: u64 = HOPS.len() as u64;

/// An order on its way, as large as one of sagasim's small messages.
#[derive(Clone, Copy)]
struct Order([u64; 6]);

impl Message for Order {
    type Result = ();
}

/// What all actors of the thread share.
struct Bus {
    stations: Vec<Recipient<Order>>,
    queue: VecDeque<(usize, Order)>,
    left: u64,
    completed: u64,
    orders: u64,
    over: Option<oneshot::Sender<()>>,
}

type Shared = Rc<RefCell<Bus>>;

impl Bus {
    /// An order has passed the last hop; the next one begins, if there is one.
    fn complete(&mut self) -> Option<Order> {
        self.completed += 1;
        if self.completed == self.orders
            && let Some(over) = self.over.take()
        {
            // Whoever waited has left only if the program is being stopped.
            over.send(()).ok();
        }
        self.begin()
    }

    fn begin(&mut self) -> Option<Order> {
        self.left = self.left.checked_sub(1)?;
        Some(Order([self.left; 6]))
    }

    fn dispatch(&mut self) {
        if let Some((hop, order)) = self.queue.pop_front() {
            self.stations[hop].do_send(order);
        }
    }
}

struct Station {
    hop: usize,
    shared: Shared,
    by_bus: bool,
}

impl Actor for Station {
    type Context = Context<Self>;
}

impl Handler<Order> for Station {
    type Result = ();

    fn handle(&mut self, order: Order, _: &mut Self::Context) {
        let mut bus = self.shared.borrow_mut();
        let last = self.hop + 1 == HOPS.len();
        let next = if last { bus.complete() } else { Some(Order([order.0[0] + 1; 6])) };
        let hop = if last { 0 } else { self.hop + 1 };
        if self.by_bus {
            bus.queue.extend(next.map(|next| (hop, next)));
            bus.dispatch();
        } else if let Some(next) = next {
            bus.stations[hop].do_send(next);
        }
    }
}

async fn all(orders: u64, by_bus: bool) -> u64 {
    let (over, when_over) = oneshot::channel();
    let bus = Bus {
        stations: Vec::new(),
        queue: VecDeque::new(),
        left: orders,
        completed: 0,
        orders,
        over: Some(over),
    };
    let shared = Rc::new(RefCell::new(bus));
    for hop in 0..HOPS.len() {
        let station = Station { hop, shared: Rc::clone(&shared), by_bus };
        shared.borrow_mut().stations.push(station.start().recipient());
    }
    {
        let mut bus = shared.borrow_mut();
        for _ in 0..IN_FLIGHT.min(orders) {
            let first = bus.begin();
            bus.queue.extend(first.map(|first| (0, first)));
        }
        // The bus has one message under way at a time, the ring all of them.
        for _ in 0..if by_bus { 1 } else { IN_FLIGHT } {
            bus.dispatch();
        }
    }
    when_over.await.expect("the last order says so");
    shared.borrow().completed
}

fn main() {
    let mut words = std::env::args().skip(2);
    let by_bus = match words.next().as_deref() {
        Some("ring") => false,
        Some("bus") => true,
        _ => panic!("usage: actix ORDERS ring|bus"),
    };
    let orders = peers::orders();
    let since = Instant::now();
    let completed = actix::System::new().block_on(all(orders, by_bus));
    report(orders, completed, EVENTS_PER_ORDER, since);
}
