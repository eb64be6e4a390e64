//! Many runs of one scenario: every cell of a matrix with every seed.

use super::args::{Format, RunArguments};
use super::engine::{Engine, Job, Loaded, RunError};
use super::exit::ExitCode;
use super::pool::{Answer, all_cores, run_all};
use super::run::{mark_aborted, save_baseline, show};
use super::run_dir::{RunDir, RunDirError};
use super::terminal::Terminal;
use crate::report::campaign::{CAMPAIGN_VERSION, Campaign, Cell, Run};
use crate::report::{CampaignOptions, Summary, render_campaign};
use crate::sim::scenario::Scenario;

/// A cell that can be run.
#[derive(Debug)]
pub(super) struct Ready {
    /// What the matrix set.
    pub(super) settings: Vec<String>,
    /// The scenario with it.
    pub(super) loaded: Loaded,
    /// What it is run with.
    pub(super) seeds: Vec<u64>,
}

/// How cells are run.
#[derive(Clone, Copy, Debug)]
pub(super) struct How<'a> {
    /// Runs at once; none: as many as there are cores.
    pub(super) jobs: Option<usize>,
    /// No progress.
    pub(super) quiet: bool,
    /// The real Redis, if asked for.
    pub(super) redis: Option<&'a str>,
    /// Where the runs leave their files.
    pub(super) folder: Option<&'a RunDir>,
}

/// Runs the cells of one file, writes the folder of the campaign and shows its table.
pub(super) fn campaign(
    ready: &[Ready],
    again: &str,
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let Some(first) = ready.first() else { return ExitCode::Passed };
    let scenario = &first.loaded.scenario;
    let seed = first.seeds.first().copied().unwrap_or_default();
    let begin = terminal.clock.now();
    let label = format!("{seed}-campaign");
    let folder = match RunDir::prepare(&arguments.out, &scenario.name, label, begin) {
        Ok(folder) => folder,
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            return ExitCode::Usage;
        }
    };
    let how = How {
        jobs: arguments.jobs,
        quiet: arguments.quiet,
        redis: arguments.redis.as_deref(),
        folder: Some(&folder),
    };
    let (cells, mut code) = run_cells(ready, how, engine, terminal);
    let campaign = Campaign {
        schema_version: CAMPAIGN_VERSION,
        scenario: scenario.name.clone(),
        question: scenario.question.clone(),
        exit_code: code.code(),
        aborted: terminal.stop.asked().is_some(),
        cells,
    };
    let json = campaign.to_json();
    let files =
        [("campaign.json", json.as_bytes()), ("scenario.toml", first.loaded.text.as_bytes())];
    let runs = campaign.cells.iter().flat_map(|cell| &cell.runs);
    // Half a result is no baseline.
    if runs.map(Run::whole).all(|run| run.is_some()) {
        code = code.and(save_baseline(arguments, &files, terminal));
    }
    let path = match folder.publish(&files) {
        Ok(published) => {
            published
                .warning
                .iter()
                .for_each(|warning| terminal.say(&format!("warning: {warning}")));
            Some(published.path.display().to_string())
        }
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            code = code.and(ExitCode::Internal);
            None
        }
    };
    let text = match arguments.format {
        Format::Json => json,
        Format::Text => {
            let charset = terminal.charset;
            let report = path.as_deref();
            render_campaign(&campaign, &CampaignOptions { charset, report, again })
        }
    };
    if let (Format::Json, false, Some(path)) = (arguments.format, arguments.quiet, &path) {
        terminal.say(&format!("report  {path}\nagain   {again}"));
    }
    code.and(show(terminal, &text))
}

/// Runs every cell with each of its seeds. Answers in the order of the cells, with the code that
/// speaks for all.
pub(super) fn run_cells(
    ready: &[Ready],
    how: How<'_>,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> (Vec<Cell>, ExitCode) {
    let seeded = |cell: &Ready| {
        let scenario = cell.loaded.scenario.clone();
        let with = move |seed: &u64| {
            let mut scenario = scenario.clone();
            scenario.run.seed = Some(*seed);
            scenario
        };
        cell.seeds.iter().map(with).collect::<Vec<Scenario>>()
    };
    let scenarios: Vec<Scenario> = ready.iter().flat_map(seeded).collect();
    let job = |scenario| {
        let seed = Scenario::seed(scenario);
        Job { scenario, seed, redis: how.redis, others_follow: true }
    };
    let jobs: Vec<Job<'_>> = scenarios.iter().map(job).collect();
    let folders: Vec<String> = (1..)
        .zip(ready)
        .flat_map(|(number, cell)| {
            cell.seeds.iter().map(move |seed| format!("runs/{number}-{seed}"))
        })
        .collect();
    let mut written: Vec<Result<(), RunDirError>> = Vec::new();
    let stop = terminal.stop.clone();
    let mut done = |at: usize, answer: &mut Result<Summary, RunError>| {
        let Ok(summary) = answer else { return };
        mark_aborted(summary, &stop);
        if let Some(folder) = how.folder {
            let (json, resolved) = (summary.to_json(), engine.resolved(&scenarios[at]));
            let files = [("summary.json", json.as_bytes()), ("resolved.toml", resolved.as_bytes())];
            written.push(folder.add(&folders[at], &files));
        }
    };
    let at_once = how.jobs.unwrap_or_else(all_cores);
    let answers = run_all(&jobs, at_once, how.quiet, engine, terminal, &mut done);
    let mut code = terminal.stop.asked().unwrap_or(ExitCode::Passed);
    for error in written.into_iter().filter_map(Result::err) {
        terminal.say(&format!("error: {error}"));
        code = code.and(ExitCode::Internal);
    }
    let has_files = how.folder.is_some();
    let runs = answers.into_iter().zip(&jobs).zip(folders);
    let mut runs = runs.map(|((answer, job), folder)| run(answer, job.seed, folder, has_files));
    let cells = ready.iter().map(|cell| {
        let runs: Vec<Run> = runs.by_ref().take(cell.seeds.len()).collect();
        let unseeded = {
            let mut scenario = cell.loaded.scenario.clone();
            scenario.run.seed = None;
            scenario
        };
        Cell::new(cell.settings.clone(), engine.resolved(&unseeded), runs)
    });
    let cells: Vec<Cell> = cells.collect();
    let codes = cells.iter().flat_map(|cell| &cell.runs).filter_map(|run| run.exit_code);
    let code = codes.filter_map(ExitCode::from_code).fold(code, ExitCode::and);
    (cells, code)
}

fn run(answer: Answer, seed: u64, folder: String, has_files: bool) -> Run {
    match answer {
        None => Run { seed, exit_code: None, folder: None, error: None, summary: None },
        Some(Err(error)) => {
            let exit_code = Some(ExitCode::of_error(&error).code());
            Run { seed, exit_code, folder: None, error: Some(error.to_string()), summary: None }
        }
        Some(Ok(summary)) => {
            let exit_code = Some(summary.exit_code);
            let folder = has_files.then_some(folder);
            Run { seed, exit_code, folder, error: None, summary: Some(summary.to_value()) }
        }
    }
}
