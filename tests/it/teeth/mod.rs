//! Seeded defects: each is caught by the invariant it names, in one world or another, and the
//! sound build by none.

mod accountant;
mod canary;
mod hectic;
mod matrix;
mod panic;
mod trials;
mod world;

use sagasim::actors::host::Cast;
use sagasim::sim::check::{Law, Outcome};
use sagasim::sim::engine::{self, Driver, Finished, Options};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::sync::Arc;

/// Runs a world with a cast that is bent.
fn run(scenario: Scenario, bend: impl FnOnce(Cast, &Plan) -> Cast) -> Finished {
    let plan = Arc::new(Plan::new(scenario, 7).expect("a generated load needs no file"));
    let cast = bend(engine::cast(&plan), &plan);
    engine::run(plan, cast, Options::default(), Driver::Actix).expect("nobody panics")
}

/// The invariants that were violated.
fn violated(run: &Finished) -> Vec<Law> {
    Law::ALL.into_iter().filter(|law| run.proof.findings.violated(*law) > 0).collect()
}

/// What was found, for people.
fn said(run: &Finished) -> String {
    let say = |found: &sagasim::sim::check::Violation| {
        format!("{} ({:?}): {}", found.law.name(), found.order, found.detail)
    };
    run.proof.findings.kept().iter().map(say).collect::<Vec<_>>().join("\n")
}

/// The sound cast passes in this world, with nothing stuck and something sold, undone or both.
#[track_caller]
fn sound(scenario: Scenario) {
    let run = run(scenario, |cast, _| cast);
    assert!(run.proof.findings.clean(), "the sound build:\n{}", said(&run));
    assert_eq!(run.proof.outcomes.of(Outcome::Stuck), 0, "{:?}", run.proof.outcomes);
}
