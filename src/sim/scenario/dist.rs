//! Distributions: reading them, and how large their draws can get.

use super::Dist;
use super::diagnostics::Diagnostic;
use super::file::Field;
use super::limits::Limits;
use super::quantity::LONGEST_NS;
use super::sink::Sink;
use super::value::{BareOr, DistField, DistFile, ExponentialFile, Scalar};
use super::value::{LognormalFile, NormalFile, ParetoFile, UniformFile, ZipfValueFile};
use super::{Empirical, limits};
use std::ops::Range;
use toml::Spanned;

/// What a distribution's numbers are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    /// Durations, in nanoseconds.
    Time,
    /// Whole numbers within limits.
    Whole(Limits),
}

/// How far into the tail of a distribution without a maximum.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tail {
    /// One draw in ten thousand is above.
    Plausible,
    /// No draw of 64 random bits is above.
    Extreme,
}

impl Tail {
    /// Exponential: this many means.
    fn means(self) -> f64 {
        match self {
            Tail::Plausible => 9.2104,
            Tail::Extreme => 45.0,
        }
    }

    /// Normal: this many standard deviations.
    fn deviations(self) -> f64 {
        match self {
            Tail::Plausible => 3.7191,
            Tail::Extreme => 9.3,
        }
    }

    /// The share of draws above, as a power of ten.
    fn decades(self) -> f64 {
        match self {
            Tail::Plausible => 4.0,
            Tail::Extreme => 19.6,
        }
    }
}

/// Standard deviations from the median to the 99th percentile of a normal distribution.
const P99_DEVIATIONS: f64 = 2.326_348;

impl Dist {
    /// The largest draw, or how large one can get this far into the tail.
    pub(super) fn largest(&self, tail: Tail) -> f64 {
        match *self {
            // A double is exact enough for a bound.
            Dist::Fixed(value) => value as f64,
            Dist::Uniform { max, .. } => max as f64,
            Dist::Exponential { mean } => mean * tail.means(),
            Dist::Normal { mean, stddev } => mean + stddev * tail.deviations(),
            Dist::Lognormal { median, p99 } if median > 0.0 => {
                let ratio = libm::log(p99 / median) / P99_DEVIATIONS;
                median * libm::exp(ratio * tail.deviations())
            }
            Dist::Lognormal { p99, .. } => p99,
            Dist::Pareto { scale, shape } => scale * libm::exp10(tail.decades() / shape),
            Dist::Zipf { max, .. } => f64::from(max),
            Dist::Empirical(ref empirical) => empirical.largest() as f64,
        }
    }
}

impl Empirical {
    /// The largest value, percent 100.
    pub(super) fn largest(&self) -> i64 {
        match self {
            Empirical::Percentiles(points) => points.last().map_or(0, |(_, value)| *value),
            Empirical::Log(log) => log.buckets.last().map_or(0, |bucket| bucket.high),
        }
    }
}

const EXAMPLES: &str = "write a bare value, or one of { fixed = … }, { uniform = { min = …, max = … } }, \
     { exponential = { mean = … } }, { normal = { mean = …, stddev = … } }, \
     { lognormal = { median = …, p99 = … } }, { pareto = { scale = …, shape = … } }, \
     { zipf = { exponent = …, max = … } }, \
     { empirical = { percentiles = { p0 = …, p50 = …, p100 = … } } }, { empirical = { file = … } }";

impl Sink {
    /// A distribution; the default if it is absent or wrong.
    pub(super) fn dist(&mut self, field: &DistField, unit: Unit, default: Dist) -> Dist {
        let Some(field) = field else { return default };
        let place = field.span();
        let dist = match field.get_ref() {
            BareOr::Bare(scalar) => {
                let bare = Spanned::new(place, scalar.clone());
                self.exact(&bare, unit).map(Dist::Fixed)
            }
            BareOr::Table(table) => self.dist_table(table, place, unit),
        };
        dist.unwrap_or(default)
    }

    fn dist_table(&mut self, table: &DistFile, place: Range<usize>, unit: Unit) -> Option<Dist> {
        let DistFile { fixed, uniform, exponential, normal, lognormal, pareto, zipf, empirical } =
            table;
        let kinds = usize::from(fixed.is_some())
            + usize::from(uniform.is_some())
            + usize::from(exponential.is_some())
            + usize::from(normal.is_some())
            + usize::from(lognormal.is_some())
            + usize::from(pareto.is_some())
            + usize::from(zipf.is_some())
            + usize::from(empirical.is_some());
        if kinds != 1 {
            if !self.blamed(&place) {
                let title = format!("a distribution is of one kind, this one names {kinds}");
                self.add(Diagnostic::at(place, title).help(EXAMPLES));
            }
            return None;
        }
        if let Some(fixed) = fixed {
            return self.exact(fixed, unit).map(Dist::Fixed);
        }
        uniform
            .as_ref()
            .and_then(|table| self.uniform(table, unit))
            .or_else(|| exponential.as_ref().and_then(|table| self.exponential(table, unit)))
            .or_else(|| normal.as_ref().and_then(|table| self.normal(table, unit)))
            .or_else(|| lognormal.as_ref().and_then(|table| self.lognormal(table, unit)))
            .or_else(|| pareto.as_ref().and_then(|table| self.pareto(table, unit)))
            .or_else(|| zipf.as_ref().and_then(|table| self.zipf(table, unit)))
            .or_else(|| empirical.as_ref().and_then(|table| self.empirical(table, unit)))
    }

    fn uniform(&mut self, table: &Spanned<UniformFile>, unit: Unit) -> Option<Dist> {
        let UniformFile { min, max } = table.get_ref();
        let low = self.both(min, table.span(), "min").and_then(|min| self.exact(min, unit));
        let high = self.both(max, table.span(), "max").and_then(|max| self.exact(max, unit));
        let dist = Dist::Uniform { min: low?, max: high? };
        self.ordered(dist, low? <= high?, (min, max), "min is above max")
    }

    fn exponential(&mut self, table: &Spanned<ExponentialFile>, unit: Unit) -> Option<Dist> {
        let mean = self.both(&table.get_ref().mean, table.span(), "mean")?;
        self.inexact(mean, unit).map(|mean| Dist::Exponential { mean })
    }

    fn normal(&mut self, table: &Spanned<NormalFile>, unit: Unit) -> Option<Dist> {
        let NormalFile { mean, stddev } = table.get_ref();
        let mean = self.both(mean, table.span(), "mean").and_then(|mean| self.inexact(mean, unit));
        let stddev = self.both(stddev, table.span(), "stddev").and_then(|stddev| {
            // A spread may be smaller than any allowed draw.
            self.inexact(stddev, unit.starting_at_zero("stddev"))
        });
        Some(Dist::Normal { mean: mean?, stddev: stddev? })
    }

    fn lognormal(&mut self, table: &Spanned<LognormalFile>, unit: Unit) -> Option<Dist> {
        let LognormalFile { median, p99 } = table.get_ref();
        let middle =
            self.both(median, table.span(), "median").and_then(|median| self.inexact(median, unit));
        let high = self.both(p99, table.span(), "p99").and_then(|p99| self.inexact(p99, unit));
        let (middle, high) = (middle?, high?);
        if let Some(median) = median.as_ref().filter(|_| middle <= 0.0) {
            self.add(Diagnostic::at(median.span(), "the median must be above 0"));
            return None;
        }
        let dist = Dist::Lognormal { median: middle, p99: high };
        self.ordered(dist, middle <= high, (median, p99), "p99 is below the median")
    }

    fn pareto(&mut self, table: &Spanned<ParetoFile>, unit: Unit) -> Option<Dist> {
        let ParetoFile { scale, shape } = table.get_ref();
        let low =
            self.both(scale, table.span(), "scale").and_then(|scale| self.inexact(scale, unit));
        let power = self.both(shape, table.span(), "shape")?;
        let shape = *power.get_ref();
        if !(shape.is_finite() && shape > 1.0) {
            let problem = Diagnostic::at(power.span(), "the shape must be a number above 1");
            self.add(problem.label("with this one the mean is infinite").help(
                "the smaller the shape, the heavier the tail; below 2 the variance is infinite",
            ));
            return None;
        }
        if let Some(scale) = scale.as_ref().filter(|_| low.is_some_and(|low| low <= 0.0)) {
            self.add(Diagnostic::at(scale.span(), "the scale must be above 0"));
            return None;
        }
        Some(Dist::Pareto { scale: low?, shape })
    }

    fn zipf(&mut self, table: &Spanned<ZipfValueFile>, unit: Unit) -> Option<Dist> {
        let ZipfValueFile { exponent, max } = table.get_ref();
        let Unit::Whole(limits) = unit else {
            let problem =
                Diagnostic::at(table.span(), "zipf draws ranks 1, 2, 3, …, not durations");
            self.add(problem.help("for a heavy tail write { pareto = { scale = …, shape = … } }"));
            return None;
        };
        let exponent = self.both(exponent, table.span(), "exponent")?;
        let steep = *exponent.get_ref();
        if !(steep.is_finite() && steep >= 0.0) {
            let title = "the exponent must be a number from 0";
            self.add(Diagnostic::at(exponent.span(), title));
            return None;
        }
        let most = self.both(max, table.span(), "max")?;
        let bounds = limits::ZIPF_MAX;
        let limits = Limits { max: limits.max.min(bounds.max), ..bounds };
        // 0 is within no limits.
        let largest = self.whole(max, &limits, 0);
        (limits.min..=limits.max)
            .contains(most.get_ref())
            .then_some(Dist::Zipf { exponent: steep.abs(), max: largest })
    }

    /// A parameter that must be there.
    pub(super) fn both<'a, T>(
        &mut self,
        field: &'a Field<T>,
        table: Range<usize>,
        key: &str,
    ) -> Option<&'a Spanned<T>> {
        if field.is_none() {
            self.missing(table, key, &format!("{key} = …, as in {EXAMPLES}"));
        }
        field.as_ref()
    }

    fn ordered(
        &mut self,
        dist: Dist,
        in_order: bool,
        (low, high): (&Field<Scalar>, &Field<Scalar>),
        problem: &str,
    ) -> Option<Dist> {
        let (low, high) = (low.as_ref()?, high.as_ref()?);
        if in_order {
            return Some(dist);
        }
        let label = format!("below {}", low.get_ref());
        self.add(Diagnostic::at(high.span(), problem).label(label).context(low.span(), ""));
        None
    }

    /// A value draws can have.
    pub(super) fn exact(&mut self, field: &Spanned<Scalar>, unit: Unit) -> Option<i64> {
        match (unit, field.get_ref()) {
            (Unit::Time, scalar) => {
                let field = Some(Spanned::new(field.span(), scalar.clone()));
                self.some_duration(&field).and_then(|ns| i64::try_from(ns).ok())
            }
            (Unit::Whole(limits), Scalar::Whole(number)) => {
                let within = limits.min <= *number && *number <= limits.max;
                if !within {
                    let too_small = *number < limits.min;
                    self.add(limits.refuse(field.span(), &number.to_string(), too_small));
                }
                within.then_some(*number)
            }
            (Unit::Whole(_), Scalar::Text(_) | Scalar::Decimal(_) | Scalar::Switch(_)) => {
                let title = format!("expected a whole number, found {}", field.get_ref());
                self.add(Diagnostic::at(field.span(), title));
                None
            }
        }
    }

    /// A mean, median and the like: may lie between the values draws can have.
    fn inexact(&mut self, field: &Spanned<Scalar>, unit: Unit) -> Option<f64> {
        let (limits, number) = match (unit, field.get_ref()) {
            (Unit::Whole(limits), Scalar::Decimal(number)) => (limits, *number),
            // Up to 2^53 this is exact, and beyond it nobody counts single nanoseconds.
            (Unit::Time | Unit::Whole(_), _) => {
                return self.exact(field, unit).map(|value| value as f64);
            }
        };
        let (min, max) = (limits.min as f64, limits.max as f64);
        if number >= min && number <= max {
            return Some(number.abs());
        }
        // Not a number counts as too large.
        self.add(limits.refuse(field.span(), &number.to_string(), number < min));
        None
    }
}

impl Unit {
    /// The same for a parameter that may be 0.
    fn starting_at_zero(self, what: &'static str) -> Unit {
        match self {
            Unit::Time => Unit::Time,
            Unit::Whole(limits) => Unit::Whole(Limits { what, min: 0, ..limits }),
        }
    }
}

const _: () = assert!(LONGEST_NS < i64::MAX as u64 / 2, "durations fit into a distribution");
