//! `check`: everything that is wrong with scenarios, and whether their plans are confluent, without
//! running them.

use super::args::{ALL_WARNINGS, CheckArguments, Format};
use super::engine::{Engine, Problem, Rejected, Warnings};
use super::exit::ExitCode;
use super::run::show;
use super::terminal::Terminal;
use crate::sim::plan::Confluence;
use crate::sim::scenario::Scenario;
use serde::Serialize;
use std::path::Path;

/// The plan of a scenario that leaves its seed open is looked at with this one.
const OPEN_SEED: u64 = 0;

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
    confluence: Option<Certificate<'a>>,
    errors: Vec<Mistake<'a>>,
    warnings: Vec<Mistake<'a>>,
}

#[derive(Serialize)]
struct Certificate<'a> {
    seed: u64,
    confluent: bool,
    reasons: &'a [String],
}

#[derive(Serialize)]
struct Mistake<'a> {
    line: Option<usize>,
    column: Option<usize>,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lint: Option<&'static str>,
}

/// A scenario that can be run, and what its plan is like.
struct Examined {
    scenario: Scenario,
    seed: u64,
    confluence: Confluence,
    warnings: Warnings,
}

impl Examined {
    /// Why it may matter who comes first; nothing: it does not.
    fn reasons(&self) -> &[String] {
        match &self.confluence {
            Confluence::Confluent => &[],
            Confluence::Contended(reasons) => reasons,
        }
    }

    /// Whether one of its warnings is not to be passed over.
    fn denied(&self, deny: &[String]) -> bool {
        let denies = |lint: &str| deny.iter().any(|word| word == ALL_WARNINGS || word == lint);
        self.warnings.problems.iter().filter_map(|problem| problem.lint).any(denies)
    }
}

/// Checks every file.
pub(super) fn check(
    arguments: &CheckArguments,
    engine: &dyn Engine,
    terminal: &mut Terminal<'_>,
) -> ExitCode {
    let examined = arguments.files.iter().map(|file| (file.as_path(), examine(file, engine)));
    let examined: Vec<(&Path, Result<Examined, Rejected>)> = examined.collect();
    let fine = |result: &Result<Examined, Rejected>| {
        result.as_ref().is_ok_and(|examined| !examined.denied(&arguments.deny))
    };
    let fine = examined.iter().all(|(_, result)| fine(result));
    let code = if fine { ExitCode::Passed } else { ExitCode::Usage };
    let text = match arguments.format {
        Format::Json => json(&examined, code),
        Format::Text => {
            for (_, result) in &examined {
                let rendered = match result {
                    Ok(examined) => &examined.warnings.rendered,
                    Err(rejected) => &rejected.rendered,
                };
                if !rendered.is_empty() {
                    terminal.say(&format!("{}\n", rendered.trim_end()));
                }
            }
            examined.iter().map(|(file, result)| lines(file, result)).collect()
        }
    };
    code.and(show(terminal, &text))
}

fn examine(file: &Path, engine: &dyn Engine) -> Result<Examined, Rejected> {
    let loaded = engine.load(file)?;
    let seed = loaded.scenario.run.seed.unwrap_or(OPEN_SEED);
    let examined = engine.examine(&loaded.scenario, seed);
    match examined.and_then(|found| Ok((found, engine.warnings(file, &loaded, seed)?))) {
        Ok((confluence, warnings)) => {
            Ok(Examined { scenario: loaded.scenario, seed, confluence, warnings })
        }
        Err(error) => {
            let message = error.to_string();
            let rendered = format!("error: {}: {message}", file.display());
            let problem = Problem { line: None, column: None, message, help: None, lint: None };
            Err(Rejected { rendered, problems: vec![problem] })
        }
    }
}

fn lines(file: &Path, result: &Result<Examined, Rejected>) -> String {
    let file = file.display();
    match result {
        Ok(examined) => {
            let Examined { scenario, seed, confluence, warnings } = examined;
            let mut text = format!("ok       {file}: {}\n", scenario.question);
            text += &match confluence {
                Confluence::Confluent => format!(
                    "         confluent with seed {seed}: every coordination ends with the same \
                     books and outcomes\n"
                ),
                Confluence::Contended(_) => format!(
                    "         not confluent with seed {seed}: outcomes may differ between \
                     coordinations, because\n"
                ),
            };
            text.extend(examined.reasons().iter().map(|reason| format!("         - {reason}\n")));
            text += &match warnings.problems.len() {
                0 => String::new(),
                1 => "         1 warning\n".to_owned(),
                warnings => format!("         {warnings} warnings\n"),
            };
            text
        }
        Err(rejected) => match rejected.problems.len() {
            1 => format!("invalid  {file}: 1 mistake\n"),
            mistakes => format!("invalid  {file}: {mistakes} mistakes\n"),
        },
    }
}

fn mistake(problem: &Problem) -> Mistake<'_> {
    let Problem { line, column, message, help, lint } = problem;
    Mistake { line: *line, column: *column, message, help: help.as_deref(), lint: *lint }
}

fn json(examined: &[(&Path, Result<Examined, Rejected>)], code: ExitCode) -> String {
    let files = examined.iter().map(|(file, result)| {
        let examined = result.as_ref().ok();
        let scenario = examined.map(|examined| &examined.scenario);
        let problems = result.as_ref().err().map_or(&[][..], |rejected| &rejected.problems);
        let warnings = examined.map_or(&[][..], |examined| &examined.warnings.problems);
        Checked {
            file: file.display().to_string(),
            valid: scenario.is_some(),
            name: scenario.map(|scenario| scenario.name.as_str()),
            question: scenario.map(|scenario| scenario.question.as_str()),
            confluence: examined.map(|examined| Certificate {
                seed: examined.seed,
                confluent: examined.confluence == Confluence::Confluent,
                reasons: examined.reasons(),
            }),
            errors: problems.iter().map(mistake).collect(),
            warnings: warnings.iter().map(mistake).collect(),
        }
    });
    let report = Report { schema_version: 1, exit_code: code.code(), files: files.collect() };
    let mut json = serde_json::to_string_pretty(&report).expect("only strings and numbers");
    json.push('\n');
    json
}
