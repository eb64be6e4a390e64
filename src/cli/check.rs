//! `check`: everything that is wrong with scenarios, without running them.

use super::args::{CheckArguments, Format};
use super::engine::{Engine, Loaded, Problem, Rejected};
use super::exit::ExitCode;
use super::run::show;
use super::terminal::Terminal;
use serde::Serialize;
use std::path::Path;

/// What `check --format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    exit_code: u8,
    files: Vec<Checked<'a>>,
}

#[derive(Serialize)]
struct Checked<'a> {
    file: String,
    valid: bool,
    name: Option<&'a str>,
    question: Option<&'a str>,
    errors: Vec<Mistake<'a>>,
}

#[derive(Serialize)]
struct Mistake<'a> {
    line: Option<usize>,
    column: Option<usize>,
    message: &'a str,
    help: Option<&'a str>,
}

/// Checks every file.
pub(super) fn check(
    arguments: &CheckArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let read = arguments.files.iter().map(|file| (file.as_path(), engine.load(file)));
    let read: Vec<(&Path, Result<Loaded, Rejected>)> = read.collect();
    let valid = read.iter().all(|(_, result)| result.is_ok());
    let code = if valid { ExitCode::Passed } else { ExitCode::Usage };
    let text = match arguments.format {
        Format::Json => json(&read, code),
        Format::Text => {
            for (_, result) in &read {
                if let Err(rejected) = result {
                    terminal.say(&format!("{}\n", rejected.rendered.trim_end()));
                }
            }
            read.iter().map(|(file, result)| line(file, result)).collect()
        }
    };
    code.and(show(terminal, &text))
}

fn line(file: &Path, result: &Result<Loaded, Rejected>) -> String {
    let file = file.display();
    match result {
        Ok(loaded) => format!("ok       {file}: {}\n", loaded.scenario.question),
        Err(rejected) => match rejected.problems.len() {
            1 => format!("invalid  {file}: 1 mistake\n"),
            mistakes => format!("invalid  {file}: {mistakes} mistakes\n"),
        },
    }
}

fn mistake(problem: &Problem) -> Mistake<'_> {
    let Problem { line, column, message, help } = problem;
    Mistake { line: *line, column: *column, message, help: help.as_deref() }
}

fn json(read: &[(&Path, Result<Loaded, Rejected>)], code: ExitCode) -> String {
    let files = read.iter().map(|(file, result)| {
        let scenario = result.as_ref().ok().map(|loaded| &loaded.scenario);
        let problems = result.as_ref().err().map_or(&[][..], |rejected| &rejected.problems);
        Checked {
            file: file.display().to_string(),
            valid: scenario.is_some(),
            name: scenario.map(|scenario| scenario.name.as_str()),
            question: scenario.map(|scenario| scenario.question.as_str()),
            errors: problems.iter().map(mistake).collect(),
        }
    });
    let report = Report { schema_version: 1, exit_code: code.code(), files: files.collect() };
    let mut json = serde_json::to_string_pretty(&report).expect("only strings and numbers");
    json.push('\n');
    json
}
