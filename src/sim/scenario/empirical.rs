//! Measured distributions: percentiles, or a log from production.

use super::diagnostics::Diagnostic;
use super::dist::Unit;
use super::quantity::LONGEST_NS;
use super::sink::Sink;
use super::value::{EmpiricalFile, Scalar};
use super::{Bucket, Dist, Empirical, HdrLog, hlog};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use toml::Spanned;

const EXAMPLE: &str = "empirical = { percentiles = { p0 = \"1ms\", p50 = \"4ms\", p100 = \"1s\" } } \
     or empirical = { file = \"prod.hlog\" }";

/// The percentiles of a table, by the places of their keys.
type Percentiles = Spanned<BTreeMap<Spanned<String>, Spanned<Scalar>>>;

impl Sink {
    /// What was measured.
    pub(super) fn empirical(&mut self, table: &Spanned<EmpiricalFile>, unit: Unit) -> Option<Dist> {
        let EmpiricalFile { percentiles, file, unit: recorded, tag } = table.get_ref();
        let empirical = match (percentiles, file) {
            (Some(percentiles), None) => {
                let keys = [recorded.as_ref().map(Spanned::span), tag.as_ref().map(Spanned::span)];
                for place in keys.into_iter().flatten() {
                    let title = "this belongs to a `file`, not to `percentiles`";
                    self.add(Diagnostic::at(place, title));
                }
                self.percentiles(percentiles, unit).map(Empirical::Percentiles)
            }
            (None, Some(file)) => {
                let tag = tag.as_ref().map(|tag| tag.get_ref().clone());
                self.log(file, recorded.as_ref(), tag, unit).map(Empirical::Log)
            }
            (Some(percentiles), Some(file)) => {
                let problem = Diagnostic::at(file.span(), "what was measured stands in one place");
                self.add(
                    problem.context(percentiles.span(), "here").label("or here").help(EXAMPLE),
                );
                None
            }
            (None, None) => {
                self.missing(table.span(), "percentiles", EXAMPLE);
                None
            }
        };
        empirical.map(|empirical| Dist::Empirical(Arc::new(empirical)))
    }

    fn percentiles(&mut self, table: &Percentiles, unit: Unit) -> Option<Vec<(f64, i64)>> {
        let mut points = Vec::new();
        let mut sound = true;
        for (key, value) in table.get_ref() {
            let percent = percent(key.get_ref());
            if percent.is_none() {
                let title = format!("`{}` is not a percentile", key.get_ref());
                let help = "write p0 to p100, and between them p999 or \"p99.9\"";
                self.add(Diagnostic::at(key.span(), title).help(help));
            }
            match (percent, self.exact(value, unit)) {
                (Some(percent), Some(number)) => points.push((percent, number, key, value)),
                (_, _) => sound = false,
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in points.windows(2) {
            let ((p, low, first, _), (q, high, second, value)) = (pair[0], pair[1]);
            let problem = if p == q {
                Diagnostic::at(second.span(), format!("p{p} stands here twice"))
            } else if high < low {
                Diagnostic::at(value.span(), format!("p{q} is below p{p}"))
            } else {
                continue;
            };
            self.add(problem.context(first.span(), ""));
            sound = false;
        }
        for (end, wanted) in [(points.first(), 0.0), (points.last(), 100.0)] {
            if sound && end.is_none_or(|(percent, ..)| *percent != wanted) {
                self.missing(table.span(), &format!("p{wanted}"), EXAMPLE);
                sound = false;
            }
        }
        sound.then(|| points.into_iter().map(|(percent, value, ..)| (percent, value)).collect())
    }

    fn log(
        &mut self,
        file: &Spanned<String>,
        recorded: Option<&Spanned<Scalar>>,
        tag: Option<String>,
        unit: Unit,
    ) -> Option<HdrLog> {
        let (one, largest) = match (recorded, unit) {
            (None, Unit::Time) => (1, LONGEST_NS as i64),
            (None, Unit::Whole(limits)) => (1, limits.max),
            (Some(recorded), Unit::Time) => {
                let one = self.exact(recorded, unit)?;
                if one == 0 {
                    self.add(Diagnostic::at(recorded.span(), "must be longer than 0 s"));
                    return None;
                }
                (one, LONGEST_NS as i64)
            }
            (Some(recorded), Unit::Whole(limits)) if *recorded.get_ref() == Scalar::Whole(1) => {
                (1, limits.max)
            }
            (Some(recorded), Unit::Whole(_)) => {
                let title = "only durations are recorded in a unit";
                self.add(Diagnostic::at(recorded.span(), title).help("leave `unit` out"));
                return None;
            }
        };
        let smallest = match unit {
            Unit::Time => 0,
            Unit::Whole(limits) => limits.min,
        };
        let path = absolute(&self.base, file.get_ref());
        let read = std::fs::read(&path).map_err(|why| why.to_string());
        let read = read.and_then(|bytes| hlog::read(&bytes, tag.as_deref()));
        let scaled = read.and_then(|buckets| {
            let scaled = |Bucket { count, low, high }: &Bucket| {
                let (low, high) = (low.checked_mul(one)?, high.checked_mul(one)?);
                (low >= smallest && high <= largest).then_some(Bucket { count: *count, low, high })
            };
            let scaled: Option<Vec<Bucket>> = buckets.iter().map(scaled).collect();
            scaled.ok_or_else(|| "it holds values that are too small or too large here".to_owned())
        });
        match scaled {
            Ok(buckets) => Some(HdrLog { file: path, unit: one, tag, buckets }),
            Err(why) => {
                let title = format!("`{}` cannot be used: {why}", file.get_ref());
                let help = "an HdrHistogram interval log (`.hlog`, version 2), its path relative to \
                            this file";
                self.add(Diagnostic::at(file.span(), title).help(help));
                None
            }
        }
    }
}

/// `p50` is 50, `p999` is 99.9 as in summaries, `p99.9` as well.
fn percent(key: &str) -> Option<f64> {
    let digits = key.strip_prefix('p')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let nines = digits.len() > 2 && digits.bytes().all(|byte| byte == b'9');
    let number = if nines { format!("99.{}", &digits[2..]) } else { digits.to_owned() };
    number.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))
}

/// Absolute, so that the resolved scenario means the same file wherever it is stored.
pub(super) fn absolute(base: &std::path::Path, file: &str) -> PathBuf {
    let joined = base.join(file);
    std::path::absolute(&joined).unwrap_or(joined)
}
