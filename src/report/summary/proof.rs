//! The figures about correctness: invariants, coverage, faults, books, inconsistency.

use super::names;
use crate::sim::check::catalogue::InvariantKind;
use crate::sim::scenario::Verdict;
use crate::sim::threshold::Severity;
use crate::sim::threshold::catalogue::Unit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One invariant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct InvariantFigures {
    /// Its name in the catalogue.
    pub name: String,
    /// When it is judged.
    #[serde(with = "names::invariant_kind")]
    #[schemars(schema_with = "names::invariant_kind::schema")]
    pub kind: InvariantKind,
    /// How often it was judged.
    pub checked: u64,
    /// Inconclusive: never judged.
    #[serde(with = "names::verdict")]
    #[schemars(schema_with = "names::verdict::schema")]
    pub verdict: Verdict,
    /// How often it was broken.
    pub violations: u64,
}

/// One broken invariant, with what led to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Violation {
    /// Its name in the catalogue.
    pub invariant: String,
    /// The order it happened to; none: not one order's doing.
    pub order: Option<u32>,
    /// When, in virtual time.
    pub at_ns: u64,
    /// What it happened to: an account, a row, a request.
    pub key: String,
    /// What was expected and what was found, in words.
    pub detail: String,
    /// The events that led to it, the earliest first.
    pub chain: Vec<String>,
}

/// One thing that had to happen at least once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SometimesFigures {
    /// A step, an undo step, an outcome, `retry`, `queue-full`.
    pub name: String,
    /// How often it happened.
    pub count: u64,
    /// Inconclusive: never.
    #[serde(with = "names::verdict")]
    #[schemars(schema_with = "names::verdict::schema")]
    pub verdict: Verdict,
}

/// One declared limit on a figure; the warm-up is left out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdFigures {
    /// Its name in the scenario; none: it has none.
    pub name: Option<String>,
    /// Which figure.
    pub metric: String,
    /// What must hold of it.
    pub expr: String,
    /// What its failure means: a warning changes neither verdict nor exit code.
    #[serde(with = "names::severity")]
    #[schemars(schema_with = "names::severity::schema")]
    pub severity: Severity,
    /// What value and limit are given in: `ns`, `share` (0 to 1), `number` or `per_s`.
    #[serde(with = "names::unit")]
    #[schemars(schema_with = "names::unit::schema")]
    pub unit: Unit,
    /// The limit.
    pub limit: f64,
    /// What was measured; none: too few samples.
    pub value: Option<f64>,
    /// Inconclusive: too few samples, or the run was stopped before.
    #[serde(with = "names::verdict")]
    #[schemars(schema_with = "names::verdict::schema")]
    pub verdict: Verdict,
    /// Why it is inconclusive; none: it is not.
    pub reason: Option<String>,
    /// It failed at this instant and stopped the run; none: it did not.
    pub stopped_at_ns: Option<u64>,
}

impl ThresholdFigures {
    /// Its name, or else metric and condition.
    #[must_use]
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{} {}", self.metric, self.expr))
    }

    /// Whether it has this verdict, and the verdict of the run goes by it.
    #[must_use]
    pub fn decides(&self, verdict: Verdict) -> bool {
        self.severity == Severity::Fail && self.verdict == verdict
    }
}

/// One declared fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FaultFigures {
    /// Its name in the scenario.
    pub name: String,
    /// How often it struck.
    pub hits: u64,
    /// Whether it did what it was declared for.
    pub verdict: FaultVerdict,
}

/// Whether a fault did what it was declared for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultVerdict {
    /// It struck.
    Hit,
    /// It could have struck and did not: the run is inconclusive.
    NoHit,
    /// It names something this coordination does not have.
    NotApplicable,
}

/// The ledger at the end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Books {
    /// In units.
    pub stock: StockBooks,
    /// In the smallest unit of money.
    pub money: MoneyBooks,
    /// In coupons.
    pub coupons: CouponBooks,
}

/// Units over all products: initial = available + held + sold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StockBooks {
    /// Loaded at the start.
    pub initial: i64,
    /// On sale.
    pub available: i64,
    /// Taken by orders that are no sale.
    pub held: i64,
    /// Belonging to sales.
    pub sold: i64,
}

/// Money over all members: initial + topped up = balance + held + revenue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MoneyBooks {
    /// Balances at the start.
    pub initial: i64,
    /// Charged during the run.
    pub topped_up: i64,
    /// Balances at the end.
    pub balance: i64,
    /// Taken for orders that are no sale.
    pub held: i64,
    /// Belonging to sales.
    pub revenue: i64,
}

/// Coupons over all campaigns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CouponBooks {
    /// Given to members.
    pub issued: i64,
    /// Of those, used by sales.
    pub used: i64,
}

impl StockBooks {
    /// Whether every unit is accounted for.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.initial == self.available.saturating_add(self.held).saturating_add(self.sold)
    }
}

impl MoneyBooks {
    /// Whether all money is accounted for.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.initial.saturating_add(self.topped_up)
            == self.balance.saturating_add(self.held).saturating_add(self.revenue)
    }
}

/// How much was held, and for how long, by orders that failed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Inconsistency {
    /// Stock: units times seconds.
    pub unit_seconds: f64,
    /// Money: smallest units times seconds.
    pub money_seconds: f64,
    /// From the failure until the effect was undone, by compensation.
    pub undo_lag: Vec<UndoLag>,
}

/// How late one compensation came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UndoLag {
    /// The compensation.
    pub undo: String,
    /// How often it undid something.
    pub count: u64,
    /// Half are at or below; `null` where fewer than 10 samples lie above.
    pub p50_ns: Option<u64>,
    /// 99 % are at or below; `null` where fewer than 10 samples lie above.
    pub p99_ns: Option<u64>,
    /// Exact.
    pub max_ns: u64,
}

/// Whether a run is the same when it is run again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reproducibility {
    /// The digests are equal.
    Reproducible,
    /// The digests differ: nothing that the run found can be relied on.
    NotReproducible,
}

/// What came of running the run twice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Determinism {
    /// Whether both runs were the same.
    pub verdict: Reproducibility,
    /// The digest of the second run, as `digest`.
    pub digest_again: String,
    /// Where two further runs, side by side, parted; none: the digests are equal, or these two did
    /// not part.
    pub parted: Option<Parted>,
}

/// The first input of a handler that differs between two runs of one scenario and seed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Parted {
    /// Which, counted from 1.
    pub event: u64,
    /// When, in virtual time.
    pub at_ns: u64,
    /// The message in the one run; with what was said to it, if that is what differs.
    pub first: String,
    /// The same in the other.
    pub second: String,
}
