//! The format of scenario files, as data: every key with its kind, its default and its meaning.
//!
//! The structs of `file.rs` say the same to serde, but not which words a text may be, nor what a
//! key means. From this table come the JSON Schema and the list of keys that templates must show;
//! tests hold it against the reader, key by key and default by default.

mod keys;

pub use keys::ROOT;

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What may stand behind it.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// Always.
    Required,
    /// No; this holds without it, as TOML writes it.
    Default(&'static str),
    /// No; without it there is none.
    Optional,
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text but a blank one.
    Text,
    /// A text that is also a folder.
    Name,
    /// Date, time and offset.
    Epoch,
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// A list of such words.
    Words(fn() -> Vec<&'static str>),
    /// The version of the format.
    Version,
    /// A whole number between the two, both included.
    Whole(i64, i64),
    /// Any whole number of 64 bits.
    Seed,
    /// A number from this on.
    From(f64),
    /// A number from 0 to 1.
    Share,
    /// `true` or `false`.
    Switch,
    /// A text such as `250ms`.
    Duration,
    /// A text such as `250ms`, or `end`.
    DurationOrEnd,
    /// A text such as `250ms`, or `false`: never.
    DurationOrNever,
    /// A text such as `40/s`.
    Rate,
    /// A distribution of durations.
    Times,
    /// A distribution of whole numbers between the two, both included.
    Numbers(i64, i64),
    /// `"uniform"`, or a table of one kind.
    Popularity(&'static Table),
    /// A table.
    Table(&'static Table),
    /// A table, or `false`: never.
    TableOrNever(&'static Table),
    /// Tables with these names, each alike.
    Named(fn() -> Vec<&'static str>, &'static Table),
    /// Any number of tables.
    Tables(&'static Table),
    /// At least one table.
    SomeTables(&'static Table),
}

impl Kind {
    /// The keys inside, if it is made of tables.
    #[must_use]
    pub const fn inside(&self) -> Option<&'static Table> {
        match self {
            Kind::Popularity(table)
            | Kind::Table(table)
            | Kind::TableOrNever(table)
            | Kind::Named(_, table)
            | Kind::Tables(table)
            | Kind::SomeTables(table) => Some(table),
            Kind::Text
            | Kind::Name
            | Kind::Epoch
            | Kind::Word(_)
            | Kind::Words(_)
            | Kind::Version
            | Kind::Whole(..)
            | Kind::Seed
            | Kind::From(_)
            | Kind::Share
            | Kind::Switch
            | Kind::Duration
            | Kind::DurationOrEnd
            | Kind::DurationOrNever
            | Kind::Rate
            | Kind::Times
            | Kind::Numbers(..) => None,
        }
    }
}

/// The keys of a table, and what holds between them.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// In the order in which they are usually written.
    pub keys: &'static [Key],
    /// What holds between them.
    pub rules: &'static [Rule],
}

/// What holds between the keys of one table.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// One of them, and only one, is there.
    ExactlyOne(&'static [&'static str]),
    /// No two of them are there.
    AtMostOne(&'static [&'static str]),
    /// The first is there only with the second.
    With(&'static str, &'static str),
    /// Where the key is this word, these are required and those are allowed besides.
    Where {
        /// The key.
        key: &'static str,
        /// Its value.
        is: &'static str,
        /// What must be there then.
        needs: &'static [&'static str],
        /// What may be there then.
        takes: &'static [&'static str],
    },
}

/// Every key of the format by its path, such as `run.duration` or `fault.target.step`, in the order
/// of the table. Names that the writer of a file chooses are left out: `service.workers`.
#[must_use]
pub fn paths() -> Vec<String> {
    fn walk(table: &Table, above: &str, paths: &mut Vec<String>) {
        for key in table.keys {
            let path = format!("{above}{}", key.name);
            paths.push(path.clone());
            if let Some(inside) = key.kind.inside() {
                walk(inside, &format!("{path}."), paths);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&ROOT, "", &mut paths);
    paths
}
