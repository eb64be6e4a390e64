//! A service station: workers, a line, a limit, and the figures of both.

use super::queue::Slot;
use std::collections::VecDeque;

/// Figures of a station. All sums are integers; Little's law holds on them exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StationFigures {
    /// Workers.
    pub workers: u32,
    /// Messages whose service ended.
    pub handled: u64,
    /// Messages refused because the line was full.
    pub refused: u64,
    /// Longest line.
    pub queue_max: u64,
    /// Sum of the waits, in nanoseconds.
    pub wait_ns: u128,
    /// Sum of the service times, in nanoseconds.
    pub service_ns: u128,
    /// Worker time spent, in service or held, while the load lasted, in nanoseconds.
    pub loaded_ns: u128,
    /// Sum of the times workers were held by a synchronous call, in nanoseconds.
    pub held_ns: u128,
    /// Sum of the network times of arriving messages, in nanoseconds.
    pub network_ns: u128,
    /// Little's law, left side: the integral of the number present over time, in nanoseconds.
    pub area_ns: u128,
    /// Little's law, right side: the sum of the times present, up to the end of the run, in
    /// nanoseconds.
    pub sojourn_ns: u128,
    /// Messages present at the end; 0 unless something is stuck.
    pub present: u64,
}

/// A station at the end of an interval.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct StationMoment {
    /// Messages in line.
    pub queue: u64,
    /// Workers that serve, or wait for the answer to a synchronous call.
    pub busy: u32,
    /// Messages in line and in service, averaged over the interval.
    pub present_mean: f64,
}

/// One station.
#[derive(Debug, Default)]
pub(super) struct Station {
    pub(super) figures: StationFigures,
    pub(super) capacity: Option<u32>,
    pub(super) busy: u32,
    pub(super) line: VecDeque<Slot>,
    /// Counts crashes: what was in service in an earlier life is lost.
    pub(super) life: u32,
    /// Until when it is down.
    pub(super) down_until_ns: Option<u64>,
    /// It is down, or a fault may make it refuse what comes.
    pub(super) closed: bool,
    changed_ns: u64,
    /// The area when the last interval ended.
    area_ns: u128,
}

impl Station {
    pub(super) fn new(workers: u32, capacity: Option<u32>) -> Self {
        let figures = StationFigures { workers, ..StationFigures::default() };
        Station { figures, capacity, ..Station::default() }
    }

    fn integrate(&mut self, now_ns: u64) {
        let elapsed_ns = now_ns - self.changed_ns;
        self.figures.area_ns += u128::from(self.figures.present) * u128::from(elapsed_ns);
        self.changed_ns = now_ns;
    }

    pub(super) fn enter(&mut self, now_ns: u64) {
        self.integrate(now_ns);
        self.figures.present += 1;
    }

    pub(super) fn leave(&mut self, now_ns: u64, arrived_ns: u64) {
        self.integrate(now_ns);
        self.figures.present -= 1;
        self.figures.sojourn_ns += u128::from(now_ns - arrived_ns);
    }

    /// A worker waited for the answer to a synchronous call; the load lasts until `load_ends_ns`.
    pub(super) fn held(&mut self, since_ns: u64, now_ns: u64, load_ends_ns: u64) {
        self.figures.held_ns += u128::from(now_ns - since_ns);
        self.figures.loaded_ns += u128::from(now_ns.min(load_ends_ns).saturating_sub(since_ns));
    }

    /// Ends the account of a message that is still present when the run ends.
    pub(super) fn count_present(&mut self, end_ns: u64, arrived_ns: u64) {
        self.integrate(end_ns);
        self.figures.sojourn_ns += u128::from(end_ns - arrived_ns);
    }

    /// The station now, at the end of an interval that has lasted this long.
    pub(super) fn moment(&mut self, now_ns: u64, lasted_ns: u64) -> StationMoment {
        self.integrate(now_ns);
        let area_ns = self.figures.area_ns - self.area_ns;
        self.area_ns = self.figures.area_ns;
        StationMoment {
            queue: self.line.len() as u64,
            busy: self.busy,
            present_mean: area_ns as f64 / lasted_ns.max(1) as f64,
        }
    }

    pub(super) fn free_worker(&self) -> bool {
        self.busy < self.figures.workers
    }

    pub(super) fn full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.line.len() >= capacity as usize)
    }

    pub(super) fn wait(&mut self, slot: Slot) {
        self.line.push_back(slot);
        self.figures.queue_max = self.figures.queue_max.max(self.line.len() as u64);
    }
}
