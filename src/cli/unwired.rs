//! Stands where the engine will be.

use super::engine::{Engine, Job, Loaded, Rejected, RunError, Watch};
use crate::report::Summary;
use crate::report::explain::MatrixRow;
use crate::sim::scenario::Scenario;
use std::path::Path;

/// An engine that can do nothing yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unwired;

const NOTHING: &str = "running scenarios is not built in yet";

impl Engine for Unwired {
    fn load(&self, _: &Path) -> Result<Loaded, Rejected> {
        Err(Rejected { rendered: format!("error: {NOTHING}"), problems: Vec::new() })
    }

    fn resolved(&self, _: &Scenario) -> String {
        String::new()
    }

    fn run(&self, _: &Job<'_>, _: &mut Watch<'_>) -> Result<Summary, RunError> {
        Err(RunError::Internal(NOTHING.to_owned()))
    }

    fn flow(&self) -> Vec<MatrixRow> {
        Vec::new()
    }
}
