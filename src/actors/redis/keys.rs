//! The names of the keys in Redis.

use super::RedisError;

/// How long the keys of a run live, in seconds from its first record: 7 days.
pub(super) const LIFE_S: u32 = 7 * 24 * 60 * 60;

/// The name under which a run keeps its keys: `sagasim:{name}:…`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunName(String);

impl RunName {
    /// Accepts 1 to 128 of the characters `A-Z a-z 0-9 . _ - /`.
    ///
    /// # Errors
    /// [`RedisError::Name`] for anything else: braces would break the hash tag.
    pub fn new(name: &str) -> Result<RunName, RedisError> {
        let fits = (1..=128).contains(&name.len());
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
        if fits && name.chars().all(plain) {
            Ok(RunName(name.to_owned()))
        } else {
            Err(RedisError::Name { name: name.to_owned() })
        }
    }

    /// The name as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The keys of one run. All carry the run as their one hash tag, so that a cluster keeps them
/// together and can unite the days.
pub(super) struct Keys {
    prefix: String,
    /// Says that the run exists.
    pub(super) run: String,
    /// The marks of the records the ranking has counted.
    pub(super) rank_seen: String,
    /// The stream of the data platform.
    pub(super) platform: String,
    /// The marks of the records the data platform has.
    pub(super) platform_seen: String,
}

impl Keys {
    pub(super) fn new(run: &RunName) -> Keys {
        let prefix = format!("sagasim:{{{}}}", run.as_str());
        Keys {
            run: format!("{prefix}:run"),
            rank_seen: format!("{prefix}:rank:seen"),
            platform: format!("{prefix}:platform"),
            platform_seen: format!("{prefix}:platform:seen"),
            prefix,
        }
    }

    /// The sorted set of a day: product → units.
    pub(super) fn day(&self, day: i32) -> String {
        let (year, month, day) = civil(day);
        format!("{}:rank:{year:04}{month:02}{day:02}", self.prefix)
    }
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
/// Counts in eras of 400 years that start on 1 March, so that the leap day comes last.
fn civil(days: i32) -> (i64, i64, i64) {
    let days = i64::from(days) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_calendar_names() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (20_513, (2026, 3, 1)),
            (20_779, (2026, 11, 22)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(civil(days), date, "day {days}");
        }
        let keys = Keys::new(&RunName::new("flash-sale/42").expect("a plain name"));
        assert_eq!(keys.day(20_779), "sagasim:{flash-sale/42}:rank:20261122");
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = civil(-200_000);
        for days in -199_999..200_000 {
            let now = civil(days);
            let next_day = now == (before.0, before.1, before.2 + 1);
            let next_month = now == (before.0, before.1 + 1, 1) && before.2 >= 28;
            let next_year = now == (before.0 + 1, 1, 1) && before.1 == 12 && before.2 == 31;
            assert!(next_day || next_month || next_year, "{before:?} then {now:?}");
            before = now;
        }
    }

    #[test]
    fn a_name_that_would_break_the_hash_tag_is_refused() {
        for name in ["", "a}b", "{", "a b", "a:b", &"x".repeat(129)] {
            assert!(RunName::new(name).is_err(), "{name:?}");
        }
        assert!(RunName::new("flash-sale/2026-11-22T00.00.00Z-424242").is_ok());
    }
}
