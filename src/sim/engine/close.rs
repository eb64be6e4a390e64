//! The end of a run: what the bus still holds, and what it gives back.

use super::queue::{Event, Lane, Slot, What};
use super::story::name;
use super::world::World;
use crate::domain::{Envelope, Exchange, RequestId, Table, Transport};
use crate::sim::check::Leaks;
use std::collections::BTreeSet;

impl World {
    /// Ends the stations' accounts of what is still in a line or in service: nothing, unless the
    /// run was stopped or did not settle.
    pub(super) fn close_stations(&mut self) {
        for station in &self.stations {
            for slot in &station.line {
                self.queue.event(*slot).what = What::Done;
            }
        }
        for event in self.queue.iter().filter(|event| event.what == What::Done) {
            let station = &mut self.stations[event.envelope.body.to() as usize];
            station.count_present(self.now_ns, event.arrived_ns);
        }
    }

    /// Gives memory back that only a running world needs.
    pub(super) fn put_away(&mut self) {
        self.lanes.window = Lane::new(0);
        self.lanes.patience = Lane::new(0);
        self.flights = Table::new();
        self.customers = Table::new();
    }

    /// What the bus still holds.
    pub(super) fn leaks(&self) -> Leaks {
        let ticking = |order: &u32| self.flights.get(*order).is_some_and(|flight| flight.window);
        Leaks {
            calls: self.calls.left(),
            messages: self.queue.live() as u64,
            owed: self.owed_by_key(),
            timers: (0..self.orders).filter(ticking).map(RequestId).collect(),
            locks: self.locks.left().len() as u64,
        }
    }

    /// What is stored for later, by key: which message, and what it waits for.
    fn owed_by_key(&self) -> Vec<(Exchange, String)> {
        if self.queue.live() == 0 {
            return Vec::new();
        }
        let parked: BTreeSet<Slot> = self.lanes.relay.timers().copied().collect();
        let waiting: BTreeSet<Slot> =
            self.stations.iter().flat_map(|station| station.line.iter().copied()).collect();
        let mut owed: Vec<(u64, Slot)> =
            self.queue.slots().map(|(slot, event)| (event.envelope.key.bits(), slot)).collect();
        owed.sort_unstable();
        let tell = |(_, slot): (u64, Slot)| {
            let event = self.queue.get(slot)?;
            let place = match () {
                () if parked.contains(&slot) => Some("will be delivered again"),
                () if waiting.contains(&slot) => Some("waits in line"),
                () => None,
            };
            Some((event.envelope.key, told(event, place)))
        };
        let holds = |slot| {
            let key = self.queue.get(slot)?.envelope.key;
            Some((key, format!("a transaction holds or wants rows for {}", name(key))))
        };
        let locks = self.locks.left().into_iter().filter_map(holds);
        owed.into_iter().filter_map(tell).chain(locks).take(OWED).collect()
    }
}

/// As many of them are told: the ledger of findings keeps no more.
const OWED: usize = 20;

/// One of them in words. What is not in a place of its own is on its way.
fn told(event: &Event, place: Option<&str>) -> String {
    let Envelope { key, from, transport, body } = &event.envelope;
    let (step, to) = (name(*key), body.to().name());
    let message = match transport {
        Transport::Event => "the event",
        Transport::Call | Transport::HeldCall => "the request",
        Transport::Reply => "the reply to",
        Transport::Timer => "the timer",
    };
    let state = match event.what {
        What::Arrive => "is on its way",
        What::Done => "is in service",
        What::Relay => "will be delivered again",
        What::Overdue => "is overdue",
        What::Unanswered => "was not answered",
        What::Resend | What::Busy => return format!("the request {step} will be sent again"),
        What::Act => return format!("the customer is about to ask for {step}"),
        What::Visit => return "a customer is about to come again".to_owned(),
        What::Traffic => return "background traffic is still to come".to_owned(),
        What::Restart => return format!("{} is down and will come up again", from.name()),
        What::Fault => return "a declared fault is still to begin".to_owned(),
    };
    let state = place.unwrap_or(state);
    format!("{message} {step} from {} to {to} {state}", from.name())
}
