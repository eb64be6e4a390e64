//! The instants at which the run itself is looked at: the end of the warm-up, and the instants at
//! which thresholds that may stop the run are judged.
//!
//! They are instants of virtual time, so every run of a seed is looked at, and stopped, at the
//! same ones. Between them it costs nothing: the world compares each event with the next instant
//! instead of with its end.

use super::Finished;
use super::world::World;
use crate::sim::plan::Plan;
use crate::sim::scenario::Verdict;
use crate::sim::threshold::{Figures, Stopped, Tally};

/// Thresholds that may stop a run are judged this often, evenly over its load.
const LOOKS: u64 = 100;

/// What is known of the instants.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The next one, or the end of the run.
    pub(super) next_ns: u64,
    /// What was counted up to the end of the warm-up.
    pub(super) warm: Tally,
    /// A threshold stopped the run.
    pub(super) stopped: Option<Stopped>,
}

impl Looks {
    /// The looks of a run that has not begun and ends at `limit_ns`.
    pub(super) fn new(plan: &Plan, limit_ns: u64) -> Self {
        Looks { next_ns: following(plan, limit_ns, None), ..Looks::default() }
    }
}

/// The last instant of the warm-up, if there is one.
fn warmed_up_ns(plan: &Plan) -> Option<u64> {
    plan.scenario.run.warmup_ns.checked_sub(1)
}

/// The next instant after `done_ns`, or `limit_ns`.
fn following(plan: &Plan, limit_ns: u64, done_ns: Option<u64>) -> u64 {
    let warm = warmed_up_ns(plan).filter(|&at_ns| done_ns.is_none_or(|done_ns| at_ns > done_ns));
    let stops = plan.scenario.thresholds.iter().any(|one| one.abort_from_ns.is_some());
    let judged = if stops { judging(plan.duration_ns, done_ns.unwrap_or(0)) } else { None };
    [warm, judged].into_iter().flatten().fold(limit_ns, u64::min)
}

/// The next of the [`LOOKS`] instants after `done_ns`.
fn judging(duration_ns: u64, done_ns: u64) -> Option<u64> {
    let (duration, looks) = (u128::from(duration_ns), u128::from(LOOKS));
    let instant = |k: u128| (duration * k / looks) as u64;
    let k = u128::from(done_ns) * looks / duration.max(1);
    (k..=looks).map(instant).find(|&at_ns| at_ns > done_ns)
}

/// How much of the load had passed at an instant, the warm-up left out.
fn load_ns(plan: &Plan, at_ns: u64) -> u64 {
    at_ns.min(plan.duration_ns).saturating_sub(plan.scenario.run.warmup_ns)
}

impl Finished {
    /// What was counted in the whole run.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally {
            started: self.started,
            stations: self.stations,
            messages: self.messages,
            steps: self.steps,
            processes: self.proof.processes,
            faults: self.faults.clone(),
        }
    }

    /// What its thresholds are judged on. `total` is its [`Finished::tally`].
    #[must_use]
    pub fn figures<'a>(&'a self, plan: &Plan, total: &'a Tally) -> Figures<'a> {
        Figures {
            latencies: &self.latencies,
            harm: &self.proof.harm,
            total,
            warm: &self.warm,
            orders: &self.proof.orders,
            coordination: plan.scenario.flow.coordination,
            load_ns: load_ns(plan, self.end_ns),
        }
    }
}

impl World {
    /// The next event is later than the instant that was waited for: looks at everything that has
    /// happened up to it. True: the run is over.
    #[cold]
    pub(super) fn look(&mut self, next_event_ns: u64) -> bool {
        while next_event_ns > self.looks.next_ns {
            let at_ns = self.looks.next_ns;
            if at_ns >= self.limit_ns {
                return true;
            }
            if warmed_up_ns(&self.plan) == Some(at_ns) {
                self.looks.warm = self.tally();
            }
            let failed = self.failed(at_ns);
            if !failed.is_empty() {
                self.looks.stopped = Some(Stopped { at_ns, thresholds: failed });
                self.aborted = true;
                return true;
            }
            self.looks.next_ns = following(&self.plan, self.limit_ns, Some(at_ns));
        }
        false
    }

    /// The thresholds that stop the run at this instant.
    fn failed(&self, at_ns: u64) -> Vec<usize> {
        let thresholds = self.plan.scenario.thresholds.iter().enumerate();
        let due = |from_ns: Option<u64>| from_ns.is_some_and(|from_ns| from_ns <= at_ns);
        let due: Vec<_> = thresholds.filter(|(_, one)| due(one.abort_from_ns)).collect();
        if due.is_empty() {
            return Vec::new();
        }
        let (total, latencies) = (self.tally(), self.latencies.so_far());
        let figures = Figures {
            latencies: &latencies,
            harm: &self.books.harm,
            total: &total,
            warm: &self.looks.warm,
            orders: &[],
            coordination: self.coordination(),
            load_ns: load_ns(&self.plan, at_ns),
        };
        let failed =
            due.into_iter().filter(|(_, one)| one.judge(&figures).verdict == Verdict::Failed);
        failed.map(|(place, _)| place).collect()
    }

    /// What has been counted so far.
    pub(super) fn tally(&self) -> Tally {
        let mut stations = std::array::from_fn(|service| self.stations[service].figures);
        self.times.add_to(&mut stations);
        Tally {
            started: u64::from(self.orders),
            stations,
            messages: self.messages,
            steps: self.steps,
            processes: self.books.processes,
            faults: self.faults.hits(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOKS, judging};

    #[test]
    fn a_run_is_looked_at_a_hundred_times_the_last_time_when_its_load_ends() {
        for duration_ns in [100, 12_345, 604_800_000_000_000] {
            let mut at_ns = 0;
            let mut looks = 0;
            while let Some(next_ns) = judging(duration_ns, at_ns) {
                assert!(next_ns > at_ns);
                (at_ns, looks) = (next_ns, looks + 1);
            }
            assert_eq!((at_ns, looks), (duration_ns, LOOKS));
        }
    }

    #[test]
    fn shorter_than_a_hundred_nanoseconds_it_is_looked_at_at_each() {
        assert_eq!(judging(3, 0), Some(1));
        assert_eq!(judging(3, 2), Some(3));
        assert_eq!(judging(3, 3), None);
        assert_eq!(judging(0, 0), None);
    }
}
