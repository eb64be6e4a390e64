//! Where in a text a key's value stands.

use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The places of a text.
pub(super) struct Places<'a> {
    table: Option<DeTable<'a>>,
}

impl<'a> Places<'a> {
    /// Reads a text that a scenario was read from.
    pub(super) fn new(text: &'a str) -> Self {
        Places { table: DeTable::parse(text).ok().map(toml::Spanned::into_inner) }
    }

    /// The place of the value at a path such as `run.drain` or `fault.0.target`; if there is none,
    /// of the nearest table around it; else the beginning of the text.
    pub(super) fn of(&self, path: &str) -> Range<usize> {
        self.walk(path).last().map_or(0..0, |(place, _)| place)
    }

    /// The text at a path, if it is one.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        match self.walk(path).nth(path.split('.').count() - 1)?.1 {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// How many items stand at a path.
    pub(super) fn count(&self, path: &str) -> usize {
        match self.walk(path).last() {
            Some((_, DeValue::Array(items))) => items.len(),
            Some(_) | None => 0,
        }
    }

    /// The values on the way, from the outermost, as far as they go.
    fn walk(&self, path: &str) -> impl Iterator<Item = (Range<usize>, &DeValue<'a>)> {
        let mut table = self.table.as_ref();
        let mut items: Option<&toml::de::DeArray<'a>> = None;
        path.split('.').map_while(move |name| {
            let value = match (table, items) {
                (Some(table), _) => table.get(name)?,
                (None, Some(items)) => items.get(name.parse::<usize>().ok()?)?,
                (None, None) => return None,
            };
            (table, items) = match value.get_ref() {
                DeValue::Table(table) => (Some(table), None),
                DeValue::Array(items) => (None, Some(items)),
                _ => (None, None),
            };
            Some((value.span(), value.get_ref()))
        })
    }
}
