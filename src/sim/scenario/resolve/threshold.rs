//! `[[threshold]]`.

use super::super::diagnostics::Diagnostic;
use super::super::file::{File, ThresholdFile};
use super::{Sink, required_text, unique, words};
use crate::sim::threshold::{Condition, Selector, Severity, Threshold, Wrong};
use std::ops::Range;
use toml::Spanned;

const METRIC_EXAMPLE: &str = "metric = \"checkout{outcome=completed}\"";
const EXPR_EXAMPLE: &str = "expr = \"p(99) < 3s\"";

pub(super) fn thresholds(file: &File, sink: &mut Sink) -> Vec<Threshold> {
    let names = file.threshold.iter().filter_map(|one| one.get_ref().name.as_ref());
    unique(names, "thresholds", sink);
    let names = file.fault.iter().filter_map(|fault| fault.get_ref().name.as_ref());
    let faults: Vec<&str> = names.map(|name| name.get_ref().as_str()).collect();
    let mut found: Vec<(Threshold, Range<usize>)> = Vec::new();
    for field in &file.threshold {
        let Some(threshold) = one(field, &faults, sink) else { continue };
        let title = threshold.title();
        if let Some((_, first)) = found.iter().find(|(other, _)| other.title() == title) {
            let problem = Diagnostic::at(field.span(), format!("two thresholds are `{title}`"));
            sink.add_once(problem.label("again here").context(first.clone(), "first here"));
        }
        found.push((threshold, field.span()));
    }
    found.into_iter().map(|(threshold, _)| threshold).collect()
}

fn one(field: &Spanned<ThresholdFile>, faults: &[&str], sink: &mut Sink) -> Option<Threshold> {
    let file = field.get_ref();
    let place = field.span();
    let name = file.name.as_ref();
    let name = name.map(|_| required_text(&file.name, "name", "name = \"p99\"", 0..0, sink));
    let metric = required_text(&file.metric, "metric", METRIC_EXAMPLE, place.clone(), sink);
    let expr = required_text(&file.expr, "expr", EXPR_EXAMPLE, place, sink);
    let severities = words(&Severity::ALL, Severity::name);
    let severity = sink.word(&file.severity, "severity", &severities, Severity::Fail);
    let delay_ns = sink.duration(&file.delay_abort, 0);
    let read = |text: &str| !text.trim().is_empty();
    let selector = file.metric.as_ref().filter(|_| read(&metric)).and_then(|written| {
        Selector::parse(&metric, faults).map_err(|wrong| sink.add(at(written, wrong))).ok()
    });
    let selector = selector?;
    let condition = file.expr.as_ref().filter(|_| read(&expr)).and_then(|written| {
        Condition::parse(&expr, &selector).map_err(|wrong| sink.add(at(written, wrong))).ok()
    });
    let aborts = aborts(file, severity, &selector, sink);
    let abort_from_ns = aborts.then_some(delay_ns);
    Some(Threshold { name, selector, condition: condition?, severity, abort_from_ns })
}

/// Whether its failure stops the run.
fn aborts(file: &ThresholdFile, severity: Severity, selector: &Selector, sink: &mut Sink) -> bool {
    let Some(abort) = file.abort_on_fail.as_ref().filter(|abort| *abort.get_ref()) else {
        if let Some(delay) = &file.delay_abort {
            let problem = Diagnostic::at(delay.span(), "`delay_abort` goes with `abort_on_fail`");
            sink.add_once(problem.help("add `abort_on_fail = true`, or leave it out"));
        }
        return false;
    };
    let metric = selector.metric();
    if metric.at_rest {
        let title = format!("`{}` is known at the end, so it cannot stop a run", metric.name);
        sink.add(Diagnostic::at(abort.span(), title).help("leave `abort_on_fail` out"));
    }
    if severity == Severity::Warn {
        let problem = Diagnostic::at(abort.span(), "a warning stops nothing");
        sink.add(problem.help("leave `abort_on_fail` out, or write `severity = \"fail\"`"));
    }
    true
}

/// Where in the file a part of a text stands. With escapes inside, where the text stands.
fn at(written: &Spanned<String>, wrong: Wrong) -> Diagnostic {
    let whole = written.span();
    let Range { start, end } = wrong.place;
    let place = match whole.len() == written.get_ref().len() + 2 && start < end {
        true => whole.start + 1 + start..whole.start + 1 + end,
        false => whole,
    };
    let found = Diagnostic::at(place, wrong.reason);
    match wrong.help {
        Some(help) => found.help(help),
        None => found,
    }
}
