//! The figures of a run that are worth comparing: one table says what each is and which way is
//! better.
//!
//! They are read from the JSON of a summary, by its stable keys, so that a run that was stored by
//! another version can be compared, too.

use crate::sim::engine::Metric;
use serde::Serialize;
use serde_json::Value;

/// Which way is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// What a figure is counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricUnit {
    /// Nanoseconds of the run's clock.
    Ns,
    /// Plain number.
    Count,
}

/// How noise is treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noise {
    /// The figure varies with the seed: only an interval beyond the noise threshold counts.
    Varies,
    /// Nothing by nature: any of it that the other side has not is a difference.
    Exact,
}

/// Where a figure stands in `summary.json`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    /// At this pointer.
    At(&'static str),
    /// The sum of a key over the items of a list.
    Sum(&'static str, &'static str),
    /// One for each metric and outcome of `latency`: this percentile.
    Latency(&'static str),
}

/// A line of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its name; for latencies what comes behind metric and outcome.
    pub name: &'static str,
    source: Source,
    /// What it is counted in.
    pub unit: MetricUnit,
    /// Which way is better.
    pub better: Better,
    /// How noise is treated.
    pub noise: Noise,
}

const fn row(name: &'static str, source: Source, unit: MetricUnit, better: Better) -> Row {
    Row { name, source, unit, better, noise: Noise::Varies }
}

const fn exact(name: &'static str, source: Source) -> Row {
    let (unit, better) = (MetricUnit::Count, Better::Lower);
    Row { name, source, unit, better, noise: Noise::Exact }
}

/// All that is compared, in the order of reports. Left out is what has no better way (how many
/// orders expire), what follows from these, and what depends on the machine (`wall_ns`).
const TABLE: [Row; 9] = [
    row("orders completed", Source::At("/orders/completed"), MetricUnit::Count, Better::Higher),
    row("p50", Source::Latency("p50_ns"), MetricUnit::Ns, Better::Lower),
    row("p99", Source::Latency("p99_ns"), MetricUnit::Ns, Better::Lower),
    row("messages per order", Source::At("/messages/per_order"), MetricUnit::Count, Better::Lower),
    row(
        "stock held wrongly",
        Source::At("/inconsistency/unit_seconds"),
        MetricUnit::Count,
        Better::Lower,
    ),
    row(
        "money held wrongly",
        Source::At("/inconsistency/money_seconds"),
        MetricUnit::Count,
        Better::Lower,
    ),
    exact("orders dropped", Source::At("/orders/dropped")),
    exact("orders stuck", Source::At("/orders/stuck")),
    exact("invariant violations", Source::Sum("/invariants", "violations")),
];

/// What a comparison is judged by if nothing else is asked for: what a customer and an owner feel
/// first. Each further one makes all of them harder to tell from noise.
pub const JUDGED: [&str; 7] = [
    "orders completed",
    "checkout completed p50",
    "checkout completed p99",
    "messages per order",
    "orders dropped",
    "orders stuck",
    "invariant violations",
];

/// One figure of one run.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// `orders completed`, `checkout completed p99`.
    pub name: String,
    /// What it is.
    pub row: Row,
    /// In the unit of its row; finite.
    pub value: f64,
}

/// Every name that a reading can have, with its line of the table.
fn named() -> Vec<(String, Row)> {
    let of_row = |row: Row| match row.source {
        Source::At(_) | Source::Sum(_, _) => vec![(row.name.to_owned(), row)],
        Source::Latency(_) => {
            let name = |metric: Metric| {
                let (metric, outcome) = metric.name();
                (format!("{metric} {outcome} {}", row.name), row)
            };
            Metric::ALL.into_iter().map(name).collect()
        }
    };
    TABLE.into_iter().flat_map(of_row).collect()
}

/// Every name that a reading can have.
#[must_use]
pub fn names() -> Vec<String> {
    named().into_iter().map(|(name, _)| name).collect()
}

/// All figures, which way is better, and whether a comparison is judged by them.
#[must_use]
pub fn list_figures() -> String {
    let line = |(name, row): (String, Row)| {
        let better = match row.better {
            Better::Higher => "higher is better",
            Better::Lower => "lower is better",
        };
        let judged = if JUDGED.contains(&name.as_str()) { ", judged" } else { "" };
        format!("{name:<34}{better}{judged}\n")
    };
    named().into_iter().map(line).collect()
}

/// All figures of a run, from its summary, in the order of the table. What the run has no figure
/// for is left out.
#[must_use]
pub fn readings(summary: &Value) -> Vec<Reading> {
    let mut readings = Vec::new();
    for row in TABLE {
        let reading = |name: String, value: f64| Reading { name, row, value };
        let named = |value: f64| reading(row.name.to_owned(), value);
        match row.source {
            Source::At(pointer) => {
                readings.extend(summary.pointer(pointer).and_then(Value::as_f64).map(named));
            }
            Source::Sum(list, key) => {
                let items = summary.pointer(list).and_then(Value::as_array);
                let sum = |items: &Vec<Value>| items.iter().filter_map(|i| i[key].as_f64()).sum();
                readings.extend(items.map(sum).map(named));
            }
            Source::Latency(key) => {
                let items = summary["latency"].as_array().into_iter().flatten();
                readings.extend(items.filter_map(|item| {
                    let (metric, outcome) = (item["metric"].as_str()?, item["outcome"].as_str()?);
                    Some(reading(format!("{metric} {outcome} {}", row.name), item[key].as_f64()?))
                }));
            }
        }
    }
    readings.retain(|reading| reading.value.is_finite());
    readings
}
