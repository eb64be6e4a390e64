//! How each metric of the catalogue is taken from the figures of a run.

use super::catalogue::services;
use super::figures::{Figures, Measured};
use super::selector::Selector;
use crate::domain::{Process, Service, Step};
use crate::sim::check::{Outcome, ProcessFigures};
use crate::sim::engine::{self, MessageFigures, StationFigures, StepFigures};
use std::borrow::Cow;

/// How a run through a process ends; `stuck`: it has not.
pub(super) const PROCESS_RESULTS: [&str; 4] = ["completed", "rejected", "compensated", "stuck"];
/// What becomes of a step.
pub(super) const STEP_RESULTS: [&str; 3] = ["done", "undone", "refused"];
/// What becomes of messages.
pub(super) const MESSAGE_RESULTS: [&str; 7] = [
    "delivered",
    "dropped",
    "duplicated",
    "redelivered",
    "retried",
    "refused-by-full-queue",
    "ignored-reply",
];
/// Anomalies, as reports name them.
pub(super) const ANOMALIES: [&str; 3] = ["empty-undo", "late-original", "duplicate-absorbed"];

/// Without an outcome: all of them together.
pub(super) fn latency<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let wanted = |metric: &engine::Metric| {
        let (name, outcome) = metric.name();
        name == selector.metric().name && selector.takes("outcome", outcome)
    };
    let metrics = engine::Metric::ALL.into_iter().filter(wanted);
    let mut rows = metrics.filter_map(|metric| figures.latencies.of(metric));
    let Some(first) = rows.next() else { return Measured::Mean { sum_ns: 0, count: 0 } };
    let mut histogram = Cow::Borrowed(&first.corrected);
    let (mut min_ns, mut max_ns, mut sum_ns) = (first.min_ns, first.max_ns, first.sum_ns);
    for row in rows {
        histogram.to_mut().add(&row.corrected).expect("all have the same bounds");
        (min_ns, max_ns) = (min_ns.min(row.min_ns), max_ns.max(row.max_ns));
        sum_ns += row.sum_ns;
    }
    let mean_ns = sum_ns as f64 / histogram.len().max(1) as f64;
    Measured::Durations { histogram, min_ns, max_ns, mean_ns }
}

pub(super) fn undo<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let wanted = |process: &Process| selector.takes("process", process.name());
    let processes = Process::CHECKOUT.into_iter().filter(wanted);
    let mut lags = processes.map(|process| &figures.harm.undo_lag[process as usize]);
    let Some(first) = lags.next() else { return Measured::Mean { sum_ns: 0, count: 0 } };
    let mut histogram = Cow::Borrowed(first);
    for lag in lags {
        histogram.to_mut().add(lag).expect("all have the same bounds");
    }
    let (min_ns, max_ns, mean_ns) = (histogram.min(), histogram.max(), histogram.mean());
    Measured::Durations { histogram, min_ns, max_ns, mean_ns }
}

pub(super) fn orders<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let warm = usize::try_from(figures.warm.started).unwrap_or(usize::MAX);
    let ends = figures.orders.get(warm..).unwrap_or_default();
    let count = match selector.of("outcome") {
        None => ends.len(),
        Some("refunded") => ends.iter().filter(|end| end.refunded).count(),
        Some(name) => {
            let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.name() == name);
            ends.iter().filter(|end| Some(end.outcome) == outcome).count()
        }
    };
    Measured::Portion { count: count as u64, of: ends.len() as u64 }
}

pub(super) fn processes<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let wanted = |process: &Process| selector.takes("process", process.name());
    let sum = |of: fn(&ProcessFigures) -> u64| -> u64 {
        let processes = Process::CHECKOUT.into_iter().filter(wanted);
        processes.map(|process| figures.count(|tally| of(&tally.processes[process as usize]))).sum()
    };
    let started = sum(|figures| figures.started);
    let ended = sum(|figures| figures.completed + figures.rejected + figures.compensated);
    let count = match selector.of("result") {
        Some("completed") => sum(|figures| figures.completed),
        Some("rejected") => sum(|figures| figures.rejected),
        Some("compensated") => sum(|figures| figures.compensated),
        Some("stuck") => started.saturating_sub(ended),
        Some(_) | None => started,
    };
    Measured::Portion { count, of: started }
}

pub(super) fn steps<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let of: fn(&StepFigures) -> u64 = match selector.of("result") {
        Some("undone") => |figures| figures.undone,
        Some("refused") => |figures| figures.refused,
        Some(_) | None => |figures| figures.done,
    };
    let wanted = |step: &Step| selector.takes("step", step.name());
    let steps = Step::ALL.into_iter().filter(wanted);
    counted(steps.map(|step| figures.count(|tally| of(&tally.steps[step as usize]))).sum())
}

pub(super) fn faults<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    counted(figures.count(|tally| {
        let wanted = tally.faults.iter().filter(|(name, _)| selector.takes("fault", name));
        wanted.map(|(_, hits)| hits).sum()
    }))
}

pub(super) fn throughput<'a>(figures: &Figures<'a>, _: &Selector) -> Measured<'a> {
    let paid = figures.count(|tally| tally.processes[Process::Payment as usize].completed);
    let seconds = figures.load_ns as f64 / 1e9;
    Measured::Values((seconds > 0.0).then(|| paid as f64 / seconds).into_iter().collect())
}

pub(super) fn messages<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let of: fn(&MessageFigures) -> u64 = match selector.of("result") {
        Some("delivered") => |figures| figures.delivered,
        Some("dropped") => |figures| figures.dropped,
        Some("duplicated") => |figures| figures.duplicated,
        Some("redelivered") => |figures| figures.redelivered,
        Some("retried") => |figures| figures.retried,
        Some("refused-by-full-queue") => |figures| figures.refused,
        Some("ignored-reply") => |figures| figures.ignored_replies,
        Some(_) | None => |figures| figures.sent,
    };
    let sent = figures.count(|tally| tally.messages.sent);
    Measured::Portion { count: figures.count(|tally| of(&tally.messages)), of: sent }
}

pub(super) fn messages_per_order<'a>(figures: &Figures<'a>, _: &Selector) -> Measured<'a> {
    let sent = figures.count(|tally| tally.messages.sent);
    let started = figures.count(|tally| tally.started);
    Measured::Values((started > 0).then(|| sent as f64 / started as f64).into_iter().collect())
}

pub(super) fn utilization<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let share = |service: Service| {
        let workers = figures.total.stations[service as usize].workers;
        let capacity_ns = f64::from(workers) * figures.load_ns.max(1) as f64;
        let busy_ns = figures.since(|tally| tally.stations[service as usize].loaded_ns);
        busy_ns as f64 / capacity_ns
    };
    Measured::Values(stations(figures, selector).map(share).collect())
}

pub(super) fn queue_max<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let longest = |service: Service| figures.total.stations[service as usize].queue_max as f64;
    Measured::Values(stations(figures, selector).map(longest).collect())
}

pub(super) fn wait<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    mean(figures, selector, |station| station.wait_ns)
}

pub(super) fn service_time<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    mean(figures, selector, |station| station.service_ns)
}

pub(super) fn unit_seconds<'a>(figures: &Figures<'a>, _: &Selector) -> Measured<'a> {
    Measured::Values(vec![figures.harm.stock_unit_ns as f64 / 1e9])
}

pub(super) fn money_seconds<'a>(figures: &Figures<'a>, _: &Selector) -> Measured<'a> {
    Measured::Values(vec![figures.harm.money_won_ns as f64 / 1e9])
}

pub(super) fn anomalies<'a>(figures: &Figures<'a>, selector: &Selector) -> Measured<'a> {
    let messages = &figures.total.messages;
    let seen = [figures.harm.empty_undos, messages.late, messages.absorbed];
    let kinds = ANOMALIES.into_iter().zip(seen);
    counted(kinds.filter(|(name, _)| selector.takes("kind", name)).map(|(_, times)| times).sum())
}

const fn counted<'a>(count: u64) -> Measured<'a> {
    Measured::Portion { count, of: count }
}

/// The services that a selector names and that have a part in the coordination.
fn stations(figures: &Figures<'_>, selector: &Selector) -> impl Iterator<Item = Service> {
    let coordination = figures.coordination;
    services().filter(move |service| {
        service.takes_part(coordination) && selector.takes("service", service.name())
    })
}

fn mean<'a>(
    figures: &Figures<'a>,
    selector: &Selector,
    of: fn(&StationFigures) -> u128,
) -> Measured<'a> {
    let (mut sum_ns, mut count) = (0, 0);
    for service in stations(figures, selector) {
        sum_ns += figures.since(|tally| of(&tally.stations[service as usize]));
        count += figures.count(|tally| tally.stations[service as usize].handled);
    }
    Measured::Mean { sum_ns, count }
}
