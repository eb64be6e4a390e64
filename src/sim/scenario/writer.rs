//! TOML line by line.

use super::quantity::format_duration;
use super::{Dist, Empirical, HdrLog};
use std::fmt::Display;

/// The text so far.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A table header, after an empty line.
    pub(super) fn header(&mut self, header: &str) {
        self.text.extend(["\n", header, "\n"]);
    }

    /// `key = value`, the value as TOML writes it.
    pub(super) fn line(&mut self, key: &str, value: impl Display) {
        self.text.push_str(&format!("{key} = {value}\n"));
    }

    /// A text in quotes.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.line(key, quoted(value));
    }

    /// A duration in nanoseconds.
    pub(super) fn duration(&mut self, key: &str, ns: u64) {
        self.text(key, &format_duration(ns));
    }

    /// A float that reads back as the same number.
    pub(super) fn float(&mut self, key: &str, value: f64) {
        self.line(key, format!("{value:?}"));
    }

    /// A list of texts.
    pub(super) fn names(&mut self, key: &str, names: &[String]) {
        let quoted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        self.line(key, format!("[{}]", quoted.join(", ")));
    }

    /// A distribution of durations.
    pub(super) fn time(&mut self, key: &str, dist: &Dist) {
        // Parameters of durations are whole nanoseconds, so the cast is exact.
        self.dist(
            key,
            dist,
            |ns| quoted(&format_duration(ns.unsigned_abs())),
            |ns| quoted(&format_duration(ns as u64)),
        );
    }

    /// A distribution of whole numbers.
    pub(super) fn whole(&mut self, key: &str, dist: &Dist) {
        self.dist(key, dist, |number| number.to_string(), |number| format!("{number:?}"));
    }

    fn dist(
        &mut self,
        key: &str,
        dist: &Dist,
        exact: impl Fn(i64) -> String,
        inexact: impl Fn(f64) -> String,
    ) {
        let value = match dist {
            Dist::Fixed(value) => format!("{{ fixed = {} }}", exact(*value)),
            Dist::Uniform { min, max } => {
                format!("{{ uniform = {{ min = {}, max = {} }} }}", exact(*min), exact(*max))
            }
            Dist::Exponential { mean } => {
                format!("{{ exponential = {{ mean = {} }} }}", inexact(*mean))
            }
            Dist::Normal { mean, stddev } => {
                let (mean, stddev) = (inexact(*mean), inexact(*stddev));
                format!("{{ normal = {{ mean = {mean}, stddev = {stddev} }} }}")
            }
            Dist::Lognormal { median, p99 } => {
                let (median, p99) = (inexact(*median), inexact(*p99));
                format!("{{ lognormal = {{ median = {median}, p99 = {p99} }} }}")
            }
            Dist::Pareto { scale, shape } => {
                format!("{{ pareto = {{ scale = {}, shape = {shape:?} }} }}", inexact(*scale))
            }
            Dist::Zipf { exponent, max } => {
                format!("{{ zipf = {{ exponent = {exponent:?}, max = {max} }} }}")
            }
            Dist::Empirical(empirical) => {
                format!("{{ empirical = {} }}", measured(empirical, exact))
            }
        };
        self.line(key, value);
    }
}

fn measured(empirical: &Empirical, exact: impl Fn(i64) -> String) -> String {
    match empirical {
        Empirical::Percentiles(points) => {
            let point =
                |(percent, value): &(f64, i64)| format!("\"p{percent}\" = {}", exact(*value));
            let points: Vec<String> = points.iter().map(point).collect();
            format!("{{ percentiles = {{ {} }} }}", points.join(", "))
        }
        Empirical::Log(HdrLog { file, unit, tag, .. }) => {
            let file = quoted(&file.to_string_lossy());
            let tag =
                tag.as_ref().map_or_else(String::new, |tag| format!(", tag = {}", quoted(tag)));
            format!("{{ file = {file}, unit = {}{tag} }}", exact(*unit))
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
