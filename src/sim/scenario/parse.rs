//! From a file, or its text, to a [`Scenario`] or to everything that is wrong with it.

use super::diagnostics::{Diagnostic, Diagnostics};
use super::sink::Sink;
use super::source::Sources;
use super::{Scenario, check, read, resolve};
use std::io::ErrorKind;
use std::path::Path;

/// Reads the text of a scenario. `path` is what errors name, and where relative paths inside the
/// text start from (they become absolute).
///
/// # Errors
/// All mistakes found, in the order of their places.
pub fn parse(path: &Path, text: &str) -> Result<Scenario, Diagnostics> {
    parse_with(path, text, &[])
}

/// As [`parse`], with settings put in the place of what the text says before it is judged. Each is
/// `key=value`: a dotted TOML key (`load[0].rate` or `load.0.rate` for an item of a list) and a
/// TOML value, or a bare word for a text.
///
/// # Errors
/// As [`parse`]; mistakes of a setting are found in its own text.
pub fn parse_with(path: &Path, text: &str, settings: &[String]) -> Result<Scenario, Diagnostics> {
    let sources = Sources::new(path, text, settings);
    if text.trim().is_empty() {
        let empty = Diagnostic::at(0..0, "the file is empty");
        let example = "a scenario needs at least version, name, question, [run] and [[load]]";
        return Err(Diagnostics::new(sources, vec![empty.help(example)]));
    }
    let base = path.parent().unwrap_or(Path::new(""));
    let mut sink = Sink::new(base);
    let scenario = read::read(&sources, &mut sink).map(|file| {
        let scenario = resolve::resolve(&file, &mut sink);
        check::check(&file, &scenario, &mut sink);
        scenario
    });
    sink.into_result(sources, scenario)
}

/// Reads a scenario file. Returns the scenario and the text it was read from.
///
/// # Errors
/// The file cannot be read (missing, a directory, not UTF-8), or all mistakes found in it.
pub fn load(path: &Path) -> Result<(Scenario, String), Diagnostics> {
    load_with(path, &[])
}

/// As [`load`], with settings as [`parse_with`] takes them. The text is the file's own.
///
/// # Errors
/// As [`load`] and [`parse_with`].
pub fn load_with(path: &Path, settings: &[String]) -> Result<(Scenario, String), Diagnostics> {
    let unreadable =
        |problem: Diagnostic| Diagnostics::new(Sources::new(path, "", &[]), vec![problem]);
    if path.is_dir() {
        let problem = Diagnostic::of_file("this is a directory, not a scenario file");
        return Err(unreadable(problem.help("name a file in it, such as `NAME.toml`")));
    }
    let bytes = std::fs::read(path).map_err(|error| {
        unreadable(if error.kind() == ErrorKind::NotFound {
            Diagnostic::of_file("there is no such file")
        } else {
            Diagnostic::of_file(format!("the file cannot be read: {error}"))
        })
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let problem = Diagnostic::of_file(format!("the file is not UTF-8 text (line {line})"));
        unreadable(problem.help("save it as UTF-8"))
    })?;
    parse_with(path, &text, settings).map(|scenario| (scenario, text))
}
