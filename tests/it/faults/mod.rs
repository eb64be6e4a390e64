//! Declared faults.

// What each kind does, and does not.
mod kinds;
// Random mixes of faults lose nothing while every protection is on.
mod mixes;
// The protections that only show under faults: fencing, circuit breaker, saga log.
mod protections;
// The messages a fault can name are those that runs show.
mod routes;
// What is refused, and how it is said.
mod words;

use crate::world::{SECOND, small};
use sagasim::domain::{Coordination, Service, Step};
use sagasim::sim::scenario::{
    Fault, FaultKind, FaultPosition, Load, Scenario, Services, Spacing, Target, Trigger,
};

/// Strikes for sure between two instants.
pub(super) const fn between(from_ns: u64, until_ns: u64) -> Trigger {
    Trigger::Probability { probability: 1.0, from_ns, until_ns }
}

/// Strikes the first order.
pub(super) const FIRST: Trigger = Trigger::Exact { order: 0, n: None };

pub(super) fn fault(kind: FaultKind, target: Target, trigger: Trigger) -> Fault {
    let name = kind.name().to_owned();
    Fault { name, kind, target, trigger, repeat: None, every_attempt: false }
}

pub(super) const fn at(service: Service) -> Target {
    Target::Services(Services::one(service))
}

pub(super) const fn step(step: Step, undo: bool, position: FaultPosition) -> Target {
    Target::Step { step, undo, position }
}

/// The small world, busier: four orders a second for five seconds.
pub(super) fn busy(coordination: Coordination) -> Scenario {
    let mut scenario = small(coordination);
    scenario.run.duration_ns = Some(5 * SECOND);
    scenario.loads =
        vec![Load::ConstantArrivalRate { rate_per_s: 4.0, spacing: Spacing::Even }.into()];
    scenario
}
