//! Runs scenarios in virtual time, through actix, and sums them up.

use sagasim::domain::{Coordination, Service};
use sagasim::report::{Context, Summary, summarise};
use sagasim::sim::check::{Law, Outcome};
use sagasim::sim::engine::{self, Driver, Finished, Options, Strike};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::{self, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder with the scenarios.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The scenario of this name.
pub(crate) fn scenario(name: &str) -> Scenario {
    let file = folder().join(name).with_extension("toml");
    let (scenario, _) = scenario::load(&file).unwrap_or_else(|found| panic!("{found}"));
    scenario
}

/// A scenario made of tables, with a name and a question.
pub(crate) fn made_of(tables: &str) -> Scenario {
    let text = format!("version = 1\nname = \"made-up\"\nquestion = \"Does it hold?\"\n{tables}");
    let file = folder().join("made-up.toml");
    scenario::parse(&file, &text).unwrap_or_else(|found| panic!("{found}"))
}

/// What to run: the coordination is the wanted one, whatever the scenario says.
pub(crate) fn plan(scenario: &Scenario, seed: u64, coordination: Coordination) -> Arc<Plan> {
    let mut scenario = scenario.clone();
    scenario.flow.coordination = coordination;
    Arc::new(Plan::new(scenario, seed).expect("the order log is there"))
}

/// Runs a plan.
pub(crate) fn run_plan(plan: &Arc<Plan>, strikes: &[Strike]) -> Finished {
    let options = Options { strikes: strikes.to_vec(), ..Options::default() };
    let cast = engine::cast(plan);
    engine::run(Arc::clone(plan), cast, options, Driver::Actix).expect("no actor panics")
}

/// Runs a scenario.
pub(crate) fn run(scenario: &Scenario, seed: u64, coordination: Coordination) -> Finished {
    run_plan(&plan(scenario, seed, coordination), &[])
}

/// The summary of a run; its wall time is made up.
pub(crate) fn summary(plan: &Plan, run: &Finished) -> Summary {
    let stories = BTreeMap::new();
    summarise(run, &Context { plan, wall_ns: 1, redis: None, stories, again: None, token: None })
}

/// The seed a scenario names.
pub(crate) fn seed(scenario: &Scenario) -> u64 {
    scenario.run.seed.expect("a scenario of ours names its seed")
}

/// The invariants a run violated.
pub(crate) fn violated(run: &Finished) -> BTreeSet<&'static str> {
    let broken = |law: &Law| run.proof.findings.violated(*law) > 0;
    Law::ALL.into_iter().filter(broken).map(Law::name).collect()
}

/// How many orders ended this way.
pub(crate) fn ended(run: &Finished, outcome: Outcome) -> u64 {
    run.proof.outcomes.of(outcome)
}

/// Each order sent ended in exactly one way.
pub(crate) fn assert_orders_add_up(run: &Finished) {
    let sum: u64 = Outcome::ALL.into_iter().map(|outcome| ended(run, outcome)).sum();
    assert_eq!((run.started, run.proof.orders.len() as u64), (sum, sum));
}

/// Little's law, as an equality of integers: runs start and end empty.
pub(crate) fn assert_littles_law(run: &Finished) {
    for (service, station) in Service::ALL.into_iter().zip(&run.stations) {
        let name = service.name();
        assert_eq!((station.area_ns, station.present), (station.sojourn_ns, 0), "{name}");
    }
}

/// Nothing was violated, nothing is stuck, and the figures add up.
pub(crate) fn assert_sound(run: &Finished, what: &str) {
    let first = run.proof.findings.kept().first();
    assert_eq!(violated(run), BTreeSet::new(), "{what}: {first:?}");
    assert_eq!(ended(run, Outcome::Stuck), 0, "{what}");
    assert_orders_add_up(run);
    assert_littles_law(run);
}
