//! `series.csv` and `latency.hlog`: the run interval by interval, written while it goes on.

use super::measure::quantile;
use crate::domain::{Coordination, Service};
use crate::sim::engine::{Ended, Interval, Metric};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use std::fmt::Write as _;

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

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
    hlog: String,
    bytes: Vec<u8>,
}

impl Series {
    /// The beginning of both files, for a run of this scenario.
    #[must_use]
    pub fn new(scenario: &str, seed: u64, coordination: Coordination) -> Self {
        let services = Service::ALL.into_iter().filter(|one| one.takes_part(coordination));
        let mut series = Series {
            services: services.collect(),
            csv: String::new(),
            hlog: hlog_header(scenario, seed),
            bytes: Vec::new(),
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
        for metric in Metric::ALL {
            for warm in [true, false] {
                if let Some(ended) = interval.ended(metric, warm) {
                    self.line(interval, metric, warm, ended);
                }
            }
        }
    }

    /// Both files: `series.csv` and `latency.hlog`.
    #[must_use]
    pub fn finish(self) -> (String, String) {
        (self.csv, self.hlog)
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

    /// One histogram in the interval log. Instants and lengths are exact to the nanosecond.
    fn line(&mut self, interval: &Interval<'_>, metric: Metric, warm: bool, ended: &Ended) {
        self.bytes.clear();
        let serialized = V2DeflateSerializer::new().serialize(&ended.latencies, &mut self.bytes);
        serialized.expect("memory takes what is written, and counts fit their type");
        let (name, outcome) = metric.name();
        let warm = if warm { "warm-up." } else { "" };
        let length_ns = interval.until_ns - interval.from_ns;
        let (from, length) = (seconds(interval.from_ns), seconds(length_ns));
        let max_ms = ended.max_ns as f64 / 1e6;
        write!(self.hlog, "Tag={warm}{name}.{outcome},{from},{length},{max_ms:.6},").ok();
        STANDARD.encode_string(&self.bytes, &mut self.hlog);
        self.hlog.push('\n');
    }
}

fn seconds(ns: u64) -> String {
    format!("{}.{:09}", ns / SECOND, ns % SECOND)
}

/// The head of an interval log, as HdrHistogram's own writers make it (format 1.3). Time 0 is that
/// of the run.
fn hlog_header(scenario: &str, seed: u64) -> String {
    let scenario: String = scenario.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!(
        "#[Latencies of {scenario}, seed {seed}, in nanoseconds of virtual time]\n\
         #[Histogram log format version 1.3]\n\
         #[StartTime: 0.000 (seconds since epoch), the start of the run]\n\
         #[MaxValueDivisor: 1000000.000]\n\
         \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\
         \"Interval_Compressed_Histogram\"\n"
    )
}

fn both<'a>(interval: &'a Interval<'_>, metric: Metric) -> impl Iterator<Item = &'a Ended> {
    [true, false].into_iter().filter_map(move |warm| interval.ended(metric, warm))
}

fn count(interval: &Interval<'_>, metric: Metric) -> u64 {
    both(interval, metric).map(|ended| ended.latencies.len()).sum()
}

/// p50, p90, p99 and the exact maximum, those of the warm-up included.
fn latency(interval: &Interval<'_>, metric: Metric) -> [Option<u64>; 4] {
    let mut ended = both(interval, metric);
    let Some(first) = ended.next() else { return [None; 4] };
    let mut max_ns = first.max_ns;
    let mut merged: Option<Histogram<u64>> = None;
    for other in ended {
        let sum = merged.get_or_insert_with(|| first.latencies.clone());
        sum.add(&other.latencies).expect("histograms of latencies have the same bounds");
        max_ns = max_ns.max(other.max_ns);
    }
    let all = merged.as_ref().unwrap_or(&first.latencies);
    let at = |q| quantile(all, q, 0, max_ns);
    [at(0.5), at(0.9), at(0.99), Some(max_ns)]
}
