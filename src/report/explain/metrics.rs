//! The catalogue of metrics, to read.

use super::wrapped;
use crate::sim::threshold::catalogue::{METRICS, Metric, Unit, Values, metric};

const HEAD: &str = "\
A threshold names a metric, narrowed by tags or not, and a condition on it:

  [[threshold]]
  metric = \"checkout{outcome=completed}\"
  expr   = \"p(99) < 3s\"

The condition is an aggregation, an operator (< <= > >= == !=) and a limit.
Without a tag everything is taken together. Percentiles are p(1) to p(99.99)
and beyond.

";

const RULES: [&str; 4] = [
    "The warm-up is left out, except where a metric is said to be of the whole run.",
    "A percentile needs ten samples above it, everything but a count needs one: with fewer, the \
     threshold is inconclusive, and so is the run.",
    "severity = \"warn\" only reports: it changes neither verdict nor exit code.",
    "abort_on_fail = true judges a hundred times, evenly over the load in virtual time, but not \
     before delay_abort, and stops the run at the first failure.",
];

const fn limit(unit: Unit) -> &'static str {
    match unit {
        Unit::Time => "a duration, 3s",
        Unit::Share => "a share, 0.8",
        Unit::Number => "a number, 100",
        Unit::Rate => "a rate, 40/s",
    }
}

/// The aggregations in one line, those of one unit together.
fn aggregations(metric: &Metric) -> String {
    let groups = metric.kind.forms().chunk_by(|a, b| a.1 == b.1);
    let group = |group: &[(_, Unit)], names: Vec<&str>| {
        let unit = group.first().map_or("", |(_, unit)| limit(*unit));
        format!("{} ({unit})", names.join(", "))
    };
    let all = groups.map(|forms| group(forms, forms.iter().map(|(form, _)| form.name()).collect()));
    all.collect::<Vec<_>>().join("; ")
}

fn body(metric: &Metric, indent: usize) -> String {
    let mut text = wrapped(metric.meaning, indent);
    text.push_str(&wrapped(&aggregations(metric), indent));
    for tag in metric.tags {
        let values = match tag.values {
            Values::Known(values) => values(metric.name).join(", "),
            Values::Faults => "the names of the scenario's faults".to_owned(),
        };
        text.push_str(&wrapped(&format!("{}: {values}", tag.name), indent));
    }
    if metric.at_rest {
        text.push_str(&wrapped("known at the end: it cannot stop a run", indent));
    }
    text
}

/// Every metric with its meaning, aggregations, units and tags, and the rules for all.
#[must_use]
pub fn explain_metrics() -> String {
    let mut text = HEAD.to_owned();
    for metric in &METRICS {
        text.push_str(&format!("{}\n{}", metric.name, body(metric, 4)));
    }
    text.push('\n');
    text.extend(RULES.map(|rule| wrapped(rule, 0)));
    text
}

/// One metric; none: no metric has this name.
#[must_use]
pub fn explain_metric(name: &str) -> Option<String> {
    let metric = metric(name)?;
    Some(format!("{} (metric)\n\n{}", metric.name, body(metric, 2)))
}
