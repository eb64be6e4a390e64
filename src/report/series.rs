//! `series.csv` and `latency.hlog`: the run interval by interval, written while it goes on.

use super::hlog::IntervalLog;

use crate::domain::{Coordination, Service};
use crate::sim::engine::{Interval, Metric};
use crate::sim::quantile::enough;
use std::fmt::Write as _;

/// Nanoseconds of a second.
pub(super) const SECOND: u64 = 1_000_000_000;

/// The latencies in `series.csv`; all of them are in `latency.hlog`.
const LATENCIES: [(&str, Metric); 3] = [
    ("checkout", Metric::CheckoutCompleted),
    ("place", Metric::PlacePlaced),
    ("pay", Metric::PayPaid),
];
/// Orders and payments by what their customers were told.
const TOLD: [(&str, &[Metric]); 9] = [
    ("placed", &[Metric::PlacePlaced]),
    ("rejected", &[Metric::PlaceRefused]),
    ("compensated", &[Metric::PlaceFailed]),
    ("completed", &[Metric::PayPaid]),
    ("pay_refused", &[Metric::PayRefused]),
    ("pay_failed", &[Metric::PayFailed]),
    ("cancelled", &[Metric::CancelCancelled]),
    ("refunded", &[Metric::RefundRefunded]),
    ("unknown", &UNKNOWN),
];
const UNKNOWN: [Metric; 4] =
    [Metric::PlaceUnknown, Metric::PayUnknown, Metric::CancelUnknown, Metric::RefundUnknown];

/// Writes both files, interval by interval.
#[derive(Debug)]
pub struct Series {
    services: Vec<Service>,
    csv: String,
    hlog: IntervalLog,
}

impl Series {
    /// The beginning of both files, for a run of this scenario.
    #[must_use]
    pub fn new(scenario: &str, seed: u64, coordination: Coordination) -> Self {
        let services = Service::ALL.into_iter().filter(|one| one.takes_part(coordination));
        let mut series = Series {
            services: services.collect(),
            csv: String::new(),
            hlog: IntervalLog::new(scenario, seed),
        };
        let header = series.header().join(",");
        series.csv = format!("{header}\n");
        series
    }

    fn header(&self) -> Vec<String> {
        let mut names: Vec<String> =
            ["from_ns", "until_ns", "offered", "started"].map(str::to_owned).to_vec();
        names.extend(TOLD.iter().map(|(name, _)| (*name).to_owned()));
        names.extend(["expired", "in_flight"].map(str::to_owned));
        for (name, _) in LATENCIES {
            names.extend(["p50", "p90", "p99", "max"].map(|figure| format!("{name}_{figure}_ns")));
        }
        for service in &self.services {
            let name = service.name();
            names.extend(["queue", "busy", "present_mean"].map(|what| format!("{name}_{what}")));
        }
        names
    }

    /// Writes the lines of one interval.
    pub fn add(&mut self, interval: &Interval<'_>) {
        self.row(interval);
        let span = (interval.from_ns, interval.until_ns);
        for metric in Metric::ALL {
            let (name, outcome) = metric.name();
            for (warm, place) in [(true, "warm-up."), (false, "")] {
                let ended = interval.ended(metric, warm);
                if !ended.is_empty() {
                    self.hlog.line(&format!("{place}{name}.{outcome}"), span, ended);
                }
            }
        }
    }

    /// Both files: `series.csv` and `latency.hlog`.
    #[must_use]
    pub fn finish(self) -> (String, String) {
        (self.csv, self.hlog.finish())
    }

    fn row(&mut self, interval: &Interval<'_>) {
        let Interval { from_ns, until_ns, offered, started, .. } = interval;
        let csv = &mut self.csv;
        // Writing into a string cannot fail.
        let mut cell = |text: &dyn std::fmt::Display, end: char| {
            write!(csv, "{text}{end}").ok();
        };
        for figure in [from_ns, until_ns, offered, started] {
            cell(figure, ',');
        }
        for (_, metrics) in TOLD {
            let told: u64 = metrics.iter().map(|metric| count(interval, *metric)).sum();
            cell(&told, ',');
        }
        cell(&interval.expired, ',');
        cell(&interval.in_flight, ',');
        for (_, metric) in LATENCIES {
            for figure in latency(interval, metric) {
                match figure {
                    Some(ns) => cell(&ns, ','),
                    None => cell(&"", ','),
                }
            }
        }
        let last = self.services.len().saturating_sub(1);
        for (at, service) in self.services.iter().enumerate() {
            let moment = &interval.stations[*service as usize];
            cell(&moment.queue, ',');
            cell(&moment.busy, ',');
            let end = if at == last { '\n' } else { ',' };
            cell(&format_args!("{:.6}", moment.present_mean), end);
        }
    }
}

fn count(interval: &Interval<'_>, metric: Metric) -> u64 {
    [true, false].iter().map(|warm| interval.ended(metric, *warm).len() as u64).sum()
}

/// Exact p50, p90, p99 and maximum, those of the warm-up included.
fn latency(interval: &Interval<'_>, metric: Metric) -> [Option<u64>; 4] {
    let [warm, cold] = [true, false].map(|warm| interval.ended(metric, warm));
    if warm.is_empty() || cold.is_empty() {
        return figures(if warm.is_empty() { cold } else { warm });
    }
    let mut all = [warm, cold].concat();
    all.sort_unstable();
    figures(&all)
}

fn figures(sorted: &[u64]) -> [Option<u64>; 4] {
    let at = |q: f64| {
        let rank = (sorted.len() as f64 * q).ceil() as usize;
        enough(sorted.len() as u64, q).then(|| sorted[rank.max(1) - 1])
    };
    [at(0.5), at(0.9), at(0.99), sorted.last().copied()]
}
