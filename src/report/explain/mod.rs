//! Long texts about the things that have names: the flow, steps, invariants, metrics, protections,
//! faults, seeded defects.
//!
//! The flow and its compensation matrix are derived from rows handed in, never written here.

mod defects;
mod faults;
mod flow;
mod invariants;
mod lints;
mod metrics;
mod protections;
mod steps;

pub use defects::{explain_defect, list_defects};
pub use faults::{FAULT_KINDS, FaultText, explain_fault, explain_faults};
pub use flow::{MatrixRow, explain_flow};
pub use invariants::{explain_invariant, explain_invariants};
pub use lints::{explain_lint, list_lints};
pub use metrics::{explain_metric, explain_metrics};
pub use protections::{PROTECTIONS, ProtectionText, explain_protection, list_protections};
pub use steps::{explain_step, list_steps, step_meaning};

/// Columns of a line.
const WIDTH: usize = 80;

/// Words of `text` wrapped at 80 columns, every line indented by `indent` columns.
#[must_use]
pub fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(indent);
    for word in text.split_ascii_whitespace() {
        let full = line.len() > indent;
        if full && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = " ".repeat(indent);
        } else if full {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}
