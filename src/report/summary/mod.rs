//! What a run found out, as one flat struct: the single source of every report.
//!
//! Its JSON is a public interface, versioned by [`SCHEMA_VERSION`]: keys are only added within a
//! version. Durations are whole nanoseconds, money is in the smallest unit, and the unit is part
//! of the key. Absent blocks and percentiles are `null`, never left out. Floats are finite.

mod ablated;
mod explored;
mod inspection;
mod latency;
mod load;
mod names;
mod proof;

pub use ablated::{Ablated, AblationFigures, Cost, PriceFigures, PriceRow, VariantFigures};
pub use explored::{
    Absent, CellFigures, CertificateFigures, Explored, Found, LineFigures, MapFigures,
    OrderFigures, PointFigures, Pruned, RunFigures, SampleFigures,
};
pub use inspection::{Inspection, Nearest};
pub use latency::{Latency, Part, Parts, PhaseFigures, StepFigures};
pub use load::{
    LoadFigures, Messages, OrderLog, Orders, ProcessFigures, Ranked, RedisFigures, ServiceFigures,
    Time,
};
pub use proof::{
    Books, CouponBooks, Determinism, FaultFigures, FaultVerdict, Inconsistency, InvariantFigures,
    MoneyBooks, Parted, Reproducibility, SometimesFigures, StockBooks, ThresholdFigures, UndoLag,
    Violation,
};

use crate::domain::Coordination;
use crate::sim::scenario::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// How many violations are kept in full; the rest are counted.
pub const VIOLATIONS_KEPT: usize = 20;

/// What a run found out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What was asked.
    pub scenario: ScenarioFigures,
    /// The seed: scenario and seed give the same run again.
    pub seed: u64,
    /// What time was: `virtual`, `live` or `streams`. A virtual latency is a prediction.
    pub clock: String,
    /// Who coordinated.
    #[serde(with = "names::coordination")]
    #[schemars(schema_with = "names::coordination::schema")]
    pub coordination: Coordination,
    /// What the run proved.
    #[serde(with = "names::verdict")]
    #[schemars(schema_with = "names::verdict::schema")]
    pub verdict: Verdict,
    /// What the program exits with, see `sagasim explain exit-codes`.
    pub exit_code: u8,
    /// True: stopped before its end, by a signal or by a threshold (which then says when), so
    /// everything below is partial.
    pub aborted: bool,
    /// 16 hex digits over everything that happened, in order: equal digests, equal runs.
    pub digest: String,
    /// What came of running it twice; none: it was run once. Every failing run is run twice, and
    /// one in twenty of a campaign.
    pub determinism: Option<Determinism>,
    /// Decisions that replace those of the seed; none: the seed alone decides.
    pub token: Option<String>,
    /// How long it took, in both worlds.
    pub time: Time,
    /// How orders ended.
    pub orders: Orders,
    /// The orders of each `[[load]]`, as the scenario lists them.
    pub loads: Vec<LoadFigures>,
    /// What went between the services.
    pub messages: Messages,
    /// How long customers waited; pairs of metric and outcome without a sample are left out.
    pub latency: Vec<Latency>,
    /// The same by phase; empty if the run has only one.
    pub phases: Vec<PhaseFigures>,
    /// Where the time of each step went; steps that never happened are left out.
    pub steps: Vec<StepFigures>,
    /// One entry per service of this coordination.
    pub services: Vec<ServiceFigures>,
    /// How processes ended: order, payment, expiry, cancel, refund.
    pub processes: Vec<ProcessFigures>,
    /// Every invariant, in the order of the catalogue.
    pub invariants: Vec<InvariantFigures>,
    /// The first [`VIOLATIONS_KEPT`] violations in the order they were seen; the first names the
    /// failure. Invariants have the full counts.
    pub violations: Vec<Violation>,
    /// What had to happen at least once.
    pub sometimes: Vec<SometimesFigures>,
    /// Declared limits on figures.
    pub thresholds: Vec<ThresholdFigures>,
    /// Declared faults.
    pub faults: Vec<FaultFigures>,
    /// The ledger at the end.
    pub books: Books,
    /// How much was held, and for how long, by orders that failed.
    pub inconsistency: Inconsistency,
    /// Isolation anomalies by name: counted, not hidden. Those that are judged from reads are there
    /// if `[run] anomalies` asks for them.
    pub anomalies: BTreeMap<String, u64>,
    /// The popular products of three days, the most popular first.
    pub ranking: Vec<Ranked>,
    /// How the order log was read; none: the load was not a log.
    pub order_log: Option<OrderLog>,
    /// What the real Redis holds; none: not asked for.
    pub redis: Option<RedisFigures>,
}

/// What was asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioFigures {
    /// Short name.
    pub name: String,
    /// 16 hex digits over the resolved scenario: equal digests, equal scenarios.
    pub digest: String,
    /// The question it asks.
    pub question: String,
    /// The answer its author expects.
    pub answer: String,
}

/// What a run that is not the same when run again exits with: a fault of this program.
pub const NOT_REPRODUCIBLE: u8 = 1;

/// What the program exits with for this verdict: 0, 3, 4 or 6. A failed run in which no invariant
/// was violated failed by a threshold.
#[must_use]
pub const fn exit_code(verdict: Verdict, violated: bool) -> u8 {
    match verdict {
        Verdict::Passed => 0,
        Verdict::Failed if violated => 3,
        Verdict::Failed => 4,
        Verdict::Inconclusive => 6,
    }
}

impl Summary {
    /// Whether it was run twice and was not the same.
    #[must_use]
    pub fn not_reproducible(&self) -> bool {
        let differs = |one: &Determinism| one.verdict == Reproducibility::NotReproducible;
        self.determinism.as_ref().is_some_and(differs)
    }

    /// The same as `summary.json`, to be looked into by its keys.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a summary has only string keys and serialisable values")
    }

    /// `summary.json`: two-space indentation and a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self)
            .expect("a summary has only string keys and serialisable values");
        json.push('\n');
        json
    }
}
