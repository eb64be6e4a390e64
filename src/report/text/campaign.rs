//! What a person reads after many runs: a line for each cell.

use super::layout::{BAD, BOLD, DIM, DOT, GOOD, Style, UNSURE, flow, pad, paint, plain};
use super::units::{NONE, Unit, compact, count, rough, significant};
use super::{Charset, layout};
use crate::report::campaign::{Campaign, Cell, Figure, Run};
use crate::report::metric::MetricUnit;
use unicode_width::UnicodeWidthStr;

/// Columns of a cell's name.
const NAME: usize = 26;
/// Columns of a figure.
const FIGURE: usize = 12;
/// What the table shows, and the head above it.
const SHOWN: [(&str, &str); 4] = [
    ("orders completed", "completed"),
    ("checkout completed p50", "p50"),
    ("checkout completed p99", "p99"),
    ("messages per order", "msg/order"),
];
/// Runs that did not pass and are named one by one.
const NAMED: usize = 10;

/// How to write a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CampaignOptions<'a> {
    /// Which characters may be written.
    pub charset: Charset,
    /// Where the campaign's files are; none: nowhere.
    pub report: Option<&'a str>,
    /// The command that gives the same campaign again, ready to paste.
    pub again: &'a str,
}

/// The campaign for a terminal, with escape sequences for colour.
#[must_use]
pub fn render_campaign(campaign: &Campaign, options: &CampaignOptions<'_>) -> String {
    let mut lines = header(campaign);
    lines.push(String::new());
    lines.extend(table(campaign));
    lines.extend(exceptions(campaign));
    lines.push(String::new());
    let mut line = |label: &str, text: &str| {
        lines.push(format!("{}{text}", paint(BOLD, &pad(label, 8))));
    };
    if let Some(report) = options.report {
        line("report", report);
    }
    line("again", options.again);
    let text: String = lines.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    match options.charset {
        Charset::Utf8 => text,
        Charset::Ascii => layout::to_ascii(&text),
    }
}

fn header(campaign: &Campaign) -> Vec<String> {
    let (word, style) = judgement(campaign.exit_code);
    let aborted = if campaign.aborted { ", aborted" } else { "" };
    let verdict = format!("{word} (exit {}{aborted})", campaign.exit_code);
    let name = pad(&campaign.scenario, campaign.scenario.width().min(40));
    let runs: Vec<&Run> = campaign.cells.iter().flat_map(|cell| &cell.runs).collect();
    let ended = |code: u8| runs.iter().filter(|run| run.exit_code == Some(code)).count();
    let missing = runs.iter().filter(|run| run.exit_code.is_none()).count();
    let passed = ended(0);
    let other = runs.len() - passed - missing;
    let cells = campaign.cells.len();
    let mut pieces = vec![
        plain(format!("{} {}", count(cells as u64), if cells == 1 { "cell" } else { "cells" })),
        plain(format!("{} runs", count(runs.len() as u64))),
        plain(format!("{} passed", count(passed as u64))),
    ];
    for (many, what) in [(other, "not passed"), (missing, "never begun")] {
        pieces.extend((many > 0).then(|| plain(format!("{} {what}", count(many as u64)))));
    }
    let twice = runs.iter().filter(|run| run_again(run).is_some()).count();
    pieces.extend((twice > 0).then(|| plain(format!("{} run twice", count(twice as u64)))));
    let mut lines = vec![format!("{}  {}", paint(style, &verdict), paint(BOLD, &name))];
    lines.extend(layout::wrap("QUESTION", &campaign.question));
    lines.extend(flow("RUNS", &pieces, DOT));
    let mut seeds: Vec<u64> = Vec::new();
    for run in &runs {
        if !seeds.contains(&run.seed) {
            seeds.push(run.seed);
        }
    }
    let seeds: Vec<layout::Piece> = seeds.iter().map(|seed| plain(seed.to_string())).collect();
    lines.extend(flow("SEEDS", &seeds, " "));
    let settings = campaign.cells.first().map_or(&[][..], |cell| &cell.settings);
    let keys: Vec<layout::Piece> = settings.iter().map(|one| plain(parts(one).0)).collect();
    if !keys.is_empty() {
        lines.extend(flow("MATRIX", &keys, ", "));
    }
    lines
}

fn judgement(code: u8) -> (&'static str, Style) {
    match code {
        0 => ("PASSED", GOOD),
        6 => ("INCONCLUSIVE", UNSURE),
        130 | 143 => ("STOPPED", UNSURE),
        _ => ("FAILED", BAD),
    }
}

fn table(campaign: &Campaign) -> Vec<String> {
    let units = SHOWN.map(|(metric, _)| unit(campaign, metric));
    let heads = SHOWN.iter().zip(units).map(|((_, head), unit)| match unit {
        Some(unit) => format!("{:>FIGURE$}", format!("{head} {}", unit.name)),
        None => format!("{head:>FIGURE$}"),
    });
    let heads: String = heads.collect();
    let mut lines = vec![format!("{}{heads}", paint(BOLD, &pad("CELL", NAME - 6)) + "passed")];
    for cell in &campaign.cells {
        let passed = cell.runs.iter().filter(|run| run.exit_code == Some(0)).count();
        let passed = format!("{:>6}", format!("{passed}/{}", cell.runs.len()));
        let name = name(cell);
        // A name is never cut: cells would look alike.
        let name = if name.width() < NAME - 6 {
            pad(&name, NAME - 6)
        } else {
            lines.extend(long(&name));
            " ".repeat(NAME - 6)
        };
        let figures = SHOWN.iter().zip(units).map(|((metric, _), unit)| {
            let figure = cell.figure(metric).map_or_else(|| NONE.to_owned(), |f| show(f, unit));
            format!(" {figure:>width$}", width = FIGURE - 1)
        });
        lines.push(format!("{name}{passed}{}", figures.collect::<String>()));
    }
    let note = "mean \u{b1} half of its 95% interval over the seeds (Student)";
    lines.push(paint(DIM, &format!("  {note}")));
    lines
}

/// The unit of a column of durations: that of its largest mean.
fn unit(campaign: &Campaign, metric: &str) -> Option<Unit> {
    let figures = campaign.cells.iter().filter_map(|cell| cell.figure(metric));
    let durations = figures.filter(|figure| figure.unit == MetricUnit::Ns);
    let longest = durations.map(|figure| figure.mean as u64).max()?;
    Some(Unit::of_row(longest, longest))
}

fn show(figure: &Figure, unit: Option<Unit>) -> String {
    let mean = match unit {
        Some(unit) => unit.show(figure.mean.max(0.0) as u64),
        None if figure.mean < 10_000.0 => significant(figure.mean),
        None => compact(figure.mean),
    };
    let half = figure.half_width.map(|half| unit.map_or_else(|| rough(half), |u| u.rough(half)));
    half.map_or_else(|| mean.clone(), |half| format!("{mean}\u{b1}{half}"))
}

/// What tells a cell from the others: its values.
fn name(cell: &Cell) -> String {
    if cell.settings.is_empty() {
        return "all".to_owned();
    }
    cell.settings.iter().map(|setting| parts(setting).1).collect::<Vec<_>>().join(", ")
}

/// Key and value of a setting.
fn parts(setting: &str) -> (&str, &str) {
    setting.split_once('=').unwrap_or((setting, ""))
}

fn long(name: &str) -> Vec<String> {
    layout::chunks(&layout::clean(name), layout::WIDTH).iter().map(|s| (*s).to_owned()).collect()
}

/// The runs that did not pass, the first of them one by one.
fn exceptions(campaign: &Campaign) -> Vec<String> {
    let mut lines = Vec::new();
    let mut left_out = 0;
    for cell in &campaign.cells {
        for run in cell.runs.iter().filter(|run| run.exit_code.is_some_and(|code| code != 0)) {
            if lines.len() >= NAMED {
                left_out += 1;
                continue;
            }
            let what = run.error.clone().unwrap_or_else(|| reason(run));
            let code = run.exit_code.unwrap_or(0);
            let pieces = [
                plain(format!("exit {code}")),
                plain(format!("seed {}", run.seed)),
                plain(name(cell)),
                plain(what),
            ];
            lines.extend(flow(if lines.is_empty() { "NOT PASSED" } else { "" }, &pieces, DOT));
        }
    }
    if left_out > 0 {
        lines.extend(flow("", &[plain(format!("and {left_out} more"))], DOT));
    }
    lines
}

/// What came of running a run twice; none: it was run once.
fn run_again(run: &Run) -> Option<&str> {
    run.summary.as_ref()?.pointer("/determinism/verdict")?.as_str()
}

/// What kept a run from passing, in a few words.
fn reason(run: &Run) -> String {
    let summary = run.summary.as_ref();
    let text = |pointer: &str| {
        summary.and_then(|summary| summary.pointer(pointer)?.as_str()).map(str::to_owned)
    };
    if run_again(run) == Some("not-reproducible") {
        return "not the same when run again".to_owned();
    }
    let stopped = summary.is_some_and(|summary| summary["aborted"] == true);
    match (stopped, text("/violations/0/invariant")) {
        (true, _) => "stopped".to_owned(),
        (false, Some(invariant)) => invariant,
        (false, None) => text("/verdict").unwrap_or_default(),
    }
}
