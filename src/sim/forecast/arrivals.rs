//! When orders arrive: counted in the plan, or estimated where customers order in turns.

use crate::sim::plan::Plan;

/// Parts of the load's time in which arrivals are counted.
const PARTS: usize = 4_096;

/// The expected arrivals of a run's load, over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrivals {
    counts: Vec<f64>,
    part_ns: f64,
    /// How many orders, if the plan fixes it; else it depends on how fast customers are served.
    pub planned: Option<u64>,
}

impl Arrivals {
    /// Counts the plan's arrivals; those of a closed load come evenly, `closed_per_s` of them.
    pub(super) fn of(plan: &Plan, closed_per_s: Option<f64>) -> Self {
        let duration_ns = plan.duration_ns.max(1);
        let part_ns = duration_ns as f64 / PARTS as f64;
        if let Some(per_s) = closed_per_s {
            return Arrivals { counts: vec![per_s / 1e9 * part_ns; PARTS], part_ns, planned: None };
        }
        let mut counts = vec![0.0; PARTS];
        let (mut at_ns, mut orders) = (0, 0_u32);
        while let Some(next_ns) = plan.next_arrival(orders, at_ns) {
            (at_ns, orders) = (next_ns, orders + 1);
            counts[((at_ns as f64 / part_ns) as usize).min(PARTS - 1)] += 1.0;
        }
        Arrivals { counts, part_ns, planned: Some(u64::from(orders)) }
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
