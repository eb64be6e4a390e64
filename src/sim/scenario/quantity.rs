//! Durations and rates as people write them: `250ms`, `1m 30s`, `40/s`, `36k/h`.
//!
//! Only units that mean one thing are known: there are no months, and `5M` is refused.

/// The longest duration a scenario may name: 100 years of 365 days, in nanoseconds. Two of them
/// still fit into an `i64`.
pub const LONGEST_NS: u64 = 36_500 * 86_400 * 1_000_000_000;
/// The highest rate a scenario may name, per second.
pub const HIGHEST_RATE_PER_S: f64 = 1e9;

/// Why a text is not a quantity, and what was probably meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What is wrong with it.
    pub reason: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Refusal {
    fn new(reason: impl Into<String>) -> Self {
        Refusal { reason: reason.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Unit names with their nanoseconds, longest unit first.
const UNITS: [(&str, u64); 9] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("ns", 1),
];

fn unit_ns(name: &str) -> Option<u64> {
    // The Greek letter mu looks like the micro sign and is as common on keyboards.
    let name = if name == "μs" { "µs" } else { name };
    UNITS.iter().find(|(unit, _)| *unit == name).map(|(_, ns)| *ns)
}

/// Reads a duration such as `250ms`, `1.5s`, `1m30s` or `1h 5m` into nanoseconds.
///
/// # Errors
/// No unit, an unknown unit (`5M`), a sign, a fraction of a nanosecond, or more than
/// [`LONGEST_NS`].
pub fn parse_duration(text: &str) -> Result<u64, Refusal> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Refusal::new("an empty text is not a duration").help(EXAMPLE));
    }
    if trimmed.starts_with('-') {
        return Err(Refusal::new("a duration cannot be negative").help(EXAMPLE));
    }
    let mut rest = trimmed;
    let mut total_ns: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split_while(rest, |c| c.is_ascii_digit() || c == '.' || c == '_');
        let (unit, after) = split_while(after.trim_start(), char::is_alphabetic);
        if number.is_empty() {
            return Err(Refusal::new(format!("`{trimmed}` is not a duration")).help(EXAMPLE));
        }
        let part_ns = scaled(number, scale_of(trimmed, number, unit)?)?;
        total_ns = total_ns
            .checked_add(part_ns)
            .filter(|ns| *ns <= LONGEST_NS)
            .ok_or_else(|| too_long(trimmed))?;
        rest = after.trim_start();
    }
    Ok(total_ns)
}

const EXAMPLE: &str = "write a number with its unit, such as \"250ms\", \"2s\" or \"1m 30s\" (units: ns us µs ms s m min h d)";

fn scale_of(text: &str, number: &str, unit: &str) -> Result<u64, Refusal> {
    if unit.is_empty() {
        let refusal = Refusal::new(format!("`{text}` has no unit"));
        return Err(refusal.help(format!("did you mean `{number}s` or `{number}ms`?")));
    }
    unit_ns(unit).ok_or_else(|| {
        let refusal = Refusal::new(format!("`{unit}` is not a unit of time"));
        match meant_unit(unit) {
            Some(meant) => {
                // Only the unit is wrong: show the text as it should be.
                let mended =
                    text.replacen(&format!("{number}{unit}"), &format!("{number}{meant}"), 1);
                refusal.help(format!("did you mean `{mended}`?"))
            }
            None => refusal.help(EXAMPLE),
        }
    })
}

fn meant_unit(unit: &str) -> Option<&'static str> {
    match unit.to_lowercase().as_str() {
        "ns" | "nsec" | "nanos" | "nanosecond" | "nanoseconds" => Some("ns"),
        "us" | "usec" | "micros" | "microsecond" | "microseconds" => Some("us"),
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => Some("ms"),
        "s" | "sec" | "secs" | "second" | "seconds" => Some("s"),
        "m" | "min" | "mins" | "minute" | "minutes" => Some("m"),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "d" | "day" | "days" => Some("d"),
        _ => None,
    }
}

/// `number` × `scale`, exactly: a fraction is allowed only down to whole nanoseconds.
fn scaled(number: &str, scale: u64) -> Result<u64, Refusal> {
    let plain = number.replace('_', "");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || fraction.contains('.') || fraction.len() > 15 {
        return Err(Refusal::new(format!("`{number}` is not a number")).help(EXAMPLE));
    }
    let divisor = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let digits: u128 = format!("{whole}{fraction}").parse().map_err(|_| too_long(number))?;
    let product = digits.checked_mul(u128::from(scale)).ok_or_else(|| too_long(number))?;
    if product % divisor != 0 {
        return Err(Refusal::new(format!("`{number}` is finer than a nanosecond")));
    }
    u64::try_from(product / divisor).map_err(|_| too_long(number))
}

fn too_long(text: &str) -> Refusal {
    Refusal::new(format!("`{text}` is too long")).help("the longest duration is `36500d`")
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !keep(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// Nanoseconds exactly, as scenario files have them: `1m 30s`, `5m`, `1ms 500us`.
#[must_use]
pub fn format_duration(ns: u64) -> String {
    let mut rest = ns;
    let mut parts = Vec::new();
    for (unit, scale) in UNITS.iter().filter(|(unit, _)| *unit != "min" && *unit != "µs") {
        if rest >= *scale {
            parts.push(format!("{}{unit}", rest / scale));
            rest %= scale;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

const RATE_EXAMPLE: &str =
    "write a number per unit of time, such as \"40/s\", \"36k/h\" or \"1.5/m\"";

/// Reads a rate such as `40/s`, `36k/h` or `1.5/m` into occurrences per second.
///
/// # Errors
/// No `/` and unit, not a number, negative, or above [`HIGHEST_RATE_PER_S`].
pub fn parse_rate(text: &str) -> Result<f64, Refusal> {
    let trimmed = text.trim();
    let Some((amount, unit)) = trimmed.split_once('/') else {
        let refusal = Refusal::new(format!("`{trimmed}` does not say per what"));
        return Err(match trimmed.parse::<f64>() {
            Ok(number) if number >= 0.0 => refusal.help(format!("did you mean `{trimmed}/s`?")),
            Ok(_) | Err(_) => refusal.help(RATE_EXAMPLE),
        });
    };
    let (amount, unit) = (amount.trim(), unit.trim());
    let seconds = match unit {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return Err(rate_unit(amount, unit)),
    };
    if amount.starts_with('-') {
        return Err(Refusal::new("a rate cannot be negative").help(RATE_EXAMPLE));
    }
    let (digits, factor) = match amount.strip_suffix('k') {
        Some(digits) => (digits, 1_000.0),
        None => (amount, 1.0),
    };
    let plain = digits.replace('_', "");
    let numeric = !plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit() || c == '.');
    let per_s = plain.parse::<f64>().ok().filter(|_| numeric).map(|n| n * factor / seconds);
    match per_s {
        Some(rate) if rate <= HIGHEST_RATE_PER_S => Ok(rate),
        Some(_) => Err(Refusal::new(format!("`{trimmed}` is too high"))
            .help("the highest rate is `1000000k/s`")),
        None => Err(Refusal::new(format!("`{amount}` is not a number")).help(RATE_EXAMPLE)),
    }
}

fn rate_unit(amount: &str, unit: &str) -> Refusal {
    let refusal = Refusal::new(format!("`{unit}` is not a unit a rate can have (s m min h d)"));
    match meant_unit(unit) {
        Some(meant @ ("s" | "m" | "h" | "d")) => {
            refusal.help(format!("did you mean `{amount}/{meant}`?"))
        }
        Some(_) | None => refusal.help(RATE_EXAMPLE),
    }
}

/// A rate per second as scenario files have it; reads back as the same number.
#[must_use]
pub fn format_rate(per_s: f64) -> String {
    format!("{per_s}/s")
}
