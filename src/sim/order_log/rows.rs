//! The rows of a CSV file, each taken for itself.
//!
//! A quote that is opened and never closed would swallow every row after it. So rows are framed
//! here, strictly (RFC 4180), and only sound ones reach the CSV reader; a broken row costs exactly
//! its own line, and is reported by its number.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// A quoted field may span this many lines; one that seems to go on is a quote never closed.
const MAX_LINES: usize = 64;

/// Hands out the sound rows of a CSV file, at most one a read, each ended by one line feed, so that
/// whoever reads through it without reading ahead knows the row just read. Blank lines are skipped.
pub(super) struct SoundRows<R> {
    source: R,
    /// Lines read while looking for the end of a quoted field that did not come.
    waiting: VecDeque<Vec<u8>>,
    /// Number of the line last taken, from 1.
    line: u64,
    /// Fields of a row: those of the first sound one.
    fields: Option<usize>,
    /// The row being handed out, and how much of it was.
    row: Vec<u8>,
    taken: usize,
    /// Number of the first line of that row.
    number: u64,
    /// Numbers of the broken lines since they were last asked for.
    broken: Vec<u64>,
}

impl<R: BufRead> SoundRows<R> {
    pub(super) fn new(source: R) -> SoundRows<R> {
        SoundRows {
            source,
            waiting: VecDeque::new(),
            line: 0,
            fields: None,
            row: Vec::new(),
            taken: 0,
            number: 0,
            broken: Vec::new(),
        }
    }

    /// The line, from 1, where the row just read begins.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The broken lines met since the last call.
    pub(super) fn take_broken(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.broken)
    }

    /// Moves to the next sound row; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        self.row.clear();
        self.taken = 0;
        while let Some(first) = self.next_line()? {
            self.number = self.line;
            if first.is_empty() {
                continue;
            }
            let mut row = first;
            let mut frame = Frame::default();
            frame.scan(&row);
            if frame.quoted() {
                frame = self.join(&mut row, frame)?;
            }
            if frame.whole(self.fields) && std::str::from_utf8(&row).is_ok() {
                self.fields = Some(frame.commas + 1);
                row.push(b'\n');
                self.row = row;
                return Ok(true);
            }
            self.broken.push(self.number);
        }
        Ok(false)
    }

    /// Appends lines to a row that ended inside a quoted field. If that makes no sound row, the
    /// lines go back: only the first one is broken.
    fn join(&mut self, row: &mut Vec<u8>, mut frame: Frame) -> io::Result<Frame> {
        let mut joined = Vec::new();
        while frame.quoted() && joined.len() < MAX_LINES {
            let Some(line) = self.next_line()? else { break };
            row.push(b'\n');
            frame.scan(b"\n");
            frame.scan(&line);
            row.extend_from_slice(&line);
            joined.push(line);
        }
        if !frame.whole(self.fields) {
            self.line -= joined.len() as u64;
            for line in joined.into_iter().rev() {
                self.waiting.push_front(line);
            }
        }
        Ok(frame)
    }

    /// The next line without its end.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if let Some(waiting) = self.waiting.pop_front() {
            line = waiting;
        } else if self.source.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        } else {
            let end = line.strip_suffix(b"\n").unwrap_or(&line);
            line.truncate(end.strip_suffix(b"\r").unwrap_or(end).len());
            if self.line == 0 && line.starts_with(b"\xEF\xBB\xBF") {
                line.drain(..3);
            }
        }
        self.line += 1;
        Ok(Some(line))
    }
}

impl<R: BufRead> Read for SoundRows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.row.len() && !self.advance()? {
            return Ok(0);
        }
        let rest = &self.row[self.taken..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        Ok(count)
    }
}

/// Where a row stands while its bytes pass by.
#[derive(Default)]
struct Frame {
    place: Place,
    commas: usize,
}

#[derive(Default, PartialEq, Eq)]
enum Place {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the field, or half of a doubled quote.
    QuoteInQuoted,
    Broken,
}

impl Frame {
    fn scan(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.place = match (&self.place, byte) {
                (Place::Broken, _) => return,
                (Place::Quoted, b'"') => Place::QuoteInQuoted,
                (Place::Quoted, _) | (Place::FieldStart | Place::QuoteInQuoted, b'"') => {
                    Place::Quoted
                }
                (Place::FieldStart | Place::Plain | Place::QuoteInQuoted, b',') => {
                    self.commas += 1;
                    Place::FieldStart
                }
                // A carriage return alone would end the row for some readers and not for others.
                (Place::QuoteInQuoted, _)
                | (Place::FieldStart | Place::Plain, b'\r')
                | (Place::Plain, b'"') => Place::Broken,
                (Place::FieldStart | Place::Plain, _) => Place::Plain,
            };
        }
    }

    fn quoted(&self) -> bool {
        self.place == Place::Quoted
    }

    fn whole(&self, fields: Option<usize>) -> bool {
        !self.quoted()
            && self.place != Place::Broken
            && fields.is_none_or(|fields| fields == self.commas + 1)
    }
}
