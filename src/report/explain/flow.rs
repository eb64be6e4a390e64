//! The flow and its compensation matrix, from the rows of the saga table.

use super::wrapped;

/// One row of the saga table, in words.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct MatrixRow {
    /// The process it belongs to; rows of one process stand together, in order.
    pub process: &'static str,
    /// The step.
    pub step: &'static str,
    /// Who does it.
    pub service: &'static str,
    /// `compensatable`, `pivot` or `retriable`.
    pub kind: &'static str,
    /// What undoes it; none: nothing has to.
    pub undo: Option<&'static str>,
}

impl MatrixRow {
    fn retriable(&self) -> bool {
        self.kind == "retriable"
    }
}

/// The flow: every process with its steps, then what runs when a step fails.
#[must_use]
pub fn explain_flow(rows: &[MatrixRow]) -> String {
    let mut text = wrapped(
        "Each process is a list of steps. Until its pivot, a failure undoes what was done, in \
         reverse order; after it, the rest is tried again until it succeeds.",
        0,
    );
    for steps in rows.chunk_by(|a, b| a.process == b.process) {
        process(steps, &mut text);
    }
    text
}

fn process(steps: &[MatrixRow], text: &mut String) {
    let Some(first) = steps.first() else { return };
    text.push_str(&format!("\n{}\n", first.process.to_uppercase()));
    text.push_str("     step              service       kind           undone by\n");
    for (at, row) in steps.iter().enumerate() {
        let line = format!(
            "  {:>2} {:<17} {:<13} {:<14} {}",
            at + 1,
            row.step,
            row.service,
            row.kind,
            row.undo.unwrap_or("-")
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push_str("\n     when this fails   this happens\n");
    for (at, row) in steps.iter().enumerate() {
        let done = wrapped(&consequence(row, &steps[..at]), 23);
        text.push_str(&format!("     {:<17} {}", row.step, done.trim_start()));
    }
}

/// What happens when a step fails after `before` were done.
fn consequence(row: &MatrixRow, before: &[MatrixRow]) -> String {
    if row.retriable() {
        return "tried again until it succeeds".to_owned();
    }
    let undos: Vec<&str> = before.iter().rev().filter_map(|row| row.undo).collect();
    if undos.is_empty() { "refused, nothing to undo".to_owned() } else { undos.join(", then ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn row(
        process: &'static str,
        step: &'static str,
        kind: &'static str,
        undo: Option<&'static str>,
    ) -> MatrixRow {
        MatrixRow { process, step, service: "shop", kind, undo }
    }

    #[test]
    fn undoing_is_in_reverse_and_stops_at_the_process() {
        let text = explain_flow(&[
            row("first", "take", "compensatable", Some("give-back")),
            row("first", "write", "compensatable", Some("erase")),
            row("first", "set", "compensatable", None),
            row("second", "pay", "pivot", None),
            row("second", "tell", "retriable", None),
        ]);
        insta::assert_snapshot!(text, @r"
        Each process is a list of steps. Until its pivot, a failure undoes what was
        done, in reverse order; after it, the rest is tried again until it succeeds.

        FIRST
             step              service       kind           undone by
           1 take              shop          compensatable  give-back
           2 write             shop          compensatable  erase
           3 set               shop          compensatable  -

             when this fails   this happens
             take              refused, nothing to undo
             write             give-back
             set               erase, then give-back

        SECOND
             step              service       kind           undone by
           1 pay               shop          pivot          -
           2 tell              shop          retriable      -

             when this fails   this happens
             pay               refused, nothing to undo
             tell              tried again until it succeeds
        ");
    }
}
