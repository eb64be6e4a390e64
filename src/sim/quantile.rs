//! Percentiles that are worth printing.

use hdrhistogram::Histogram;

/// A percentile with fewer samples above it is not given.
const SAMPLES_ABOVE: f64 = 10.0;
/// A product with `1 - q` is a hair below a whole number when it should be one.
const HAIR: f64 = 1e-6;

/// A quantile clamped to the exact extremes, or nothing if too few samples lie above it.
#[must_use]
pub fn quantile(histogram: &Histogram<u64>, q: f64, min_ns: u64, max_ns: u64) -> Option<u64> {
    enough(histogram.len(), q).then(|| histogram.value_at_quantile(q).clamp(min_ns, max_ns))
}

/// Whether enough of so many samples lie above a quantile.
#[must_use]
pub fn enough(samples: u64, q: f64) -> bool {
    samples as f64 * (1.0 - q) + HAIR >= SAMPLES_ABOVE
}

/// The fewest samples with which there is such a quantile.
#[must_use]
pub fn samples_needed(q: f64) -> u64 {
    ((SAMPLES_ABOVE - HAIR) / (1.0 - q)).ceil() as u64
}
