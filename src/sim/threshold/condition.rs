//! What must hold of a figure: `p(99) < 3s`, `rate > 0.8`, `count == 0`.

use super::catalogue::{Kind, Unit};
use super::read::{Reader, Wrong, in_name};
use super::selector::Selector;
use crate::sim::scenario::{
    Refusal, advice, format_duration, format_rate, parse_duration, parse_rate, percent_as_share,
};
use std::fmt;
use std::ops::Range;

/// An aggregation, an operator, and a limit in the unit of both.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Condition {
    /// What is made of the samples.
    pub aggregation: Aggregation,
    /// How it is compared.
    pub operator: Operator,
    /// With what: nanoseconds, a share, a number, or occurrences per second.
    pub limit: f64,
    /// Which of these.
    pub unit: Unit,
}

/// What is made of the samples of a metric.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Aggregation {
    /// This share of the samples, in percent, is at or below it.
    Percentile(f64),
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The mean.
    Avg,
    /// Half of the samples are at or below it.
    Med,
    /// How many.
    Count,
    /// The share of the whole.
    Rate,
    /// The one figure there is.
    Value,
}

/// An aggregation without its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// `p(99)`
    Percentile,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `avg`
    Avg,
    /// `med`
    Med,
    /// `count`
    Count,
    /// `rate`
    Rate,
    /// `value`
    Value,
}

impl Form {
    /// The name used in scenario files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Form::Percentile => "p(x)",
            Form::Min => "min",
            Form::Max => "max",
            Form::Avg => "avg",
            Form::Med => "med",
            Form::Count => "count",
            Form::Rate => "rate",
            Form::Value => "value",
        }
    }
}

impl Aggregation {
    const fn form(self) -> Form {
        match self {
            Aggregation::Percentile(_) => Form::Percentile,
            Aggregation::Min => Form::Min,
            Aggregation::Max => Form::Max,
            Aggregation::Avg => Form::Avg,
            Aggregation::Med => Form::Med,
            Aggregation::Count => Form::Count,
            Aggregation::Rate => Form::Rate,
            Aggregation::Value => Form::Value,
        }
    }
}

/// How a figure is compared with its limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Operator {
    /// All, those of two characters first.
    pub const ALL: [Operator; 6] = [
        Operator::AtMost,
        Operator::AtLeast,
        Operator::Equal,
        Operator::Unequal,
        Operator::Below,
        Operator::Above,
    ];

    /// The sign used in scenario files.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Operator::Below => "<",
            Operator::AtMost => "<=",
            Operator::Above => ">",
            Operator::AtLeast => ">=",
            Operator::Equal => "==",
            Operator::Unequal => "!=",
        }
    }
}

impl Condition {
    /// Reads a condition on the figure of a selector.
    ///
    /// # Errors
    /// It has another form, an aggregation that the metric does not have, a limit without its
    /// unit or beyond what the figure can be, or it holds (or fails) whatever happens.
    pub fn parse(text: &str, selector: &Selector) -> Result<Condition, Wrong> {
        let mut reader = Reader::new(text);
        reader.skip_space();
        let start = reader.at();
        let aggregation = aggregation(&mut reader, selector)?;
        let place = reader.since(start);
        let unit = unit(aggregation, place, selector)?;
        reader.skip_space();
        let operator = operator(&mut reader, unit)?;
        reader.skip_space();
        let place = reader.at()..text.trim_end().len().max(reader.at());
        let limit = limit(reader.rest().trim_end(), unit, place)?;
        let condition = Condition { aggregation, operator, limit, unit };
        condition.says_something(0..text.len())?;
        Ok(condition)
    }

    /// Whether it holds of a figure.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        match self.operator {
            Operator::Below => value < self.limit,
            Operator::AtMost => value <= self.limit,
            Operator::Above => value > self.limit,
            Operator::AtLeast => value >= self.limit,
            Operator::Equal => value == self.limit,
            Operator::Unequal => value != self.limit,
        }
    }

    /// Refuses what no figure can change: a threshold that cannot fail, or cannot hold.
    fn says_something(&self, place: Range<usize>) -> Result<(), Wrong> {
        let top = match self.unit {
            Unit::Share => 1.0,
            Unit::Time | Unit::Number | Unit::Rate => f64::INFINITY,
        };
        let reason = match self.operator {
            Operator::AtLeast if self.limit <= 0.0 => "always holds: nothing is below 0",
            Operator::AtMost if self.limit >= top => "always holds: no share is above 1",
            Operator::Below if self.limit <= 0.0 => "can never hold: nothing is below 0",
            Operator::Above if self.limit >= top => "can never hold: no share is above 1",
            Operator::Below
            | Operator::AtMost
            | Operator::Above
            | Operator::AtLeast
            | Operator::Equal
            | Operator::Unequal => return Ok(()),
        };
        let help = "a threshold must be able to hold and to fail";
        Err(Wrong::at(place, format!("`{self}` {reason}")).help(help))
    }
}

/// An example of a condition in this unit.
const fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Time => "write for example: expr = \"p(99) < 3s\"",
        Unit::Share => "write for example: expr = \"rate > 0.8\"",
        Unit::Number => "write for example: expr = \"count < 100\"",
        Unit::Rate => "write for example: expr = \"value > 40/s\"",
    }
}

/// The aggregations of a kind, as a person writes them.
pub(super) fn forms_of(kind: Kind) -> String {
    let names: Vec<&str> = kind.forms().iter().map(|(form, _)| form.name()).collect();
    names.join(", ")
}

fn aggregation(reader: &mut Reader<'_>, selector: &Selector) -> Result<Aggregation, Wrong> {
    let start = reader.at();
    let word = reader.take_while(|c| in_name(c) || c == '.');
    let found = match word {
        "p" => return percentile(reader, start),
        "min" => Aggregation::Min,
        "max" => Aggregation::Max,
        "avg" | "mean" => Aggregation::Avg,
        "med" => Aggregation::Med,
        "count" => Aggregation::Count,
        "rate" => Aggregation::Rate,
        "value" => Aggregation::Value,
        _ => return Err(unknown(word, reader, start, selector)),
    };
    Ok(found)
}

fn unknown(word: &str, reader: &Reader<'_>, start: usize, selector: &Selector) -> Wrong {
    let metric = selector.metric();
    if word.is_empty() {
        let wrong = Wrong::at(reader.remainder(), "a condition begins with an aggregation");
        return wrong.help(format!("`{}` has {}", metric.name, forms_of(metric.kind)));
    }
    let wrong = Wrong::at(reader.since(start), format!("unknown aggregation `{word}`"));
    let digits = word.strip_prefix('p').filter(|rest| rest.parse::<f64>().is_ok());
    match (digits, word) {
        (Some(digits), _) => wrong.help(format!("did you mean `p({digits})`?")),
        (None, "median") => wrong.help("did you mean `med`?"),
        (None, "average") => wrong.help("did you mean `avg`?"),
        (None, _) => {
            let known: Vec<&str> =
                metric.kind.forms().iter().map(|(form, _)| form.name()).collect();
            wrong.help(advice(word, &known))
        }
    }
}

fn percentile(reader: &mut Reader<'_>, start: usize) -> Result<Aggregation, Wrong> {
    reader.skip_space();
    let opened = reader.take('(');
    reader.skip_space();
    let from = reader.at();
    let digits = reader.take_while(|c| !matches!(c, ')' | '<' | '>' | '=' | '!')).trim();
    let place = from..from + digits.len();
    if !opened || !reader.take(')') {
        let wrong = Wrong::at(reader.since(start), "a percentile is written `p(99)`");
        return Err(wrong);
    }
    let numeric = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let Some(percent) = digits.parse::<f64>().ok().filter(|_| numeric) else {
        let wrong = Wrong::at(reader.since(start), format!("`{digits}` is not a percentage"));
        return Err(wrong.help("write for example `p(99)` or `p(99.9)`"));
    };
    if (1.0..100.0).contains(&percent) {
        return Ok(Aggregation::Percentile(percent));
    }
    let wrong = Wrong::at(place, format!("{digits} is not a percentage from 1 to below 100"));
    Err(if percent == 100.0 {
        wrong.help("did you mean `max`?")
    } else if percent > 0.0 && percent < 1.0 {
        wrong.help(format!("did you mean `p({})`?", tidy(percent * 100.0)))
    } else if percent == 0.0 {
        wrong.help("did you mean `min`?")
    } else {
        wrong.help("write for example `p(99)` or `p(99.9)`")
    })
}

/// A number without the noise of its last bits.
fn tidy(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The unit of an aggregation, if the metric has it.
fn unit(aggregation: Aggregation, place: Range<usize>, selector: &Selector) -> Result<Unit, Wrong> {
    let metric = selector.metric();
    let form = aggregation.form();
    let found = metric.kind.forms().iter().find(|(known, _)| *known == form);
    let Some(&(_, unit)) = found else {
        let reason = format!("`{}` has no `{}`", metric.name, form.name());
        return Err(Wrong::at(place, reason).help(format!("it has {}", forms_of(metric.kind))));
    };
    if let (Kind::Each(_), Form::Value, Some(tag)) = (metric.kind, form, metric.tags.first())
        && selector.of(tag.name).is_none()
    {
        let reason = format!("`value` is that of one {}, and none is named", tag.name);
        let help = format!("add a tag, `{}{{{}=…}}`, or ask for `max`", metric.name, tag.name);
        return Err(Wrong::at(place, reason).help(help));
    }
    Ok(unit)
}

fn operator(reader: &mut Reader<'_>, unit: Unit) -> Result<Operator, Wrong> {
    let start = reader.at();
    let signs = reader.take_while(|c| matches!(c, '<' | '>' | '=' | '!' | '~' | '≤' | '≥'));
    if let Some(found) = Operator::ALL.into_iter().find(|operator| operator.sign() == signs) {
        return Ok(found);
    }
    if signs.is_empty() {
        let reason = "an operator is missing: < <= > >= == !=";
        return Err(Wrong::at(reader.remainder(), reason).help(example(unit)));
    }
    let meant = match signs {
        "=" | "===" => Some("=="),
        "=<" | "≤" => Some("<="),
        "=>" | "≥" => Some(">="),
        "!==" | "<>" => Some("!="),
        _ => None,
    };
    let wrong = Wrong::at(reader.since(start), format!("unknown operator `{signs}`"));
    Err(match meant {
        Some(meant) => wrong.help(format!("did you mean `{meant}`?")),
        None => wrong.help("known: < <= > >= == !="),
    })
}

fn limit(text: &str, unit: Unit, place: Range<usize>) -> Result<f64, Wrong> {
    if text.is_empty() {
        return Err(Wrong::at(place, "the limit is missing").help(example(unit)));
    }
    let refused = |refusal: Refusal| Wrong {
        place: place.clone(),
        reason: refusal.reason,
        help: refusal.help,
    };
    match unit {
        // Limits beyond 104 days lose nanoseconds; no latency is that long.
        Unit::Time => parse_duration(text).map(|ns| ns as f64).map_err(refused),
        Unit::Rate => parse_rate(text).map_err(refused),
        Unit::Share => share(text, place),
        Unit::Number => number(text).ok_or_else(|| {
            let reason = format!("`{text}` is not a number, 0 or more, without a unit");
            Wrong::at(place, reason).help(example(unit))
        }),
    }
}

fn share(text: &str, place: Range<usize>) -> Result<f64, Wrong> {
    let percent = text.strip_suffix('%').and_then(|digits| number(digits.trim_end()));
    match (number(text), percent) {
        (Some(share), _) if share <= 1.0 => Ok(share),
        (Some(percent), _) | (None, Some(percent)) => {
            let wrong = Wrong::at(place, format!("`{text}` is not between 0 and 1"));
            Err(if percent <= 100.0 {
                wrong.help(format!("did you mean {}?", percent_as_share(percent)))
            } else {
                wrong.help("0 is none, 1 is all")
            })
        }
        (None, None) => {
            let reason = format!("`{text}` is not a share, a number from 0 to 1");
            Err(Wrong::at(place, reason).help(example(Unit::Share)))
        }
    }
}

/// A number as TOML writes it, without sign or exponent.
fn number(text: &str) -> Option<f64> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_');
    let number = text.replace('_', "").parse::<f64>().ok()?;
    (digits && number.is_finite()).then_some(number)
}

impl fmt::Display for Aggregation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Aggregation::Percentile(percent) => write!(formatter, "p({percent})"),
            other => formatter.write_str(other.form().name()),
        }
    }
}

/// As scenario files have it; reads back as itself.
impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ", self.aggregation, self.operator.sign())?;
        match self.unit {
            // Limits are whole nanoseconds, and a cast from a double saturates.
            Unit::Time => formatter.write_str(&format_duration(self.limit as u64)),
            Unit::Rate => formatter.write_str(&format_rate(self.limit)),
            Unit::Share | Unit::Number => write!(formatter, "{}", self.limit),
        }
    }
}
