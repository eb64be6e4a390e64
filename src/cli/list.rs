//! `list`: what there is.

use super::args::{Kind, ListArguments};
use super::exit::{ExitCode, explain_exit_codes};
use super::run::show;
use super::terminal::Terminal;
use crate::report::explain::{list_defects, list_lints, list_protections, list_steps, wrapped};
use crate::report::metric::list_figures;
use crate::sim::check::catalogue::INVARIANTS;
use std::fs;
use std::path::{Path, PathBuf};

/// Lists one kind of thing.
pub(super) fn list(arguments: &ListArguments, terminal: &mut Terminal<'_>) -> ExitCode {
    let text = match arguments.kind {
        Kind::Scenarios => match scenarios(&terminal.scenarios) {
            Ok(text) => text,
            Err(error) => {
                terminal.say(&format!("error: {error}"));
                return ExitCode::Usage;
            }
        },
        Kind::Invariants => {
            INVARIANTS.iter().map(|one| format!("{:<34}{}\n", one.name, one.kind.name())).collect()
        }
        Kind::Steps => list_steps(),
        Kind::Protections => list_protections(),
        Kind::Lints => list_lints(),
        Kind::Defects => list_defects(),
        Kind::Figures => list_figures(),
        Kind::ExitCodes => explain_exit_codes(),
    };
    show(terminal, &text)
}

/// The scenario files of a folder, by name, each with its question.
fn scenarios(folder: &Path) -> Result<String, String> {
    let unreadable = |error| format!("cannot read the folder {}: {error}", folder.display());
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Ok(format!("no scenario in {}\n", folder.display()));
    }
    Ok(files.iter().map(|file| entry(file)).collect())
}

/// A file's name and question; one that cannot be read is listed all the same.
fn entry(file: &Path) -> String {
    let table = fs::read_to_string(file).ok().and_then(|text| text.parse::<toml::Table>().ok());
    let said = |key| table.as_ref().and_then(|table| table.get(key)?.as_str());
    let missing = match table {
        Some(_) => "(asks no question)",
        None => "(cannot be read: try sagasim check)",
    };
    let question = wrapped(said("question").unwrap_or(missing), 2);
    let name = said("name").map_or_else(String::new, |name| format!("{name}  "));
    format!("{name}{}\n{question}", file.display())
}
