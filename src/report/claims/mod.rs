//! What the design of the flow claims, held against runs: each claim is a sentence, the runs behind
//! it, a metric, and a rule that makes a result of their figures.
//!
//! Nothing in here is a result: all of it is computed from summaries, from the routes and from the
//! saga table.

mod cost;
mod coupled;
mod isolation;
mod outage;
mod page;

pub use page::render_claims;

use super::Summary;
use super::summary::Latency;
use crate::domain::Coordination;

/// A run that a claim is judged by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Experiment {
    /// The scenario's file, without its ending.
    pub scenario: &'static str,
    /// What is set in place of what the file says: `key=value`.
    pub settings: Vec<String>,
}

/// What the design says, and how it is judged.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Short, for links.
    pub name: &'static str,
    /// What is claimed.
    pub sentence: &'static str,
    /// What is measured, and what confirms the claim.
    pub metric: &'static str,
    /// The runs behind it.
    pub experiments: Vec<Experiment>,
    /// Judges by the summaries of these runs, in their order.
    pub judge: fn(&[&Summary]) -> Finding,
}

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// The runs show it.
    Confirmed,
    /// The runs show it in part, or for one side only.
    Depends,
    /// The runs show the opposite, or no difference.
    NotConfirmed,
}

impl Judgement {
    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Judgement::Confirmed => "confirmed",
            Judgement::Depends => "depends",
            Judgement::NotConfirmed => "not confirmed",
        }
    }

    /// Confirmed if all of it holds, not confirmed if nothing of it does.
    fn of(parts: &[bool]) -> Self {
        match (parts.iter().all(|part| *part), parts.iter().any(|part| *part)) {
            (true, _) => Judgement::Confirmed,
            (false, true) => Judgement::Depends,
            (false, false) => Judgement::NotConfirmed,
        }
    }
}

/// A claim's result with its figures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The result.
    pub result: Judgement,
    /// The figures that decide, in a sentence.
    pub figures: String,
    /// Titles of the columns; the first column names the rows.
    pub head: Vec<String>,
    /// All figures.
    pub rows: Vec<Vec<String>>,
}

/// Every claim, in the order in which the design makes them.
#[must_use]
pub fn claims() -> Vec<Claim> {
    vec![
        cost::equal_luck(),
        outage::one_by_one(),
        cost::scale_out(),
        cost::database_traffic(),
        cost::messages(),
        coupled::knowledge(),
        cost::locks(),
        isolation::isolation(),
        coupled::hard_to_see(),
        outage::central_failure(),
        cost::design_as_written(),
    ]
}

fn experiment(scenario: &'static str, settings: &[&str]) -> Experiment {
    Experiment { scenario, settings: settings.iter().map(|one| (*one).to_owned()).collect() }
}

/// A scenario in choreography, orchestration and monolith.
fn in_each(scenario: &'static str) -> Vec<Experiment> {
    let setting = |one: Coordination| format!("flow.coordination={}", one.name());
    Coordination::ALL.map(|one| experiment(scenario, &[&setting(one)])).into()
}

/// The titles of a table with a column for each coordination.
fn per_coordination(first: &str) -> Vec<String> {
    [first]
        .into_iter()
        .chain(Coordination::ALL.map(Coordination::name))
        .map(str::to_owned)
        .collect()
}

/// A row of a table.
fn row<const N: usize>(name: &str, cells: [String; N]) -> Vec<String> {
    [name.to_owned()].into_iter().chain(cells).collect()
}

/// The row of this metric and outcome.
fn latency<'a>(rows: &'a [Latency], metric: &str, outcome: &str) -> Option<&'a Latency> {
    rows.iter().find(|row| row.metric == metric && row.outcome == outcome)
}

/// A percentile of an endpoint's latency; the longest where there are too few samples for it.
fn p99_ns(summary: &Summary, metric: &str, outcome: &str) -> u64 {
    latency(&summary.latency, metric, outcome).map_or(0, |row| row.p99_ns.unwrap_or(row.max_ns))
}
