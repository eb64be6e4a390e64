//! One run, new or replayed: run it, write its files, show its summary.

use super::args::{RunArguments, RunFormat};
use super::engine::{Engine, Job, Loaded, Ran, RunError};
use super::exit::ExitCode;
use super::pages::{Files, files_of, finish, text};
use super::run::{publish, show_result, watched};
use super::run_dir::RunDir;
use super::terminal::Terminal;
use crate::report::{Summary, TextOptions, render_text};
use std::path::Path;

/// How a result is shown and where it is written.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) format: RunFormat,
    pub(super) out: &'a Path,
    pub(super) quiet: bool,
}

impl<'a> Style<'a> {
    pub(super) fn of(arguments: &'a RunArguments) -> Self {
        Style { format: arguments.format, out: &arguments.out, quiet: arguments.quiet }
    }
}

/// A run, and what becomes of its result.
pub(super) struct Outing<'a> {
    pub(super) job: Job<'a>,
    /// What is run, and its text.
    pub(super) loaded: &'a Loaded,
    /// The command that gives the same run, wherever it writes.
    pub(super) same: String,
    /// The same, into the same folder.
    pub(super) again: String,
    pub(super) style: Style<'a>,
}

impl Outing<'_> {
    /// Runs, writes and shows, unless `accept` says what is wrong with the summary. `keep` is given
    /// the files of a run that came to its end.
    pub(super) fn run(
        &self,
        engine: &dyn Engine,
        terminal: &mut Terminal<'_>,
        accept: &dyn Fn(&Summary) -> Result<(), String>,
        keep: &dyn Fn(&Files, &mut Terminal<'_>) -> ExitCode,
    ) -> ExitCode {
        let (Job { scenario, seed, .. }, again) = (self.job, self.again.as_str());
        let Style { format, out, quiet } = self.style;
        let begin = terminal.clock.now();
        let folder = match RunDir::prepare(out, &scenario.name, seed, begin) {
            Ok(folder) => folder,
            Err(error) => return usage(terminal, &error.to_string()),
        };
        let mut ran = match watched(&self.job, quiet, engine, terminal) {
            Ok(ran) => ran,
            Err(error) => return failed(terminal, &error),
        };
        finish(&mut ran, &terminal.stop, terminal.clock);
        let Ran { summary, files: own } = ran;
        if let Err(wrong) = accept(&summary) {
            return usage(terminal, &wrong);
        }
        let mut code = ExitCode::from_code(summary.exit_code).unwrap_or(ExitCode::Internal);
        let files = files_of(self.loaded, engine.resolved(scenario), &summary, own, &self.same);
        if !summary.aborted {
            code = code.and(keep(&files, terminal));
        }
        let path = publish(folder, &files, terminal);
        if path.is_none() {
            code = code.and(ExitCode::Internal);
        }
        let shown = match format {
            RunFormat::Json => text(&files, "summary.json").to_owned(),
            RunFormat::Markdown => text(&files, "summary.md").to_owned(),
            RunFormat::Junit => text(&files, "junit.xml").to_owned(),
            RunFormat::Text => {
                let (charset, report) = (terminal.charset, path.as_deref());
                render_text(&summary, &TextOptions { charset, report, again })
            }
        };
        code.and(show_result(&shown, path.as_deref(), again, self.style, terminal))
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
    ExitCode::of_error(error)
}
