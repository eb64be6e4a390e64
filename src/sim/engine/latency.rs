//! Latency as customers feel it: from the intended instant of a request to its final word.

use hdrhistogram::Histogram;

/// Longer latencies are recorded as this in the histogram (a day); the exact maximum stands beside.
const LONGEST_NS: u64 = 86_400_000_000_000;

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
}

impl Latency {
    fn new() -> Self {
        let histogram = |digits| {
            Histogram::new_with_bounds(1, LONGEST_NS, digits).expect("the bounds are valid")
        };
        Latency {
            corrected: histogram(3),
            uncorrected: histogram(2),
            min_ns: u64::MAX,
            max_ns: 0,
            sum_ns: 0,
        }
    }

    fn record(&mut self, corrected_ns: u64, uncorrected_ns: u64) {
        self.corrected.saturating_record(corrected_ns);
        self.uncorrected.saturating_record(uncorrected_ns);
        self.min_ns = self.min_ns.min(corrected_ns);
        self.max_ns = self.max_ns.max(corrected_ns);
        self.sum_ns += u128::from(corrected_ns);
    }
}

/// Latencies of all metrics; one that never occurred takes no room.
#[derive(Debug, Default)]
pub struct Latencies {
    metrics: [Option<Box<Latency>>; Metric::ALL.len()],
}

impl Latencies {
    pub(super) fn record(&mut self, metric: Metric, corrected_ns: u64, uncorrected_ns: u64) {
        self.metrics[metric as usize]
            .get_or_insert_with(|| Box::new(Latency::new()))
            .record(corrected_ns, uncorrected_ns);
    }

    /// The latencies of a metric, if it occurred.
    #[must_use]
    pub fn of(&self, metric: Metric) -> Option<&Latency> {
        self.metrics[metric as usize].as_deref()
    }
}
