//! What an ablation found, as one flat struct; its JSON is a public interface like the summary's.

use super::{Found, ScenarioFigures, names};
use crate::domain::Coordination;
use crate::sim::explore::Variant;
use crate::sim::scenario::Verdict;
use serde::{Deserialize, Serialize};

/// What each protection cures, and what it costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ablated {
    /// The version of the JSON.
    pub schema_version: u32,
    /// What was asked.
    pub scenario: ScenarioFigures,
    /// The seed.
    pub seed: u64,
    /// What was set in the place of the scenario's values; tokens need it again.
    pub settings: Vec<String>,
    /// True: everything up to `faults` was tried; false: samples were drawn.
    pub exhaustive: bool,
    /// Planted faults in one run, at most.
    pub faults: u8,
    /// Passed: with everything on every run passed. What breaks without a protection is what was
    /// asked for.
    #[serde(with = "names::verdict")]
    pub verdict: Verdict,
    /// What the program exits with.
    pub exit_code: u8,
    /// True: stopped by a signal, so everything below is partial.
    pub aborted: bool,
    /// How long it took, in nanoseconds of real time.
    pub wall_ns: u64,
    /// One entry for each coordination.
    pub coordinations: Vec<AblationFigures>,
    /// What protections cost; none: stopped before it was measured.
    pub price: Option<PriceFigures>,
}

/// The table of one coordination.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AblationFigures {
    /// Who coordinated.
    #[serde(with = "names::coordination")]
    pub coordination: Coordination,
    /// The undo policy of the scenario.
    pub compensate: String,
    /// Faults that the scenario declares and this coordination has: they are in every run.
    pub declared: Vec<String>,
    /// The columns: the smallest faults of all variants, each a list of decisions in words.
    pub faults: Vec<Vec<String>>,
    /// The rows: first the scenario as it is, then each protection off, then each other undo
    /// policy.
    pub variants: Vec<VariantFigures>,
    /// True: everything was tried; false: a sample was drawn.
    pub exhaustive: bool,
    /// Stopped before its end.
    pub aborted: bool,
}

/// One row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VariantFigures {
    /// `whole`, the name of the protection that is off, or the undo policy.
    pub name: String,
    /// `whole`, `without` or `undo-policy`.
    pub kind: String,
    /// The `--set` that makes the scenario this variant; none: it is the scenario.
    pub setting: Option<String>,
    /// Why there is nothing to try; none: it was tried.
    pub not_applicable: Option<String>,
    /// Runs made.
    pub runs: u64,
    /// Points that were struck.
    pub points: u64,
    /// How many counterexamples there are of which no part is one.
    pub counterexamples: u64,
    /// Every invariant that breaks, those of the smallest counterexample first.
    pub breaks: Vec<String>,
    /// Which of the `faults` is its smallest; none: nothing broke.
    pub smallest: Option<usize>,
    /// Declared faults without which the smallest breaks nothing.
    pub needs: Vec<String>,
    /// What each of the `faults` comes to here: `clean`, `leak`, `stuck`, `double`, `wrong`, or
    /// `unreached`, if the run never gets where the fault would strike.
    pub outcomes: Vec<String>,
    /// For each invariant that breaks the smallest counterexample; the smallest of all first.
    pub violations: Vec<Found>,
}

/// What protections cost.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PriceFigures {
    /// What was run.
    pub scenario: ScenarioFigures,
    /// The seed of all runs.
    pub seed: u64,
    /// Orders started in each.
    pub orders: u64,
    /// A run of each variant, and one more under the scenario's own faults, if it declares any.
    pub variants: Vec<PriceRow>,
}

/// What one variant costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PriceRow {
    /// Who coordinated.
    #[serde(with = "names::coordination")]
    pub coordination: Coordination,
    /// As in the table.
    pub name: String,
    /// As in the table.
    pub kind: String,
    /// Without any fault.
    pub calm: Cost,
    /// Under the scenario's own faults; none: it declares none that this coordination has.
    pub faulty: Option<Cost>,
}

/// The cost of one run.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// Messages sent, divided by orders started.
    pub messages_per_order: f64,
    /// 99 % of the completed checkouts are at or below; none: too few of them.
    pub checkout_p99_ns: Option<u64>,
    /// Orders completed.
    pub completed: u64,
}

impl AblationFigures {
    /// Whether a protection is off in the scenario itself.
    #[must_use]
    pub fn lacks_a_protection(&self) -> bool {
        self.variants.iter().any(|one| one.not_applicable.as_deref() == Some(Variant::OFF))
    }
}

impl Ablated {
    /// Two-space indentation and a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("string keys and plain values");
        json.push('\n');
        json
    }
}
