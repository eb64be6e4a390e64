//! `--set key=value`: a value in place of the file's, put in before anything is judged.
//!
//! The key is a dotted one of TOML; an item of a list is `load[0]` or `load.0`. The value is one of
//! TOML; a bare word that is none, such as `5m` or `orchestration`, is a text.

use super::diagnostics::Diagnostic;
use super::source::Sources;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// What is wrong with a setting.
type Refusal = Box<Diagnostic>;

/// One setting, taken apart.
#[derive(Debug)]
pub(in crate::sim) struct Setting {
    path: Vec<Segment>,
    value: Range<usize>,
    /// The value as a text of the command line.
    typed: String,
    /// `_ = value`, the value at its place.
    document: String,
}

/// A part of a key, and its place.
#[derive(Debug)]
struct Segment {
    name: Name,
    place: Range<usize>,
}

#[derive(Debug)]
enum Name {
    Key(String),
    Index(usize),
}

impl Segment {
    /// Which item of a list it names.
    fn index(&self) -> Option<usize> {
        match &self.name {
            Name::Index(index) => Some(*index),
            Name::Key(key) => key.parse().ok(),
        }
    }
}

impl Setting {
    /// Takes the text at `begin` apart.
    pub(super) fn parse(begin: usize, text: &str) -> Result<Setting, Refusal> {
        let (path, equals) = Keys { text, begin, at: 0 }.read()?;
        let typed = text[equals + 1..].trim().to_owned();
        let end = begin + text.trim_end().len();
        let value = end - typed.len()..end;
        if typed.is_empty() {
            return Err(Box::new(Diagnostic::at(
                begin + equals..begin + equals + 1,
                "there is no value",
            )));
        }
        let document = Sources::moved(value.start - 2, &format!("_={typed}"));
        Ok(Setting { path, value, typed, document })
    }

    /// Puts the value where the key says.
    pub(in crate::sim) fn apply<'a>(&'a self, table: &mut DeTable<'a>) -> Result<(), Refusal> {
        let value = Spanned::new(self.value.clone(), self.value()?);
        put(table, &self.path, value)
    }

    fn value(&self) -> Result<DeValue<'_>, Refusal> {
        let text = || DeValue::String(self.typed.clone().into());
        let error = match DeTable::parse(&self.document) {
            Ok(table) if table.get_ref().len() == 1 => {
                let value = table.into_inner().remove("_").map(Spanned::into_inner);
                return Ok(match value {
                    // No key takes a date that is not a text.
                    Some(DeValue::Datetime(_)) | None => text(),
                    Some(value) => value,
                });
            }
            Ok(_) => return Ok(text()),
            Err(error) => error,
        };
        // Quotes and brackets were meant as TOML.
        if !self.typed.starts_with(['"', '\'', '[', '{']) {
            return Ok(text());
        }
        let place = error.span().unwrap_or_else(|| self.value.clone());
        let problem = Diagnostic::at(place, error.message().to_owned());
        Err(Box::new(problem.help("the shell takes quotes away: write --set 'key=\"value\"'")))
    }
}

/// Reads the key of a setting.
struct Keys<'a> {
    text: &'a str,
    begin: usize,
    at: usize,
}

impl Keys<'_> {
    /// All segments, and where the `=` is.
    fn read(mut self) -> Result<(Vec<Segment>, usize), Refusal> {
        let mut path = vec![self.key()?];
        loop {
            match self.next() {
                Some('=') => return Ok((path, self.at)),
                Some('.') => {
                    self.at += 1;
                    path.push(self.key()?);
                }
                Some('[') => path.push(self.item()?),
                Some(_) => return Err(self.unexpected("a key goes on with `.`, `[` or `=`")),
                None => {
                    let whole = self.begin..self.begin + self.text.len();
                    let problem = Diagnostic::at(whole, "there is no `=`");
                    return Err(Box::new(
                        problem.help("write --set key=value, such as --set run.seed=7"),
                    ));
                }
            }
        }
    }

    /// The next character that is no space.
    fn next(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn key(&mut self) -> Result<Segment, Refusal> {
        let first = self.next();
        let rest = &self.text[self.at..];
        let (name, length) = match first {
            Some(quote @ ('"' | '\'')) => match rest[1..].find(quote) {
                Some(length) => (&rest[1..=length], length + 2),
                None => return Err(self.unexpected("this quote is never closed")),
            },
            Some(_) | None => {
                let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                let length = rest.find(|c| !bare(c)).unwrap_or(rest.len());
                (&rest[..length], length)
            }
        };
        if length == 0 {
            return Err(self.unexpected("a key was expected here"));
        }
        Ok(self.segment(Name::Key(name.to_owned()), length))
    }

    fn item(&mut self) -> Result<Segment, Refusal> {
        let rest = &self.text[self.at..];
        let digits = rest.find(']').map(|end| (&rest[1..end], end + 1));
        let index = digits.and_then(|(digits, length)| Some((digits.trim().parse().ok()?, length)));
        match index {
            Some((index, length)) => Ok(self.segment(Name::Index(index), length)),
            None => Err(self.unexpected("an item of a list is written `[0]`, counted from 0")),
        }
    }

    fn segment(&mut self, name: Name, length: usize) -> Segment {
        let start = self.begin + self.at;
        self.at += length;
        Segment { name, place: start..start + length }
    }

    fn unexpected(&self, title: &str) -> Refusal {
        let at = self.begin + self.at;
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Box::new(Diagnostic::at(at..at + length, title))
    }
}

/// Puts a value into a table, making the tables and lists on the way.
fn put<'a>(
    table: &mut DeTable<'a>,
    path: &'a [Segment],
    new: Spanned<DeValue<'a>>,
) -> Result<(), Refusal> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    let Name::Key(key) = &first.name else {
        let problem = Diagnostic::at(first.place.clone(), "this is a table, not a list");
        return Err(Box::new(problem.help("write a key behind a dot")));
    };
    if !table.contains_key(key.as_str()) {
        let name = Spanned::new(first.place.clone(), key.as_str().into());
        table.insert(name, Spanned::new(first.place.clone(), empty(rest)));
    }
    match table.get_mut(key.as_str()) {
        Some(value) => put_into(value, first, rest, new),
        None => Ok(()),
    }
}

/// What stands where nothing was: what the rest of the key needs.
fn empty<'a>(rest: &[Segment]) -> DeValue<'a> {
    match rest.first().map(|segment| &segment.name) {
        Some(Name::Index(_)) => DeValue::Array(DeArray::new()),
        Some(Name::Key(_)) | None => DeValue::Table(DeTable::new()),
    }
}

/// Puts a value in place of the one that `segment` names, or below it.
fn put_into<'a>(
    value: &mut Spanned<DeValue<'a>>,
    segment: &Segment,
    rest: &'a [Segment],
    new: Spanned<DeValue<'a>>,
) -> Result<(), Refusal> {
    let Some((next, below)) = rest.split_first() else {
        *value = new;
        return Ok(());
    };
    match value.get_mut() {
        DeValue::Table(table) => put(table, rest, new),
        DeValue::Array(items) => {
            let many = items.len();
            let Some(index) = next.index() else {
                let problem = Diagnostic::at(segment.place.clone(), "this is a list");
                return Err(Box::new(problem.help("name one of its items: `[0]` is the first")));
            };
            if index > many {
                let title = format!("there is no item {index}: the list has {many}");
                return Err(Box::new(Diagnostic::at(next.place.clone(), title)));
            }
            if index == many {
                items.push(Spanned::new(next.place.clone(), empty(below)));
            }
            let item = items.get_mut(index);
            item.map_or(Ok(()), |item| put_into(item, next, below, new))
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {
            let title = "the scenario has a single value here, which has no keys";
            let problem = Diagnostic::at(segment.place.clone(), title);
            Err(Box::new(problem.help("set it as a whole: --set 'key={ … }'")))
        }
    }
}
