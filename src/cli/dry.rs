//! What can be said about a run before it runs: `--dry-run`, and the warnings of `run`.

use super::args::RunArguments;
use super::engine::{Engine, Loaded};
use super::exit::ExitCode;
use super::run::{code_of, show};
use super::terminal::Terminal;
use std::path::{Path, PathBuf};

/// Shows what would run. Nothing runs and nothing is written.
pub(super) fn run(
    scenarios: &[(&PathBuf, Loaded)],
    arguments: &RunArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let mut code = ExitCode::Passed;
    for (at, (file, loaded)) in scenarios.iter().enumerate() {
        let seed = arguments.seed.or(loaded.scenario.run.seed);
        warn(file, loaded, seed.unwrap_or(0), engine, terminal);
        let gap = if at > 0 { "\n" } else { "" };
        let shown = match engine.outlook(&loaded.scenario, seed, terminal.charset) {
            Ok(text) => show(terminal, &format!("{gap}{text}")),
            Err(error) => {
                terminal.say(&format!("error: {}: {error}", file.display()));
                code_of(&error)
            }
        };
        code = code.and(shown);
    }
    code
}

/// Says each warning in one line, and where to read more.
pub(super) fn warn(
    file: &Path,
    loaded: &Loaded,
    seed: u64,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) {
    // What keeps a plan from being made is said when it is made in earnest.
    let Ok(warnings) = engine.warnings(file, loaded, seed) else { return };
    for problem in &warnings.problems {
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", file.display()),
            _ => file.display().to_string(),
        };
        let lint = problem.lint.map_or_else(String::new, |lint| format!("[{lint}]"));
        terminal.say(&format!("warning{lint}: {place}: {}", problem.message));
    }
    if !warnings.problems.is_empty() {
        terminal.say(&format!("         more: sagasim check {}", file.display()));
    }
}
