//! Where mistakes are collected, and how single values are judged.
//!
//! Every reader returns a value, also for a mistake (then the default), so that reading goes on
//! and all mistakes are found. Whoever reads looks at the end whether anything was found.

use super::diagnostics::{Diagnostic, Diagnostics, boundary_before};
use super::file::Field;
use super::limits::Limits;
use super::names;
use super::quantity::{self, Refusal};
use super::value::Scalar;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// The mistakes found so far.
#[derive(Default, Debug)]
pub(super) struct Sink {
    found: Vec<Diagnostic>,
    /// Keys whose value was wrong in form: they are not missing.
    damaged: BTreeSet<String>,
    /// From the line of the first broken header on, nothing can be judged.
    blind_from: Option<usize>,
    /// Lines with a syntax error: one mistake is enough there.
    broken_lines: Vec<Range<usize>>,
}

impl Sink {
    /// Notes a mistake.
    pub(super) fn add(&mut self, found: Diagnostic) {
        self.found.push(found);
    }

    /// Notes a mistake unless something is known to be wrong at the very same place.
    pub(super) fn add_once(&mut self, found: Diagnostic) {
        if !self.found.iter().any(|other| other.span == found.span) {
            self.add(found);
        }
    }

    /// Notes a mistake of TOML itself.
    pub(super) fn syntax_error(&mut self, text: &str, found: Diagnostic) {
        let at = boundary_before(text, found.span.as_ref().map_or(0, |span| span.start));
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
        let first_on_line = !self.broken_lines.iter().any(|line| line.start == start);
        if text[start..end].trim_start().starts_with('[') {
            self.blind_from = Some(self.blind_from.map_or(start, |blind| blind.min(start)));
        }
        if first_on_line {
            self.broken_lines.push(start..end);
            self.found.push(found);
        }
    }

    /// Notes that a key was there, but could not be read.
    pub(super) fn damaged(&mut self, key: String) {
        self.damaged.insert(key);
    }

    /// Notes that a key is missing, unless it is there and wrong, or hidden by a syntax error.
    pub(super) fn missing(&mut self, place: Range<usize>, key: &str, example: &str) {
        if self.damaged.contains(key) || self.blamed(&place) || !self.broken_lines.is_empty() {
            return;
        }
        let problem = Diagnostic::at(place, format!("`{key}` is missing"));
        self.add(problem.help(format!("write for example: {example}")));
    }

    /// Whether something inside this place is already known to be wrong.
    pub(super) fn blamed(&self, place: &Range<usize>) -> bool {
        self.found.iter().filter_map(|found| found.span.as_ref()).any(|span| {
            let inside = place.start <= span.start && span.end <= place.end;
            inside && !span.is_empty() && span.len() < place.len()
        })
    }

    /// What was made of the text, or else its mistakes.
    pub(super) fn into_result<T>(
        self,
        path: &Path,
        text: &str,
        made: Option<T>,
    ) -> Result<T, Diagnostics> {
        let Sink { found, blind_from, broken_lines, .. } = self;
        // They were found first, one to a line, and are never hidden.
        let syntax_errors = broken_lines.len();
        let on_broken_line = |span: &Range<usize>| {
            broken_lines.iter().any(|line| line.start <= span.start && span.start <= line.end)
        };
        let hidden = |span: &Range<usize>| {
            on_broken_line(span) || blind_from.is_some_and(|blind| span.start >= blind)
        };
        let items: Vec<Diagnostic> = found
            .into_iter()
            .enumerate()
            .filter(|(n, item)| *n < syntax_errors || !item.span.as_ref().is_some_and(hidden))
            .map(|(_, item)| item)
            .collect();
        match made {
            Some(made) if items.is_empty() => Ok(made),
            Some(_) | None => Err(Diagnostics::new(path, text, items)),
        }
    }

    /// A whole number within limits.
    pub(super) fn whole<N: TryFrom<i64>>(
        &mut self,
        field: &Field<i64>,
        limits: &Limits,
        default: N,
    ) -> N {
        let Some(field) = field else { return default };
        let number = *field.get_ref();
        let within = limits.min <= number && number <= limits.max;
        match N::try_from(number) {
            Ok(number) if within => number,
            Ok(_) | Err(_) => {
                self.add(limits.refuse(field.span(), &number.to_string(), number < limits.min));
                default
            }
        }
    }

    /// A duration in nanoseconds.
    pub(super) fn duration(&mut self, field: &Field<Scalar>, default: u64) -> u64 {
        self.some_duration(field).unwrap_or(default)
    }

    /// A duration in nanoseconds; none if it is absent or wrong.
    pub(super) fn some_duration(&mut self, field: &Field<Scalar>) -> Option<u64> {
        let field = field.as_ref()?;
        self.judge(field, quantity::parse_duration, |number| {
            let reason = format!("{number} is not a duration");
            let help = "write it in quotes with its unit, such as \"250ms\", \"2s\" or \"5m\"";
            Refusal { reason, help: Some(help.to_owned()) }
        })
    }

    /// A rate per second.
    pub(super) fn rate(&mut self, field: &Field<Scalar>, default: f64) -> f64 {
        let Some(field) = field else { return default };
        let rate = self.judge(field, quantity::parse_rate, |number| {
            let reason = format!("{number} does not say per what");
            let help = match number {
                Scalar::Whole(n) if *n >= 0 => format!("did you mean \"{n}/s\"?"),
                Scalar::Text(_) | Scalar::Whole(_) | Scalar::Decimal(_) | Scalar::Switch(_) => {
                    "write it in quotes with its unit, such as \"40/s\"".to_owned()
                }
            };
            Refusal { reason, help: Some(help) }
        });
        rate.unwrap_or(default)
    }

    fn judge<T>(
        &mut self,
        field: &Spanned<Scalar>,
        parse: impl Fn(&str) -> Result<T, Refusal>,
        not_a_text: impl Fn(&Scalar) -> Refusal,
    ) -> Option<T> {
        let judged = match field.get_ref() {
            Scalar::Text(text) => parse(text),
            other @ (Scalar::Whole(_) | Scalar::Decimal(_) | Scalar::Switch(_)) => {
                Err(not_a_text(other))
            }
        };
        judged.map_err(|refusal| self.refuse(field.span(), refusal)).ok()
    }

    fn refuse(&mut self, place: Range<usize>, refusal: Refusal) {
        let found = Diagnostic::at(place, refusal.reason);
        self.add(match refusal.help {
            Some(help) => found.help(help),
            None => found,
        });
    }

    /// A probability or share, 0 to 1.
    pub(super) fn probability(&mut self, field: &Field<f64>, default: f64) -> f64 {
        let Some(field) = field else { return default };
        let number = *field.get_ref();
        if (0.0..=1.0).contains(&number) {
            // Turns -0.0 into 0.0.
            return number.abs();
        }
        let found = Diagnostic::at(field.span(), format!("{number} is not between 0 and 1"));
        self.add(if number > 1.0 && number <= 100.0 {
            found.help(format!("did you mean {}?", percent_as_share(number)))
        } else {
            found.help("0 is never, 1 is always")
        });
        default
    }

    /// A number from `min` on that is not infinite.
    pub(super) fn at_least(
        &mut self,
        field: &Field<f64>,
        what: &str,
        min: f64,
        default: f64,
    ) -> f64 {
        let Some(field) = field else { return default };
        let number = *field.get_ref();
        if number.is_finite() && number >= min {
            return number.abs();
        }
        self.add(Diagnostic::at(field.span(), format!("{what} must be a number from {min}")));
        default
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(
        &mut self,
        field: &Field<String>,
        what: &str,
        words: &[(&str, T)],
        default: T,
    ) -> T {
        field.as_ref().and_then(|field| self.one_of(field, what, words)).unwrap_or(default)
    }

    /// One of several words; none if it is another.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        field: &Spanned<String>,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let word = field.get_ref().as_str();
        let meaning = words.iter().find(|(name, _)| *name == word).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let known: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            let found = Diagnostic::at(field.span(), format!("unknown {what} `{word}`"));
            self.add(found.help(names::advice(word, &known)));
        }
        meaning
    }

    /// Names out of a list of known ones.
    pub(super) fn names(
        &mut self,
        fields: &[Spanned<String>],
        what: &str,
        known: &[&'static str],
    ) -> Vec<String> {
        let words: Vec<(&str, &str)> = known.iter().map(|name| (*name, *name)).collect();
        fields
            .iter()
            .filter_map(|field| self.one_of(field, what, &words))
            .map(str::to_owned)
            .collect()
    }
}

/// 5 meant as 5 %: 0.05.
pub(in crate::sim) fn percent_as_share(percent: f64) -> String {
    let share = format!("{:.6}", percent / 100.0);
    share.trim_end_matches('0').trim_end_matches('.').to_owned()
}
