//! When orders arrive by themselves: open loads and the order log, merged into one sequence.

use super::ramp::RateRamp;
use super::{Field, Plan};
use crate::sim::decide::mix;
use crate::sim::dist::Sampler;
use crate::sim::scenario::{Block, Dist, Load, Spacing};

/// The unit in which a ramp's luck is summed: integers, so that nothing drifts.
const WHOLE: f64 = 4_294_967_296.0;

/// The arrivals of one `[[load]]`.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    /// Its place among the loads.
    block: usize,
    start_ns: u64,
    end_ns: u64,
    pace: Pace,
}

#[derive(Clone, Debug)]
enum Pace {
    Even { rate_per_s: f64 },
    Poisson { rate_per_s: f64, gap: Sampler },
    Ramp { ramp: RateRamp, unit: Option<Sampler> },
    Logged,
}

impl Stream {
    /// The arrivals of a load; none of one that waits for its orders.
    pub(super) fn new(block: usize, settings: &Block, duration_ns: u64) -> Option<Stream> {
        let exponential = |mean: f64| Sampler::new(&Dist::Exponential { mean });
        let pace = match &settings.load {
            Load::ConstantArrivalRate { rate_per_s, spacing: Spacing::Even } => {
                Pace::Even { rate_per_s: *rate_per_s }
            }
            Load::ConstantArrivalRate { rate_per_s, spacing: Spacing::Poisson } => {
                Pace::Poisson { rate_per_s: *rate_per_s, gap: exponential(1e9 / rate_per_s) }
            }
            Load::RampingArrivalRate { start_rate_per_s, stages, spacing } => {
                let unit = (*spacing == Spacing::Poisson).then(|| exponential(WHOLE));
                Pace::Ramp { ramp: RateRamp::new(*start_rate_per_s, stages), unit }
            }
            Load::OrderLog(_) => Pace::Logged,
            Load::ConstantUsers { .. } | Load::RampingUsers { .. } | Load::FixedOrders { .. } => {
                return None;
            }
        };
        let end_ns = settings.end_ns().unwrap_or(duration_ns).min(duration_ns);
        Some(Stream { block, start_ns: settings.start_ns, end_ns, pace })
    }

    /// The highest rate, per second; none: only the log knows.
    pub(super) fn peak_per_s(&self) -> Option<f64> {
        match &self.pace {
            Pace::Even { rate_per_s } | Pace::Poisson { rate_per_s, .. } => Some(*rate_per_s),
            Pace::Ramp { ramp, .. } => Some(ramp.peak_per_s()),
            Pace::Logged => None,
        }
    }

    /// The rate never changes while the run lasts.
    pub(super) fn steady(&self, duration_ns: u64) -> bool {
        !matches!(self.pace, Pace::Ramp { .. }) && (self.start_ns, self.end_ns) == (0, duration_ns)
    }
}

/// How far the arrivals have come. Those of each load are a function of scenario and seed, and so
/// is their merged order: at one instant the load that stands first in the file is first.
#[derive(Clone, Debug)]
pub struct Arrivals {
    cursors: Box<[Cursor]>,
    /// The cursor with the next arrival.
    first: usize,
    /// Its instant; `u64::MAX`: no more.
    next_ns: u64,
    /// Arrivals before it.
    passed: u32,
}

#[derive(Clone, Debug)]
struct Cursor {
    /// `u64::MAX`: no more.
    next_ns: u64,
    /// Arrivals of this load before the next.
    passed: u32,
    /// Of a ramp with Poisson spacing: the integral of the rate, drawn so far.
    luck: u128,
}

impl Arrivals {
    pub(super) fn new(plan: &Plan) -> Arrivals {
        let cursor = |(index, stream): (usize, &Stream)| {
            let mut cursor = Cursor { next_ns: stream.start_ns, passed: 0, luck: 0 };
            cursor.advance(plan, index, stream);
            cursor
        };
        let cursors = plan.streams.iter().enumerate().map(cursor).collect();
        let mut arrivals = Arrivals { cursors, first: 0, next_ns: u64::MAX, passed: 0 };
        arrivals.find_first();
        arrivals
    }

    /// The instant of the next arrival; none after the last.
    #[inline]
    #[must_use]
    pub fn next_ns(&self) -> Option<u64> {
        (self.next_ns != u64::MAX).then_some(self.next_ns)
    }

    /// Arrivals before the next: the number it has among all arrivals, from 0.
    #[must_use]
    pub const fn passed(&self) -> u32 {
        self.passed
    }

    /// The place of the next arrival's load among the loads.
    #[must_use]
    pub fn block(&self, plan: &Plan) -> usize {
        plan.streams.get(self.first).map_or(0, |stream| stream.block)
    }

    /// Goes on behind the next arrival, if there is one.
    pub fn pass(&mut self, plan: &Plan) {
        let index = self.first;
        let Some(cursor) = self.cursors.get_mut(index) else { return };
        if cursor.next_ns == u64::MAX {
            return;
        }
        cursor.passed += 1;
        cursor.advance(plan, index, &plan.streams[index]);
        self.passed += 1;
        self.find_first();
    }

    fn find_first(&mut self) {
        self.next_ns = u64::MAX;
        for (index, cursor) in self.cursors.iter().enumerate() {
            // Of equals the first.
            if cursor.next_ns < self.next_ns {
                (self.first, self.next_ns) = (index, cursor.next_ns);
            }
        }
    }

    /// Arrivals so far of each open load, with its place among the loads.
    pub fn by_block<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (usize, u32)> + 'a {
        plan.streams.iter().zip(&self.cursors).map(|(stream, cursor)| (stream.block, cursor.passed))
    }
}

impl Cursor {
    /// From the arrival before to the next.
    fn advance(&mut self, plan: &Plan, index: usize, stream: &Stream) {
        let at_ns = match &stream.pace {
            Pace::Even { rate_per_s } => {
                let after_ns = (f64::from(self.passed) * 1e9 / rate_per_s) as u64;
                Some(stream.start_ns.saturating_add(after_ns))
            }
            Pace::Poisson { gap, .. } => {
                let gap_ns = gap.at(plan.gap_luck(index, self.passed)).max(0) as u64;
                Some(self.next_ns.saturating_add(gap_ns))
            }
            Pace::Ramp { ramp, unit } => {
                let orders = match unit {
                    None => f64::from(self.passed),
                    Some(unit) => {
                        let more = unit.at(plan.gap_luck(index, self.passed));
                        self.luck += u128::from(more.unsigned_abs());
                        self.luck as f64 / WHOLE
                    }
                };
                ramp.reaches(orders).map(|after_ns| stream.start_ns.saturating_add(after_ns))
            }
            Pace::Logged => {
                let order = plan.replay.as_ref().and_then(|replay| replay.order(self.passed));
                order.map(|order| order.arrival_ns)
            }
        };
        self.next_ns = at_ns.filter(|at_ns| *at_ns < stream.end_ns).unwrap_or(u64::MAX);
    }
}

impl Plan {
    /// Decides the gap before the i-th arrival of an open load.
    fn gap_luck(&self, stream: usize, i: u32) -> u64 {
        let arrival = (stream as u64) << 32 | u64::from(i);
        mix(mix(self.draws.seed, arrival), Field::Gap as u64)
    }
}
