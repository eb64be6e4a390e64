//! A rate, or a number of users, that changes linearly from stage to stage.

use crate::sim::scenario::Stage;

/// A stretch of time in which it changes linearly; times count from the start of the ramp.
#[derive(Clone, Copy, Debug)]
struct Leg<T> {
    start_ns: u64,
    end_ns: u64,
    from: T,
    to: T,
}

/// The stages that take time; the others are jumps between them.
fn legs<T: Copy>(start: T, stages: &[Stage<T>]) -> Box<[Leg<T>]> {
    let (mut from, mut start_ns) = (start, 0_u64);
    let leg = |stage: &Stage<T>| {
        let end_ns = start_ns.saturating_add(stage.duration_ns);
        let leg = Leg { start_ns, end_ns, from, to: stage.target };
        (from, start_ns) = (stage.target, end_ns);
        (leg.start_ns < leg.end_ns).then_some(leg)
    };
    stages.iter().filter_map(leg).collect()
}

/// A rate per second.
#[derive(Clone, Debug)]
pub(super) struct RateRamp {
    legs: Box<[Leg<f64>]>,
    /// The integral of the rate at the start of each leg, and at the end of the last.
    below: Box<[f64]>,
}

impl RateRamp {
    pub(super) fn new(start_per_s: f64, stages: &[Stage<f64>]) -> Self {
        let legs = legs(start_per_s, stages);
        let mut sum = 0.0;
        let area = |leg: &Leg<f64>| {
            sum += f64::midpoint(leg.from, leg.to) * ((leg.end_ns - leg.start_ns) as f64 / 1e9);
            sum
        };
        let below = std::iter::once(0.0).chain(legs.iter().map(area)).collect();
        RateRamp { legs, below }
    }

    /// When the integral of the rate passes `orders`, in nanoseconds from the start of the ramp;
    /// none: never. It is solved for the time in closed form, so that no error adds up.
    pub(super) fn reaches(&self, orders: f64) -> Option<u64> {
        let at = self.below[1..].partition_point(|end| *end <= orders);
        let leg = self.legs.get(at)?;
        let left = orders - self.below[at];
        // r t + (r' - r) t² / 2d = n, for t; this form of the root loses no digits.
        let slope = (leg.to - leg.from) / ((leg.end_ns - leg.start_ns) as f64 / 1e9);
        let root = libm::sqrt((leg.from * leg.from + 2.0 * slope * left).max(0.0));
        let within_s = if left > 0.0 { 2.0 * left / (leg.from + root) } else { 0.0 };
        // A cast from a double saturates.
        Some((leg.start_ns.saturating_add((within_s * 1e9) as u64)).min(leg.end_ns - 1))
    }

    /// The highest rate, per second.
    pub(super) fn peak_per_s(&self) -> f64 {
        self.legs.iter().map(|leg| leg.from.max(leg.to)).fold(0.0, f64::max)
    }
}

/// A number of users.
#[derive(Clone, Debug)]
pub(super) struct UserRamp {
    legs: Box<[Leg<u32>]>,
}

impl UserRamp {
    pub(super) fn new(start: u32, stages: &[Stage<u32>]) -> Self {
        UserRamp { legs: legs(start, stages) }
    }

    /// The first instant from `at_ns` on at which there are at least `users`; none: never. Both
    /// count from the start of the ramp.
    pub(super) fn at_least(&self, users: u32, at_ns: u64) -> Option<u64> {
        let open = |leg: &&Leg<u32>| at_ns < leg.end_ns;
        self.legs.iter().filter(open).find_map(|leg| leg.at_least(users, at_ns.max(leg.start_ns)))
    }
}

impl Leg<u32> {
    fn at_least(&self, users: u32, at_ns: u64) -> Option<u64> {
        let length = i128::from(self.end_ns - self.start_ns);
        let rise = i128::from(self.to) - i128::from(self.from);
        let missing = (i128::from(users) - i128::from(self.from)) * length;
        if rise * i128::from(at_ns - self.start_ns) >= missing {
            return Some(at_ns);
        }
        // It falls, or it does not rise so far.
        if rise <= 0 || rise * length <= missing {
            return None;
        }
        let after = (missing + rise - 1) / rise;
        Some(self.start_ns + after as u64)
    }
}
