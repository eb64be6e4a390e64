//! How long customers waited, where the time went, and what it was like in each phase.

use super::Summary;
use super::layout::{BOLD, DIM, DOT, Piece, flow, pad, paint, piece, plain};
use super::units::{NONE, Unit, count, duration, instant, significant};
use crate::report::summary::{Latency, PhaseFigures};

/// Rows are shown in this order of metrics.
const ORDER: [&str; 6] = ["checkout", "place", "pay", "cancel", "refund", "undo"];
/// Phases that are shown; the rest stands in `summary.json`.
const PHASES_MOST: usize = 6;

/// How many lines [`latency`] takes with that many rows.
pub(super) fn lines(summary: &Summary, most: usize) -> usize {
    latency(summary, most).len()
}

/// The table, `most` rows of it.
pub(super) fn latency(summary: &Summary, most: usize) -> Vec<String> {
    let rows = in_order(&summary.latency);
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

/// Where the time of the table's first row went; nothing without samples.
pub(super) fn parts(summary: &Summary) -> Vec<String> {
    let first = in_order(&summary.latency).first().copied();
    first.map_or_else(Vec::new, |first| flow("PARTS", &shares(first), DOT))
}

/// Rows of a table in the order they are shown.
fn in_order(rows: &[Latency]) -> Vec<&Latency> {
    let mut rows: Vec<&Latency> = rows.iter().collect();
    rows.sort_by_key(|row| {
        let place = ORDER.iter().position(|&metric| metric == row.metric).unwrap_or(ORDER.len());
        (place, std::cmp::Reverse(row.count))
    });
    rows
}

/// Where the time of a row went, on the average.
fn shares(row: &Latency) -> Vec<Piece> {
    let mean = duration(row.mean_ns);
    let name = format!("of {} {}, {mean} on the average", row.metric, row.outcome);
    let parts = [
        ("wait", &row.parts.wait),
        ("service", &row.parts.service),
        ("network", &row.parts.network),
        ("retry", &row.parts.retry),
    ];
    let mut pieces = vec![plain(name)];
    pieces.extend(parts.map(|(name, part)| {
        let share = significant(part.share * 100.0);
        plain(format!("{name} {} {share}%", duration(part.mean_ns)))
    }));
    pieces
}

/// The first row of the table above, phase by phase; nothing if there is only one phase.
pub(super) fn phases(summary: &Summary) -> Vec<String> {
    let Some(first) = in_order(&summary.latency).first().copied() else { return Vec::new() };
    if summary.phases.is_empty() {
        return Vec::new();
    }
    let head = ["from", "n", "p50", "p99", "max"];
    let head: String = head.iter().map(|name| format!("{name:>10}")).collect();
    let mut lines = vec![format!("{}{head}", paint(BOLD, &pad("PHASES", 27)))];
    let shown = summary.phases.iter().take(PHASES_MOST);
    lines.extend(shown.map(|one| phase(one, first)));
    let of = format!("{} {}", first.metric, first.outcome);
    let mut note = vec![piece(DIM, format!("of {of}"))];
    if summary.phases.len() > PHASES_MOST {
        let more = summary.phases.len() - PHASES_MOST;
        note.push(piece(DIM, format!("{more} more phases in summary.json")));
    }
    lines.extend(flow("", &note, DOT));
    lines
}

fn phase(phase: &PhaseFigures, first: &Latency) -> String {
    let same = |row: &&Latency| (&row.metric, &row.outcome) == (&first.metric, &first.outcome);
    let row = phase.latency.iter().find(same);
    let show = |ns: Option<u64>| ns.map_or_else(|| NONE.to_owned(), duration);
    let figures = [
        instant(phase.from_ns),
        count(row.map_or(0, |row| row.count)),
        show(row.and_then(|row| row.p50_ns)),
        show(row.and_then(|row| row.p99_ns)),
        show(row.map(|row| row.max_ns)),
    ];
    let figures: String = figures.iter().map(|figure| format!("{figure:>10}")).collect();
    format!("  {}{figures}", pad(&phase.name, 25))
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
