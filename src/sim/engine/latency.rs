//! Latency as customers feel it: from the intended instant of a request to its final word.

use super::parts::Parts;
use super::phases::{Phase, PhaseKind};
use hdrhistogram::Histogram;

/// Longer latencies are recorded as this in the histogram (a day); the exact maximum stands beside.
pub const LONGEST_NS: u64 = 86_400_000_000_000;

/// What is measured, and how it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Metric {
    /// place, ended by Placed.
    PlacePlaced,
    /// place, refused with nothing done.
    PlaceRefused,
    /// place, failed and undone.
    PlaceFailed,
    /// place, no final word within the customer's patience.
    PlaceUnknown,
    /// pay, ended by Paid.
    PayPaid,
    /// pay, refused with nothing done.
    PayRefused,
    /// pay, failed and undone.
    PayFailed,
    /// pay, no final word in time.
    PayUnknown,
    /// cancel, ended by Cancelled.
    CancelCancelled,
    /// cancel, refused.
    CancelRefused,
    /// cancel, no final word in time.
    CancelUnknown,
    /// refund, ended by Refunded.
    RefundRefunded,
    /// refund, refused.
    RefundRefused,
    /// refund, no final word in time.
    RefundUnknown,
    /// place + all payments of an order that completed, thinking excluded.
    CheckoutCompleted,
}

impl Metric {
    /// Every metric, in the order reports show them.
    pub const ALL: [Metric; 15] = [
        Metric::CheckoutCompleted,
        Metric::PlacePlaced,
        Metric::PlaceRefused,
        Metric::PlaceFailed,
        Metric::PlaceUnknown,
        Metric::PayPaid,
        Metric::PayRefused,
        Metric::PayFailed,
        Metric::PayUnknown,
        Metric::CancelCancelled,
        Metric::CancelRefused,
        Metric::CancelUnknown,
        Metric::RefundRefunded,
        Metric::RefundRefused,
        Metric::RefundUnknown,
    ];

    /// Name and outcome, as reports write them.
    #[must_use]
    pub const fn name(self) -> (&'static str, &'static str) {
        match self {
            Metric::PlacePlaced => ("place", "placed"),
            Metric::PlaceRefused => ("place", "refused"),
            Metric::PlaceFailed => ("place", "failed"),
            Metric::PlaceUnknown => ("place", "unknown"),
            Metric::PayPaid => ("pay", "paid"),
            Metric::PayRefused => ("pay", "refused"),
            Metric::PayFailed => ("pay", "failed"),
            Metric::PayUnknown => ("pay", "unknown"),
            Metric::CancelCancelled => ("cancel", "cancelled"),
            Metric::CancelRefused => ("cancel", "refused"),
            Metric::CancelUnknown => ("cancel", "unknown"),
            Metric::RefundRefunded => ("refund", "refunded"),
            Metric::RefundRefused => ("refund", "refused"),
            Metric::RefundUnknown => ("refund", "unknown"),
            Metric::CheckoutCompleted => ("checkout", "completed"),
        }
    }
}

/// Sums of the parts of latencies, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PartSums {
    /// In the lines of stations.
    pub wait_ns: u128,
    /// At a worker.
    pub service_ns: u128,
    /// On the network.
    pub network_ns: u128,
}

impl PartSums {
    fn add(&mut self, parts: Parts) {
        self.wait_ns += u128::from(parts.wait_ns);
        self.service_ns += u128::from(parts.service_ns);
        self.network_ns += u128::from(parts.network_ns);
    }

    /// All three together: never more than the latencies, and the rest was lost to retries.
    #[must_use]
    pub const fn total_ns(&self) -> u128 {
        self.wait_ns + self.service_ns + self.network_ns
    }
}

/// One latency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// From the intended instant.
    pub(super) corrected_ns: u64,
    /// From the instant a service first began to work on it.
    pub(super) uncorrected_ns: u64,
    /// Where the time went.
    pub(super) parts: Parts,
}

/// Latencies of one metric.
#[derive(Clone, Debug)]
pub struct Latency {
    /// From the intended instant, three significant digits, in nanoseconds.
    pub corrected: Histogram<u64>,
    /// From the instant a service first began to work on the request: what a timer inside the
    /// service would see, blind to the wait before it.
    pub uncorrected: Histogram<u64>,
    /// Exact smallest, in nanoseconds.
    pub min_ns: u64,
    /// Exact largest, in nanoseconds.
    pub max_ns: u64,
    /// Exact sum, in nanoseconds.
    pub sum_ns: u128,
    /// Where the time went. A request without a final word has no parts: all of it was lost.
    pub parts: PartSums,
}

/// A histogram for latencies.
fn histogram(digits: u8) -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, digits).expect("the bounds are valid")
}

impl Latency {
    fn new() -> Self {
        Latency {
            corrected: histogram(3),
            uncorrected: histogram(2),
            min_ns: u64::MAX,
            max_ns: 0,
            sum_ns: 0,
            parts: PartSums::default(),
        }
    }

    fn record(&mut self, sample: &Sample) {
        let Sample { corrected_ns, uncorrected_ns, parts } = *sample;
        debug_assert!(parts.sum_ns() <= corrected_ns, "{parts:?} are more than {corrected_ns}");
        self.corrected.saturating_record(corrected_ns.min(LONGEST_NS));
        self.uncorrected.saturating_record(uncorrected_ns.min(LONGEST_NS));
        self.min_ns = self.min_ns.min(corrected_ns);
        self.max_ns = self.max_ns.max(corrected_ns);
        self.sum_ns += u128::from(corrected_ns);
        self.parts.add(parts);
    }

    /// Adds the samples of another one.
    pub fn merge(&mut self, other: &Latency) {
        let fits = "histograms of latencies have the same bounds";
        self.corrected.add(&other.corrected).expect(fits);
        self.uncorrected.add(&other.uncorrected).expect(fits);
        self.min_ns = self.min_ns.min(other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        self.sum_ns += other.sum_ns;
        self.parts.wait_ns += other.parts.wait_ns;
        self.parts.service_ns += other.parts.service_ns;
        self.parts.network_ns += other.parts.network_ns;
    }
}

/// Latencies by metric; one that never occurred takes no room.
type ByMetric = [Option<Box<Latency>>; Metric::ALL.len()];

/// Latencies of one phase.
#[derive(Clone, Debug)]
pub struct PhaseLatencies {
    /// Which.
    pub phase: Phase,
    metrics: ByMetric,
}

impl PhaseLatencies {
    /// The latencies of a metric, if it occurred in this phase.
    #[must_use]
    pub fn of(&self, metric: Metric) -> Option<&Latency> {
        self.metrics[metric as usize].as_deref()
    }
}

/// Latencies of a run: by phase, and after it all of them but those of the warm-up.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    total: ByMetric,
    phases: Vec<PhaseLatencies>,
}

impl Latencies {
    pub(super) fn new(phases: Vec<Phase>) -> Self {
        let latencies = |phase| PhaseLatencies { phase, metrics: ByMetric::default() };
        Latencies {
            total: ByMetric::default(),
            phases: phases.into_iter().map(latencies).collect(),
        }
    }

    /// The phase of an instant, as an index.
    pub(super) fn phase_at(&self, intended_ns: u64) -> usize {
        let over = |phase: &&PhaseLatencies| phase.phase.until_ns <= intended_ns;
        self.phases.iter().take_while(over).count()
    }

    /// The phase of a request that was meant to be made then, for an order of this phase.
    pub(super) fn phase_of(&self, intended_ns: u64, order: usize) -> usize {
        if self.warm(order) { order } else { self.phase_at(intended_ns) }
    }

    /// Whether this phase is the warm-up.
    pub(super) fn warm(&self, phase: usize) -> bool {
        self.phases[phase].phase.kind == PhaseKind::WarmUp
    }

    pub(super) fn record(&mut self, phase: usize, metric: Metric, sample: &Sample) {
        self.phases[phase].metrics[metric as usize]
            .get_or_insert_with(|| Box::new(Latency::new()))
            .record(sample);
    }

    /// The same, summed up although the run goes on.
    pub(super) fn so_far(&self) -> Latencies {
        let mut latencies = self.clone();
        latencies.sum_up();
        latencies
    }

    /// Sums the phases up.
    pub(super) fn sum_up(&mut self) {
        if let [only] = self.phases.as_mut_slice() {
            // One phase is no phase.
            self.total = std::mem::take(&mut only.metrics);
            self.phases.clear();
        }
        for phase in self.phases.iter().filter(|one| one.phase.kind != PhaseKind::WarmUp) {
            for (total, latency) in self.total.iter_mut().zip(&phase.metrics) {
                match (total, latency) {
                    (_, None) => {}
                    (Some(total), Some(latency)) => total.merge(latency),
                    (none, Some(latency)) => *none = Some(latency.clone()),
                }
            }
        }
    }

    /// The latencies of a metric without those of the warm-up, if it occurred.
    #[must_use]
    pub fn of(&self, metric: Metric) -> Option<&Latency> {
        self.total[metric as usize].as_deref()
    }

    /// The phases in their order; none if there is only one.
    #[must_use]
    pub fn phases(&self) -> &[PhaseLatencies] {
        &self.phases
    }
}
