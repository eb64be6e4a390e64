//! Users who order in turns: how many orders they come to, if nobody has to wait in a queue.

use crate::sim::dist::Sampler;
use crate::sim::plan::Plan;
use crate::sim::scenario::{Block, Load, Stage};

/// The users of one closed load.
#[derive(Debug)]
pub(super) struct Turns<'a> {
    block: &'a Block,
    end_ns: u64,
    /// Mean time from the end of an order to the user's next.
    pause_ns: f64,
    /// Mean time from order to order.
    cycle_ns: f64,
    /// Squared coefficient of variation of that time, as far as the pause makes it vary.
    variation: f64,
    /// All the orders they may place; none: as many as they can.
    pub(super) quota: Option<u64>,
}

impl<'a> Turns<'a> {
    /// The users of every closed load, who are busy with an order for `order_ns` on average.
    pub(super) fn of(plan: &'a Plan, order_ns: f64) -> Vec<Turns<'a>> {
        let turns = |block: &'a Block| {
            let (pause, quota) = match &block.load {
                Load::ConstantUsers { pause, .. } | Load::RampingUsers { pause, .. } => {
                    (pause, None)
                }
                Load::FixedOrders { users, quota, pause } => (pause, Some(quota.total(*users))),
                Load::ConstantArrivalRate { .. }
                | Load::RampingArrivalRate { .. }
                | Load::OrderLog(_) => return None,
            };
            let sampler = Sampler::new(pause);
            let pause_ns = sampler.mean();
            let end_ns = block.end_ns().unwrap_or(plan.duration_ns).min(plan.duration_ns);
            let cycle_ns = (pause_ns + order_ns).max(1.0);
            let variation = variance(&sampler) / (cycle_ns * cycle_ns);
            Some(Turns { block, end_ns, pause_ns, cycle_ns, variation, quota })
        };
        plan.scenario.loads.iter().filter_map(turns).collect()
    }

    /// Adds their orders to the counts of equal parts of time, from time 0 on.
    ///
    /// Who comes begins with a pause: the first orders are spread over twice its mean. Those after
    /// it are t/μ - (1 - c²)/2 in a time t, the asymptote of a renewal process with mean μ and
    /// coefficient of variation c (Cox, *Renewal Theory*, 1962): evenly, (1 - c²)/2 of a turn late.
    pub(super) fn add(&self, counts: &mut [f64], part_ns: f64) {
        let first_ns = (2.0 * self.pause_ns / part_ns).ceil().max(1.0) * part_ns;
        let late = (1.0 - self.variation).max(0.0) / 2.0;
        let later_ns = self.pause_ns + self.cycle_ns * late;
        let mut left = self.quota.map_or(f64::INFINITY, |orders| orders as f64);
        for (part, count) in counts.iter_mut().enumerate() {
            let at_ns = (part as f64 + 0.5) * part_ns;
            let now = self.present(at_ns);
            let first = (now - self.present(at_ns - first_ns)).max(0.0) / first_ns;
            let again = now.min(self.present(at_ns - later_ns)) / self.cycle_ns;
            let orders = ((first + again) * part_ns).min(left);
            left -= orders;
            *count += orders;
        }
    }

    /// How many there are at an instant.
    fn present(&self, at_ns: f64) -> f64 {
        let after_ns = at_ns - self.block.start_ns as f64;
        if after_ns < 0.0 || at_ns >= self.end_ns as f64 {
            return 0.0;
        }
        match &self.block.load {
            Load::RampingUsers { start_users, stages, .. } => ramp(*start_users, stages, after_ns),
            load => f64::from(load.users()),
        }
    }
}

/// The variance of draws, from quantiles in the middles of equal shares.
fn variance(sampler: &Sampler) -> f64 {
    const SHARES: u64 = 256;
    let share = u64::MAX / SHARES;
    let off = |at: u64| sampler.at(at * share + share / 2) as f64 - sampler.mean();
    (0..SHARES).map(|at| off(at) * off(at)).sum::<f64>() / SHARES as f64
}

/// The value of a ramp some time after its start.
fn ramp(start_users: u32, stages: &[Stage<u32>], after_ns: f64) -> f64 {
    let (mut from, mut left_ns) = (f64::from(start_users), after_ns);
    for stage in stages {
        let (to, length_ns) = (f64::from(stage.target), stage.duration_ns as f64);
        if left_ns < length_ns {
            return from + (to - from) * (left_ns / length_ns);
        }
        (from, left_ns) = (to, left_ns - length_ns);
    }
    from
}
