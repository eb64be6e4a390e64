//! Text to [`File`], noting every mistake of form on the way.
//!
//! serde stops at the first mistake. So the value it points at is noted, taken out of the parsed
//! table, and the rest is read again, until nothing is left to complain about.

use super::diagnostics::Diagnostic;
use super::file::File;
use super::names;
use super::sink::Sink;
use serde::Deserialize;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Reads as much of `text` as can be read; mistakes go to the sink.
pub(super) fn read(text: &str, sink: &mut Sink) -> File {
    let (mut table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let place = error.span().unwrap_or(0..0);
        sink.syntax_error(text, Diagnostic::at(place, error.message().to_owned()));
    }
    loop {
        let error = match File::deserialize(toml::Deserializer::from(table.clone())) {
            Ok(file) => return file,
            Err(error) => error,
        };
        let place = error.span().unwrap_or(0..0);
        sink.add(diagnostic(place.clone(), error.message()));
        match take_out(table.get_mut(), &place) {
            Some(key) => sink.damaged(key),
            None => return File::default(),
        }
    }
}

/// Removes the innermost entry whose key or value holds `place`, and returns its key.
fn take_out(table: &mut DeTable<'_>, place: &Range<usize>) -> Option<String> {
    for (_, value) in table.iter_mut() {
        if let Some(key) = take_out_of_value(value.get_mut(), place) {
            return Some(key);
        }
    }
    let holds = |span: Range<usize>| span.start <= place.start && place.end <= span.end;
    let key = table
        .iter()
        .find(|(key, value)| holds(key.span()) || holds(value.span()))
        .map(|(key, _)| key.get_ref().to_string())?;
    table.remove(key.as_str()).map(|_| key)
}

fn take_out_of_value(value: &mut DeValue<'_>, place: &Range<usize>) -> Option<String> {
    match value {
        DeValue::Table(table) => take_out(table, place),
        DeValue::Array(items) => {
            items.iter_mut().find_map(|item| take_out_of_value(item.get_mut(), place))
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

/// serde's words in ours.
fn diagnostic(place: Range<usize>, message: &str) -> Diagnostic {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let mut words = rest.split('`').skip(1).step_by(2);
        let key = words.next().unwrap_or_default();
        let known: Vec<&str> = words.collect();
        let found = Diagnostic::at(place, format!("unknown key `{key}`"));
        return match known.is_empty() {
            true => found.label("nothing is set here"),
            false => found.help(names::advice(key, &known)),
        };
    }
    let mismatch = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "));
    let Some((found, expected)) = mismatch else {
        return Diagnostic::at(place, message);
    };
    let (expected, found) = (plain(expected), plain(found));
    let problem = Diagnostic::at(place, format!("expected {expected}, found {found}"));
    match (expected.as_str(), found.as_str()) {
        ("a list", "a table") => problem.help("a list of tables has double brackets: `[[load]]`"),
        _ => problem,
    }
}

fn plain(words: &str) -> String {
    match words {
        "i64" => "a whole number",
        "u64" => "a whole number, 0 or more",
        "f64" => "a number",
        "map" | "a map" => "a table",
        "sequence" | "a sequence" => "a list",
        "a string" => "a text in quotes",
        _ if words.starts_with("struct ") => "a table",
        _ => words,
    }
    .to_owned()
}
