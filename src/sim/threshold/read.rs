//! What reading a text needs: a place in it, and words for what is wrong there.

use std::ops::Range;

/// Why a text is no metric or no condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// Bytes of the text that are wrong.
    pub place: Range<usize>,
    /// What is wrong with them.
    pub reason: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Wrong {
    pub(super) fn at(place: Range<usize>, reason: impl Into<String>) -> Self {
        Wrong { place, reason: reason.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The rest of a text that is read from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Reader { text, at: 0 }
    }

    /// The byte that is read next.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// From a byte that was read before up to here.
    pub(super) const fn since(&self, start: usize) -> Range<usize> {
        start..self.at
    }

    /// The next character and whatever stands behind it up to the end.
    pub(super) fn remainder(&self) -> Range<usize> {
        self.at..self.text.len().max(self.at)
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Reads this character if it is the next.
    pub(super) fn take(&mut self, expected: char) -> bool {
        let is = self.peek() == Some(expected);
        if is {
            self.at += expected.len_utf8();
        }
        is
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

/// A letter of the names of metrics, tags and aggregations.
pub(super) fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
