//! The first and the last lines.

use super::layout::{
    BAD, BOLD, DIM, DOT, GOOD, LABEL, Piece, UNSURE, WIDTH, flow, pad, paint, plain, wrap,
};
use super::units::{compact, count, span};
use super::{Summary, TextOptions};
use crate::report::summary::LoadFigures;
use crate::sim::scenario::Verdict;
use unicode_width::UnicodeWidthStr;

/// Verdict and seed, question and answer, how long, how much.
pub(super) fn header(summary: &Summary) -> Vec<String> {
    let mut lines = vec![title(summary)];
    lines.extend(wrap("QUESTION", &summary.scenario.question));
    if !summary.scenario.answer.is_empty() {
        lines.extend(wrap("EXPECTED", &summary.scenario.answer));
    }
    lines.extend(flow("RUN", &run(summary), DOT));
    let orders = &summary.orders;
    let mut load = vec![
        plain(format!("{} orders offered", count(orders.offered))),
        plain(format!("{} started", count(orders.started))),
        plain(format!("{} dropped", count(orders.dropped))),
    ];
    if summary.time.wall_ns > 0 {
        load.push(plain(format!("{} events/s", compact(summary.time.events_per_s))));
    }
    lines.extend(flow("LOAD", &load, DOT));
    if summary.loads.len() > 1 {
        let load = |load: &LoadFigures| plain(format!("{} {}", load.name, count(load.started)));
        lines.extend(flow("", &summary.loads.iter().map(load).collect::<Vec<_>>(), DOT));
    }
    lines
}

fn title(summary: &Summary) -> String {
    let (word, style) = match summary.verdict {
        Verdict::Passed => ("PASSED", GOOD),
        Verdict::Failed if summary.not_reproducible() => ("NOT REPRODUCIBLE", BAD),
        Verdict::Failed => ("FAILED", BAD),
        Verdict::Inconclusive => ("INCONCLUSIVE", UNSURE),
    };
    let aborted = if summary.aborted { ", aborted" } else { "" };
    let verdict = format!("{word} (exit {}{aborted})", summary.exit_code);
    let rest = format!(
        "{DOT}{}{DOT}{}{DOT}seed {}",
        summary.coordination.name(),
        summary.clock,
        summary.seed
    );
    let room = WIDTH.saturating_sub(verdict.width() + 2 + rest.width()).max(1);
    let name = pad(&summary.scenario.name, room.min(summary.scenario.name.width()));
    format!("{}  {}{rest}", paint(style, &verdict), paint(BOLD, &name))
}

fn run(summary: &Summary) -> Vec<Piece> {
    let time = &summary.time;
    let mut simulated = format!("{} simulated", span(time.simulated_ns));
    if time.wall_ns > 0 {
        simulated.push_str(&format!(" in {}", span(time.wall_ns)));
        let speed = time.simulated_ns as f64 / time.wall_ns as f64;
        simulated.push_str(&format!(" ({}×)", compact(speed)));
    }
    let mut pieces = vec![plain(simulated), plain(format!("digest {}", summary.digest))];
    pieces.extend(summary.determinism.as_ref().map(|_| plain("run twice")));
    pieces.extend(summary.token.as_ref().map(|token| plain(format!("token {token}"))));
    pieces
}

/// The next commands to type; never wrapped, so that they can be pasted.
pub(super) fn footer(
    summary: &Summary,
    options: &TextOptions<'_>,
    missing: &[&str],
) -> Vec<String> {
    let mut lines = Vec::new();
    if !missing.is_empty() {
        let mut rest = "also in summary.json:".to_owned();
        for (at, name) in missing.iter().enumerate() {
            let comma = if at + 1 < missing.len() { "," } else { "" };
            if rest.width() + 1 + name.width() + comma.len() > WIDTH {
                lines.push(paint(DIM, &rest));
                rest = " ".repeat(LABEL);
            }
            rest.push_str(&format!(" {name}{comma}"));
        }
        lines.push(paint(DIM, &rest));
    }
    let mut line = |label: &str, text: &str| {
        lines.push(format!("{}{text}", paint(BOLD, &pad(label, 8))));
    };
    if let Some(report) = options.report {
        line("report", report);
    }
    if let Some(violation) = summary.violations.first() {
        line("why", &format!("sagasim explain {}", violation.invariant));
    }
    line("again", options.again);
    lines
}
