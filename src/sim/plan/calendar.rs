//! Which day it is: on the scenario's calendar, or on the order log's, whatever its speed.

use super::Replay;
use crate::sim::scenario::Scenario;

const DAY_NS: i64 = 86_400_000_000_000;

/// Turns virtual time into days.
#[derive(Clone, Debug)]
pub struct Calendar {
    epoch_local_ns: i64,
    /// The day of each logged order; empty without a log.
    logged: Vec<i32>,
    last_arrival_ns: u64,
}

impl Calendar {
    /// The calendar of a scenario whose arrivals stop after `duration_ns`.
    #[must_use]
    pub fn new(scenario: &Scenario, replay: Option<&Replay>, duration_ns: u64) -> Self {
        let logged = replay.map_or_else(Vec::new, |replay| replay.days().collect());
        let epoch_local_ns = scenario.run.epoch_local_ns;
        let last_arrival_ns = duration_ns.saturating_sub(1);
        Calendar { epoch_local_ns, logged, last_arrival_ns }
    }

    /// Days since 1970-01-01 for something that happens to `order` at `now_ns`. In a replay it is
    /// the day the log says the order was made: the log's days must not shrink with its speed.
    #[must_use]
    pub fn day(&self, order: u32, now_ns: u64) -> i32 {
        self.logged.get(order as usize).copied().unwrap_or_else(|| self.today(now_ns))
    }

    /// Days since 1970-01-01 at `now_ns` on the scenario's own calendar.
    #[must_use]
    pub const fn today(&self, now_ns: u64) -> i32 {
        (self.epoch_local_ns.saturating_add_unsigned(now_ns)).div_euclid(DAY_NS) as i32
    }

    /// The last day arrivals can fall on: *today* of the three-day ranking.
    #[must_use]
    pub fn last_day(&self) -> i32 {
        self.logged.last().copied().unwrap_or_else(|| self.today(self.last_arrival_ns))
    }
}
