//! Latencies and where they went, from a finished run.

use super::summarise::{mean, narrow};
use super::summary::{Latency, Part, Parts, PhaseFigures, StepFigures};
use crate::domain::{Process, Turn};
use crate::sim::engine::{self, Finished, Metric, PhaseKind, PhaseLatencies, StepTimes};
use crate::sim::quantile::quantile;

/// The outcome of a row that is about all of them.
const ANY: &str = "any";

/// The rows of the whole run, without the warm-up.
pub(super) fn latency(run: &Finished) -> Vec<Latency> {
    rows(|metric| run.latencies.of(metric))
}

fn rows<'a>(of: impl Fn(Metric) -> Option<&'a engine::Latency>) -> Vec<Latency> {
    let row = |metric: Metric| {
        let (name, outcome) = metric.name();
        of(metric).map(|latency| row(name, outcome, latency))
    };
    Metric::ALL.into_iter().filter_map(row).collect()
}

fn row(metric: &str, outcome: &str, latency: &engine::Latency) -> Latency {
    let engine::Latency { corrected, uncorrected, min_ns, max_ns, sum_ns, .. } = latency;
    let at = |q| quantile(corrected, q, *min_ns, *max_ns);
    let uncorrected_at = |q| quantile(uncorrected, q, 0, *max_ns);
    Latency {
        metric: metric.to_owned(),
        outcome: outcome.to_owned(),
        count: corrected.len(),
        min_ns: *min_ns,
        p50_ns: at(0.5),
        p90_ns: at(0.9),
        p99_ns: at(0.99),
        p999_ns: at(0.999),
        p9999_ns: at(0.9999),
        max_ns: *max_ns,
        mean_ns: mean(*sum_ns, corrected.len()),
        uncorrected_p50_ns: uncorrected_at(0.5),
        uncorrected_p99_ns: uncorrected_at(0.99),
        sum_ns: narrow(*sum_ns),
        parts: parts(latency),
    }
}

fn parts(latency: &engine::Latency) -> Parts {
    let count = latency.corrected.len();
    let part = |sum_ns: u128| Part {
        sum_ns: narrow(sum_ns),
        mean_ns: mean(sum_ns, count),
        share: if latency.sum_ns == 0 { 0.0 } else { sum_ns as f64 / latency.sum_ns as f64 },
    };
    let sums = &latency.parts;
    Parts {
        wait: part(sums.wait_ns),
        service: part(sums.service_ns),
        network: part(sums.network_ns),
        retry: part(latency.sum_ns - sums.total_ns()),
    }
}

/// All requests of a process, however they ended; none if customers do not ask for it.
pub(super) fn of_process(process: Process, run: &Finished) -> Option<Latency> {
    let name = match process {
        Process::Order => "place",
        Process::Payment => "pay",
        Process::Cancel => "cancel",
        Process::Refund => "refund",
        Process::Expiry | Process::Issue | Process::Traffic => return None,
    };
    let mine = Metric::ALL.into_iter().filter(|metric| metric.name().0 == name);
    let mut endings = mine.filter_map(|metric| run.latencies.of(metric));
    let mut all = endings.next()?.clone();
    endings.for_each(|latency| all.merge(latency));
    Some(row(name, ANY, &all))
}

/// The phases of the run, if there is more than one.
pub(super) fn phases(run: &Finished) -> Vec<PhaseFigures> {
    let figures = |latencies: &PhaseLatencies| {
        let phase = &latencies.phase;
        PhaseFigures {
            name: phase.name(),
            kind: kind(phase.kind).to_owned(),
            faults: phase.faults.clone(),
            from_ns: phase.from_ns,
            until_ns: Some(phase.until_ns).filter(|until_ns| *until_ns < u64::MAX),
            latency: rows(|metric| latencies.of(metric)),
        }
    };
    run.latencies.phases().iter().map(figures).collect()
}

const fn kind(kind: PhaseKind) -> &'static str {
    match kind {
        PhaseKind::WarmUp => "warm-up",
        PhaseKind::Steady => "steady",
        PhaseKind::During => "during",
        PhaseKind::After => "after",
    }
}

/// What the messages of each step spent.
pub(super) fn steps(run: &Finished) -> Vec<StepFigures> {
    let figures = |times: &StepTimes| StepFigures {
        process: times.process.name().to_owned(),
        step: match (times.turn, times.step.undo_name()) {
            (Turn::Undo, Some(name)) => name.to_owned(),
            _ => times.step.name().to_owned(),
        },
        direction: direction(times.turn).to_owned(),
        service: times.service.name().to_owned(),
        count: times.count,
        wait_mean_ns: mean(times.wait_ns, times.count),
        service_mean_ns: mean(times.service_ns, times.count),
        network_mean_ns: mean(times.network_ns, times.count),
    };
    run.times.iter().map(figures).collect()
}

const fn direction(turn: Turn) -> &'static str {
    match turn {
        Turn::Do => "do",
        Turn::Undo => "undo",
        Turn::Said => "said",
        Turn::Timer => "timer",
        Turn::Ask => "ask",
    }
}
