//! Thresholds: the measured value beside its limit, and how far it is from it.

use super::Summary;
use super::layout::{
    BAD, BOLD, DIM, LABEL, PLAIN, UNSURE, WIDTH, clean, flow, pad, paint, piece, plain,
};
use super::units::{NONE, count, duration, instant, significant};
use crate::report::summary::ThresholdFigures;
use crate::sim::scenario::Verdict;
use crate::sim::threshold::Severity;
use crate::sim::threshold::catalogue::Unit;
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

/// Thresholds that hold are shown up to this many.
const HELD: usize = 6;
/// Columns of the word before each.
const WORD: usize = 5;
/// Columns of a measured value.
const VALUE: usize = 6;
/// Columns between two cells.
const GAP: usize = 2;

/// One line per threshold, those that failed first.
pub(super) fn thresholds(summary: &Summary) -> Vec<String> {
    let mut rows: Vec<&ThresholdFigures> = summary.thresholds.iter().collect();
    rows.sort_by_key(|one| (one.verdict == Verdict::Passed, word(one).0));
    let held = rows.iter().filter(|one| one.verdict == Verdict::Passed).count();
    let more = held.saturating_sub(HELD);
    rows.truncate(rows.len() - more);
    let cells: Vec<[String; 3]> = rows.iter().map(|one| cells(one)).collect();
    let widths = [0, 1].map(|i| cells.iter().map(|row| row[i].width()).max().unwrap_or(0));
    let mut lines = Vec::new();
    for (one, cells) in rows.iter().zip(&cells) {
        let label = if lines.is_empty() { "THRESHOLDS" } else { "" };
        let (word, style) = (word(one).1, style(one));
        let begin =
            format!("{}{}", paint(BOLD, &pad(label, LABEL)), paint(style, &pad(word, WORD)));
        lines.extend(row(&begin, cells, widths));
        if let Some(at_ns) = one.stopped_at_ns {
            lines.extend(flow(
                "",
                &[plain(format!("it stopped the run at {}", instant(at_ns)))],
                "",
            ));
        }
    }
    if more > 0 {
        lines.extend(flow("", &[piece(DIM, format!("{more} more hold"))], ""));
    }
    lines
}

/// A word for what became of it, and its place among the others.
fn word(one: &ThresholdFigures) -> (u8, &'static str) {
    match (one.verdict, one.severity) {
        (Verdict::Failed, Severity::Fail) => (0, "FAIL"),
        (Verdict::Failed, Severity::Warn) => (1, "WARN"),
        (Verdict::Inconclusive, _) => (2, "none"),
        (Verdict::Passed, _) => (3, "ok"),
    }
}

const fn style(one: &ThresholdFigures) -> Style {
    match (one.verdict, one.severity) {
        (Verdict::Failed, Severity::Fail) => BAD,
        (Verdict::Failed, Severity::Warn) | (Verdict::Inconclusive, _) => UNSURE,
        (Verdict::Passed, _) => PLAIN,
    }
}

/// Which figure, what must hold, and what was measured.
fn cells(one: &ThresholdFigures) -> [String; 3] {
    let subject = one.name.as_ref().unwrap_or(&one.metric);
    let measured = match (&one.reason, margin(one)) {
        (Some(reason), _) => reason.clone(),
        (None, None) => value(one),
        (None, Some(margin)) => format!("{}  {margin}", pad(&value(one), VALUE)),
    };
    [clean(subject), one.expr.clone(), measured]
}

/// In one line where that fits, else in two.
fn row(begin: &str, cells: &[String; 3], widths: [usize; 2]) -> Vec<String> {
    let room = WIDTH - LABEL - WORD;
    let [subject, condition, measured] = cells;
    let columns = widths[0] + GAP + widths[1] + GAP + measured.width();
    let gap = " ".repeat(GAP);
    if columns <= room {
        let (subject, condition) = (pad(subject, widths[0]), pad(condition, widths[1]));
        return vec![format!("{begin}{subject}{gap}{condition}{gap}{measured}")];
    }
    let indent = " ".repeat(LABEL + WORD);
    vec![
        format!("{begin}{}", pad(subject, room)),
        format!("{indent}{}", pad(&format!("{condition}{gap}{measured}"), room)),
    ]
}

/// What was measured, in the unit that the condition is written in.
pub(in crate::report) fn value(one: &ThresholdFigures) -> String {
    one.value.map_or_else(|| NONE.to_owned(), |value| figure(one.unit, value))
}

fn figure(unit: Unit, value: f64) -> String {
    // Measured figures are never negative, and a cast from a double saturates.
    match unit {
        Unit::Time => duration(value as u64),
        Unit::Rate => format!("{}/s", significant(value)),
        Unit::Number if value.fract() == 0.0 => count(value as u64),
        Unit::Share | Unit::Number => significant(value),
    }
}

/// How far the value is from the limit: `23.2% below`; of a limit of 0: `3 above`.
pub(in crate::report) fn margin(one: &ThresholdFigures) -> Option<String> {
    let away = one.value? - one.limit;
    if away == 0.0 {
        return Some("at the limit".to_owned());
    }
    let side = if away > 0.0 { "above" } else { "below" };
    Some(if one.limit == 0.0 {
        format!("{} {side}", figure(one.unit, away.abs()))
    } else {
        format!("{}% {side}", significant(away.abs() / one.limit * 100.0))
    })
}
