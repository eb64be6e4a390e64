//! A counterexample as a numbered story, with the nearest run that passes beside it.

use super::layout::{
    self, BAD, BOLD, Charset, DIM, DOT, GOOD, LABEL, flow, pad, paint, piece, plain, wrap,
};
use crate::report::summary::Inspection;

/// The story for a terminal, with escape sequences for colour.
#[must_use]
pub fn render_inspection(told: &Inspection, charset: Charset, again: &str) -> String {
    let mut lines = head(told);
    lines.push(String::new());
    lines.extend(stories(told));
    lines.push(String::new());
    lines.extend(why(told));
    lines.push(format!("{}{again}", paint(BOLD, &pad("again", LABEL))));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    match charset {
        Charset::Utf8 => text,
        Charset::Ascii => layout::to_ascii(&text),
    }
}

fn head(told: &Inspection) -> Vec<String> {
    let verdict = match &told.invariant {
        Some(invariant) => piece(BAD, format!("breaks {invariant}")),
        None => piece(GOOD, "passes"),
    };
    let pieces = [
        piece(BOLD, told.scenario.as_str()),
        plain(told.coordination.name()),
        plain(format!("seed {}", told.seed)),
        plain(format!("order {}", told.order)),
        verdict,
    ];
    let mut lines = flow("RUN", &pieces, DOT);
    for (at, decision) in told.decisions.iter().enumerate() {
        let label = if at == 0 { "DECISIONS" } else { "" };
        lines.extend(wrap(label, &format!("{} {decision}", at + 1)));
    }
    lines
}

/// What both runs have in common, then each for itself.
fn stories(told: &Inspection) -> Vec<String> {
    let Some(passing) = &told.passing else {
        let title = match told.decisions.as_slice() {
            [] => "of the order, as it happened",
            _ => "no run with one decision less passes",
        };
        let mut lines = titled("STORY", title);
        lines.extend(numbered(&told.story, 0));
        return lines;
    };
    let alike =
        told.story.iter().zip(&passing.story).take_while(|(failing, passing)| failing == passing);
    let alike = alike.count();
    let mut lines = titled("STORY", "both runs");
    lines.extend(numbered(&told.story[..alike], 0));
    lines.extend(titled("", "the run that fails goes on"));
    lines.extend(numbered(&told.story[alike..], alike));
    lines.extend(titled(
        "",
        &format!("the nearest run that passes goes on, without: {}", passing.without),
    ));
    lines.extend(numbered(&passing.story[alike..], alike));
    lines
}

fn titled(label: &str, title: &str) -> Vec<String> {
    flow(label, &title.split(' ').map(|word| piece(DIM, word)).collect::<Vec<_>>(), " ")
}

/// Lines with their numbers in the margin; faults stand out.
fn numbered(story: &[String], before: usize) -> Vec<String> {
    let line = |(at, line): (usize, &String)| {
        let style = if line.contains(" FAULT ") { BAD } else { layout::PLAIN };
        let words: Vec<_> = line.split(' ').map(|word| piece(style, word)).collect();
        let number = format!("{:>LABEL$}", format!("{}  ", before + at + 1));
        flow(&number, &words, " ")
    };
    story.iter().enumerate().flat_map(line).collect()
}

fn why(told: &Inspection) -> Vec<String> {
    let Some(invariant) = &told.invariant else { return Vec::new() };
    let mut lines = wrap("BROKEN", &format!("{invariant}: {}", told.detail));
    if !told.also.is_empty() {
        lines.extend(wrap("", &format!("also {}", told.also.join(", "))));
    }
    let missing = match (told.cures.as_slice(), told.off.as_slice()) {
        ([], []) => "every protection is on: the flow itself is at fault".to_owned(),
        ([], off) => format!("none of those that are off would do alone: {}", off.join(", ")),
        (cures, _) => format!("{} (switched on, the same decisions pass)", cures.join(" or ")),
    };
    lines.extend(wrap("MISSING", &missing));
    lines
}
