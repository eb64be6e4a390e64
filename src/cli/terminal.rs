//! The edge of the program: its streams, the wall clock, what the environment says.

use super::progress;
use super::signals::Stop;
use crate::report::Charset;
use jiff::Timestamp;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Everything outside that a command may touch, so that tests can stand in its place.
pub struct Terminal<'a> {
    /// The result.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Which characters both may carry.
    pub charset: Charset,
    /// How progress is shown where it is wanted.
    pub progress: progress::Mode,
    /// The time in the names of run directories.
    pub clock: Clock,
    /// Whether a signal asked to stop.
    pub stop: Stop,
    /// Where `list scenarios` looks.
    pub scenarios: PathBuf,
}

impl Terminal<'_> {
    /// Writes a part of the result.
    ///
    /// # Errors
    /// The stream takes no more; a reader that has gone away is no error.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }

    /// Writes a line beside the result. There is nowhere to say that this failed.
    pub fn say(&mut self, line: &str) {
        writeln!(self.err, "{line}").and_then(|()| self.err.flush()).ok();
    }
}

/// What time it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    /// The wall clock.
    Wall,
    /// Always the same (`SOURCE_DATE_EPOCH`).
    Fixed(Timestamp),
}

impl Clock {
    /// The clock that the value of `SOURCE_DATE_EPOCH` asks for.
    ///
    /// # Errors
    /// It is not a whole number of seconds since 1970.
    pub fn of_source_date_epoch(value: Option<&str>) -> Result<Clock, String> {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(Clock::Wall) };
        let seconds = value.parse().ok().and_then(|s| Timestamp::from_second(s).ok());
        seconds.map(Clock::Fixed).ok_or_else(|| {
            format!("SOURCE_DATE_EPOCH is `{value}`: expected whole seconds since 1970")
        })
    }

    /// Now.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Clock::Wall => Timestamp::now(),
            Clock::Fixed(time) => time,
        }
    }
}

/// Which characters a terminal of this locale shows; `lookup` reads an environment variable.
/// Without any locale, UTF-8 is assumed.
pub fn charset_of(lookup: impl Fn(&str) -> Option<String>) -> Charset {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| lookup(name).filter(|value| !value.is_empty()));
    let utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if utf8 { Charset::Utf8 } else { Charset::Ascii }
}

/// A bar where it can be redrawn, plain lines elsewhere.
pub fn progress_of(lookup: impl Fn(&str) -> Option<String>) -> progress::Mode {
    let dumb = lookup("TERM").is_some_and(|term| term == "dumb");
    let watched = io::stderr().is_terminal() && !dumb && lookup("CI").is_none();
    if watched { progress::Mode::Bar } else { progress::Mode::Plain }
}
