//! Thresholds: limits that a scenario puts on its figures, such as `p(99) < 3s` of `checkout`.
//!
//! A threshold is read and checked against the catalogue of metrics before anything runs, and
//! judged on the figures of the finished run. One that may stop its run is also judged on the way,
//! at instants of virtual time, so that the same seed stops at the same instant.

pub mod catalogue;
mod condition;
mod figures;
mod measure;
mod read;
mod selector;

pub use condition::{Aggregation, Condition, Form, Operator};
pub use figures::{Figures, Lack, Measured, Stopped, Tally};
pub use read::Wrong;
pub use selector::Selector;

use super::scenario::Verdict;

/// `[[threshold]]`: a limit on a figure.
#[derive(Clone, PartialEq, Debug)]
pub struct Threshold {
    /// What reports call it; none: metric and condition.
    pub name: Option<String>,
    /// Which figure.
    pub selector: Selector,
    /// What must hold of it.
    pub condition: Condition,
    /// What its failure means.
    pub severity: Severity,
    /// It stops the run as soon as it fails, but not before this instant; none: it never stops it.
    pub abort_from_ns: Option<u64>,
}

/// What the failure of a threshold means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The run has failed.
    Fail,
    /// It is reported, and changes neither verdict nor exit code.
    Warn,
}

impl Severity {
    /// Both.
    pub const ALL: [Severity; 2] = [Severity::Fail, Severity::Warn];

    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Fail => "fail",
            Severity::Warn => "warn",
        }
    }
}

/// What became of a threshold.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// What was measured, in the unit of the condition; none: too few samples.
    pub value: Option<f64>,
    /// Inconclusive: too few samples.
    pub verdict: Verdict,
    /// How many samples there were, if they were too few.
    pub lack: Option<Lack>,
}

impl Threshold {
    /// Its name, or else metric and condition.
    #[must_use]
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{} {}", self.selector, self.condition))
    }

    /// Judges it on the figures of a run. What was not measured has not passed: with too few
    /// samples the answer is inconclusive.
    #[must_use]
    pub fn judge(&self, figures: &Figures<'_>) -> Judged {
        match self.selector.measure(figures).aggregate(self.condition.aggregation) {
            Ok(value) if self.condition.holds(value) => {
                Judged { value: Some(value), verdict: Verdict::Passed, lack: None }
            }
            Ok(value) => Judged { value: Some(value), verdict: Verdict::Failed, lack: None },
            Err(lack) => Judged { value: None, verdict: Verdict::Inconclusive, lack: Some(lack) },
        }
    }
}
