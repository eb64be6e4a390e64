//! Timers of constant length, one lane a kind, and which of them is next.

use super::customer::Waiting;
use super::queue::{Lane, Slot, instant};
use super::world::{Flight, From, World};
use crate::domain::{Exchange, RequestId, Table};

/// Timers of constant length.
#[derive(Debug)]
pub(super) struct Lanes {
    pub(super) call: Lane<Exchange>,
    pub(super) window: Lane<RequestId>,
    pub(super) patience: Lane<Waiting>,
    pub(super) relay: Lane<Slot>,
}

impl World {
    pub(super) fn earliest_timer(&mut self) -> (u128, From) {
        let (calls, flights) = (&self.calls, &self.flights);
        let timers = [
            (self.arrivals.next_ns().map(|at_ns| instant(at_ns, 0)), From::Arrival),
            (self.lanes.call.due(|key| calls.waits(*key)), From::Call),
            (self.lanes.window.due(|order| ticks(flights, *order)), From::Window),
            (self.lanes.patience.due(|waiting| awaits(flights, *waiting)), From::Patience),
            (self.lanes.relay.due(|_| true), From::Relay),
        ];
        let mut first = (u128::MAX, From::Heap);
        for (due, from) in timers {
            if let Some(due) = due
                && due < first.0
            {
                first = (due, from);
            }
        }
        first
    }

    /// An attempt of a call was sent: it may time out.
    pub(super) fn arm_call(&mut self, key: Exchange) {
        let calls = &self.calls;
        let due_ns = self.lanes.call.arm(self.now_ns, key, |key| calls.waits(*key));
        self.due(due_ns);
    }

    /// An order's payment window opens.
    pub(super) fn arm_window(&mut self, order: RequestId) {
        self.flights.at(order.0).window = true;
        let flights = &self.flights;
        let live = |order: &RequestId| ticks(flights, *order);
        let due_ns = self.lanes.window.arm(self.now_ns, order, live);
        self.due(due_ns);
    }

    /// A customer begins to wait for a final word.
    pub(super) fn arm_patience(&mut self, waiting: Waiting) {
        let flights = &self.flights;
        let live = |waiting: &Waiting| awaits(flights, *waiting);
        let due_ns = self.lanes.patience.arm(self.now_ns, waiting, live);
        self.due(due_ns);
    }

    /// A message that was lost or refused comes again later.
    pub(super) fn arm_relay(&mut self, slot: Slot) {
        let due_ns = self.lanes.relay.arm(self.now_ns, slot, |_| true);
        self.due(due_ns);
    }

    /// A timer was set that is due then.
    fn due(&mut self, due_ns: u64) {
        self.timers_from_ns = self.timers_from_ns.min(due_ns);
    }
}

fn ticks(flights: &Table<Flight>, order: RequestId) -> bool {
    flights.get(order.0).is_some_and(|flight| flight.window)
}

fn awaits(flights: &Table<Flight>, waiting: Waiting) -> bool {
    flights.get(waiting.order.0).is_some_and(|flight| flight.awaits(waiting))
}
