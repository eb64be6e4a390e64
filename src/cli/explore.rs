//! `explore`: every fault at every point, and the smallest counterexamples.

use super::again::{quoted, set};
use super::args::{ExploreArguments, Format, Through};
use super::engine::{Engine, Quest};
use super::exit::ExitCode;
use super::outing::{failed, usage};
use super::pool::all_cores;
use super::progress::{Mode, Progress};
use super::run::{publish, show};
use super::run_dir::RunDir;
use super::terminal::{Clock, Terminal};
use crate::report::summary::{Explored, Found, LineFigures, OrderFigures};
use crate::report::text::count;
use crate::report::{TextOptions, render_exploration};
use crate::sim::engine::Driver;
use crate::sim::explore::{Bounds, Pace};
use crate::sim::scenario::Verdict;
use std::fmt::Write;
use std::ops::ControlFlow;

/// Explores one scenario, writes what was found and shows it.
pub(super) fn explore(
    arguments: &ExploreArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let loaded = match engine.load(&arguments.file, &arguments.set) {
        Ok(loaded) => loaded,
        Err(rejected) => {
            terminal.say(rejected.rendered.trim_end());
            return ExitCode::Usage;
        }
    };
    let scenario = &loaded.scenario;
    // 32 bits are enough to be different every time, and short enough to type.
    let seed =
        arguments.seed.or(scenario.run.seed).unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let bounds = Bounds {
        faults: arguments.faults,
        jobs: jobs(arguments.jobs),
        reduce: !arguments.no_reduction,
    };
    let quest = Quest {
        scenario,
        coordination: arguments.coordination.unwrap_or(scenario.flow.coordination),
        seed,
        without: &arguments.without,
        bounds,
        through: match arguments.through {
            Through::Direct => Driver::Direct,
            Through::Actix => Driver::Actix,
        },
        samples: arguments.samples,
    };
    let begin = terminal.clock.now();
    let folder = match RunDir::prepare(&arguments.out, &scenario.name, seed, begin) {
        Ok(folder) => folder,
        Err(error) => return usage(terminal, &error.to_string()),
    };
    let mut explored = match watched(&quest, arguments.quiet, engine, terminal) {
        Ok(explored) => explored,
        Err(error) => return failed(terminal, &error),
    };
    mark_aborted(&mut explored, terminal);
    if let Clock::Fixed(_) = terminal.clock {
        explored.wall_ns = 0;
    }
    let code = ExitCode::from_code(explored.exit_code).unwrap_or(ExitCode::Internal);
    let json = explored.to_json();
    let resolved = engine.resolved(scenario);
    let repro = explored.violations.first().map(|found| repro(found, &arguments.set));
    let mut files = vec![
        ("explore.json", json.clone()),
        ("scenario.toml", loaded.text.clone()),
        ("resolved.toml", resolved),
    ];
    files.extend(repro.map(|text| ("repro.toml", text)));
    let path = publish(folder, &files, terminal);
    let written = if path.is_some() { ExitCode::Passed } else { ExitCode::Internal };
    let again = again(&explored, arguments, seed);
    let text = match arguments.format {
        Format::Json => json,
        Format::Text => {
            let (charset, report) = (terminal.charset, path.as_deref());
            render_exploration(&explored, &TextOptions { charset, report, again: &again })
        }
    };
    if let (Format::Json, false, Some(path)) = (arguments.format, arguments.quiet, &path) {
        terminal.say(&format!("report  {path}\nagain   {again}"));
    }
    code.and(written).and(show(terminal, &text))
}

/// How many threads: all, unless asked otherwise.
pub(super) fn jobs(asked: Option<u16>) -> usize {
    asked.map_or_else(all_cores, usize::from)
}

/// Explores with progress, and stops when a signal asks for it.
fn watched(
    quest: &Quest<'_>,
    quiet: bool,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Explored, super::engine::RunError> {
    let mode = if quiet { Mode::Off } else { terminal.progress };
    let stop = terminal.stop.clone();
    let mut progress = Progress::new(mode, terminal.err);
    let explored = engine.explore(quest, &mut |pace: Pace| {
        progress.show(pace.fraction, || {
            let faults = if pace.faults == 1 { "fault" } else { "faults" };
            format!("{} runs, {} {faults} in each now", count(pace.runs), pace.faults)
        });
        if stop.asked().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    explored
}

/// What was stopped proved nothing, unless it had failed already.
fn mark_aborted(explored: &mut Explored, terminal: &Terminal<'_>) {
    let Some(code) = terminal.stop.asked().filter(|_| explored.aborted) else { return };
    explored.exit_code = code.code();
    if explored.verdict == Verdict::Passed {
        explored.verdict = Verdict::Inconclusive;
    }
}

/// The smallest counterexample as a file that `replay` takes.
fn repro(found: &Found, settings: &[String]) -> String {
    let mut text = String::from("# sagasim replay repro.toml\n");
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut line = |key: &str, value: String| {
        // Writing into a string cannot fail.
        writeln!(text, "{key:<9} = {value}").ok();
    };
    line("token", quoted(&found.token));
    line("scenario", quoted("scenario.toml"));
    line("invariant", quoted(&found.invariant));
    line("detail", quoted(&found.detail));
    if !settings.is_empty() {
        let settings: Vec<String> = settings.iter().map(|setting| quoted(setting)).collect();
        text.push_str(&format!("set       = [{}]\n", settings.join(", ")));
    }
    text.push_str("decisions = [\n");
    for decision in &found.decisions {
        writeln!(text, "    {},", quoted(decision)).ok();
    }
    text.push_str("]\n");
    found.orders.iter().for_each(|order| text.push_str(&table(order)));
    text
}

/// An order of the counterexample, for those who read it: the token says the same.
fn table(order: &OrderFigures) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let line = |line: &LineFigures| {
        format!("{{ product = {}, quantity = {} }}", line.product, line.quantity)
    };
    let lines: Vec<String> = order.lines.iter().map(line).collect();
    let plainer: Vec<String> = order.plainer.iter().map(|one| quoted(one)).collect();
    let coupon = order.coupon.map_or_else(String::new, |one| format!("coupon    = {one}\n"));
    format!(
        "\n[[order]]\nnumber    = {}\nuser      = {}\nlines     = [{}]\n{coupon}intent    = {}\n\
         plainer   = [{}]\n",
        order.order,
        order.user,
        lines.join(", "),
        quoted(&order.intent),
        plainer.join(", ")
    )
}

/// The command to type next: the replay of the smallest counterexample, or the same search.
fn again(explored: &Explored, arguments: &ExploreArguments, seed: u64) -> String {
    let file = quoted(&arguments.file.display().to_string());
    let set = set(&arguments.set);
    if let Some(first) = explored.violations.first() {
        return format!("sagasim replay {} {file}{set}", first.token);
    }
    let mut text = format!("sagasim explore {file}{set} --faults {}", arguments.faults);
    text.push_str(&format!(" --seed {seed}"));
    if let Some(coordination) = arguments.coordination {
        text.push_str(&format!(" --coordination {}", coordination.name()));
    }
    for switch in &arguments.without {
        text.push_str(&format!(" --without {}", switch.name()));
    }
    if let Some(samples) = arguments.samples {
        text.push_str(&format!(" --samples {samples}"));
    }
    text
}
