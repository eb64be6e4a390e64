//! `run`: read, run, write, show.

use super::again::{again, same};
use super::args::{RunArguments, RunFormat};
use super::campaign::{Ready, campaign};
use super::cells;
use super::dry;
use super::engine::{Engine, Job, Loaded, Ran, RunError};
use super::exit::ExitCode;
use super::outing::{Outing, Style};
use super::pages::{Files, bytes, of_baseline};
use super::progress::{Mode, Progress};
use super::run_dir::{self, RunDir};
use super::terminal::Terminal;
use crate::actors::redis::RedisSinks;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Runs every scenario, one after another. Nothing runs if one of them is invalid.
pub(super) fn run(
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let (files, cells) = match understood(arguments) {
        Ok(cells) => (&arguments.files, cells),
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            return ExitCode::Usage;
        }
    };
    let mut scenarios: Vec<(&PathBuf, Vec<Ready>)> = Vec::new();
    for file in files {
        let Some(mut ready) = ready(file, &cells, &arguments.set, engine, terminal) else {
            continue;
        };
        let first = ready.first().and_then(|cell| cell.loaded.scenario.run.seed);
        // 32 bits are enough to be different every time, and short enough to type.
        let draw = || if arguments.dry_run { 0 } else { u64::from(rand::random::<u32>()) };
        let drawn = first.unwrap_or_else(draw);
        for Ready { loaded: Loaded { scenario, .. }, seeds, .. } in &mut ready {
            if let Some(coordination) = arguments.coordination {
                scenario.flow.coordination = coordination;
            }
            let base = arguments.seed.or(scenario.run.seed).unwrap_or(drawn);
            *seeds = cells::seeds(base, arguments.repeat);
        }
        scenarios.push((file, ready));
    }
    if scenarios.len() < files.len() || !readable(&scenarios, engine, terminal) {
        return ExitCode::Usage;
    }
    if arguments.dry_run {
        return dry::run(&scenarios, arguments, engine, terminal);
    }
    let mut code = ExitCode::Passed;
    for (at, (file, ready)) in scenarios.iter_mut().enumerate() {
        if at > 0 && matches!(arguments.format, RunFormat::Text | RunFormat::Markdown) {
            code = code.and(show(terminal, "\n"));
        }
        code = code.and(match &mut ready[..] {
            [ready] if ready.seeds.len() == 1 && ready.settings.is_empty() => {
                one(file, ready, arguments, engine, terminal)
            }
            cells => {
                let base = |cell: &Ready| cell.seeds.first().copied();
                // A matrix may set the seed itself.
                let shared = cells.iter().all(|cell| base(cell) == base(&cells[0]));
                let seed = base(&cells[0]).filter(|_| shared);
                campaign(file, seed, cells, arguments, engine, terminal)
            }
        });
        if let Some(stopped) = terminal.stop.asked() {
            return code.and(stopped);
        }
    }
    code
}

/// The settings of the cells, if what was typed makes sense.
fn understood(arguments: &RunArguments) -> Result<Vec<Vec<String>>, String> {
    if let Some(Err(error)) = arguments.redis.as_deref().map(RedisSinks::understand) {
        return Err(error.to_string());
    }
    if arguments.format == RunFormat::Junit && arguments.files.len() > 1 {
        return Err("`--format junit` is one document, so it takes one file\n\
                    help: each run's directory has its own junit.xml"
            .into());
    }
    if let Some(name) = &arguments.save_baseline {
        if arguments.files.len() > 1 {
            return Err("--save-baseline keeps the result of one scenario, not of several".into());
        }
        run_dir::baseline(&arguments.out, name)?;
    }
    cells::cells(&arguments.matrix)
}

/// Reads a file once for each cell; the seeds are still to be chosen. None: mistakes were found,
/// and said.
pub(super) fn ready(
    file: &Path,
    cells: &[Vec<String>],
    set: &[String],
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Option<Vec<Ready>> {
    let mut said: Vec<String> = Vec::new();
    let mut ready = Vec::new();
    for settings in cells {
        match engine.load(file, &[set, settings].concat()) {
            Ok(loaded) => {
                ready.push(Ready { settings: settings.clone(), loaded, seeds: Vec::new() });
            }
            // A mistake of the file itself is in every cell.
            Err(rejected) if said.contains(&rejected.rendered) => {}
            Err(rejected) => {
                terminal.say(rejected.rendered.trim_end());
                said.push(rejected.rendered);
            }
        }
    }
    said.is_empty().then_some(ready)
}

/// Whether the logs of several scenarios can be read; a single one finds out when it runs.
fn readable(
    scenarios: &[(&PathBuf, Vec<Ready>)],
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> bool {
    if scenarios.len() == 1 {
        return true;
    }
    let mut readable = true;
    for (file, ready) in scenarios {
        for Ready { loaded: Loaded { scenario, .. }, .. } in ready {
            let replays = scenario.order_log().is_some();
            if replays && let Err(error) = engine.examine(scenario, scenario.seed()) {
                terminal.say(&format!("error: {}: {error}", file.display()));
                readable = false;
            }
        }
    }
    readable
}

/// Runs one scenario, writes its files and shows its summary.
fn one(
    file: &Path,
    ready: &mut Ready,
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    if !arguments.quiet {
        dry::warn(file, std::slice::from_ref(ready), engine, terminal);
    }
    let seed = ready.seeds.first().copied().unwrap_or_default();
    let loaded = &mut ready.loaded;
    loaded.scenario.run.seed = Some(seed);
    let outing = Outing {
        job: Job {
            scenario: &loaded.scenario,
            seed,
            redis: arguments.redis.as_deref(),
            twice: false,
            others_follow: false,
            decisions: &[],
            token: None,
        },
        loaded,
        same: same(file, seed, &[], arguments),
        again: again(file, Some(seed), arguments),
        style: Style::of(arguments),
    };
    outing.run(engine, terminal, &|_| Ok(()), &|files, terminal| {
        save_baseline(arguments, files, terminal)
    })
}

/// Publishes the files of a folder, and answers where it is. None: what is wrong has been said.
pub(super) fn publish(
    folder: RunDir,
    files: &Files,
    terminal: &mut Terminal<'_>,
) -> Option<String> {
    match folder.publish(&bytes(files)) {
        Ok(published) => {
            if let Some(warning) = published.warning {
                terminal.say(&format!("warning: {warning}"));
            }
            Some(published.path.display().to_string())
        }
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            None
        }
    }
}

/// Runs with progress, and stops when a signal asks for it.
pub(super) fn watched(
    job: &Job<'_>,
    quiet: bool,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Ran, RunError> {
    let mode = if quiet { Mode::Off } else { terminal.progress };
    let stop = terminal.stop.clone();
    let mut progress = Progress::new(mode, terminal.err);
    let ran = engine.run(job, &mut |moment| {
        progress.tick(moment);
        if stop.asked().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    ran
}

/// Prints a result; what is for programs does not say where the files are, so that is said beside
/// it.
pub(super) fn show_result(
    shown: &str,
    path: Option<&str>,
    again: &str,
    style: Style<'_>,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    if let (false, false, Some(path)) = (style.format == RunFormat::Text, style.quiet, path) {
        terminal.say(&format!("report  {path}\nagain   {again}"));
    }
    show(terminal, shown)
}

/// Prints; what cannot be printed is an I/O error.
pub(super) fn show(terminal: &mut Terminal<'_>, text: &str) -> ExitCode {
    match terminal.print(text) {
        Ok(()) => ExitCode::Passed,
        Err(error) => {
            terminal.say(&format!("error: cannot write the result: {error}"));
            ExitCode::Internal
        }
    }
}

/// Keeps the files of a result as a baseline, if asked to.
pub(super) fn save_baseline(
    arguments: &RunArguments,
    files: &Files,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let Some(name) = &arguments.save_baseline else { return ExitCode::Passed };
    match run_dir::save_baseline(&arguments.out, name, &of_baseline(files)) {
        Ok(_) => ExitCode::Passed,
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            ExitCode::Internal
        }
    }
}
