//! A counterexample as a story.

use super::names;
use crate::domain::Coordination;
use serde::{Deserialize, Serialize};

/// A run told line by line, and the nearest run that passes beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inspection {
    /// The version of the JSON.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// Who coordinated.
    #[serde(with = "names::coordination")]
    pub coordination: Coordination,
    /// The seed.
    pub seed: u64,
    /// Replays it; empty: the plain run of the seed.
    pub token: String,
    /// The decisions in words, in the order of the token.
    pub decisions: Vec<String>,
    /// The invariant that names the failure; none: the run passes.
    pub invariant: Option<String>,
    /// What else broke.
    pub also: Vec<String>,
    /// What was found, and what should have been.
    pub detail: String,
    /// Protections that are off, each of which alone would have prevented it.
    pub cures: Vec<String>,
    /// Protections that are off.
    pub off: Vec<String>,
    /// The order whose story is told.
    pub order: u32,
    /// What happened, line by line.
    pub story: Vec<String>,
    /// The nearest run that passes; none: none with one decision less does.
    pub passing: Option<Nearest>,
}

/// A run with one decision less.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Nearest {
    /// Which decision it does not have.
    pub without: String,
    /// What happened, line by line.
    pub story: Vec<String>,
}

impl Inspection {
    /// Two-space indentation and a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("strings and numbers");
        json.push('\n');
        json
    }
}
