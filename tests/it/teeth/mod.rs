//! Seeded defects: each stands in for one actor, and the invariant its test names catches it.

mod accountant;
mod bend;
mod coordinator;
mod coupon;
mod hectic;
mod matrix;
mod money;
mod order;
mod panic;
mod sink;
mod stock;
mod world;

use sagasim::actors::host::Cast;
use sagasim::sim::check::{Law, Outcome};
use sagasim::sim::engine::{self, Driver, Finished, Options};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::sync::Arc;

/// Lets something else play a part.
type Bend = fn(Cast, &Plan) -> Cast;

/// A defect, the small world it is let loose in, and the invariant that has to catch it.
struct Defect {
    name: &'static str,
    law: Law,
    world: fn() -> Scenario,
    bend: Bend,
}

/// A list of defects, and a test for each.
macro_rules! teeth {
    ($($name:ident: $law:ident, $world:expr, $bend:expr;)+) => {
        pub(super) const DEFECTS: &[super::Defect] = &[$(super::Defect {
            name: stringify!($name),
            law: sagasim::sim::check::Law::$law,
            world: $world,
            bend: $bend,
        }),+];

        mod teeth {
            $(
                #[test]
                fn $name() {
                    super::super::catch(stringify!($name), super::DEFECTS);
                }
            )+
        }
    };
}
use teeth;

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

/// The defect of this name is caught by its invariant, in a world where the sound cast passes.
#[track_caller]
fn catch(name: &str, defects: &[Defect]) {
    let defect = defects.iter().find(|defect| defect.name == name).expect("it is in the list");
    sound((defect.world)());
    let run = run((defect.world)(), defect.bend);
    let found = violated(&run);
    assert!(found.contains(&defect.law), "{}: found {found:?}\n{}", defect.law.name(), said(&run));
}
