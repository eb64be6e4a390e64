//! What a person reads after a comparison: what is under test, then figure by figure.

use super::layout::{self, BAD, BOLD, DIM, DOT, GOOD, PLAIN, Style, UNSURE, pad, paint};
use super::units::{compact, count, significant};
use super::{Charset, units};
use crate::report::compare::{CONFIDENCE, Candidate, Compared, Comparison, Finding, Side};
use crate::report::metric::MetricUnit;

/// Columns of a figure's name.
const NAME: usize = 30;
/// Figures outside of the verdict that are shown because they changed.
const OTHERS: usize = 6;
/// Differing keys that are shown.
const KEYS: usize = 8;

/// How to write a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ComparisonOptions<'a> {
    /// Which characters may be written.
    pub charset: Charset,
    /// The command that gives the same comparison again, ready to paste.
    pub again: &'a str,
}

/// The comparison for a terminal, with escape sequences for colour.
#[must_use]
pub fn render_comparison(comparison: &Comparison, options: &ComparisonOptions<'_>) -> String {
    let mut lines = Vec::new();
    for (at, candidate) in comparison.candidates.iter().enumerate() {
        if at > 0 {
            lines.push(String::new());
        }
        lines.extend(block(comparison, candidate));
    }
    let percent = |share: f64| (share * 1e6).round() / 1e4;
    let rule = format!(
        "A difference counts if its whole interval ({}% for all judged figures together) is \
         beyond \u{b1}{}%, and there is none if it is all within.",
        percent(CONFIDENCE),
        percent(comparison.noise)
    );
    lines.push(String::new());
    lines.extend(layout::wrap("RULE", &rule));
    lines.push(format!("{}{}", paint(BOLD, &pad("again", 8)), options.again));
    let text: String = lines.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    match options.charset {
        Charset::Utf8 => text,
        Charset::Ascii => layout::to_ascii(&text),
    }
}

fn block(comparison: &Comparison, candidate: &Candidate) -> Vec<String> {
    let style = style(candidate.finding);
    let mut lines = vec![format!(
        "{}  {}{DOT}{}",
        paint(style, &candidate.finding.words().to_uppercase()),
        paint(BOLD, &comparison.clock),
        pairing(candidate)
    )];
    lines.extend(side("REFERENCE", &comparison.reference));
    lines.extend(side("CANDIDATE", &candidate.side));
    lines.extend(under_test(candidate));
    lines.push(String::new());
    let heads = format!("{:>9}{:>10}{:>17}", "reference", "candidate", "difference");
    lines.push(format!("{}{heads}", paint(BOLD, &pad("FIGURE", NAME))));
    let silent = |metric: &Compared| metric.reference == 0.0 && metric.candidate == 0.0;
    let judged = candidate.metrics.iter().filter(|metric| metric.judged && !silent(metric));
    lines.extend(judged.map(row));
    let changed = |metric: &&Compared| {
        !metric.judged && matches!(metric.finding, Finding::Better | Finding::Worse)
    };
    let mut others: Vec<&Compared> = candidate.metrics.iter().filter(changed).collect();
    others.sort_by(|a, b| size(b).total_cmp(&size(a)));
    if !others.is_empty() {
        lines.push(paint(DIM, "not judged, but changed:"));
        lines.extend(others.iter().take(OTHERS).map(|metric| row(metric)));
    }
    if others.len() > OTHERS {
        let more = others.len() - OTHERS;
        lines.push(paint(DIM, &format!("and {more} more: --format json")));
    }
    lines.extend(advice(comparison, candidate).map(|text| paint(DIM, &text)));
    lines
}

const fn style(finding: Finding) -> Style {
    match finding {
        Finding::Worse => BAD,
        Finding::Better => GOOD,
        Finding::NoDifference => PLAIN,
        Finding::Inconclusive => UNSURE,
    }
}

fn pairing(candidate: &Candidate) -> String {
    match (candidate.pairs, candidate.identical) {
        (0, _) => "no seeds in common: compared without pairs, less sharp".to_owned(),
        (1, true) => "1 pair of runs, the same event by event".to_owned(),
        (pairs, true) => format!("{pairs} pairs of runs, each the same event by event"),
        (1, false) => "1 pair of runs with the same seed".to_owned(),
        (pairs, false) => format!("{pairs} pairs of runs with the same seeds"),
    }
}

fn side(label: &str, side: &Side) -> Vec<String> {
    layout::wrap(label, &format!("{}{DOT}{}/{} passed", side.name, side.passed, side.runs))
}

fn under_test(candidate: &Candidate) -> Vec<String> {
    let none = "\u{2014}";
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| none.to_owned());
    let mut lines = Vec::new();
    for one in candidate.differs.iter().take(KEYS) {
        let label = if lines.is_empty() { "UNDER TEST" } else { "" };
        let text = format!("{}: {} to {}", one.key, said(&one.reference), said(&one.candidate));
        lines.extend(layout::wrap(label, &text));
    }
    match candidate.differs.len().saturating_sub(KEYS) {
        0 if lines.is_empty() => lines.extend(layout::wrap("UNDER TEST", "the same scenario")),
        0 => {}
        more => lines.extend(layout::wrap("", &format!("and {more} more keys: --format json"))),
    }
    lines
}

fn row(metric: &Compared) -> String {
    let name = pad(&metric.metric, NAME - 1);
    let values = [metric.reference, metric.candidate].map(|value| show(metric.unit, value));
    let difference = difference(metric);
    let finding = paint(style(metric.finding), metric.finding.words());
    format!("{name} {:>9}{:>10}{difference:>17} {finding}", values[0], values[1])
}

fn show(unit: MetricUnit, value: f64) -> String {
    match unit {
        MetricUnit::Ns => units::duration(value.max(0.0).round() as u64),
        MetricUnit::Count if value < 10_000.0 && value.fract() == 0.0 => count(value as u64),
        MetricUnit::Count if value < 10_000.0 => significant(value),
        MetricUnit::Count => compact(value),
    }
}

/// `+8.77% ±0.41`, both in percent of the reference.
fn difference(metric: &Compared) -> String {
    let Some(relative) = metric.relative else { return "from 0".to_owned() };
    let percent = |share: f64| match (share * 100.0, (share * 100.0).abs()) {
        (_, size) if size < 0.005 => "0".to_owned(),
        (percent, size) if size < 9.995 => format!("{percent:.2}"),
        (percent, size) if size < 999.5 => format!("{percent:.1}"),
        (percent, _) => compact(percent),
    };
    let sign = if relative * 100.0 >= 0.005 { "+" } else { "" };
    match metric.relative_half_width {
        Some(half) => format!("{sign}{}% \u{b1}{}", percent(relative), percent(half)),
        None => format!("{sign}{}% \u{b1}?", percent(relative)),
    }
}

fn size(metric: &Compared) -> f64 {
    metric.relative.map_or(f64::INFINITY, f64::abs)
}

/// How many runs would probably settle what is not settled: the interval shrinks with the root of
/// their number.
fn advice(comparison: &Comparison, candidate: &Candidate) -> Option<String> {
    if candidate.finding != Finding::Inconclusive {
        return None;
    }
    let unsure = candidate
        .metrics
        .iter()
        .filter(|metric| metric.judged && metric.finding == Finding::Inconclusive);
    let needed = unsure.map(|metric| {
        let (relative, half) = (metric.relative?, metric.relative_half_width?);
        let room = (relative.abs() - comparison.noise).abs();
        let runs = metric.runs as f64 * (half / room) * (half / room);
        runs.is_finite().then(|| runs.ceil().max(metric.runs as f64 + 1.0))
    });
    let needed: Option<Vec<f64>> = needed.collect();
    let most = needed.into_iter().flatten().fold(0.0, f64::max);
    Some(if (1.0..=10_000.0).contains(&most) {
        format!("too few runs to tell: about --repeat {} would", count(most as u64))
    } else {
        "too few runs to tell: more seeds with --repeat would".to_owned()
    })
}
