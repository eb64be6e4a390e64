//! How long customers waited.

use super::Summary;
use super::layout::{BOLD, DIM, DOT, flow, pad, paint, plain};
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
    let mut notes = Vec::new();
    if rows.len() > most {
        notes.push(format!("{} more rows in summary.json", rows.len() - most));
    }
    notes.push("from the intended start".to_owned());
    if let Some(p50) = first.uncorrected_p50_ns {
        let p99 = first.uncorrected_p99_ns.map_or_else(|| NONE.to_owned(), duration);
        notes.push(format!(
            "from the actual start {} {} p50 {} p99 {p99}",
            first.metric,
            first.outcome,
            duration(p50)
        ));
    }
    let notes = flow("", &notes.into_iter().map(|n| super::layout::piece(DIM, n)).collect::<Vec<_>>(), DOT);
    lines.extend(notes);
    lines
}

fn line(row: &Latency) -> String {
    let unit = Unit::of_row(row.p50_ns.unwrap_or(row.mean_ns), row.max_ns);
    let figures =
        [row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.p9999_ns, Some(row.max_ns)];
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
