//! Thresholds: how they are read, judged, and when they stop a run.

mod judging;
mod reading;
mod stopping;

use crate::harness::{made_of, plan, run_plan, summary};
use sagasim::domain::Coordination;
use sagasim::report::Summary;
use sagasim::report::summary::ThresholdFigures;
use sagasim::sim::engine::Finished;
use sagasim::sim::scenario::Scenario;

/// 1 500 orders in 30 s, all services quick.
const SHOP: &str = "[run]\nduration = \"30s\"\n\
    [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"50/s\"\nspacing = \"even\"\n";

/// A threshold, as a scenario file has it.
fn threshold(metric: &str, expr: &str, more: &str) -> String {
    format!("[[threshold]]\nmetric = '{metric}'\nexpr = \"{expr}\"\n{more}\n")
}

/// The shop with these tables.
fn shop(tables: &str) -> Scenario {
    made_of(&format!("{SHOP}{tables}"))
}

fn ran(scenario: &Scenario) -> (Finished, Summary) {
    let plan = plan(scenario, 7, Coordination::Choreography);
    let run = run_plan(&plan, &[]);
    let summary = summary(&plan, &run);
    (run, summary)
}

/// What became of one threshold on the shop.
fn judged(metric: &str, expr: &str) -> ThresholdFigures {
    let (_, summary) = ran(&shop(&threshold(metric, expr, "")));
    summary.thresholds.into_iter().next().expect("there is one")
}
