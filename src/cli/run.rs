//! `run`: read, run, write, show.

use super::args::{Format, RunArguments};
use super::engine::{Engine, Job, Loaded, RunError};
use super::exit::ExitCode;
use super::progress::{Mode, Progress};
use super::run_dir::RunDir;
use super::terminal::Terminal;
use crate::actors::redis::RedisSinks;
use crate::report::{Charset, Summary, TextOptions, render_text};
use crate::sim::scenario::{Load, Scenario, Verdict};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Runs every scenario, one after another. Nothing runs if one of them is invalid.
pub(super) fn run(
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let url = arguments.redis.as_deref();
    if let Some(Err(error)) = url.map(RedisSinks::understand) {
        terminal.say(&format!("error: {error}"));
        return ExitCode::Usage;
    }
    let mut scenarios = Vec::new();
    for file in &arguments.files {
        match engine.load(file) {
            Ok(mut loaded) => {
                if let Some(coordination) = arguments.coordination {
                    loaded.scenario.flow.coordination = coordination;
                }
                scenarios.push((file, loaded));
            }
            Err(rejected) => terminal.say(rejected.rendered.trim_end()),
        }
    }
    if scenarios.len() < arguments.files.len() || !readable(&scenarios, engine, terminal) {
        return ExitCode::Usage;
    }
    let mut code = ExitCode::Passed;
    for (at, (file, loaded)) in scenarios.iter_mut().enumerate() {
        if at > 0 && arguments.format == Format::Text {
            code = code.and(show(terminal, "\n"));
        }
        code = code.and(one(file, loaded, arguments, engine, terminal));
        if let Some(stopped) = terminal.stop.asked() {
            return code.and(stopped);
        }
    }
    code
}

/// Whether the logs of several scenarios can be read; a single one finds out when it runs.
fn readable(
    scenarios: &[(&PathBuf, Loaded)],
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> bool {
    if scenarios.len() == 1 {
        return true;
    }
    let mut readable = true;
    for (file, Loaded { scenario, .. }) in scenarios {
        let replays = matches!(scenario.load, Load::OrderLog(_));
        if replays && let Err(error) = engine.examine(scenario, scenario.run.seed.unwrap_or(0)) {
            terminal.say(&format!("error: {}: {error}", file.display()));
            readable = false;
        }
    }
    readable
}

/// Runs one scenario, writes its files and shows its summary.
fn one(
    file: &Path,
    loaded: &mut Loaded,
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let seed = seed(arguments.seed, &loaded.scenario);
    loaded.scenario.run.seed = Some(seed);
    let scenario = &loaded.scenario;
    let outing = Outing {
        job: Job { scenario, seed, redis: arguments.redis.as_deref(), decisions: &[], token: None },
        text: &loaded.text,
        again: again(file, seed, arguments),
        style: Style { format: arguments.format, out: &arguments.out, quiet: arguments.quiet },
    };
    outing.run(engine, terminal, &|_| Ok(()))
}

/// The seed of a run: what was typed, what the scenario says, or any. 32 bits are enough to be
/// different every time, and short enough to type.
pub(super) fn seed(typed: Option<u64>, scenario: &Scenario) -> u64 {
    typed.or(scenario.run.seed).unwrap_or_else(|| u64::from(rand::random::<u32>()))
}

/// How a result is shown and where it is written.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) format: Format,
    pub(super) out: &'a Path,
    pub(super) quiet: bool,
}

/// A run, and what becomes of its result.
pub(super) struct Outing<'a> {
    pub(super) job: Job<'a>,
    /// The scenario's text.
    pub(super) text: &'a str,
    /// The command that gives the same again.
    pub(super) again: String,
    pub(super) style: Style<'a>,
}

impl Outing<'_> {
    /// Runs, writes and shows, unless `accept` says what is wrong with the summary.
    pub(super) fn run(
        &self,
        engine: &dyn Engine,
        terminal: &mut Terminal<'_>,
        accept: &dyn Fn(&Summary) -> Result<(), String>,
    ) -> ExitCode {
        let Job { scenario, seed, .. } = self.job;
        let begin = terminal.clock.now();
        let folder = match RunDir::prepare(self.style.out, &scenario.name, seed, begin) {
            Ok(folder) => folder,
            Err(error) => return usage(terminal, &error.to_string()),
        };
        let mut summary = match watched(&self.job, self.style.quiet, engine, terminal) {
            Ok(summary) => summary,
            Err(error) => return failed(terminal, &error),
        };
        mark_aborted(&mut summary, terminal);
        if let Err(wrong) = accept(&summary) {
            return usage(terminal, &wrong);
        }
        let code = ExitCode::from_code(summary.exit_code).unwrap_or(ExitCode::Internal);
        let resolved = engine.resolved(scenario);
        let json = summary.to_json();
        let (path, written) = publish(
            folder,
            &[
                ("summary.json", json.as_bytes()),
                ("scenario.toml", self.text.as_bytes()),
                ("resolved.toml", resolved.as_bytes()),
            ],
            terminal,
        );
        let text = |report: Option<&str>, charset| {
            render_text(&summary, &TextOptions { charset, report, again: &self.again })
        };
        code.and(written).and(result(&json, path, &self.again, self.style, &text, terminal))
    }
}

/// Says what is wrong with what was typed.
pub(super) fn usage(terminal: &mut Terminal<'_>, wrong: &str) -> ExitCode {
    terminal.say(&format!("error: {wrong}"));
    ExitCode::Usage
}

/// Says why there is no result.
pub(super) fn failed(terminal: &mut Terminal<'_>, error: &RunError) -> ExitCode {
    terminal.say(&format!("error: {error}"));
    match error {
        RunError::Internal(_) => ExitCode::Internal,
        RunError::Input(_) => ExitCode::Usage,
        RunError::Environment(_) => ExitCode::Environment,
    }
}

/// Writes the files of a run; says where they are, or that they could not be written.
pub(super) fn publish(
    folder: RunDir,
    files: &[(&str, &[u8])],
    terminal: &mut Terminal<'_>,
) -> (Option<PathBuf>, ExitCode) {
    match folder.publish(files) {
        Ok(published) => {
            if let Some(warning) = published.warning {
                terminal.say(&format!("warning: {warning}"));
            }
            (Some(published.path), ExitCode::Passed)
        }
        Err(error) => {
            terminal.say(&format!("error: {error}"));
            (None, ExitCode::Internal)
        }
    }
}

/// Runs with progress, and stops when a signal asks for it.
fn watched(
    job: &Job<'_>,
    quiet: bool,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> Result<Summary, RunError> {
    let mode = if quiet { Mode::Off } else { terminal.progress };
    let stop = terminal.stop.clone();
    let mut progress = Progress::new(mode, terminal.err);
    let summary = engine.run(job, &mut |moment| {
        progress.tick(moment);
        if stop.asked().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    summary
}

/// A run that was stopped proved nothing, unless it had failed already.
fn mark_aborted(summary: &mut Summary, terminal: &Terminal<'_>) {
    let Some(code) = terminal.stop.asked().filter(|_| summary.aborted) else { return };
    summary.exit_code = code.code();
    if summary.verdict == Verdict::Passed {
        summary.verdict = Verdict::Inconclusive;
    }
}

/// Shows a result: its JSON, or the text that `render` makes of it.
pub(super) fn result(
    json: &str,
    path: Option<PathBuf>,
    again: &str,
    style: Style<'_>,
    render: &dyn Fn(Option<&str>, Charset) -> String,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let path = path.map(|path| path.display().to_string());
    match style.format {
        Format::Json => {
            if let (false, Some(path)) = (style.quiet, &path) {
                terminal.say(&format!("report  {path}\nagain   {again}"));
            }
            show(terminal, json)
        }
        Format::Text => {
            let text = render(path.as_deref(), terminal.charset);
            show(terminal, &text)
        }
    }
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

/// The command that gives the same run again.
fn again(file: &Path, seed: u64, arguments: &RunArguments) -> String {
    let file = quoted(&file.display().to_string());
    let coordination = arguments.coordination.map_or_else(String::new, |coordination| {
        format!(" --coordination {}", coordination.name())
    });
    format!("sagasim run {file} --seed {seed}{coordination}")
}

/// A word as a shell takes it for one word.
pub(super) fn quoted(word: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || "-_./+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn files_of_any_name_can_be_pasted() {
        assert_eq!(quoted("scenarios/flash-sale.toml"), "scenarios/flash-sale.toml");
        assert_eq!(quoted("my run.toml"), "'my run.toml'");
        assert_eq!(quoted("it's.toml"), "'it'\\''s.toml'");
        assert_eq!(quoted(""), "''");
    }
}
