//! From 64 uniform bits to one draw of a distribution, by the inverse of its distribution
//! function: more luck is always a larger value, and one draw costs exactly one word of luck.
//! Two runs that differ in a setting only can therefore share their luck draw by draw.
//!
//! No draw computes with floating point: continuous distributions are tabulated once, with `libm`,
//! and read with integers, so a run has the same bits on every platform and in every profile.

mod normal;
mod pieces;
mod popular;
mod table;
mod weighted;

pub use normal::inverse_normal;
pub use popular::Popular;

use super::scenario::Dist;
use pieces::Pieces;
use std::sync::Arc;
use table::Table;
use weighted::Weighted;

/// The standard normal's 99 % quantile.
const Z_99: f64 = 2.326_347_874_040_841;
/// As many values has `h`.
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// A distribution ready to be drawn from. Cheap to clone: the table is shared.
#[derive(Clone, Debug)]
pub struct Sampler {
    shape: Shape,
    mean: f64,
}

#[derive(Clone, Debug)]
enum Shape {
    Fixed(i64),
    Uniform { min: i64, count: u128 },
    Table(Table),
    Ranks(Arc<Weighted>),
    Pieces(Arc<Pieces>),
}

impl Sampler {
    /// Prepares a distribution; a continuous one takes about a third of a millisecond and 60 kB.
    ///
    /// Expects what a scenario is checked for: `min` ≤ `max`, nothing negative but the ends of a
    /// uniform and a fixed value, `median` ≤ `p99`, a Pareto shape above 1. Draws are whole numbers: a continuous value is
    /// rounded to the nearest. Values beyond 2^61 (73 years in nanoseconds) are drawn as 2^61.
    #[must_use]
    pub fn new(dist: &Dist) -> Sampler {
        match *dist {
            Dist::Fixed(value) => Sampler { shape: Shape::Fixed(value), mean: value as f64 },
            Dist::Uniform { min, max } => Sampler {
                shape: Shape::Uniform { min, count: u128::from(max.abs_diff(min)) + 1 },
                mean: f64::midpoint(min as f64, max as f64),
            },
            Dist::Exponential { mean } => {
                let low = |p: f64| -mean * libm::log1p(-p);
                let high = |p: f64| -mean * libm::log(p);
                Sampler { shape: Shape::Table(Table::new(low, high)), mean }
            }
            Dist::Normal { mean, stddev } => {
                let low = |p: f64| mean + stddev * inverse_normal(p);
                let high = |p: f64| mean - stddev * inverse_normal(p);
                Sampler {
                    shape: Shape::Table(Table::new(low, high)),
                    mean: normal::mean_cut_at_zero(mean, stddev),
                }
            }
            Dist::Lognormal { median, p99 } => {
                let sigma = if p99 > median { libm::log(p99 / median) / Z_99 } else { 0.0 };
                let low = |p: f64| median * libm::exp(sigma * inverse_normal(p));
                let high = |p: f64| median * libm::exp(-sigma * inverse_normal(p));
                Sampler {
                    shape: Shape::Table(Table::new(low, high)),
                    mean: median * libm::exp(sigma * sigma / 2.0),
                }
            }
            Dist::Pareto { scale, shape } => {
                let low = |p: f64| scale * libm::exp(-libm::log1p(-p) / shape);
                let high = |p: f64| scale * libm::exp(-libm::log(p) / shape);
                Sampler {
                    shape: Shape::Table(Table::new(low, high)),
                    mean: scale * shape / (shape - 1.0),
                }
            }
            Dist::Zipf { exponent, max } => {
                let ranks = Weighted::zipf(exponent, max.max(1));
                Sampler { shape: Shape::Ranks(Arc::new(ranks)), mean: mean_rank(exponent, max) }
            }
            Dist::Empirical(ref empirical) => {
                let (pieces, mean) = Pieces::new(empirical);
                Sampler { shape: Shape::Pieces(Arc::new(pieces)), mean }
            }
        }
    }

    /// The draw that belongs to 64 uniform bits: the value below which a share `h / 2^64` of all
    /// draws lies. Never decreases as `h` grows.
    ///
    /// A uniform's values differ in probability by less than their number / 2^64 (a multiplication
    /// and a shift, no rejection). A continuous value is interpolated between exact quantiles, see
    /// [`Sampler::new`] and the tests for how near: the mean, the median and the 99 % quantile of
    /// exponential and lognormal are within 0.01 % of theory; the outermost 128 values of
    /// `h` at each end are exact.
    #[inline]
    #[must_use]
    pub fn at(&self, h: u64) -> i64 {
        match &self.shape {
            Shape::Fixed(value) => *value,
            Shape::Uniform { min, count } => {
                min.wrapping_add_unsigned(((u128::from(h) * count) >> 64) as u64)
            }
            Shape::Table(table) => table.at(h),
            Shape::Ranks(_) | Shape::Pieces(_) => self.search(h),
        }
    }

    /// The draw of a distribution whose table is searched. Apart, so that the others are inlined
    /// where they are drawn.
    #[inline(never)]
    fn search(&self, h: u64) -> i64 {
        match &self.shape {
            Shape::Ranks(ranks) => i64::from(ranks.at(h)) + 1,
            Shape::Pieces(pieces) => pieces.at(h),
            Shape::Fixed(_) | Shape::Uniform { .. } | Shape::Table(_) => self.at(h),
        }
    }

    /// The exact mean of the distribution before rounding to whole numbers; a normal's with the
    /// values below 0 counted as 0.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// A value that is hardly ever exceeded: the largest, or the 99.99 % quantile of a
    /// distribution without one.
    #[must_use]
    pub fn high(&self) -> i64 {
        match &self.shape {
            Shape::Fixed(value) => *value,
            Shape::Uniform { .. } | Shape::Ranks(_) | Shape::Pieces(_) => self.at(u64::MAX),
            Shape::Table(table) => table.at(u64::MAX / 10_000 * 9_999),
        }
    }
}

/// Σ k · k^-s / Σ k^-s for k from 1 to `max`, from the smallest terms up.
fn mean_rank(exponent: f64, max: u32) -> f64 {
    let sum = |power: f64| {
        (1..=max.max(1)).rev().fold(0.0, |sum, k| sum + libm::pow(f64::from(k), power))
    };
    sum(1.0 - exponent) / sum(-exponent)
}
