//! `latency.hgrm`: percentile distributions in the classic text format of HdrHistogram.

use crate::sim::engine::{Finished, Latency, Metric};
use std::fmt::Write as _;

/// Values are in milliseconds.
const UNIT_NS: f64 = 1e6;
/// Rows for every halving of the distance to 100 %.
const ROWS_PER_HALVING: u32 = 5;

/// One distribution for each metric and outcome that occurred, without the warm-up. Each block can
/// be read by itself by what plots such files.
#[must_use]
pub fn hgrm(run: &Finished) -> String {
    let mut text = String::new();
    for metric in Metric::ALL {
        if let Some(latency) = run.latencies.of(metric) {
            if !text.is_empty() {
                text.push('\n');
            }
            block(metric, latency, &mut text);
        }
    }
    text
}

/// Writing into a string cannot fail.
fn block(metric: Metric, latency: &Latency, text: &mut String) {
    let (name, outcome) = metric.name();
    let histogram = &latency.corrected;
    let ms = |ns: u64| ns.clamp(latency.min_ns, latency.max_ns) as f64 / UNIT_NS;
    writeln!(text, "#[Metric = {name}.{outcome}, values in milliseconds]").ok();
    let [value, percentile, total] = ["Value", "Percentile", "TotalCount"];
    writeln!(text, "{value:>12} {percentile:>14} {total:>10} 1/(1-Percentile)\n").ok();
    let mut below = 0;
    for step in histogram.iter_quantiles(ROWS_PER_HALVING) {
        below += step.count_since_last_iteration();
        let quantile = step.quantile_iterated_to();
        write!(text, "{:12.3} {quantile:14.12} {below:>10}", ms(step.value_iterated_to())).ok();
        if quantile < 1.0 {
            write!(text, " {:14.2}", 1.0 / (1.0 - quantile)).ok();
        }
        text.push('\n');
    }
    let (mean, deviation) = (mean_ms(latency), histogram.stdev() / UNIT_NS);
    writeln!(text, "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]").ok();
    let (max, count) = (ms(latency.max_ns), histogram.len());
    writeln!(text, "#[Max     = {max:12.3}, Total count    = {count:12}]").ok();
    let inner = (2 * 10_u64.pow(u32::from(histogram.sigfig()))).next_power_of_two();
    let buckets = histogram.buckets();
    writeln!(text, "#[Buckets = {buckets:12}, SubBuckets     = {inner:12}]").ok();
}

fn mean_ms(latency: &Latency) -> f64 {
    latency.sum_ns as f64 / latency.corrected.len().max(1) as f64 / UNIT_NS
}
