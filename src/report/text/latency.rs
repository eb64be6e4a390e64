//! How long customers waited.

use super::Summary;
use super::layout::{BOLD, DIM, DOT, flow, pad, paint, piece, plain};
use super::units::{NONE, Unit, count, duration};
use crate::report::summary::Latency;

/// Rows are shown in this order of metrics.
const ORDER: [&str; 6] = ["checkout", "place", "pay", "cancel", "refund", "undo"];

/// How many lines [`latency`] takes with that many rows.
pub(super) fn lines(summary: &Summary, most: usize) -> usize {
    latency(summary, most).len()
}

/// The table, `most` rows of it.
pub(super) fn latency(summary: &Summary, most: usize) -> Vec<String> {
    let mut rows: Vec<&Latency> = summary.latency.iter().collect();
    rows.sort_by_key(|row| {
        let place = ORDER.iter().position(|&metric| metric == row.metric).unwrap_or(ORDER.len());
        (place, std::cmp::Reverse(row.count))
    });
    let Some(first) = rows.first().copied() else {
        return flow("LATENCY", &[plain("no samples after the warm-up")], DOT);
    };
    let head = ["p50", "p90", "p99", "p99.9", "p99.99", "max"];
    let head: String = head.iter().map(|name| format!("{name:>7}")).collect();
    let mut lines = vec![format!("{}{:>10}{head}", paint(BOLD, &pad("LATENCY", 23)), "n")];
    lines.extend(rows.iter().take(most).map(|row| line(row)));
    lines.extend(flow("", &[piece(DIM, note(first))], DOT));
    lines
}

/// From when latency counts, and the first row's p99 from the actual start instead.
fn note(first: &Latency) -> String {
    let p99 = first.uncorrected_p99_ns.map_or_else(|| NONE.to_owned(), duration);
    let row = format!("{} {}", first.metric, first.outcome);
    format!("from the intended start (uncorrected {row} p99: {p99})")
}

fn line(row: &Latency) -> String {
    let unit = Unit::of_row(row.p50_ns.unwrap_or(row.mean_ns), row.max_ns);
    let figures = [row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.p9999_ns, Some(row.max_ns)];
    let figures: String = figures
        .iter()
        .map(|figure| {
            let text = figure.map_or_else(|| NONE.to_owned(), |ns| unit.show(ns));
            format!("{text:>7}")
        })
        .collect();
    let name = pad(&format!("{} {}", row.metric, row.outcome), 21);
    format!("  {name}{:>10}{figures} {}", count(row.count), unit.name)
}
