//! Quantiles of a continuous distribution, read with integer arithmetic only.
//!
//! The knots stand where HdrHistogram puts its buckets, counted from both ends: with `t` the
//! distance to the nearer end of the 64-bit range, each doubling of `t` is cut into 64 equal cells.
//! Cells shrink with the tail they describe, so the interpolation's error, relative to the tail's
//! scale, is the same everywhere: a cell spans at most 1/64 of its `t`, and an exponential's
//! quantile is off by at most 1 / (8 · 64²) = 0.003 % of its mean. The outermost 128 cells at each
//! end hold one value of `h` each: there the table is the formula.

use super::TWO_TO_64;
use std::sync::Arc;

/// Cells of one doubling, as a power of two.
const CELL_BITS: u32 = 6;
/// Cells of one doubling.
const CELLS: usize = 1 << CELL_BITS;
/// Knots of one half: `t` from 0 to 2^63, both included.
const KNOTS: usize = (64 - CELL_BITS as usize) * CELLS + 1;
/// No draw is larger.
const CAP: f64 = (1_u64 << 61) as f64;

/// Both halves, the lower first; each is ordered by `t`, from its end to the median.
type Knots = [i64; 2 * KNOTS];

/// Quantiles at the knots, in fixed point: the value times 2^`scale`.
#[derive(Clone, Debug)]
pub(super) struct Table {
    knots: Arc<Knots>,
    scale: u32,
}

impl Table {
    /// Tabulates `low(p)`, the quantile at `p`, and `high(p)`, the quantile at `1 - p`, for `p` up
    /// to one half. Values below 0 become 0.
    pub(super) fn new(low: impl Fn(f64) -> f64, high: impl Fn(f64) -> f64) -> Table {
        let top = high(share(0)).clamp(1.0, CAP);
        // As many binary places, up to 32, as leave a sum of two values room in 63 bits.
        let mut scale = 0;
        while scale < 32 && top * (1_u64 << (scale + 1)) as f64 <= CAP {
            scale += 1;
        }
        let fixed = |value: f64| (value.clamp(0.0, CAP) * (1_u64 << scale) as f64 + 0.5) as i64;
        let mut knots = [0; 2 * KNOTS];
        for knot in 0..KNOTS {
            knots[knot] = fixed(low(share(distance(knot))));
            knots[KNOTS + knot] = fixed(high(share(distance(knot))));
        }
        // Neighbouring formulas may disagree in their last bit; a table must not.
        for knot in 1..KNOTS {
            knots[knot] = knots[knot].max(knots[knot - 1]);
            knots[KNOTS + knot] = knots[KNOTS + knot].min(knots[KNOTS + knot - 1]);
        }
        let meet = knots[2 * KNOTS - 1];
        for knot in &mut knots[..KNOTS] {
            *knot = (*knot).min(meet);
        }
        Table { knots: Arc::new(knots), scale }
    }

    /// The quantile at `h / 2^64`, rounded to the nearest whole number.
    #[inline]
    pub(super) fn at(&self, h: u64) -> i64 {
        let upper = h >> 63;
        let t = h ^ upper.wrapping_neg();
        let shift = (63 - CELL_BITS) - (t | CELLS as u64).leading_zeros();
        let cell = (shift as usize) * CELLS + (t >> shift) as usize + upper as usize * KNOTS;
        let within = (t << (63 - shift)) << 1;
        let (near, far) = (self.knots[cell], self.knots[cell + 1]);
        let step = (i128::from(far - near) * i128::from(within)) >> 64;
        (near + step as i64 + ((1_i64 << self.scale) >> 1)) >> self.scale
    }
}

/// The distance from the end, in values of `h`, of a knot.
fn distance(knot: usize) -> u64 {
    let shift = (knot / CELLS).saturating_sub(1);
    ((knot - shift * CELLS) as u64) << shift
}

/// The probability of lying nearer to the end than the middle of the `t`-th value.
fn share(t: u64) -> f64 {
    (t as f64 + 0.5) / TWO_TO_64
}
