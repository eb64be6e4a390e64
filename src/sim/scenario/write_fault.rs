//! A declared fault as it is written in a scenario file.

use super::quantity::format_duration;
use super::writer::Writer;
use super::{Direction, Fault, FaultKind, FaultPosition, Target, Trigger};

pub(super) fn write_fault(out: &mut Writer, fault: &Fault) {
    out.header("[[fault]]");
    out.text("name", &fault.name);
    write_target(out, fault);
    match fault.trigger {
        Trigger::Probability { probability, from_ns, until_ns } => {
            out.float("probability", probability);
            out.duration("at", from_ns);
            if until_ns == u64::MAX {
                out.text("for", "end");
            } else {
                out.duration("for", until_ns.saturating_sub(from_ns));
            }
        }
        Trigger::Nth(nth) => out.line("nth", nth),
        Trigger::Exact { order, n } => {
            out.line("order", order);
            if let Some(n) = n {
                out.line("n", n);
            }
        }
    }
    if let Some(repeat) = fault.repeat {
        out.duration("every", repeat.every_ns);
        if let Some(times) = repeat.times {
            out.line("repeat", times);
        }
    }
    if fault.every_attempt {
        out.text("attempt", "*");
    }
    out.line(fault.kind.name(), settings(&fault.kind, &fault.target));
}

fn write_target(out: &mut Writer, fault: &Fault) {
    if matches!(fault.kind, FaultKind::RedisDown | FaultKind::PlatformDown) {
        return;
    }
    let text = match fault.target {
        Target::Step { step, undo, position } => {
            let name = step.undo_name().filter(|_| undo).unwrap_or(step.name());
            match position_key(&fault.kind, position) {
                Some(position) => format!("step = \"{name}\", position = \"{position}\""),
                None => format!("step = \"{name}\""),
            }
        }
        Target::Link { from, to, both } => {
            let arrow = if both { "<->" } else { "->" };
            format!("link = \"{} {arrow} {}\"", from.name(), to.name())
        }
        Target::Services(services) => {
            let names: Vec<String> =
                services.iter().map(|one| format!("\"{}\"", one.name())).collect();
            match &names[..] {
                [one] => format!("service = {one}"),
                several => format!("services = [{}]", several.join(", ")),
            }
        }
    };
    out.line("target", format!("{{ {text} }}"));
}

/// What is refused or slow is the step itself: it has no position.
fn position_key(kind: &FaultKind, position: FaultPosition) -> Option<&'static str> {
    let whole = matches!(kind, FaultKind::Error | FaultKind::Slow { .. });
    (!whole).then_some(position.name())
}

fn settings(kind: &FaultKind, target: &Target) -> String {
    let duration = |key: &str, ns: u64| format!("{{ {key} = \"{}\" }}", format_duration(ns));
    match *kind {
        FaultKind::Crash { restart_ns: Some(restart_ns) } => duration("restart", restart_ns),
        FaultKind::Slow { factor } => format!("{{ factor = {factor:?} }}"),
        FaultKind::Latency { add_ns, jitter_ns } => {
            let (add, jitter) = (format_duration(add_ns), format_duration(jitter_ns));
            format!("{{ add = \"{add}\", jitter = \"{jitter}\" }}")
        }
        FaultKind::Duplicate { delay_ns } => duration("delay", delay_ns),
        FaultKind::Reorder { within_ns } => duration("within", within_ns),
        FaultKind::Partition { direction } if matches!(target, Target::Services(_)) => {
            let direction = match direction {
                Direction::In => "in",
                Direction::Out => "out",
                Direction::Both => "both",
            };
            format!("{{ direction = \"{direction}\" }}")
        }
        FaultKind::Error
        | FaultKind::Crash { restart_ns: None }
        | FaultKind::Pause
        | FaultKind::Drop
        | FaultKind::Partition { .. }
        | FaultKind::QueueFull
        | FaultKind::RedisDown
        | FaultKind::PlatformDown => "{}".to_owned(),
    }
}
