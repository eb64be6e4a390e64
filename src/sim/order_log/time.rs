//! Times of a log.

use super::reason;
use jiff::fmt::temporal::Pieces;
use jiff::{civil, tz::Offset};

/// When an order came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct When {
    /// Nanoseconds since 1970-01-01T00:00, by UTC if the log writes offsets, else by its own clock.
    pub(super) instant_ns: i64,
    /// Days since 1970-01-01 by the log's own calendar.
    pub(super) day: i32,
}

/// Reads one time: a date, `T` or a space, a time of day to the minute or finer, and an offset or
/// none (but not a time zone alone). Whether there is an offset must agree with `offset`, the habit of the log so far.
pub(super) fn parse(text: &str, offset: &mut Option<bool>) -> Result<When, &'static str> {
    let pieces = Pieces::parse(text).map_err(|_| reason::BAD_TIME)?;
    let time = pieces.time().ok_or(reason::BAD_TIME)?;
    let written = pieces.to_numeric_offset();
    if written.is_none() && pieces.time_zone_annotation().is_some() {
        return Err(reason::BAD_TIME);
    }
    if *offset.get_or_insert(written.is_some()) != written.is_some() {
        return Err(reason::BAD_TIME);
    }
    let local = pieces.date().to_datetime(time);
    let instant = written.unwrap_or(Offset::UTC).to_timestamp(local);
    let instant_ns = instant.map_err(|_| reason::OUT_OF_RANGE)?.as_nanosecond();
    Ok(When {
        instant_ns: i64::try_from(instant_ns).map_err(|_| reason::OUT_OF_RANGE)?,
        day: day(local.date()),
    })
}

/// Days since 1970-01-01: the civil calendar in eras of 400 years (146,097 days) that begin with
/// March, so that the leap day is the last of its year.
fn day(date: civil::Date) -> i32 {
    let month = i32::from(date.month());
    let year = i32::from(date.year()) - i32::from(month < 3);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(date.day()) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
