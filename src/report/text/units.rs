//! Numbers as people read them: grouped thousands, three significant digits, units.

/// Between groups of three digits: narrow, and never a place to break a line.
const GROUP: char = '\u{202f}';

/// What stands where there is no figure.
pub(in crate::report) const NONE: &str = "\u{2014}";

/// Whole numbers with grouped thousands: `41 208`.
#[must_use]
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// As [`count`], with a sign if negative.
pub(in crate::report) fn signed(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", count(value.unsigned_abs()))
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// Three significant digits, at most four decimals, thousands grouped: `0.0960`, `2.31`, `4 120`.
pub(in crate::report) fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() < 0.0001 {
        return "<.0001".to_owned();
    }
    // Rounding may carry into one more digit (9.996 is 10.0): the second pass sees that.
    let rounded = with_decimals(value, decimals(value)).parse().unwrap_or(value);
    let text = with_decimals(value, decimals(rounded));
    match text.strip_prefix('-') {
        _ if text.contains('.') => text,
        Some(digits) => format!("-{}", grouped(digits)),
        None => grouped(&text),
    }
}

fn decimals(value: f64) -> usize {
    match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        _ => 4,
    }
}

fn with_decimals(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// Three significant digits and a factor: `3.42M`, `188`, `12.0k`.
pub(super) fn compact(value: f64) -> String {
    for (factor, letter) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        // What rounds to 1000 of the smaller factor belongs to the larger one.
        if value.abs() >= factor * 0.9995 {
            return format!("{}{letter}", significant(value / factor));
        }
    }
    significant(value)
}

/// A share of a whole: `77.4%`, `0.0520%`; `—` of nothing.
pub(in crate::report) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NONE.to_owned();
    }
    format!("{}%", significant(ratio(part, whole) * 100.0))
}

/// `part / whole`, 0 of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A unit of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unit {
    /// Its symbol.
    pub(super) name: &'static str,
    /// Its length in nanoseconds.
    ns: u64,
}

const UNITS: [Unit; 4] = [
    Unit { name: "ns", ns: 1 },
    Unit { name: "µs", ns: 1_000 },
    Unit { name: "ms", ns: 1_000_000 },
    Unit { name: "s", ns: 1_000_000_000 },
];

impl Unit {
    /// The unit a row of durations is shown in: the largest that is not longer than `typical`,
    /// or a larger one if `longest` would not fit its column.
    pub(super) fn of_row(typical_ns: u64, longest_ns: u64) -> Unit {
        let fits = |unit: &Unit| {
            let next = unit.ns.saturating_mul(1_000);
            typical_ns < next && longest_ns < unit.ns.saturating_mul(100_000)
        };
        UNITS.into_iter().find(fits).unwrap_or(UNITS[3])
    }

    /// A duration in this unit, without its name.
    pub(super) fn show(self, ns: u64) -> String {
        let value = ns as f64 / self.ns as f64;
        // Columns hold six characters; only seconds can get longer.
        if value < 99_999.5 { significant(value) } else { compact(value) }
    }
}

/// One duration with its unit: `96.0ms`, `1.20s`.
pub(in crate::report) fn duration(ns: u64) -> String {
    if ns == 0 {
        return "0s".to_owned();
    }
    // What rounds to 1000 of a unit belongs to the next.
    let unit = Unit::of_row(ns.saturating_add(ns / 2_001), 0);
    format!("{}{}", unit.show(ns), unit.name)
}

/// A span of time: below a minute as `duration`, above in whole seconds: `5m20s`, `2h05m00s`.
#[must_use]
pub fn span(ns: u64) -> String {
    let seconds = ns / 1_000_000_000;
    match seconds {
        0..60 => duration(ns),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m{:02}s", seconds / 3_600, seconds / 60 % 60, seconds % 60),
    }
}

/// A point in time, to the millisecond: `1m58.412s`.
pub(in crate::report) fn instant(ns: u64) -> String {
    let (seconds, millis) = (ns / 1_000_000_000, ns / 1_000_000 % 1_000);
    match seconds {
        0..60 => format!("{seconds}.{millis:03}s"),
        60..3_600 => format!("{}m{:02}.{millis:03}s", seconds / 60, seconds % 60),
        _ => {
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            format!("{hours}h{minutes:02}m{:02}.{millis:03}s", seconds % 60)
        }
    }
}

/// A bar of eighths: `share` (0 to 1) of `cells`, at least a sliver if not nothing.
pub(super) fn bar(share: f64, cells: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * cells as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let plain = |text: String| text.replace(GROUP, " ");
        assert_eq!(plain(count(0)), "0");
        assert_eq!(plain(count(999)), "999");
        assert_eq!(plain(count(41_208)), "41 208");
        assert_eq!(plain(count(u64::MAX)), "18 446 744 073 709 551 615");
        assert_eq!(plain(signed(-1_234)), "-1 234");
        assert_eq!(plain(signed(i64::MIN)), "-9 223 372 036 854 775 808");
    }

    #[test]
    fn three_significant_digits_and_never_a_dropped_decimal() {
        for (value, text) in [
            (0.0, "0"),
            (0.000_01, "<.0001"),
            (0.096, "0.0960"),
            (0.25, "0.250"),
            (1.0, "1.00"),
            (9.996, "10.0"),
            (96.04, "96.0"),
            (99.96, "100"),
            (412.4, "412"),
            (49_300.0, "49 300"),
            (-1_234.0, "-1 234"),
        ] {
            assert_eq!(significant(value).replace(GROUP, " "), text, "{value}");
        }
    }

    #[test]
    fn durations_pick_their_unit() {
        for (ns, text) in [
            (0, "0s"),
            (1, "1.00ns"),
            (999, "999ns"),
            (999_600, "1.00ms"),
            (96_000_000, "96.0ms"),
            (1_200_000_000, "1.20s"),
            (4_000_000_000_000, "4 000s"),
        ] {
            assert_eq!(duration(ns).replace(GROUP, " "), text, "{ns}");
        }
        assert_eq!(span(320_000_000_000), "5m20s");
        assert_eq!(span(7_500_000_000_000), "2h05m00s");
        assert_eq!(span(58_400_000_000), "58.4s");
        assert_eq!(instant(118_412_345_678), "1m58.412s");
        assert_eq!(instant(7_000_000), "0.007s");
    }

    #[test]
    fn a_row_has_one_unit_that_fits_its_longest_figure() {
        assert_eq!(Unit::of_row(96_000_000, 4_930_000_000).name, "ms");
        assert_eq!(Unit::of_row(96_000_000, 400_000_000_000).name, "s");
        assert_eq!(Unit::of_row(0, 0).name, "ns");
        assert_eq!(Unit::of_row(0, u64::MAX).show(u64::MAX), "18.4G");
        assert_eq!(Unit::of_row(u64::MAX, u64::MAX).name, "s");
    }

    #[test]
    fn shares_and_bars() {
        assert_eq!(percent(1, 0), NONE);
        assert_eq!(percent(774, 1_000), "77.4%");
        assert_eq!(percent(5, 5), "100%");
        assert_eq!(bar(0.0, 20), "");
        assert_eq!(bar(0.000_1, 20), "▏");
        assert_eq!(bar(1.0, 4), "████");
        assert_eq!(bar(0.5, 3), "█▌");
        assert_eq!(compact(999_600.0), "1.00M");
        assert_eq!(compact(3_420_000.0), "3.42M");
        assert_eq!(compact(188.0), "188");
    }
}
