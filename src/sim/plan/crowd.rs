//! Who orders again and again: the users of closed loads.

use super::ramp::UserRamp;
use crate::sim::dist::Sampler;
use crate::sim::scenario::{Block, Load, Quota};
use std::ops::Range;

/// The users of one `[[load]]`; those of two loads are different people.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Its place among the loads.
    pub block: usize,
    /// Who belongs to it.
    pub users: Range<u32>,
    /// How many orders it places; none: as many as it can.
    pub quota: Option<Quota>,
    pub(super) pause: Sampler,
    start_ns: u64,
    end_ns: u64,
    ramp: Option<UserRamp>,
}

impl Crowd {
    /// The users of a load, from the user `first` on; none of one whose orders arrive by themselves.
    pub(super) fn new(
        block: usize,
        first: u32,
        settings: &Block,
        duration_ns: u64,
    ) -> Option<Crowd> {
        let (pause, quota, ramp) = match &settings.load {
            Load::ConstantUsers { pause, .. } => (pause, None, None),
            Load::RampingUsers { start_users, stages, pause } => {
                (pause, None, Some(UserRamp::new(*start_users, stages)))
            }
            Load::FixedOrders { quota, pause, .. } => (pause, Some(*quota), None),
            Load::ConstantArrivalRate { .. }
            | Load::RampingArrivalRate { .. }
            | Load::OrderLog(_) => return None,
        };
        Some(Crowd {
            block,
            users: first..first.saturating_add(settings.load.users()),
            quota,
            pause: Sampler::new(pause),
            start_ns: settings.start_ns,
            end_ns: settings.end_ns().unwrap_or(duration_ns).min(duration_ns),
            ramp,
        })
    }

    /// When a user who is ready at `ready_ns` may place an order: at once, later, or never again.
    #[must_use]
    pub fn active_ns(&self, user: u32, ready_ns: u64) -> Option<u64> {
        let from_ns = ready_ns.max(self.start_ns);
        let at_ns = match &self.ramp {
            None => from_ns,
            Some(ramp) => {
                let users = user.saturating_sub(self.users.start).saturating_add(1);
                let after_ns = ramp.at_least(users, from_ns - self.start_ns)?;
                self.start_ns.saturating_add(after_ns)
            }
        };
        (at_ns < self.end_ns).then_some(at_ns)
    }
}
