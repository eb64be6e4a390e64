//! One run: run it, write its files, show its summary.

use super::args::RunFormat;
use super::engine::{Engine, Job, Ran, RunError};
use super::exit::ExitCode;
use super::progress::{Mode, Progress};
use super::run_dir::RunDir;
use super::terminal::{Clock, Terminal};
use crate::report::{Summary, TextOptions, render_junit, render_markdown, render_text};
use crate::sim::scenario::{Scenario, Verdict};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The seed of a run: what was typed, what the scenario says, or any. 32 bits are enough to be
/// different every time, and short enough to type.
pub(super) fn seed(typed: Option<u64>, scenario: &Scenario) -> u64 {
    typed.or(scenario.run.seed).unwrap_or_else(|| u64::from(rand::random::<u32>()))
}

/// How a result is shown and where it is written.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) format: RunFormat,
    pub(super) out: &'a Path,
    pub(super) quiet: bool,
}

/// A run, and what becomes of its result.
pub(super) struct Outing<'a> {
    pub(super) job: Job<'a>,
    /// The scenario's text.
    pub(super) text: &'a str,
    /// The command that gives the same run.
    pub(super) same: String,
    /// The same, into the same folder.
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
        let ran = match watched(&self.job, self.style.quiet, engine, terminal) {
            Ok(ran) => ran,
            Err(error) => return failed(terminal, &error),
        };
        let Ran { mut summary, files } = ran;
        mark_aborted(&mut summary, terminal);
        forget_wall_time(&mut summary, terminal);
        if let Err(wrong) = accept(&summary) {
            return usage(terminal, &wrong);
        }
        let code = ExitCode::from_code(summary.exit_code).unwrap_or(ExitCode::Internal);
        let resolved = engine.resolved(scenario);
        // A file does not say where it was written: the same run gives the same bytes anywhere.
        let pages = Pages::of(&summary, &self.same);
        let mut all = vec![
            ("summary.json", pages.json.as_bytes()),
            ("summary.md", pages.markdown.as_bytes()),
            ("junit.xml", pages.junit.as_bytes()),
            ("scenario.toml", self.text.as_bytes()),
            ("resolved.toml", resolved.as_bytes()),
        ];
        all.extend(files.iter().map(|(name, text)| (*name, text.as_bytes())));
        let (path, written) = publish(folder, &all, terminal);
        code.and(written).and(self.show(&summary, pages, path, terminal))
    }

    fn show(
        &self,
        summary: &Summary,
        pages: Pages,
        path: Option<PathBuf>,
        terminal: &mut Terminal<'_>,
    ) -> ExitCode {
        let (again, Style { format, quiet, .. }) = (self.again.as_str(), self.style);
        let path = path.map(|path| path.display().to_string());
        let text = match format {
            RunFormat::Json => pages.json,
            RunFormat::Markdown => pages.markdown,
            RunFormat::Junit => pages.junit,
            RunFormat::Text => {
                let charset = terminal.charset;
                render_text(summary, &TextOptions { charset, report: path.as_deref(), again })
            }
        };
        if let (false, false, Some(path)) = (format == RunFormat::Text, quiet, &path) {
            terminal.say(&format!("report  {path}\nagain   {again}"));
        }
        show(terminal, &text)
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
    code_of(error)
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

/// The reports that are files.
struct Pages {
    json: String,
    markdown: String,
    junit: String,
}

impl Pages {
    fn of(summary: &Summary, again: &str) -> Pages {
        Pages {
            json: summary.to_json(),
            markdown: render_markdown(summary, again),
            junit: render_junit(summary, again),
        }
    }
}

/// What the program exits with where there is no summary.
pub(super) const fn code_of(error: &RunError) -> ExitCode {
    match error {
        RunError::Internal(_) => ExitCode::Internal,
        RunError::Input(_) => ExitCode::Usage,
        RunError::Environment(_) => ExitCode::Environment,
    }
}

/// Runs with progress, and stops when a signal asks for it.
fn watched(
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

/// A run that was stopped proved nothing, unless it had failed already.
fn mark_aborted(summary: &mut Summary, terminal: &Terminal<'_>) {
    let Some(code) = terminal.stop.asked().filter(|_| summary.aborted) else { return };
    summary.exit_code = code.code();
    if summary.verdict == Verdict::Passed {
        summary.verdict = Verdict::Inconclusive;
    }
}

/// Where `SOURCE_DATE_EPOCH` says what time it is, no file depends on the wall clock: the same
/// seed gives the same bytes.
fn forget_wall_time(summary: &mut Summary, terminal: &Terminal<'_>) {
    if let Clock::Fixed(_) = terminal.clock {
        summary.time.wall_ns = 0;
        summary.time.events_per_s = 0.0;
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
