//! The metrics a threshold can name: the one list that reading, judging and `sagasim explain
//! metrics` go by.
//!
//! A further metric is a line in [`METRICS`] and a function in `measure.rs`; a further tag is an
//! entry in the metric's `tags`, looked at by its function.

use super::condition::Form;
use super::figures::{Figures, Measured};
use super::measure;
use super::selector::Selector;
use crate::domain::{Process, Service, Step};
use crate::sim::check::Outcome;
use crate::sim::engine;

/// What kind of figure a metric is: it decides which aggregations there are, and their units.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Durations, with percentiles.
    Latency,
    /// Durations of which only sum and number are kept.
    Mean,
    /// Something counted.
    Counter,
    /// Something counted out of a whole.
    Portion,
    /// One figure.
    Single(Unit),
    /// One figure for each value of its tag.
    Each(Unit),
}

/// The unit of a figure. The smallest value is 0 everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unit {
    /// Nanoseconds; written with a unit: `3s`.
    Time,
    /// A share, 0 to 1.
    Share,
    /// A number without a unit.
    Number,
    /// Occurrences per second; written as a rate: `40/s`.
    Rate,
}

impl Unit {
    /// All four.
    pub const ALL: [Unit; 4] = [Unit::Time, Unit::Share, Unit::Number, Unit::Rate];

    /// The name used in `summary.json`: what values are given in there.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Time => "ns",
            Unit::Share => "share",
            Unit::Number => "number",
            Unit::Rate => "per_s",
        }
    }
}

impl Kind {
    /// The aggregations there are, each with its unit.
    #[must_use]
    pub const fn forms(self) -> &'static [(Form, Unit)] {
        const LATENCY: [(Form, Unit); 6] = [
            (Form::Percentile, Unit::Time),
            (Form::Min, Unit::Time),
            (Form::Max, Unit::Time),
            (Form::Avg, Unit::Time),
            (Form::Med, Unit::Time),
            (Form::Count, Unit::Number),
        ];
        const fn each(unit: Unit) -> [(Form, Unit); 4] {
            [(Form::Value, unit), (Form::Min, unit), (Form::Max, unit), (Form::Avg, unit)]
        }
        const EACH: [[(Form, Unit); 4]; 4] =
            [each(Unit::Time), each(Unit::Share), each(Unit::Number), each(Unit::Rate)];
        const SINGLE: [[(Form, Unit); 1]; 4] = [
            [(Form::Value, Unit::Time)],
            [(Form::Value, Unit::Share)],
            [(Form::Value, Unit::Number)],
            [(Form::Value, Unit::Rate)],
        ];
        match self {
            Kind::Latency => &LATENCY,
            Kind::Mean => &[(Form::Avg, Unit::Time), (Form::Count, Unit::Number)],
            Kind::Counter => &[(Form::Count, Unit::Number)],
            Kind::Portion => &[(Form::Count, Unit::Number), (Form::Rate, Unit::Share)],
            Kind::Single(unit) => &SINGLE[unit as usize],
            Kind::Each(unit) => &EACH[unit as usize],
        }
    }
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name used in scenario files.
    pub name: &'static str,
    /// What kind of figure it is.
    pub kind: Kind,
    /// What it can be narrowed by.
    pub tags: &'static [Tag],
    /// When it is known: one that is only known at rest cannot stop a run.
    pub at_rest: bool,
    /// What it says, in one sentence.
    pub meaning: &'static str,
    /// Takes it from the figures of a run.
    pub(super) measure: for<'a> fn(&Figures<'a>, &Selector) -> Measured<'a>,
}

/// Metrics are told apart by their names.
impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// What a metric can be narrowed by.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: Values,
}

/// The values of a tag.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Those of this function of the metric's name.
    Known(fn(&str) -> Vec<&'static str>),
    /// The names of the scenario's faults.
    Faults,
}

/// The metric of this name.
#[must_use]
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

const fn tag(name: &'static str, values: fn(&str) -> Vec<&'static str>) -> Tag {
    Tag { name, values: Values::Known(values) }
}

const OUTCOME: [Tag; 1] = [tag("outcome", latency_outcomes)];
const SERVICE: [Tag; 1] = [tag("service", |_| services().map(Service::name).collect())];
const PROCESS: Tag = tag("process", |_| Process::CHECKOUT.map(Process::name).to_vec());

/// How a request that is measured can end.
fn latency_outcomes(metric: &str) -> Vec<&'static str> {
    let all = engine::Metric::ALL.into_iter().map(engine::Metric::name);
    all.filter(|(name, _)| *name == metric).map(|(_, outcome)| outcome).collect()
}

fn order_outcomes(_: &str) -> Vec<&'static str> {
    Outcome::ALL.into_iter().map(Outcome::name).chain(["refunded"]).collect()
}

/// The services that have a station.
pub(super) fn services() -> impl Iterator<Item = Service> {
    Service::ALL.into_iter().take(Service::STATIONS)
}

const fn latency(name: &'static str, meaning: &'static str) -> Metric {
    let measure = measure::latency;
    Metric { name, kind: Kind::Latency, tags: &OUTCOME, at_rest: false, meaning, measure }
}

/// Every metric, in the order `explain metrics` shows them.
pub const METRICS: [Metric; 20] = [
    latency(
        "checkout",
        "Place and all payments of an order that completed, thinking excluded, from the intended \
         start.",
    ),
    latency("place", "From the intended order to its final word."),
    latency("pay", "From the intended payment to its final word."),
    latency("cancel", "From the intended cancellation to its final word."),
    latency("refund", "From the intended refund to its final word."),
    Metric {
        name: "undo",
        kind: Kind::Latency,
        tags: &[PROCESS],
        at_rest: false,
        meaning: "From the decision to undo a process to the commit of its last undo, of the \
                  whole run.",
        measure: measure::undo,
    },
    Metric {
        name: "orders",
        kind: Kind::Portion,
        tags: &[tag("outcome", order_outcomes)],
        at_rest: true,
        meaning: "Orders by how they ended; the rate is their share of the started orders.",
        measure: measure::orders,
    },
    Metric {
        name: "processes",
        kind: Kind::Portion,
        tags: &[PROCESS, tag("result", |_| measure::PROCESS_RESULTS.to_vec())],
        at_rest: false,
        meaning: "Runs through a process by how they ended; the rate is their share of those \
                  begun.",
        measure: measure::processes,
    },
    Metric {
        name: "steps",
        kind: Kind::Counter,
        tags: &[
            tag("step", |_| Step::ALL.into_iter().map(Step::name).collect()),
            tag("result", |_| measure::STEP_RESULTS.to_vec()),
        ],
        at_rest: false,
        meaning: "How often steps were done, undone or refused; without a result: done.",
        measure: measure::steps,
    },
    Metric {
        name: "faults",
        kind: Kind::Counter,
        tags: &[Tag { name: "fault", values: Values::Faults }],
        at_rest: false,
        meaning: "How often declared faults struck.",
        measure: measure::faults,
    },
    Metric {
        name: "throughput",
        kind: Kind::Single(Unit::Rate),
        tags: &[],
        at_rest: false,
        meaning: "Orders paid for, per second of the load.",
        measure: measure::throughput,
    },
    Metric {
        name: "messages",
        kind: Kind::Portion,
        tags: &[tag("result", |_| measure::MESSAGE_RESULTS.to_vec())],
        at_rest: false,
        meaning: "Messages sent, or what became of them; the rate is their share of those sent.",
        measure: measure::messages,
    },
    Metric {
        name: "messages_per_order",
        kind: Kind::Single(Unit::Number),
        tags: &[],
        at_rest: false,
        meaning: "Messages sent, divided by the orders started.",
        measure: measure::messages_per_order,
    },
    Metric {
        name: "utilization",
        kind: Kind::Each(Unit::Share),
        tags: &SERVICE,
        at_rest: false,
        meaning: "Share of the workers' time spent working while the load lasts.",
        measure: measure::utilization,
    },
    Metric {
        name: "queue_max",
        kind: Kind::Each(Unit::Number),
        tags: &SERVICE,
        at_rest: false,
        meaning: "Longest queue of a service, without what is being served, of the whole run.",
        measure: measure::queue_max,
    },
    Metric {
        name: "wait",
        kind: Kind::Mean,
        tags: &SERVICE,
        at_rest: false,
        meaning: "Time of messages in the queues of services.",
        measure: measure::wait,
    },
    Metric {
        name: "service_time",
        kind: Kind::Mean,
        tags: &SERVICE,
        at_rest: false,
        meaning: "Time of messages at the workers of services.",
        measure: measure::service_time,
    },
    Metric {
        name: "unit_seconds",
        kind: Kind::Single(Unit::Number),
        tags: &[],
        at_rest: false,
        meaning: "Units of stock that failed orders held, times the seconds they held them, of \
                  the whole run.",
        measure: measure::unit_seconds,
    },
    Metric {
        name: "money_seconds",
        kind: Kind::Single(Unit::Number),
        tags: &[],
        at_rest: false,
        meaning: "Money (in its smallest unit) that failed payments held, times the seconds they \
                  held it, of the whole run.",
        measure: measure::money_seconds,
    },
    Metric {
        name: "anomalies",
        kind: Kind::Counter,
        tags: &[tag("kind", |_| measure::ANOMALIES.to_vec())],
        at_rest: false,
        meaning: "Isolation anomalies and what the gates absorbed, of the whole run.",
        measure: measure::anomalies,
    },
];
