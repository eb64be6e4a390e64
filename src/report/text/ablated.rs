//! What a person reads after an ablation: the table of protections and faults, each fault in words,
//! what each protection costs.

use super::layout::{
    BAD, BOLD, Charset, DIM, DOT, GOOD, LABEL, PLAIN, Piece, UNSURE, WIDTH, flow, pad, paint,
    piece, plain, to_ascii, wrap,
};
use super::price::price;
use super::units::{compact, count, span};
use crate::report::explain::PROTECTIONS;
use crate::report::summary::{Ablated, AblationFigures, VariantFigures};
use crate::sim::explore::Class;
use crate::sim::scenario::Verdict;
use anstyle::Style;

/// Columns of a row's name.
const NAME: usize = 24;

/// How to write an ablation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AblationOptions<'a> {
    /// Which characters may be written.
    pub charset: Charset,
    /// Where its files are; none: nowhere.
    pub report: Option<&'a str>,
    /// The command that tells the first counterexample as a story, ready to paste.
    pub inspect: Option<&'a str>,
    /// The command that gives the same ablation again, ready to paste.
    pub again: &'a str,
}

/// The ablation for a terminal, like [`super::render_text`].
#[must_use]
pub fn render_ablation(ablated: &Ablated, options: &AblationOptions<'_>) -> String {
    let mut lines = header(ablated);
    for one in &ablated.coordinations {
        lines.push(String::new());
        lines.extend(table(one));
        lines.extend(details(one));
    }
    if let Some(figures) = &ablated.price {
        lines.push(String::new());
        lines.extend(price(figures));
    }
    lines.push(String::new());
    let named = [("report", options.report), ("story", options.inspect)];
    for (label, text) in named.into_iter().chain([("again", Some(options.again))]) {
        lines.extend(text.map(|text| format!("{}{text}", paint(BOLD, &pad(label, 8)))));
    }
    let text: String = lines.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    match options.charset {
        Charset::Utf8 => text,
        Charset::Ascii => to_ascii(&text),
    }
}

fn header(ablated: &Ablated) -> Vec<String> {
    let (word, style) = match ablated.verdict {
        Verdict::Passed => ("PASSED", GOOD),
        Verdict::Failed => ("FAILED", BAD),
        Verdict::Inconclusive => ("INCONCLUSIVE", UNSURE),
    };
    let aborted = if ablated.aborted { ", aborted" } else { "" };
    let verdict = format!("{word} (exit {}{aborted})", ablated.exit_code);
    let rest = format!("{DOT}ablated{DOT}seed {}", ablated.seed);
    let name = pad(&ablated.scenario.name, ablated.scenario.name.chars().count().min(36));
    let mut lines = vec![format!("{}  {}{rest}", paint(style, &verdict), paint(BOLD, &name))];
    lines.extend(wrap("QUESTION", &ablated.scenario.question));
    if !ablated.settings.is_empty() {
        let set: Vec<Piece> = ablated.settings.iter().map(|one| plain(one.as_str())).collect();
        lines.extend(flow("SET", &set, DOT));
    }
    let variants = || ablated.coordinations.iter().flat_map(|one| &one.variants);
    let runs: u64 = variants().map(|one| one.runs).sum();
    let tried = variants().filter(|one| one.runs > 0).count() as u64;
    let seconds = ablated.wall_ns.max(1) as f64 / 1e9;
    let speed = compact(runs as f64 / seconds);
    let effort = [
        plain(format!("{} variants", count(tried))),
        plain(format!("{} runs in {} ({speed}/s)", count(runs), span(ablated.wall_ns))),
    ];
    lines.extend(flow("ABLATED", &effort, DOT));
    lines.extend(wrap("", &claim(ablated)));
    lines
}

/// What the figures mean, and no more than that.
fn claim(ablated: &Ablated) -> String {
    let up_to = match ablated.faults {
        1 => "every single fault".to_owned(),
        faults => format!("every set of up to {faults} faults"),
    };
    match (ablated.aborted, ablated.exhaustive) {
        (true, _) => "stopped before its end: nothing is claimed of what was not run".to_owned(),
        (false, true) => format!(
            "in each variant {up_to} at every point that a run reaches, on every branch of the \
             business"
        ),
        (false, false) => format!(
            "a sample of each variant, up to {} faults in a run: what does not break here may \
             break elsewhere",
            ablated.faults
        ),
    }
}

/// Columns of a cell.
fn cell_width(one: &AblationFigures) -> usize {
    if one.faults.len() < 10 { 2 } else { 3 }
}

/// Protections down, faults across.
fn table(one: &AblationFigures) -> Vec<String> {
    let wide = cell_width(one);
    let numbers: String = (1..=one.faults.len()).map(|number| format!("{number:>wide$}")).collect();
    let head = pad(&one.coordination.name().to_uppercase(), NAME);
    let title = "what its smallest fault breaks";
    let mut lines = vec![format!("{}{numbers}  {}", paint(BOLD, &head), paint(DIM, title))];
    lines.extend(one.variants.iter().map(|variant| row(variant, one)));
    let marks = ["L leak", "S stuck", "D double", "W wrong", ". cured", "- never gets there"];
    let marks: Vec<Piece> = marks.map(|mark| piece(DIM, mark)).into();
    lines.extend(flow("  marks", &marks, DOT));
    if !one.declared.is_empty() {
        let declared: Vec<Piece> = one.declared.iter().map(|name| plain(name.as_str())).collect();
        lines.extend(flow("DECLARED", &declared, DOT));
        lines.extend(wrap("", "these faults of the scenario are in every run"));
    }
    for (number, decisions) in one.faults.iter().enumerate() {
        lines.extend(fault(&format!("FAULT {}", number + 1), decisions));
    }
    lines
}

fn row(variant: &VariantFigures, one: &AblationFigures) -> String {
    let wide = cell_width(one);
    let cells: String = variant.outcomes.iter().map(|outcome| cell(outcome, wide)).collect();
    let blank = " ".repeat(wide * one.faults.len().saturating_sub(variant.outcomes.len()));
    let room = WIDTH.saturating_sub(NAME + wide * one.faults.len() + 2);
    let (says, style) = says(variant);
    let name = match name(variant) {
        _ if variant.kind == "whole" && one.lacks_a_protection() => "as it is".to_owned(),
        name => name,
    };
    format!("{}{cells}{blank}  {}", pad(&name, NAME), paint(style, pad(&says, room).trim_end()))
}

/// `without outbox`.
fn name(variant: &VariantFigures) -> String {
    match variant.kind.as_str() {
        "whole" => "everything on".to_owned(),
        "undo-policy" => format!("undo {}", variant.name),
        _ => format!("without {}", variant.name),
    }
}

fn says(variant: &VariantFigures) -> (String, Style) {
    if let Some(why) = &variant.not_applicable {
        return (why.clone(), DIM);
    }
    if variant.runs == 0 {
        return ("not run".to_owned(), DIM);
    }
    let first = variant.violations.first();
    if let Some(first) = first {
        let also = first.also.len();
        let more = if also == 0 { String::new() } else { format!(" +{also}") };
        return (format!("{}{more}", first.invariant), PLAIN);
    }
    let known = PROTECTIONS.iter().find(|known| known.name == variant.name);
    let why = match known.map(|known| known.breaks) {
        Some(None) => "nothing: it only costs".to_owned(),
        Some(Some(_)) => format!("nothing: explain {}", variant.name),
        None => "nothing".to_owned(),
    };
    (why, DIM)
}

fn cell(outcome: &str, wide: usize) -> String {
    let class = Class::ALL.into_iter().find(|class| class.name() == outcome);
    let (mark, style) = match class {
        Some(Class::Clean) => (".", DIM),
        Some(Class::Wrong) => ("W", BAD),
        Some(Class::Stuck) => ("S", BAD),
        Some(Class::Leak) => ("L", BAD),
        Some(Class::Double) => ("D", BAD),
        None => ("-", DIM),
    };
    format!("{}{}", " ".repeat(wide - 1), paint(style, mark))
}

/// A fault in words, its decisions numbered if there are several.
fn fault(label: &str, decisions: &[String]) -> Vec<String> {
    match decisions {
        [] => wrap(label, "none but those that the scenario declares"),
        [one] => wrap(label, one),
        many => {
            let line = |(at, decision): (usize, &String)| {
                wrap(if at == 0 { label } else { "" }, &format!("{} {decision}", at + 1))
            };
            many.iter().enumerate().flat_map(line).collect()
        }
    }
}

/// What breaks without each protection, and how to see it again.
fn details(one: &AblationFigures) -> Vec<String> {
    let mut lines = Vec::new();
    for variant in &one.variants {
        let (Some(first), Some(smallest)) = (variant.violations.first(), variant.smallest) else {
            continue;
        };
        let head = format!("{DOT}fault {}", smallest + 1);
        lines.push(format!("{}{head}", paint(BOLD, &name(variant).to_uppercase())));
        let mut broken = vec![piece(BAD, first.invariant.as_str())];
        broken.extend(first.also.iter().map(|law| plain(law.as_str())));
        lines.extend(flow("  breaks", &broken, DOT));
        lines.extend(others(variant, 1 + first.also.len()));
        if !variant.needs.is_empty() {
            let needs = format!("also the declared: {}", variant.needs.join(", "));
            lines.extend(wrap("  needs", &needs));
        }
        if first.cures.is_empty() && variant.kind != "whole" {
            lines.extend(wrap("  cure", "none: with everything on the same faults break it, too"));
        }
        lines.push(format!("{}{}", pad("  token", LABEL), first.token));
        if let Some(setting) = variant.setting.as_ref().filter(|_| variant.kind == "undo-policy") {
            lines.extend(wrap("", &format!("with --set {setting}")));
        }
    }
    lines
}

/// What breaks by other faults only.
fn others(variant: &VariantFigures, shown: usize) -> Vec<String> {
    let more = variant.counterexamples.saturating_sub(1);
    if more == 0 {
        return Vec::new();
    }
    let also = &variant.breaks[shown.min(variant.breaks.len())..];
    let times = if more == 1 { "counterexample" } else { "counterexamples" };
    let mut text = format!("{} more {times}", count(more));
    if !also.is_empty() {
        text.push_str(&format!(", also of {}", also.join(", ")));
    }
    wrap("  others", &text)
}
