//! Real orders: a CSV log, read through a column mapping.
//!
//! Nothing is repaired and nothing is dropped in silence: every line of the log is either part of
//! an order or counted as rejected, with its reason and the first few line numbers.

mod columns;
mod draft;
mod rows;
mod time;

use super::scenario::LogSettings;
use crate::domain::Line;
use columns::Columns;
use draft::Draft;
use rows::SoundRows;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Why a line was rejected.
pub mod reason {
    /// Wrong number of fields, wrong quoting, or not UTF-8.
    pub const BROKEN_ROW: &str = "broken row";
    /// No order id.
    pub const ORDER_MISSING: &str = "order missing";
    /// No user id.
    pub const USER_MISSING: &str = "user missing";
    /// No product id.
    pub const PRODUCT_MISSING: &str = "product missing";
    /// A quantity or an amount that is not a whole number.
    pub const BAD_NUMBER: &str = "bad number";
    /// A number or a time too large to be kept, or one that makes the sum of the log too large.
    pub const OUT_OF_RANGE: &str = "out of range";
    /// Quantity 0.
    pub const QUANTITY_0: &str = "quantity 0";
    /// A quantity below 0.
    pub const NEGATIVE_QUANTITY: &str = "negative quantity";
    /// An amount below 0.
    pub const NEGATIVE_AMOUNT: &str = "negative amount";
    /// A time that is none, or that has an offset where the first line's has none, or the reverse.
    pub const BAD_TIME: &str = "bad time";
    /// The order's first line names another user.
    pub const ANOTHER_USER: &str = "another user";
    /// A cancellation of an order the log does not have.
    pub const UNKNOWN_ORDER: &str = "unknown order cancelled";
    /// A cancellation earlier than its order.
    pub const TOO_EARLY: &str = "cancelled before ordered";
}

/// How many line numbers are kept for each reason.
const EXAMPLES: usize = 5;

/// The orders of a log, and the account of its lines: `lines` = `accepted` + all `rejected`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrderLog {
    /// By time, then by first appearance. Cancellations stand among them.
    pub orders: Vec<LoggedOrder>,
    /// User ids as the log writes them, by dense id: in order of first appearance.
    pub users: Vec<String>,
    /// Product ids as the log writes them, by dense id: ascending, as numbers if all of them are
    /// whole numbers, else as text, so that ties by product id mean something.
    pub products: Vec<String>,
    /// Lines below the header, blank ones not counted.
    pub lines: u64,
    /// Lines that became part of an order, or of a cancellation.
    pub accepted: u64,
    /// The other lines, by reason.
    pub rejected: BTreeMap<&'static str, Rejected>,
    /// Orders that are missing because all their lines were rejected (rows too broken to name
    /// their order, and cancellations, not counted).
    pub orders_without_lines: u64,
    /// Day of the first order, in days since 1970-01-01; 0 if there is none.
    pub first_day: i32,
    /// Arrival of the last order, at the chosen speed.
    pub span_ns: u64,
}

/// One order, or the cancellation of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedOrder {
    /// Dense user id.
    pub user: u32,
    /// The accepted lines, in the order of the log; none in a cancellation.
    pub lines: Box<[Line]>,
    /// Since the first order, at the chosen speed. The time of an order is that of its first
    /// accepted line.
    pub arrival_ns: u64,
    /// Days since 1970-01-01 on the log's own calendar, whatever the speed.
    pub day: i32,
    /// The order this one cancels, by its place in [`OrderLog::orders`]: always an earlier one.
    pub cancels: Option<u32>,
}

/// Lines rejected for one reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rejected {
    /// How many.
    pub lines: u64,
    /// The first few line numbers, as an editor shows them: the header is usually line 1.
    pub examples: Vec<u64>,
}

impl OrderLog {
    /// Lines rejected, for whatever reason.
    #[must_use]
    pub fn rejected_lines(&self) -> u64 {
        self.rejected.values().map(|rejected| rejected.lines).sum()
    }

    fn reject(&mut self, reason: &'static str, line: u64) {
        let rejected = self.rejected.entry(reason).or_default();
        rejected.lines += 1;
        if rejected.examples.len() < EXAMPLES {
            rejected.examples.push(line);
        }
    }
}

/// Why a log could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file is not there, or not readable.
    #[error("cannot open the order log {}: {source}", file.display())]
    Open {
        /// The log.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Reading stopped halfway.
    #[error("cannot read the order log {} after line {line}: {source}", file.display())]
    Read {
        /// The log.
        file: PathBuf,
        /// The last line read.
        line: u64,
        /// What the system said.
        source: csv::Error,
    },
    /// No header, or nothing below it.
    #[error("the order log {} is empty: {missing}", file.display())]
    Empty {
        /// The log.
        file: PathBuf,
        /// What it should have had.
        missing: &'static str,
    },
    /// The header is not a sound CSV row.
    #[error("the order log {} has a broken header in line {line} (quoting, or not UTF-8)", file.display())]
    Header {
        /// The log.
        file: PathBuf,
        /// The header's line.
        line: u64,
    },
    /// A mapped column is not there.
    #[error("the order log {} has no column `{column}` (load.log.{setting}); {hint}", file.display())]
    MissingColumn {
        /// The log.
        file: PathBuf,
        /// The setting that names the column.
        setting: &'static str,
        /// The name.
        column: String,
        /// A similar name, or all names.
        hint: String,
    },
    /// A mapped column is there more than once.
    #[error("the order log {} has more than one column `{column}` (load.log.{setting})", file.display())]
    AmbiguousColumn {
        /// The log.
        file: PathBuf,
        /// The setting that names the column.
        setting: &'static str,
        /// The name.
        column: String,
    },
    /// At this speed the log does not fit into virtual time.
    #[error("the order log {} cannot be replayed at speed {speed}: it must be above 0, and the \
             log must end within 292 years of virtual time", file.display())]
    Speed {
        /// The log.
        file: PathBuf,
        /// The speed asked for.
        speed: f64,
    },
}

/// Reads the log `settings` describe, line by line.
///
/// An order is all accepted lines with one order id. With a `cancel_prefix`, a line whose order id
/// starts with it cancels, as a whole, the order with the rest of the id; its other columns but
/// the time are not read, and the customer is the order's.
///
/// # Errors
/// When no order can be known from the file: it cannot be opened or read, is empty, or lacks a
/// mapped column. What is wrong with single lines is counted in the result instead.
pub fn read(settings: &LogSettings) -> Result<OrderLog, LogError> {
    let path = &settings.file;
    let file = File::open(path).map_err(|source| LogError::Open { file: path.clone(), source })?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(SoundRows::new(BufReader::with_capacity(1 << 16, file)));

    let mut row = csv::StringRecord::new();
    let found = next(&mut reader, &mut row, path)?;
    if let Some(&line) = reader.get_mut().take_broken().first() {
        return Err(LogError::Header { file: path.clone(), line });
    }
    if !found {
        return Err(LogError::Empty { file: path.clone(), missing: "it has no header" });
    }
    let columns = Columns::find(&row, settings)?;

    let mut draft = Draft::new(settings.cancel_prefix.as_deref());
    loop {
        let found = next(&mut reader, &mut row, path)?;
        for line in reader.get_mut().take_broken() {
            draft.broken(line);
        }
        if !found {
            break;
        }
        draft.line(reader.get_ref().number(), &columns.of(&row), columns.per_unit());
    }
    if draft.is_empty() {
        let missing = "it has no line below its header";
        return Err(LogError::Empty { file: path.clone(), missing });
    }
    draft
        .finish(settings.speed)
        .ok_or_else(|| LogError::Speed { file: path.clone(), speed: settings.speed })
}

type Reader = csv::Reader<SoundRows<BufReader<File>>>;

/// Reads the next sound row; false at the end.
fn next(reader: &mut Reader, row: &mut csv::StringRecord, path: &Path) -> Result<bool, LogError> {
    reader.read_record(row).map_err(|source| LogError::Read {
        file: path.to_owned(),
        line: reader.get_ref().number(),
        source,
    })
}
