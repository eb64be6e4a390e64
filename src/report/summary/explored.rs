//! What an exploration found, as one flat struct; its JSON is a public interface like the
//! summary's.

use super::{ScenarioFigures, names};
use crate::domain::Coordination;
use crate::sim::scenario::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an exploration found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Explored {
    /// The version of the JSON.
    pub schema_version: u32,
    /// What was asked.
    pub scenario: ScenarioFigures,
    /// The seed.
    pub seed: u64,
    /// Who coordinated.
    #[serde(with = "names::coordination")]
    pub coordination: Coordination,
    /// Protections that were off.
    pub off: Vec<String>,
    /// True: everything up to `faults` was tried; false: a sample was drawn.
    pub exhaustive: bool,
    /// What was drawn; `null`: everything was tried.
    #[serde(default)]
    pub sample: Option<SampleFigures>,
    /// Faults in one run, at most.
    pub faults: u8,
    /// Passed: every run passed. Inconclusive: nothing was struck.
    #[serde(with = "names::verdict")]
    pub verdict: Verdict,
    /// What the program exits with.
    pub exit_code: u8,
    /// True: stopped by a signal, so everything below is partial.
    pub aborted: bool,
    /// How long it took, in nanoseconds of real time.
    pub wall_ns: u64,
    /// Runs made.
    pub runs: RunFigures,
    /// Sets that were left out, and why.
    pub pruned: Pruned,
    /// Every point that was struck.
    pub points: Vec<PointFigures>,
    /// The smallest counterexamples.
    pub violations: Vec<Found>,
    /// How many counterexamples there are of which no part is one, by invariant.
    pub counterexamples: BTreeMap<String, u64>,
    /// What each exchange came to, by position.
    pub map: Vec<MapFigures>,
    /// Rows of the saga table that no message stands for.
    pub not_applicable: Vec<Absent>,
}

/// Runs made, by number of faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunFigures {
    /// All.
    pub total: u64,
    /// Without a fault: intents and refused steps.
    pub business: u64,
    /// With one fault.
    pub single: u64,
    /// With two.
    pub double: u64,
    /// With more.
    pub deeper: u64,
    /// Drawn at random.
    pub sampled: u64,
    /// Of all of them, made through actix mailboxes, in a fresh system each.
    #[serde(default)]
    pub through_actix: u64,
    /// Of all of them, made in both ways: through actix, and by direct calls of the same handlers.
    /// Digest, findings and questions were the same, or there would be no result.
    #[serde(default)]
    pub checked: u64,
}

/// What a sample consisted of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SampleFigures {
    /// Walks: each begins with a run, and adds a decision at a time.
    pub walks: u64,
    /// Walks on a schedule of their own.
    pub schedules: u64,
    /// Walks in which messages were late.
    pub late: u64,
    /// Faults in one run, at most.
    pub faults: u8,
}

/// Sets that were left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pruned {
    /// Not extended: the newest fault changed nothing.
    pub unchanged: u64,
    /// Not run: a part is a counterexample already.
    pub containing: u64,
}

/// A point that was struck.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PointFigures {
    /// The order.
    pub order: u32,
    /// The process.
    pub process: String,
    /// Which payment; 0 elsewhere.
    pub n: u8,
    /// The step, its undo, or what is said about it.
    pub step: String,
    /// `do`, `undo`, `said`, `timer`, `ask`.
    pub direction: String,
    /// Where the exchange breaks.
    pub position: String,
    /// At the caller, while it takes in the answer.
    pub at_caller: bool,
    /// The kind of fault.
    pub kind: String,
    /// `event`, `call`, `reply`, `timer`.
    pub transport: String,
    /// The attempt, from 0.
    pub attempt: u8,
    /// On every attempt.
    pub every_attempt: bool,
    /// The worst that came of it.
    pub outcome: String,
}

/// A counterexample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// Replays it.
    pub token: String,
    /// The invariant that names the failure.
    pub invariant: String,
    /// What else broke.
    pub also: Vec<String>,
    /// `leak`, `stuck`, `double`, `wrong`.
    pub outcome: String,
    /// What was found, and what should have been.
    pub detail: String,
    /// The decisions in words, in the order in which they happen.
    pub decisions: Vec<String>,
    /// The orders that are placed, as they are; empty: all of them, as planned.
    #[serde(default)]
    pub orders: Vec<OrderFigures>,
    /// What happens without each of them.
    pub certificate: CertificateFigures,
    /// Protections that are off, each of which alone would have prevented it.
    pub cures: Vec<String>,
    /// 16 hex digits over everything that happened.
    pub digest: String,
}

/// The proof that no decision can be spared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertificateFigures {
    /// Every run without one of the decisions, or without one of the orders, passes.
    pub minimal: bool,
    /// The invariant that breaks without each decision, in their order; `null`: all hold.
    pub without: Vec<Option<String>>,
    /// The same without each order. Empty if there is one order, or all are placed.
    #[serde(default)]
    pub without_order: Vec<Option<String>>,
}

/// An order of a counterexample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderFigures {
    /// Its number in the whole plan.
    pub order: u32,
    /// Who places it.
    pub user: u32,
    /// What is ordered.
    pub lines: Vec<LineFigures>,
    /// The campaign whose coupon the customer would like to use.
    pub coupon: Option<u32>,
    /// What the customer means to do.
    pub intent: String,
    /// In what it is plainer than planned.
    pub plainer: Vec<String>,
}

/// A line of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineFigures {
    /// Which product.
    pub product: u32,
    /// How many units.
    pub quantity: u32,
}

/// One exchange of the map.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MapFigures {
    /// The order.
    pub order: u32,
    /// The process, with the number of the payment.
    pub process: String,
    /// The step.
    pub step: String,
    /// The outcome of each position, by its letter; a capital letter is the caller's.
    pub cells: BTreeMap<char, CellFigures>,
}

/// One cell of the map.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CellFigures {
    /// `clean`, `leak`, `stuck`, `double`, `wrong`, `not-applicable`.
    pub outcome: String,
    /// One fault was enough.
    pub alone: bool,
}

/// A row of the saga table that no message stands for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Absent {
    /// The process.
    pub process: String,
    /// The step or undo.
    pub step: String,
    /// Why.
    pub reason: String,
}

impl Explored {
    /// Two-space indentation and a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("string keys and plain values");
        json.push('\n');
        json
    }
}
