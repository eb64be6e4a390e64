//! Many runs of one scenario: every cell of a matrix with every seed.

use super::again::{again, anywhere, same};
use super::args::{RunArguments, RunFormat};
use super::dry;
use super::engine::{Engine, Job, Loaded, Ran};
use super::exit::ExitCode;
use super::outing::Style;
use super::pages::{bytes, files_of, finish, text};
use super::pool::{Answer, all_cores, run_all};
use super::run::{publish, save_baseline, show_result};
use super::run_dir::{RunDir, RunDirError};
use super::terminal::Terminal;
use crate::report::campaign::{CAMPAIGN_VERSION, Campaign, Cell, Run};
use crate::report::{
    CampaignOptions, render_campaign, render_campaign_junit, render_campaign_markdown,
};
use crate::sim::decide::mix;
use crate::sim::scenario::Scenario;
use std::path::Path;

/// One run in so many is run twice, to see whether it is the same again.
const ONE_IN: usize = 20;

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
    /// Where the runs leave their files; none: nowhere.
    pub(super) kept: Option<Kept<'a>>,
}

/// Where runs leave their files, and what they say about their origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept<'a> {
    /// The folder of the campaign.
    pub(super) folder: &'a RunDir,
    /// The scenario file.
    pub(super) file: &'a Path,
    /// What was typed.
    pub(super) arguments: &'a RunArguments,
}

/// Runs the cells of one file, writes the folder of the campaign and shows its table. `again` has
/// this seed; none: the matrix sets it.
pub(super) fn campaign(
    file: &Path,
    seed: Option<u64>,
    ready: &[Ready],
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    if !arguments.quiet {
        dry::warn(file, ready, engine, terminal);
    }
    let Some(first) = ready.first() else { return ExitCode::Passed };
    let scenario = &first.loaded.scenario;
    let first_seed = first.seeds.first().copied().unwrap_or_default();
    let begin = terminal.clock.now();
    let label = format!("{first_seed}-campaign");
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
        kept: Some(Kept { folder: &folder, file, arguments }),
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
    let typed = anywhere(file, seed, arguments);
    let alone = |cell: &Cell, run: &Run| same(file, run.seed, &cell.settings, arguments);
    let files = vec![
        ("campaign.json", campaign.to_json()),
        ("scenario.toml", first.loaded.text.clone()),
        ("campaign.md", render_campaign_markdown(&campaign, &typed)),
        ("junit.xml", render_campaign_junit(&campaign, &alone)),
    ];
    let runs = campaign.cells.iter().flat_map(|cell| &cell.runs);
    // Half a result is no baseline.
    if runs.map(Run::whole).all(|run| run.is_some()) {
        code = code.and(save_baseline(arguments, &files, terminal));
    }
    let path = publish(folder, &files, terminal);
    if path.is_none() {
        code = code.and(ExitCode::Internal);
    }
    let again = again(file, seed, arguments);
    let shown = match arguments.format {
        RunFormat::Json => text(&files, "campaign.json").to_owned(),
        RunFormat::Markdown => text(&files, "campaign.md").to_owned(),
        RunFormat::Junit => text(&files, "junit.xml").to_owned(),
        RunFormat::Text => {
            let charset = terminal.charset;
            let report = path.as_deref();
            render_campaign(&campaign, &CampaignOptions { charset, report, again: &again })
        }
    };
    code.and(show_result(&shown, path.as_deref(), &again, Style::of(arguments), terminal))
}

/// Which of the runs with these seeds are run twice: one in twenty, those with the smallest draws
/// from their seeds and places.
fn checked(seeds: &[u64]) -> Vec<bool> {
    let drawn = seeds.iter().enumerate().map(|(at, seed)| (mix(*seed, at as u64), at));
    let mut drawn: Vec<(u64, usize)> = drawn.collect();
    drawn.sort_unstable();
    let mut checked = vec![false; seeds.len()];
    for (_, at) in drawn.into_iter().take(seeds.len() / ONE_IN) {
        checked[at] = true;
    }
    checked
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
    let of_run: Vec<&Ready> =
        ready.iter().flat_map(|cell| cell.seeds.iter().map(move |_| cell)).collect();
    let checked = checked(&scenarios.iter().map(Scenario::seed).collect::<Vec<u64>>());
    let job = |(scenario, twice)| {
        let (seed, redis) = (Scenario::seed(scenario), how.redis);
        Job { scenario, seed, redis, twice, others_follow: true, decisions: &[], token: None }
    };
    let jobs: Vec<Job<'_>> = scenarios.iter().zip(checked).map(job).collect();
    let folders: Vec<String> = (1..)
        .zip(ready)
        .flat_map(|(number, cell)| {
            cell.seeds.iter().map(move |seed| format!("runs/{number}-{seed}"))
        })
        .collect();
    let mut written: Vec<Result<(), RunDirError>> = Vec::new();
    let (stop, clock) = (terminal.stop.clone(), terminal.clock);
    let mut done = |at: usize, mut ran: Ran| {
        finish(&mut ran, &stop, clock);
        let Ran { summary, files: own } = ran;
        if let Some(Kept { folder, file, arguments }) = how.kept {
            let Ready { settings, loaded, .. } = of_run[at];
            let again = same(file, jobs[at].seed, settings, arguments);
            let resolved = engine.resolved(jobs[at].scenario);
            let files = files_of(loaded, resolved, &summary, own, &again);
            written.push(folder.add(&folders[at], &bytes(&files)));
        }
        summary
    };
    let at_once = how.jobs.unwrap_or_else(all_cores);
    let answers = run_all(&jobs, at_once, how.quiet, engine, terminal, &mut done);
    let mut code = terminal.stop.asked().unwrap_or(ExitCode::Passed);
    for error in written.into_iter().filter_map(Result::err) {
        terminal.say(&format!("error: {error}"));
        code = code.and(ExitCode::Internal);
    }
    let has_files = how.kept.is_some();
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
