//! `[[fault]]`.

mod kind;
mod target;
mod trigger;

use super::super::diagnostics::Diagnostic;
use super::super::file::{FaultFile, File};
use super::super::{Fault, FaultKind, Target, limits};
use super::{Sink, required_text, unique};
pub use target::REFUSABLE;
use toml::Spanned;

pub(super) fn faults(file: &File, sink: &mut Sink) -> Vec<Fault> {
    unique(file.fault.iter().filter_map(|fault| fault.get_ref().name.as_ref()), "faults", sink);
    if let Some(first) = file.fault.get(limits::MOST_FAULTS) {
        let title = format!("more than {} faults", limits::MOST_FAULTS);
        sink.add(
            Diagnostic::at(first.span(), title).help("ask several questions in several files"),
        );
    }
    file.fault.iter().filter_map(|fault| one(fault, sink)).collect()
}

fn one(field: &Spanned<FaultFile>, sink: &mut Sink) -> Option<Fault> {
    let file = field.get_ref();
    let example = "name = \"payment refuses\"";
    let name = required_text(&file.name, "name", example, field.span(), sink);
    let kind = kind::kind(field, sink)?;
    let target = target::target(field, &kind, sink);
    let step = target.and_then(|target| match target {
        Target::Step { step, .. } => Some(step),
        Target::Link { .. } | Target::Services(_) => None,
    });
    let when = trigger::trigger(file, step, sink);
    let repeat = trigger::repeat(file, when, sink);
    let every_attempt = trigger::every_attempt(file, &kind, target, sink);
    let mut fault = Fault { name, kind, target: target?, trigger: when, repeat, every_attempt };
    settle(field, &mut fault, sink);
    Some(fault)
}

/// What kind and trigger say only together.
fn settle(field: &Spanned<FaultFile>, fault: &mut Fault, sink: &mut Sink) {
    let file = field.get_ref();
    let whole = fault.lasting() || matches!(fault.target, Target::Link { .. });
    if let FaultKind::Pause | FaultKind::Partition { .. } = fault.kind {
        let always = matches!(fault.trigger, super::super::Trigger::Probability { probability, .. }
            if probability >= 1.0);
        let spans = [
            file.probability.as_ref().map(Spanned::span),
            file.nth.as_ref().map(Spanned::span),
            file.order.as_ref().map(Spanned::span),
        ];
        if let Some(place) = spans.into_iter().flatten().next().filter(|_| !(always && whole)) {
            let title = format!("a `{}` lasts for a window of time", fault.kind.name());
            let problem = Diagnostic::at(place, title);
            sink.add(problem.help("write for example: at = \"10s\", for = \"5s\""));
        }
    }
    let lasting = fault.lasting();
    if let FaultKind::Crash { restart_ns } = &mut fault.kind
        && lasting
    {
        *restart_ns = None;
        if let Some(restart) =
            file.crash.as_ref().and_then(|crash| crash.get_ref().restart.as_ref())
        {
            let title = "a service that is down for a window is up again when the window ends";
            let problem = Diagnostic::at(restart.span(), title);
            sink.add(problem.help("leave `restart` out, and say how long with `for`"));
        }
    }
}
