//! Measured values: a quantile function made of straight pieces, drawn with integers only.

use super::TWO_TO_64;
use crate::sim::scenario::Empirical;

/// The pieces, upwards; between its ends a piece is spread evenly.
#[derive(Debug)]
pub(super) struct Pieces {
    /// The smallest `h` of each piece; the first is 0.
    start: Box<[u64]>,
    /// The values at both ends of each piece.
    ends: Box<[(i64, i64)]>,
}

impl Pieces {
    /// Prepares what was measured, and tells its mean. Nothing measured: always 0.
    pub(super) fn new(empirical: &Empirical) -> (Pieces, f64) {
        let mut pieces: Vec<(u64, (i64, i64))> = vec![(0, (0, 0))];
        let mut mean = 0.0;
        // Of pieces too narrow for a single `h` only the last stays.
        let mut add = |start: u64, share: f64, low: i64, high: i64| {
            pieces.pop_if(|last| last.0 == start);
            pieces.push((start, (low, high)));
            mean += share * f64::midpoint(low as f64, high as f64);
        };
        match empirical {
            Empirical::Percentiles(points) => {
                for pair in points.windows(2) {
                    let ((from, low), (until, high)) = (pair[0], pair[1]);
                    let start = (from / 100.0 * TWO_TO_64) as u64;
                    add(start, (until - from) / 100.0, low, high);
                }
            }
            Empirical::Log(log) => {
                let total: u128 = log.buckets.iter().map(|bucket| u128::from(bucket.count)).sum();
                let mut below: u128 = 0;
                for bucket in &log.buckets {
                    let share = bucket.count as f64 / total as f64;
                    add(((below << 64) / total) as u64, share, bucket.low, bucket.high);
                    below += u128::from(bucket.count);
                }
            }
        }
        let (start, ends): (Vec<u64>, Vec<(i64, i64)>) = pieces.into_iter().unzip();
        (Pieces { start: start.into(), ends: ends.into() }, mean)
    }

    /// The quantile at `h / 2^64`, rounded to the nearest whole number.
    pub(super) fn at(&self, h: u64) -> i64 {
        // The first piece starts at 0.
        let piece = self.start.partition_point(|start| *start <= h) - 1;
        let (low, high) = self.ends[piece];
        let start = self.start[piece];
        let end = self.start.get(piece + 1).map_or(1 << 64, |end| u128::from(*end));
        let width = end - u128::from(start);
        // At most 2^63 · 2^64: a value may be anything an i64 can be.
        let rise = u128::from(high.abs_diff(low)) * u128::from(h - start);
        low.wrapping_add_unsigned(((rise + width / 2) / width) as u64)
    }
}
