//! When orders arrive: counted in the plan, or estimated where customers order in turns.

use super::turns::Turns;
use crate::sim::plan::Plan;

/// Parts of the load's time in which arrivals are counted.
const PARTS: usize = 4_096;

/// The expected arrivals of a run's loads together, over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrivals {
    counts: Vec<f64>,
    part_ns: f64,
    /// How many orders, if the plan fixes it; else it depends on how fast customers are served.
    pub planned: Option<u64>,
    /// No more than these, however fast customers are served; none: nothing limits them.
    pub most: Option<u64>,
}

impl Arrivals {
    /// Counts the plan's arrivals, and adds those of the users who order in turns.
    pub(super) fn of(plan: &Plan, turns: &[Turns<'_>]) -> Self {
        let part_ns = plan.duration_ns.max(1) as f64 / PARTS as f64;
        let mut counts = vec![0.0; PARTS];
        let mut arrivals = plan.arrivals();
        while let Some(at_ns) = arrivals.next_ns() {
            counts[((at_ns as f64 / part_ns) as usize).min(PARTS - 1)] += 1.0;
            arrivals.pass(plan);
        }
        let counted = u64::from(arrivals.passed());
        for crowd in turns {
            crowd.add(&mut counts, part_ns);
        }
        let sum = |sum: u64, crowd: &Turns<'_>| crowd.quota.map(|quota| sum.saturating_add(quota));
        Arrivals {
            counts,
            part_ns,
            planned: turns.is_empty().then_some(counted),
            most: turns.iter().try_fold(counted, sum),
        }
    }

    /// Arrivals to be expected from `from_ns` until `until_ns`, which may lie outside the load.
    #[must_use]
    pub fn expected(&self, from_ns: f64, until_ns: f64) -> f64 {
        let place = |at_ns: f64| (at_ns / self.part_ns).clamp(0.0, self.counts.len() as f64);
        let (from, until) = (place(from_ns), place(until_ns));
        let touched = (from as usize)..(until.ceil() as usize);
        let share = |part: usize| {
            let (start, end) = (part as f64, (part + 1) as f64);
            until.min(end) - from.max(start)
        };
        touched.map(|part| self.counts[part] * share(part)).sum()
    }

    /// All orders to be expected.
    #[must_use]
    pub fn orders(&self) -> f64 {
        self.counts.iter().sum()
    }
}
