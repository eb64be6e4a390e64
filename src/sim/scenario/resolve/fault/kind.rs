//! What a fault does: one key per kind.

use super::super::super::diagnostics::Diagnostic;
use super::super::super::file::{FaultFile, Field, LatencyFile, PartitionFile, SlowFile};
use super::super::super::{Direction, FaultKind, defaults};
use super::super::{Sink, system::positive};
use std::ops::Range;
use toml::Spanned;

/// The one kind of a fault.
pub(super) fn kind(field: &Spanned<FaultFile>, sink: &mut Sink) -> Option<FaultKind> {
    let file = field.get_ref();
    let given: [(&str, Option<Range<usize>>); 12] = [
        ("error", span(&file.error)),
        ("crash", span(&file.crash)),
        ("pause", span(&file.pause)),
        ("slow", span(&file.slow)),
        ("latency", span(&file.latency)),
        ("drop", span(&file.drop)),
        ("duplicate", span(&file.duplicate)),
        ("reorder", span(&file.reorder)),
        ("partition", span(&file.partition)),
        ("queue-full", span(&file.queue_full)),
        ("redis-down", span(&file.redis_down)),
        ("platform-down", span(&file.platform_down)),
    ];
    let mut kinds =
        given.iter().filter_map(|(name, place)| place.clone().map(|place| (*name, place)));
    let Some((name, first)) = kinds.next() else {
        let known: Vec<String> = given.iter().map(|(name, _)| format!("`{name}`")).collect();
        let problem = Diagnostic::at(field.span(), "the fault does not say what happens");
        let help = format!("one of {}; write for example: error = {{}}", known.join(", "));
        sink.add_once(problem.help(help));
        return None;
    };
    if let Some((second, place)) = kinds.next() {
        let title = format!("a fault is of one kind, not both `{name}` and `{second}`");
        let problem = Diagnostic::at(place, title).label("and this").context(first, "this");
        sink.add(problem.help("declare two faults"));
        return None;
    }
    Some(settings(file, name, sink))
}

fn span<T>(field: &Field<T>) -> Option<Range<usize>> {
    field.as_ref().map(Spanned::span)
}

fn settings(file: &FaultFile, name: &str, sink: &mut Sink) -> FaultKind {
    match name {
        "error" => FaultKind::Error,
        "crash" => {
            let restart = file.crash.as_ref().and_then(|crash| crash.get_ref().restart.clone());
            let restart_ns = positive(&restart, defaults::RESTART_NS, sink);
            FaultKind::Crash { restart_ns: Some(restart_ns) }
        }
        "pause" => FaultKind::Pause,
        "slow" => FaultKind::Slow { factor: factor(&file.slow, sink) },
        "latency" => latency(&file.latency, sink),
        "drop" => FaultKind::Drop,
        "duplicate" => {
            let delay = file.duplicate.as_ref().and_then(|file| file.get_ref().delay.clone());
            FaultKind::Duplicate { delay_ns: sink.duration(&delay, defaults::DUPLICATE_NS) }
        }
        "reorder" => {
            let within = file.reorder.as_ref().and_then(|file| file.get_ref().within.clone());
            FaultKind::Reorder { within_ns: positive(&within, defaults::REORDER_NS, sink) }
        }
        "partition" => FaultKind::Partition { direction: direction(&file.partition, sink) },
        "queue-full" => FaultKind::QueueFull,
        "redis-down" => FaultKind::RedisDown,
        _ => FaultKind::PlatformDown,
    }
}

fn factor(field: &Field<SlowFile>, sink: &mut Sink) -> f64 {
    let Some(field) = field else { return 1.0 };
    let Some(factor) = &field.get_ref().factor else {
        sink.missing(field.span(), "factor", "slow = { factor = 10.0 }");
        return 1.0;
    };
    let number = *factor.get_ref();
    if number.is_finite() && number > 0.0 && number != 1.0 {
        return number;
    }
    let title = format!("a service that takes {number} times as long is not slow");
    sink.add(Diagnostic::at(factor.span(), title).help("write for example: factor = 10.0"));
    1.0
}

fn latency(field: &Field<LatencyFile>, sink: &mut Sink) -> FaultKind {
    let Some(field) = field else { return FaultKind::Latency { add_ns: 0, jitter_ns: 0 } };
    let file = field.get_ref();
    let add_ns = sink.duration(&file.add, 0);
    let jitter_ns = sink.duration(&file.jitter, 0);
    let example = "latency = { add = \"400ms\", jitter = \"150ms\" }";
    if file.add.is_none() && file.jitter.is_none() {
        sink.missing(field.span(), "add", example);
    } else if add_ns == 0 && jitter_ns == 0 && !sink.blamed(&field.span()) {
        let problem = Diagnostic::at(field.span(), "nothing is added to the latency");
        sink.add(problem.help(format!("write for example: {example}")));
    }
    FaultKind::Latency { add_ns, jitter_ns }
}

fn direction(field: &Field<PartitionFile>, sink: &mut Sink) -> Direction {
    let words = [("in", Direction::In), ("out", Direction::Out), ("both", Direction::Both)];
    let Some(field) = field else { return Direction::Both };
    sink.word(&field.get_ref().direction, "direction", &words, Direction::Both)
}
