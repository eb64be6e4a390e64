//! `claims`: runs what is behind each claim of the design, and writes the page.

use super::again::quoted;
use super::args::ClaimsArguments;
use super::engine::{Engine, Job, Loaded, Ran};
use super::exit::ExitCode;
use super::pages::finish;
use super::pool::{all_cores, run_all};
use super::run::show;
use super::terminal::Terminal;
use crate::report::Summary;
use crate::report::claims::{Claim, Experiment, Finding, claims, render_claims};
use std::fs;
use std::path::Path;

/// Judges every claim, and prints the page or writes it.
pub(super) fn claims_page(
    arguments: &ClaimsArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let all = claims();
    let mut experiments: Vec<&Experiment> = Vec::new();
    for one in all.iter().flat_map(|claim| &claim.experiments) {
        if !experiments.contains(&one) {
            experiments.push(one);
        }
    }
    let summaries = match run_experiments(&experiments, arguments, engine, terminal) {
        Ok(summaries) => summaries,
        Err(code) => return code,
    };
    let found = |experiment: &Experiment| {
        let at = experiments.iter().position(|one| *one == experiment);
        at.and_then(|at| summaries.get(at))
    };
    let judge = |claim: Claim| {
        let runs: Vec<&Summary> = claim.experiments.iter().filter_map(found).collect();
        let finding = (claim.judge)(&runs);
        (claim, finding)
    };
    let judged: Vec<(Claim, Finding)> = all.iter().cloned().map(judge).collect();
    let page = render_claims(&judged, &command);
    match &arguments.out {
        None => show(terminal, &page),
        Some(path) => match write(path, &page) {
            Ok(()) => {
                let line = |(claim, finding): &(Claim, Finding)| {
                    format!("{:<18} {}\n", claim.name, finding.result.name())
                };
                let lines: String = judged.iter().map(line).collect();
                show(terminal, &format!("{lines}\nwrote   {}\n", path.display()))
            }
            Err(error) => {
                terminal.say(&format!("error: cannot write {}: {error}", path.display()));
                ExitCode::Internal
            }
        },
    }
}

/// Runs each, and answers in their order. A run that does not end as its scenario expects is no
/// evidence for anything.
fn run_experiments(
    experiments: &[&Experiment],
    arguments: &ClaimsArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Vec<Summary>, ExitCode> {
    let mut loaded: Vec<Loaded> = Vec::new();
    for experiment in experiments {
        let file = terminal.scenarios.join(experiment.scenario).with_extension("toml");
        match engine.load(&file, &experiment.settings) {
            Ok(one) => loaded.push(one),
            Err(rejected) => {
                terminal.say(rejected.rendered.trim_end());
                return Err(ExitCode::Usage);
            }
        }
    }
    let jobs: Vec<Job<'_>> = loaded
        .iter()
        .map(|one| Job {
            scenario: &one.scenario,
            seed: one.scenario.seed(),
            redis: None,
            twice: false,
            others_follow: true,
            decisions: &[],
            focus: None,
            token: None,
        })
        .collect();
    let (stop, clock) = (terminal.stop.clone(), terminal.clock);
    let mut done = |_: usize, mut ran: Ran| {
        finish(&mut ran, &stop, clock);
        ran.summary
    };
    let at_once = arguments.jobs.unwrap_or_else(all_cores);
    let answers = run_all(&jobs, at_once, arguments.quiet, engine, terminal, &mut done);
    if let Some(stopped) = terminal.stop.asked() {
        terminal.say("stopped: nothing is claimed");
        return Err(stopped);
    }
    let mut summaries = Vec::new();
    for ((answer, one), experiment) in answers.into_iter().zip(&loaded).zip(experiments) {
        let expected = one.scenario.expect.verdict;
        let (what, code) = match answer {
            Some(Ok(summary)) if summary.verdict == expected => {
                summaries.push(summary);
                continue;
            }
            Some(Ok(summary)) => (
                "it does not end as the scenario expects".to_owned(),
                ExitCode::from_code(summary.exit_code)
                    .filter(|code| *code != ExitCode::Passed)
                    .unwrap_or(ExitCode::Inconclusive),
            ),
            Some(Err(error)) => (error.to_string(), ExitCode::of_error(&error)),
            None => ("it was never begun".to_owned(), ExitCode::Internal),
        };
        terminal.say(&format!("error: {what}: {}", command(experiment)));
        return Err(code);
    }
    Ok(summaries)
}

/// The command that gives a run again.
fn command(experiment: &Experiment) -> String {
    let mut text = format!("sagasim run scenarios/{}.toml", experiment.scenario);
    for setting in &experiment.settings {
        text.push_str(&format!(" --set {}", quoted(setting)));
    }
    text
}

/// Writes all of it or nothing.
fn write(path: &Path, page: &str) -> std::io::Result<()> {
    // A link stays one; what is no file (a device, a pipe) is written to, not replaced.
    let known = path.canonicalize();
    let path = known.as_deref().unwrap_or(path);
    if path.exists() && !path.is_file() {
        return fs::write(path, page);
    }
    let fresh = path.with_extension(format!("{}.part", std::process::id()));
    fs::write(&fresh, page).and_then(|()| fs::rename(&fresh, path)).inspect_err(|_| {
        fs::remove_file(&fresh).ok();
    })
}
