//! The warnings of `check`, to read.

use super::wrapped;
use crate::sim::lint::Lint;

/// One line per warning: its name and the beginning of its meaning.
#[must_use]
pub fn list_lints() -> String {
    let line = |lint: Lint| {
        let first = lint.meaning().split_inclusive(['.', ':']).next().unwrap_or_default();
        let first = wrapped(first.trim_end_matches(['.', ':']), 20);
        format!("{:<19} {}", lint.name(), first.trim_start())
    };
    Lint::ALL.map(line).concat()
}

/// One warning and how to silence it; none: no warning has this name.
#[must_use]
pub fn explain_lint(name: &str) -> Option<String> {
    let lint = Lint::ALL.into_iter().find(|lint| lint.name() == name)?;
    Some(format!(
        "{name} (lint, given by check and run)\n\n{}\nIf it is meant, say so in the scenario:\n\
         \x20 [lint]\n  allow = [\"{name}\"]\n",
        wrapped(lint.meaning(), 2)
    ))
}
