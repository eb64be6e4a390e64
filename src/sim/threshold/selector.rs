//! Which figure: `orders`, `checkout{outcome=completed}`, `faults{fault="payments refused"}`.

use super::catalogue::{METRICS, Metric, Tag, Values, metric};
use super::figures::{Figures, Measured};
use super::read::{Reader, Wrong, in_name};
use crate::sim::scenario::advice;
use std::fmt;
use std::ops::Range;

/// A metric and what it is narrowed to.
#[derive(Clone, PartialEq, Debug)]
pub struct Selector {
    metric: &'static Metric,
    tags: Vec<(&'static str, String)>,
}

const EXAMPLE: &str = "write for example: metric = \"checkout{outcome=completed}\"";

impl Selector {
    /// Reads a selector. `faults` are the names of the scenario's faults.
    ///
    /// # Errors
    /// It has another form, or names a metric, a tag or a value that does not exist.
    pub fn parse(text: &str, faults: &[&str]) -> Result<Selector, Wrong> {
        let mut reader = Reader::new(text);
        reader.skip_space();
        let start = reader.at();
        let name = reader.take_while(in_name);
        let place = reader.since(start);
        let names = METRICS.map(|metric| metric.name);
        if name.is_empty() {
            return Err(Wrong::at(0..text.len(), "no metric is named").help(EXAMPLE));
        }
        let metric = metric(name).ok_or_else(|| {
            Wrong::at(place, format!("unknown metric `{name}`")).help(advice(name, &names))
        })?;
        let mut selector = Selector { metric, tags: Vec::new() };
        reader.skip_space();
        if reader.take('{') {
            loop {
                selector.tag(&mut reader, faults)?;
                if !reader.take(',') {
                    break;
                }
            }
            if !reader.take('}') {
                let open = "the tags end with `}`, and `,` stands between them";
                return Err(Wrong::at(reader.remainder(), open).help(EXAMPLE));
            }
        }
        reader.skip_space();
        if !reader.rest().is_empty() {
            let rest = format!("nothing was expected after the metric, found `{}`", reader.rest());
            return Err(Wrong::at(reader.remainder(), rest).help(EXAMPLE));
        }
        Ok(selector)
    }

    fn tag(&mut self, reader: &mut Reader<'_>, faults: &[&str]) -> Result<(), Wrong> {
        reader.skip_space();
        let start = reader.at();
        let name = reader.take_while(in_name);
        let place = reader.since(start);
        let tag = self.known_tag(name, place.clone())?;
        reader.skip_space();
        if !reader.take('=') {
            let reason = format!("the tag `{name}` has no value");
            return Err(Wrong::at(place, reason).help(format!("write `{name}=…`")));
        }
        reader.skip_space();
        let start = reader.at();
        let value = value(reader)?;
        let value_place = reader.since(start);
        reader.skip_space();
        let known = match tag.values {
            Values::Known(values) => values(self.metric.name),
            Values::Faults => faults.to_vec(),
        };
        if !known.contains(&value.as_str()) {
            return Err(no_value(tag.name, &value, value_place, &known));
        }
        if self.of(tag.name).is_some() {
            return Err(Wrong::at(place, format!("the tag `{name}` stands here twice")));
        }
        self.tags.push((tag.name, value));
        Ok(())
    }

    fn known_tag(&self, name: &str, place: Range<usize>) -> Result<&'static Tag, Wrong> {
        let metric = self.metric;
        if let Some(tag) = metric.tags.iter().find(|tag| tag.name == name) {
            return Ok(tag);
        }
        let known: Vec<&str> = metric.tags.iter().map(|tag| tag.name).collect();
        let wrong = Wrong::at(place, format!("`{}` has no tag `{name}`", metric.name));
        Err(if known.is_empty() {
            wrong.help("it has no tags")
        } else {
            wrong.help(advice(name, &known))
        })
    }

    /// The metric.
    #[must_use]
    pub const fn metric(&self) -> &'static Metric {
        self.metric
    }

    /// The value a tag is narrowed to.
    #[must_use]
    pub fn of(&self, tag: &str) -> Option<&str> {
        let found = self.tags.iter().find(|(name, _)| *name == tag);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether a tag has this value, or is not narrowed.
    pub(super) fn takes(&self, tag: &str, value: &str) -> bool {
        self.of(tag).is_none_or(|wanted| wanted == value)
    }

    /// Takes the figure from those of a run.
    pub(super) fn measure<'a>(&self, figures: &Figures<'a>) -> Measured<'a> {
        (self.metric.measure)(figures, self)
    }
}

fn no_value(tag: &str, value: &str, place: Range<usize>, known: &[&str]) -> Wrong {
    let wrong = Wrong::at(place, format!("unknown {tag} `{value}`"));
    match known.is_empty() {
        true => wrong.help(format!("the scenario declares no {tag}")),
        false => wrong.help(advice(value, known)),
    }
}

/// A value: bare up to the next `,` or `}`, or in quotes.
fn value(reader: &mut Reader<'_>) -> Result<String, Wrong> {
    if !reader.take('"') {
        let bare = reader.take_while(|c| !is_special(c));
        return Ok(bare.trim().to_owned());
    }
    let start = reader.at() - 1;
    let mut value = String::new();
    loop {
        match reader.next() {
            Some('"') => return Ok(value),
            Some('\\') => value.extend(reader.next()),
            Some(c) => value.push(c),
            None => {
                let place = reader.since(start);
                return Err(Wrong::at(place, "the value has no closing quote"));
            }
        }
    }
}

const fn is_special(c: char) -> bool {
    matches!(c, ',' | '{' | '}' | '=' | '"' | '\\')
}

/// As scenario files have it; reads back as itself.
impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.metric.name)?;
        let mut before = '{';
        for (tag, value) in &self.tags {
            let bare = !value.is_empty() && !value.contains(is_special) && value.trim() == value;
            if bare {
                write!(formatter, "{before}{tag}={value}")?;
            } else {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                write!(formatter, "{before}{tag}=\"{value}\"")?;
            }
            before = ',';
        }
        if before == ',' { formatter.write_str("}") } else { Ok(()) }
    }
}
