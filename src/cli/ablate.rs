//! `ablate`: which fault each protection cures, and what it costs.

use super::again::{quoted, set};
use super::args::{Format, USUAL_FOLDER, coordination};
use super::engine::{Engine, Job, Loaded, Quest, RunError};
use super::exit::ExitCode;
use super::explore::jobs;
use super::outing::{failed, usage};
use super::pool::run_all;
use super::progress::{Mode, Progress};
use super::run::{publish, show};
use super::run_dir::RunDir;
use super::terminal::{Clock, Terminal};
use crate::domain::Coordination;
use crate::report::summary::{
    Ablated, AblationFigures, Cost, PriceFigures, PriceRow, SCHEMA_VERSION, exit_code,
};
use crate::report::text::count;
use crate::report::{AblationOptions, Summary, render_ablation, scenario_figures};
use crate::sim::engine::Driver;
use crate::sim::explore::{Bounds, Pace, Variant};
use crate::sim::scenario::{Scenario, Verdict};
use clap::{Args, value_parser};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// `ablate`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct AblateArguments {
    /// The scenario file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Faults in one run, at most.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = value_parser!(u8).range(1..=4))]
    pub faults: u8,
    /// Who coordinates, instead of what the scenario says; several give a table each.
    #[arg(long, value_name = "C", value_delimiter = ',', value_parser = coordination())]
    pub coordination: Vec<Coordination>,
    /// A value in place of the scenario's, as for `run`; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The seed, instead of the scenario's own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Draw N runs of each variant, as for `explore`.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub samples: Option<u32>,
    /// Measure the price on this scenario, as its file says it, instead of on the same.
    #[arg(long, value_name = "FILE")]
    pub price: Option<PathBuf>,
    /// Threads, instead of one for each processor; the result does not depend on it.
    #[arg(long, value_name = "J", value_parser = value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// What goes to stdout.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where to write the run directory.
    #[arg(long, value_name = "DIR", default_value = USUAL_FOLDER)]
    pub out: PathBuf,
    /// No progress.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Ablates one scenario, writes what was found and shows it.
pub(super) fn ablate(
    arguments: &AblateArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let read = |file: &Path, settings: &[String], terminal: &mut Terminal<'_>| {
        let loaded = engine.load(file, settings);
        loaded.map_err(|rejected| terminal.say(rejected.rendered.trim_end()))
    };
    let Ok(loaded) = read(&arguments.file, &arguments.set, terminal) else {
        return ExitCode::Usage;
    };
    let priced = arguments.price.as_ref().map(|file| read(file, &[], terminal));
    let Ok(priced) = priced.transpose() else { return ExitCode::Usage };
    let scenario = &loaded.scenario;
    // 32 bits are enough to be different every time, and short enough to type.
    let seed =
        arguments.seed.or(scenario.run.seed).unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let begin = terminal.clock.now();
    let folder = match RunDir::prepare(&arguments.out, &scenario.name, seed, begin) {
        Ok(folder) => folder,
        Err(error) => return usage(terminal, &error.to_string()),
    };
    let mut ablated = match explored(arguments, scenario, seed, engine, terminal) {
        Ok(ablated) => ablated,
        Err(error) => return failed(terminal, &error),
    };
    if !ablated.aborted {
        let on = priced.as_ref().map_or(scenario, |loaded| &loaded.scenario);
        let seed = if priced.is_some() { on.run.seed.unwrap_or(seed) } else { seed };
        let coordinations = coordinations(arguments, scenario);
        match price(arguments, &coordinations, (on, seed), engine, terminal) {
            Ok(price) => ablated.price = price,
            Err(error) => return failed(terminal, &error),
        }
        ablated.aborted = ablated.price.is_none();
    }
    judge(&mut ablated, terminal);
    finish(&ablated, folder, &loaded, arguments, engine, terminal)
}

/// Explores every variant of every coordination, with progress.
fn explored(
    arguments: &AblateArguments,
    scenario: &Scenario,
    seed: u64,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Ablated, RunError> {
    let coordinations = coordinations(arguments, scenario);
    let begin = Instant::now();
    let mut tables: Vec<AblationFigures> = Vec::new();
    for coordination in &coordinations {
        let quest = Quest {
            scenario,
            coordination: *coordination,
            seed,
            without: &[],
            bounds: Bounds { faults: arguments.faults, jobs: jobs(arguments.jobs), reduce: true },
            samples: arguments.samples,
            through: Driver::Direct,
        };
        tables.push(watched(&quest, arguments.quiet, engine, terminal)?);
        if tables.last().is_some_and(|table| table.aborted) {
            break;
        }
    }
    Ok(Ablated {
        schema_version: SCHEMA_VERSION,
        scenario: scenario_figures(scenario),
        seed,
        settings: arguments.set.clone(),
        exhaustive: tables.iter().all(|table| table.exhaustive),
        faults: arguments.faults,
        verdict: Verdict::Passed,
        exit_code: 0,
        aborted: tables.iter().any(|table| table.aborted),
        wall_ns: begin.elapsed().as_nanos() as u64,
        coordinations: tables,
        price: None,
    })
}

/// Those that were asked for, each once, or that of the scenario.
fn coordinations(arguments: &AblateArguments, scenario: &Scenario) -> Vec<Coordination> {
    let asked = |one: &Coordination| arguments.coordination.contains(one);
    let asked: Vec<Coordination> = Coordination::ALL.into_iter().filter(asked).collect();
    if asked.is_empty() { vec![scenario.flow.coordination] } else { asked }
}

fn watched(
    quest: &Quest<'_>,
    quiet: bool,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<AblationFigures, RunError> {
    let mode = if quiet { Mode::Off } else { terminal.progress };
    let stop = terminal.stop.clone();
    let mut progress = Progress::new(mode, terminal.err);
    let table = engine.ablate(quest, &mut |pace: Pace| {
        let coordination = quest.coordination.name();
        progress.show(pace.fraction, || format!("{coordination}, {} runs", count(pace.runs)));
        if stop.asked().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    table
}

/// A run that is to be measured.
struct Measured {
    coordination: Coordination,
    variant: Variant,
    faulty: bool,
    scenario: Scenario,
}

impl Measured {
    fn job(&self, seed: u64) -> Job<'_> {
        let (scenario, redis, token, focus) = (&self.scenario, None, None, None);
        let (others_follow, twice) = (true, false);
        Job { scenario, seed, redis, decisions: &[], token, focus, others_follow, twice }
    }
}

/// What each variant costs, first without any fault. None: stopped.
fn price(
    arguments: &AblateArguments,
    coordinations: &[Coordination],
    (scenario, seed): (&Scenario, u64),
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Option<PriceFigures>, RunError> {
    let measured = coordinations.iter().flat_map(|one| measured(scenario, *one));
    let measured: Vec<Measured> = measured.collect();
    let runs: Vec<Job<'_>> = measured.iter().map(|one| one.job(seed)).collect();
    let at_once = jobs(arguments.jobs);
    let quiet = arguments.quiet;
    let answers = run_all(&runs, at_once, quiet, engine, terminal, &mut |_, ran| ran.summary);
    let mut figures = PriceFigures {
        scenario: scenario_figures(scenario),
        seed,
        orders: 0,
        variants: Vec::new(),
    };
    for (one, answer) in measured.iter().zip(answers) {
        let Some(summary) = answer.transpose()?.filter(|summary| !summary.aborted) else {
            return Ok(None);
        };
        figures.orders = summary.orders.started;
        let cost = cost(&summary);
        match figures.variants.last_mut().filter(|_| one.faulty) {
            Some(row) => row.faulty = Some(cost),
            None => figures.variants.push(PriceRow {
                coordination: one.coordination,
                name: one.variant.name().to_owned(),
                kind: one.variant.kind().to_owned(),
                calm: cost,
                faulty: None,
            }),
        }
    }
    Ok(Some(figures))
}

/// The runs of one coordination: each variant without faults, then under those of the scenario.
fn measured(scenario: &Scenario, coordination: Coordination) -> Vec<Measured> {
    let mut scenario = scenario.clone();
    scenario.flow.coordination = coordination;
    // Nothing is judged, and nothing may stop a run before its end.
    scenario.thresholds.clear();
    let faulty = scenario.faults.iter().any(|fault| fault.applies(coordination));
    let mut runs = Vec::new();
    for variant in Variant::of(&scenario) {
        if variant.idle(&scenario).is_some() {
            continue;
        }
        let with = variant.apply(&scenario);
        let mut calm = with.clone();
        calm.faults.clear();
        runs.push(Measured { coordination, variant, faulty: false, scenario: calm });
        if faulty {
            runs.push(Measured { coordination, variant, faulty: true, scenario: with });
        }
    }
    runs
}

fn cost(summary: &Summary) -> Cost {
    let checkouts = summary.latency.iter().find(|one| one.metric == "checkout");
    Cost {
        messages_per_order: summary.messages.per_order,
        checkout_p99_ns: checkouts.and_then(|one| one.p99_ns),
        completed: summary.orders.completed,
    }
}

/// Only what breaks with everything on is a failure; what was stopped proved nothing more.
fn judge(ablated: &mut Ablated, terminal: &Terminal<'_>) {
    let whole = || ablated.coordinations.iter().filter_map(|one| one.variants.first());
    let broken = whole().any(|one| !one.violations.is_empty());
    let struck = whole().all(|one| one.points > 0);
    ablated.verdict = match (broken, struck && !ablated.aborted) {
        (true, _) => Verdict::Failed,
        (false, true) => Verdict::Passed,
        (false, false) => Verdict::Inconclusive,
    };
    ablated.exit_code = exit_code(ablated.verdict, broken);
    if let Some(code) = terminal.stop.asked().filter(|_| ablated.aborted) {
        ablated.exit_code = code.code();
    }
    if let Clock::Fixed(_) = terminal.clock {
        ablated.wall_ns = 0;
    }
}

/// Writes the files and shows the result.
fn finish(
    ablated: &Ablated,
    folder: RunDir,
    loaded: &Loaded,
    arguments: &AblateArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let code = ExitCode::from_code(ablated.exit_code).unwrap_or(ExitCode::Internal);
    let json = ablated.to_json();
    let files = vec![
        ("ablate.json", json.clone()),
        ("scenario.toml", loaded.text.clone()),
        ("resolved.toml", engine.resolved(&loaded.scenario)),
    ];
    let path = publish(folder, &files, terminal);
    let written = if path.is_some() { ExitCode::Passed } else { ExitCode::Internal };
    let again = again(arguments, ablated.seed);
    let text = match arguments.format {
        Format::Json => json,
        Format::Text => {
            let (charset, report) = (terminal.charset, path.as_deref());
            let inspect = inspect(ablated, arguments);
            let inspect = inspect.as_deref();
            render_ablation(ablated, &AblationOptions { charset, report, inspect, again: &again })
        }
    };
    if let (Format::Json, false, Some(path)) = (arguments.format, arguments.quiet, &path) {
        terminal.say(&format!("report  {path}\nagain   {again}"));
    }
    code.and(written).and(show(terminal, &text))
}

/// The command that tells the first counterexample as a story.
fn inspect(ablated: &Ablated, arguments: &AblateArguments) -> Option<String> {
    let mut variants = ablated.coordinations.iter().flat_map(|one| &one.variants);
    let broken = variants.find(|one| !one.violations.is_empty())?;
    let mut settings = arguments.set.clone();
    settings.extend(broken.setting.clone().filter(|_| broken.kind == "undo-policy"));
    let file = quoted(&arguments.file.display().to_string());
    let token = &broken.violations.first()?.token;
    Some(format!("sagasim inspect {token} {file}{}", set(&settings)))
}

/// The command that gives the same table again.
fn again(arguments: &AblateArguments, seed: u64) -> String {
    let file = quoted(&arguments.file.display().to_string());
    let mut text = format!("sagasim ablate {file}{} --seed {seed}", set(&arguments.set));
    let mut flag = |name: &str, value: &str| text.push_str(&format!(" {name} {}", quoted(value)));
    if arguments.faults > 1 {
        flag("--faults", &arguments.faults.to_string());
    }
    let coordinations: Vec<&str> = arguments.coordination.iter().map(|one| one.name()).collect();
    if !coordinations.is_empty() {
        flag("--coordination", &coordinations.join(","));
    }
    arguments.samples.iter().for_each(|samples| flag("--samples", &samples.to_string()));
    arguments.price.iter().for_each(|file| flag("--price", &file.display().to_string()));
    if arguments.out != Path::new(USUAL_FOLDER) {
        flag("--out", &arguments.out.display().to_string());
    }
    text
}
