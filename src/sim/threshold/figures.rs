//! The figures thresholds are judged on, and what is made of them.

use super::condition::Aggregation;
use crate::domain::{Coordination, Service, Step};
use crate::sim::check::{Harm, OrderEnd, Processes};
use crate::sim::engine::{Latencies, MessageFigures, StationFigures, StepFigures};
use crate::sim::quantile::{quantile, samples_needed};
use hdrhistogram::Histogram;
use std::borrow::Cow;
use std::fmt;

/// What a run has counted up to some instant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Orders sent.
    pub started: u64,
    /// Figures per station, indexed by `Service as usize`.
    pub stations: [StationFigures; Service::STATIONS],
    /// What became of the messages.
    pub messages: MessageFigures,
    /// How often each step took effect, indexed by `Step as usize`.
    pub steps: [StepFigures; Step::ALL.len()],
    /// How processes ended.
    pub processes: Processes,
    /// Name and hits of each declared fault.
    pub faults: Vec<(String, u64)>,
}

/// A run that a threshold stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stopped {
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// Which failed then, by their places in the scenario.
    pub thresholds: Vec<usize>,
}

/// The figures of a run: at rest, or on its way.
#[derive(Clone, Copy, Debug)]
pub struct Figures<'a> {
    /// Latency as customers felt it; the warm-up is left out.
    pub latencies: &'a Latencies,
    /// How long things stayed wrong.
    pub harm: &'a Harm,
    /// What was counted.
    pub total: &'a Tally,
    /// What was counted up to the end of the warm-up, and is left out.
    pub warm: &'a Tally,
    /// How each order ended, by order; empty on the way.
    pub orders: &'a [OrderEnd],
    /// Who coordinates.
    pub coordination: Coordination,
    /// How long the load has lasted, the warm-up left out, in nanoseconds.
    pub load_ns: u64,
}

impl Figures<'_> {
    /// What was counted since the end of the warm-up.
    pub(super) fn since(&self, of: impl Fn(&Tally) -> u128) -> u128 {
        of(self.total).saturating_sub(of(self.warm))
    }

    /// The same in 64 bits.
    pub(super) fn count(&self, of: impl Fn(&Tally) -> u64) -> u64 {
        of(self.total).saturating_sub(of(self.warm))
    }
}

/// The samples of a metric.
#[derive(Debug)]
pub enum Measured<'a> {
    /// Durations, in nanoseconds.
    Durations {
        /// All of them.
        histogram: Cow<'a, Histogram<u64>>,
        /// Exact smallest.
        min_ns: u64,
        /// Exact largest.
        max_ns: u64,
        /// Mean.
        mean_ns: f64,
    },
    /// Durations of which only the sum is kept, in nanoseconds.
    Mean {
        /// Their sum.
        sum_ns: u128,
        /// How many.
        count: u64,
    },
    /// Something counted out of a whole.
    Portion {
        /// How many.
        count: u64,
        /// Of how many.
        of: u64,
    },
    /// Figures, one for each thing measured.
    Values(Vec<f64>),
}

/// Too few samples.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Lack {
    /// How many there were.
    pub samples: u64,
    /// How many it takes.
    pub needed: u64,
}

impl fmt::Display for Lack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.samples, self.needed) {
            (0, _) => formatter.write_str("no samples"),
            (samples, needed) => write!(formatter, "{samples} of {needed} samples"),
        }
    }
}

impl Measured<'_> {
    /// One figure of the samples, or how many were missing. A percentile needs ten samples above
    /// it; everything but a count needs one. An aggregation that the samples do not have was
    /// refused before the run.
    pub(super) fn aggregate(&self, aggregation: Aggregation) -> Result<f64, Lack> {
        let nothing = Lack { samples: 0, needed: 1 };
        match self {
            Measured::Durations { histogram, min_ns, max_ns, mean_ns } => {
                let at = |q| {
                    let lack = Lack { samples: histogram.len(), needed: samples_needed(q) };
                    quantile(histogram, q, *min_ns, *max_ns).map(|ns| ns as f64).ok_or(lack)
                };
                match aggregation {
                    Aggregation::Count => Ok(histogram.len() as f64),
                    Aggregation::Percentile(percent) => at(percent / 100.0),
                    Aggregation::Med => at(0.5),
                    _ if histogram.is_empty() => Err(nothing),
                    Aggregation::Min => Ok(*min_ns as f64),
                    Aggregation::Max => Ok(*max_ns as f64),
                    Aggregation::Avg => Ok(*mean_ns),
                    Aggregation::Rate | Aggregation::Value => Err(nothing),
                }
            }
            Measured::Mean { sum_ns, count } => match aggregation {
                Aggregation::Count => Ok(*count as f64),
                Aggregation::Avg if *count > 0 => Ok(*sum_ns as f64 / *count as f64),
                _ => Err(nothing),
            },
            Measured::Portion { count, of } => match aggregation {
                Aggregation::Count => Ok(*count as f64),
                Aggregation::Rate if *of > 0 => Ok(*count as f64 / *of as f64),
                _ => Err(nothing),
            },
            Measured::Values(figures) => {
                let first = *figures.first().ok_or(nothing)?;
                match aggregation {
                    Aggregation::Value if figures.len() == 1 => Ok(first),
                    Aggregation::Min => Ok(figures.iter().copied().fold(first, f64::min)),
                    Aggregation::Max => Ok(figures.iter().copied().fold(first, f64::max)),
                    Aggregation::Avg => Ok(figures.iter().sum::<f64>() / figures.len() as f64),
                    _ => Err(nothing),
                }
            }
        }
    }
}
