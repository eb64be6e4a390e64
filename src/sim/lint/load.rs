//! Whether the services, and the time after the load, suffice for what the load asks.

use super::{Finder, Lint};
use crate::domain::Service;
use crate::sim::forecast::Offered;
use crate::sim::scenario::{Load, Settling, format_duration};

/// Samples that must lie above a percentile for it to be printed.
const ABOVE: f64 = 10.0;

/// Offered load of 1 and more.
pub(super) fn overload(finder: &mut Finder<'_>) {
    let services: Vec<Offered> = finder.forecast.services.clone();
    for one in services.iter().filter(|one| one.surely >= 1.0) {
        let name = one.service.name();
        let whole = one.utilization >= 1.0;
        let busiest = if whole { one.utilization } else { one.peak };
        let when = if whole { "" } else { " in the busiest part of the load" };
        let title = format!(
            "`{name}` is offered {} times what its {} can do{when}",
            short(busiest),
            counted(one.workers.into(), "worker"),
        );
        let enough = (busiest * f64::from(one.workers)).floor() as u64 + 1;
        let mut help = format!("write `workers = {enough}` or more under `[service.{name}]`");
        if let Load::ConstantArrivalRate { rate_per_s, .. } = finder.plan.scenario.load {
            help += &format!(", or a rate below \"{}/s\"", short(rate_per_s / busiest));
        } else {
            help += ", or lower the load";
        }
        // A monolith serves as long as the services it is made of.
        if one.service != Service::Monolith && one.visits_per_order > 0.0 {
            let mean_ns = finder.plan.service[one.service as usize].mean() / busiest;
            help += &format!(", or a mean service time below {}", rounded(mean_ns));
        }
        help += &format!("; visits per order: {}", short(one.visits_per_order));
        finder.warn(Lint::Overload, &format!("service.{name}.workers"), title, help);
    }
}

/// The drain against what customers, windows, retries and full queues may still take.
pub(super) fn short_drain(finder: &mut Finder<'_>) {
    let scenario = &finder.plan.scenario;
    let Settling { customers_ns, window_ns, settle_ns } = Settling::of(scenario);
    let retries_ns = scenario.protection.longest_call_ns();
    let waits = finder.forecast.services.iter().map(|one| one.last_wait_ns);
    let queues_ns = waits.fold(0.0, f64::max) as u64;
    let parts = [customers_ns, window_ns, settle_ns, retries_ns, queues_ns];
    let needed_ns = parts.into_iter().fold(0, u64::saturating_add);
    let drain_ns = scenario.run.drain_ns;
    if drain_ns >= needed_ns {
        return;
    }
    let title = format!(
        "the drain of {} may be too short: what is left over when the load ends may take {}",
        format_duration(drain_ns),
        seconds(needed_ns),
    );
    let help = format!(
        "{} for the last customer, {} payment window, {} of retries, {} in the longest queue, {} to \
         settle: write `drain = \"{}\"`",
        seconds(customers_ns),
        seconds(window_ns),
        seconds(retries_ns),
        seconds(queues_ns),
        seconds(settle_ns),
        seconds(needed_ns),
    );
    finder.warn(Lint::ShortDrain, "run.drain", title, help);
}

/// Percentiles that are asked for, against the orders that can have any latency. Who declares a
/// warm-up asks for the 99th.
pub(super) fn few_samples(finder: &mut Finder<'_>) {
    let plan = finder.plan;
    let warmup_ns = plan.scenario.run.warmup_ns;
    let measured = finder.forecast.arrivals.expected(warmup_ns as f64, plan.duration_ns as f64);
    let mut asked: Vec<(String, f64)> = Vec::new();
    for at in 0..finder.places.count("threshold") {
        let path = format!("threshold.{at}.expr");
        asked.extend(finder.places.text(&path).and_then(percentile).map(|p| (path, p)));
    }
    if warmup_ns > 0 {
        asked.push(("run.warmup".to_owned(), 99.0));
    }
    for (path, percentile) in asked {
        let needed = ABOVE / (1.0 - percentile / 100.0);
        // What a float cannot say exactly is not worth a warning.
        if measured >= needed * (1.0 - 1e-9) {
            continue;
        }
        let title = format!(
            "the {percentile}th percentile needs {} samples, and about {} to be measured",
            needed.round(),
            match measured.round() as u64 {
                1 => "1 order is".to_owned(),
                orders => format!("{orders} orders are"),
            },
        );
        let help = "raise `duration` or the load, or ask for a lower percentile".to_owned();
        finder.warn(Lint::FewSamples, &path, title, help);
    }
}

/// The percentile in `p(99.9) < 3s`.
fn percentile(expr: &str) -> Option<f64> {
    let rest = expr.trim_start().strip_prefix('p')?.trim_start().strip_prefix('(')?;
    let number = rest.split_once(')')?.0.trim().parse().ok()?;
    (0.0..100.0).contains(&number).then_some(number)
}

/// Three significant digits.
pub(super) fn short(number: f64) -> String {
    let decimals = if number >= 100.0 {
        0
    } else if number >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{number:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// `1 worker`, `2 workers`.
pub(super) fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Whole seconds, rounded up.
pub(super) fn seconds(ns: u64) -> String {
    format_duration(ns.div_ceil(1_000_000_000).saturating_mul(1_000_000_000))
}

/// A duration without its last digits.
pub(super) fn rounded(ns: f64) -> String {
    let ns = ns.max(0.0) as u64;
    let mut grain = 1;
    while ns / grain >= 1_000 {
        grain *= 10;
    }
    format_duration(ns / grain * grain)
}
