//! The texts a scenario is read from: its file, then what `--set` put in its place.
//!
//! They lie behind each other in one string, so a place is one range of bytes whatever text it is
//! in.

use super::set::Setting;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// What a text of the command line is called in diagnostics.
const SETTING: &str = "--set";

/// A file's text and the settings behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Sources {
    joined: String,
    /// Name and place of each text; the file first.
    parts: Vec<(String, Range<usize>)>,
}

impl Sources {
    /// The text of `path`, and settings, each `key=value`.
    pub(in crate::sim) fn new(path: &Path, text: &str, settings: &[String]) -> Self {
        let mut joined = text.to_owned();
        let mut parts = vec![(path.display().to_string(), 0..text.len())];
        for setting in settings {
            joined.push('\n');
            let begin = joined.len();
            joined.push_str(setting);
            parts.push((SETTING.to_owned(), begin..joined.len()));
        }
        Sources { joined, parts }
    }

    /// The text of the file.
    pub(in crate::sim) fn file(&self) -> &str {
        &self.joined[self.parts[0].1.clone()]
    }

    /// The settings, each with the place where it begins.
    pub(super) fn settings(&self) -> impl Iterator<Item = (usize, &str)> {
        let text = |range: &Range<usize>| (range.start, &self.joined[range.clone()]);
        self.parts[1..].iter().map(move |(_, range)| text(range))
    }

    /// The settings that can be taken apart.
    pub(in crate::sim) fn all_settings(&self) -> Vec<Setting> {
        self.settings().filter_map(|(begin, text)| Setting::parse(begin, text).ok()).collect()
    }

    /// The text a place is in: its name, its content, where it begins.
    pub(super) fn part(&self, at: usize) -> (&str, &str, usize) {
        let after = self.parts.iter().position(|(_, range)| at < range.start);
        let (name, range) = &self.parts[after.unwrap_or(self.parts.len()) - 1];
        (name, &self.joined[range.clone()], range.start)
    }

    /// `text` behind so much blank space that its places are those of `begin` on.
    pub(super) fn moved(begin: usize, text: &str) -> String {
        let mut moved = String::new();
        // Writing to a string does not fail.
        write!(moved, "{:begin$}{text}", "").ok();
        moved
    }
}
