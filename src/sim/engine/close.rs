//! The end of a run: what the bus still holds, and what it gives back.

use super::queue::{Lane, What};
use super::world::World;
use crate::domain::{RequestId, Table};
use crate::sim::check::Leaks;

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
            timers: (0..self.orders).filter(ticking).map(RequestId).collect(),
            locks: self.locks.left() as u64,
        }
    }
}
