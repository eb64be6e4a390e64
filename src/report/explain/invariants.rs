//! The catalogue of invariants, to read.

use super::wrapped;
use crate::sim::check::catalogue::{INVARIANTS, Invariant, InvariantKind};

const fn when(kind: InvariantKind) -> &'static str {
    match kind {
        InvariantKind::Always => "after every commit",
        InvariantKind::AtRest => "when the run has settled",
        InvariantKind::Sometimes => "at least once, or the verdict is inconclusive",
    }
}

/// All names by kind, each with its meaning.
#[must_use]
pub fn explain_invariants() -> String {
    let mut text = String::new();
    for group in INVARIANTS.chunk_by(|a, b| a.kind == b.kind) {
        let Some(first) = group.first() else { continue };
        text.push_str(&format!("{}: {}\n", first.kind.name().to_uppercase(), when(first.kind)));
        for one in group {
            text.push_str(&format!("  {}\n{}", one.name, wrapped(one.meaning, 6)));
        }
        text.push('\n');
    }
    text.push_str("sagasim explain NAME says what breaking one means for a shop.\n");
    text
}

/// One invariant: when it is judged, what it says, what breaking it means.
#[must_use]
pub fn explain_invariant(one: &Invariant) -> String {
    format!(
        "{} (invariant, {})\n\nJudged {}.\n\n{}\nBroken, it means for a shop:\n{}",
        one.name,
        one.kind.name(),
        when(one.kind),
        wrapped(one.meaning, 2),
        wrapped(one.breaking, 2)
    )
}
