//! What can be said about a run before it runs: `--dry-run`, and the warnings of `run`.

use super::again::{quoted, set};
use super::args::RunArguments;
use super::campaign::Ready;
use super::engine::{Engine, Problem};
use super::exit::ExitCode;
use super::run::show;
use super::terminal::Terminal;
use crate::report::explain::wrapped;
use std::path::{Path, PathBuf};

/// Columns of a label, as in the picture below it.
const LABEL: usize = 12;

/// Shows what would run, cell by cell, each with the first of its seeds. Nothing runs and nothing
/// is written.
pub(super) fn run(
    scenarios: &[(&PathBuf, Vec<Ready>)],
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let mut code = ExitCode::Passed;
    let mut gap = "";
    for (file, cells) in scenarios {
        warn(file, cells, engine, terminal);
        for cell in cells {
            let seed = arguments.seed.or(cell.loaded.scenario.run.seed);
            let shown = match engine.outlook(&cell.loaded.scenario, seed, terminal.charset) {
                Ok(text) => show(terminal, &format!("{gap}{}{text}", of_cell(cell, seed))),
                Err(error) => {
                    terminal.say(&format!("error: {}: {error}", file.display()));
                    ExitCode::of_error(&error)
                }
            };
            code = code.and(shown);
            gap = "\n";
        }
    }
    code
}

/// What a matrix set, and how many runs there would be.
fn of_cell(cell: &Ready, seed: Option<u64>) -> String {
    let line = |label: &str, text: &str| {
        let wrapped = wrapped(text, LABEL);
        format!("{label:LABEL$}{}", wrapped.trim_start())
    };
    let mut text = String::new();
    if !cell.settings.is_empty() {
        text += &line("CELL", &cell.settings.join(" "));
    }
    let seeds: Vec<String> = cell.seeds.iter().map(u64::to_string).collect();
    match (seeds.len(), seed) {
        (0 | 1, _) => {}
        (many, None) => text += &line("SEEDS", &format!("{many}, drawn")),
        (_, Some(_)) => text += &line("SEEDS", &seeds.join(" ")),
    }
    text
}

/// Says each warning in one line, once for all cells, and where to read more.
pub(super) fn warn(file: &Path, cells: &[Ready], engine: &dyn Engine, terminal: &mut Terminal<'_>) {
    let mut said: Vec<String> = Vec::new();
    let mut more: Option<&[String]> = None;
    for Ready { loaded, seeds, .. } in cells {
        let seed = seeds.first().copied().unwrap_or_default();
        // What keeps a plan from being made is said when it is made in earnest.
        let Ok(warnings) = engine.warnings(file, loaded, seed) else { continue };
        for line in warnings.problems.iter().map(|problem| line(file, problem)) {
            if !said.contains(&line) {
                terminal.say(&line);
                said.push(line);
                more = more.or(Some(&loaded.settings));
            }
        }
    }
    if let Some(settings) = more {
        let file = quoted(&file.display().to_string());
        terminal.say(&format!("         more: sagasim check {file}{}", set(settings)));
    }
}

fn line(file: &Path, problem: &Problem) -> String {
    let place = match (&problem.setting, problem.line, problem.column) {
        (Some(setting), _, _) => format!("--set {}", quoted(setting)),
        (None, Some(line), Some(column)) => format!("{}:{line}:{column}", file.display()),
        (None, _, _) => file.display().to_string(),
    };
    let lint = problem.lint.map_or_else(String::new, |lint| format!("[{lint}]"));
    format!("warning{lint}: {place}: {}", problem.message)
}
