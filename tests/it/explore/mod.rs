//! The explorer: it runs each set of faults once, finds what a switch lets in, and nothing else.

mod ablation;
mod coverage;
mod protections;
mod several;
mod tokens;
mod told;
mod typed;

use crate::harness::scenario;
use sagasim::domain::Coordination;
use sagasim::sim::explore::{Bounds, Exploration, Theme, explore};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::ops::ControlFlow;
use std::sync::LazyLock;

/// One order, coordinated like this.
fn one_order(coordination: Coordination) -> Scenario {
    let mut scenario = scenario("one-order");
    scenario.flow.coordination = coordination;
    scenario
}

fn theme(scenario: &Scenario) -> Theme {
    Theme::new(Plan::new(scenario.clone(), 1).expect("no order log to read"))
}

/// Up to this many faults, on two threads.
fn up_to(faults: u8) -> Bounds {
    Bounds { faults, jobs: 2, reduce: true }
}

/// One order with every protection on and up to two faults, in each coordination: explored once
/// for all who ask.
pub(crate) static SOUND: LazyLock<[Exploration; Coordination::ALL.len()]> =
    LazyLock::new(|| Coordination::ALL.map(|how| explored(&one_order(how), up_to(2))));

fn explored(scenario: &Scenario, bounds: Bounds) -> Exploration {
    explore(&theme(scenario), bounds, &mut |_| ControlFlow::Continue(())).expect("nobody panics")
}
