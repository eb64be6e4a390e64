//! Text to [`File`], noting every mistake of form on the way.
//!
//! serde stops at the first mistake. So the value it points at is noted, taken out of the parsed
//! table, and the rest is read again, until nothing is left to complain about.

use super::diagnostics::Diagnostic;
use super::file::File;
use super::names;
use super::set::Setting;
use super::sink::Sink;
use super::source::Sources;
use serde::Deserialize;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Mistakes of form after which reading stops: the file is probably something else.
const ENOUGH: usize = 100;

/// Reads as much of the sources as can be read; mistakes go to the sink. None: so little makes
/// sense that the meaning is not worth judging.
pub(super) fn read(sources: &Sources, sink: &mut Sink) -> Option<File> {
    let settings = sources.settings().map(|(begin, text)| Setting::parse(begin, text));
    let settings: Vec<Result<Setting, Box<Diagnostic>>> = settings.collect();
    let text = sources.file();
    let (mut table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let place = error.span().unwrap_or(0..0);
        sink.syntax_error(text, Diagnostic::at(place, error.message().to_owned()));
    }
    for setting in &settings {
        let applied = match setting {
            Ok(setting) => setting.apply(table.get_mut()),
            Err(refused) => Err(refused.clone()),
        };
        if let Err(refused) = applied {
            sink.add(*refused);
        }
    }
    for _ in 0..ENOUGH {
        let error = match File::deserialize(toml::Deserializer::from(table.clone())) {
            Ok(file) => return Some(file),
            Err(error) => error,
        };
        let place = error.span().unwrap_or(0..0);
        let taken = take_out(table.get_mut(), &place);
        sink.add(diagnostic(place, error.message(), taken.as_ref().map(|(_, value)| value)));
        let key = taken?.0;
        // A misspelled key is not missing.
        if let Some((_, known)) = unknown_key(error.message())
            && let Some(meant) = names::closest(&key, &known)
        {
            sink.damaged(meant.to_owned());
        }
        sink.damaged(key);
    }
    None
}

/// Removes the innermost entry whose key or value holds `place`, and returns it.
fn take_out<'i>(table: &mut DeTable<'i>, place: &Range<usize>) -> Option<(String, DeValue<'i>)> {
    for (_, value) in table.iter_mut() {
        if let Some(taken) = take_out_of_value(value.get_mut(), place) {
            return Some(taken);
        }
    }
    let holds = |span: Range<usize>| span.start <= place.start && place.end <= span.end;
    let key = table
        .iter()
        .find(|(key, value)| holds(key.span()) || holds(value.span()))
        .map(|(key, _)| key.get_ref().to_string())?;
    table.remove(key.as_str()).map(|value| (key, value.into_inner()))
}

fn take_out_of_value<'i>(
    value: &mut DeValue<'i>,
    place: &Range<usize>,
) -> Option<(String, DeValue<'i>)> {
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

/// serde's words in ours. `value` is what was taken out for it.
fn diagnostic(place: Range<usize>, message: &str, value: Option<&DeValue<'_>>) -> Diagnostic {
    if let Some((key, known)) = unknown_key(message) {
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
    let expected = plain(expected);
    let found = match value {
        Some(DeValue::Datetime(_)) => "a date without quotes".to_owned(),
        Some(_) | None => plain(found),
    };
    let problem = Diagnostic::at(place, format!("expected {expected}, found {found}"));
    match (expected.as_str(), found.as_str()) {
        ("a list", "a table") => problem.help("a list of tables has double brackets: `[[load]]`"),
        _ => problem,
    }
}

/// The unknown key of such a message, and the keys that are known.
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut words = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    Some((words.next()?, words.collect()))
}

fn plain(words: &str) -> String {
    let words = words.strip_suffix(" as i128").unwrap_or(words);
    let words = words.strip_suffix(" as u128").unwrap_or(words);
    match words {
        "i64" => "a whole number",
        "u64" => "a whole number, 0 or more",
        "f64" => "a number",
        "map" | "a map" => "a table",
        "sequence" | "a sequence" => "a list",
        "a boolean" => "`true` or `false`",
        "a string" => "a text in quotes",
        _ if words.starts_with("struct ") => "a table",
        _ => words,
    }
    .to_owned()
}
