//! When a fault strikes: in a window, by probability, the n-th time, or for one order.

use super::super::super::diagnostics::Diagnostic;
use super::super::super::file::FaultFile;
use super::super::super::quantity::format_duration;
use super::super::super::{FaultKind, FaultPosition, Repeat, Target, Trigger, limits};
use super::super::super::{turn, value::Scalar};
use super::super::{Sink, system::positive};
use crate::domain::{Step, saga};
use toml::Spanned;

pub(super) fn trigger(file: &FaultFile, step: Option<Step>, sink: &mut Sink) -> Trigger {
    let kinds = [
        file.probability.as_ref().map(Spanned::span),
        file.nth.as_ref().map(Spanned::span),
        file.order.as_ref().map(Spanned::span),
    ];
    let mut given = kinds.into_iter().flatten();
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        let title = "a fault has one of `probability`, `nth` and `order`";
        sink.add(Diagnostic::at(second, title).label("and this").context(first, "this"));
    }
    if let Some(n) = file.n.as_ref().filter(|_| file.order.is_none()) {
        let problem = Diagnostic::at(n.span(), "`n` goes with `order`");
        sink.add(problem.help("write for example: order = 3, n = 1"));
    }
    if file.nth.is_none() && file.order.is_none() {
        return window(file, sink);
    }
    let whens = [("at", &file.at), ("for", &file.lasting), ("every", &file.every)];
    for (key, field) in whens {
        if let Some(field) = field {
            let title = format!("`{key}` goes with `probability`");
            sink.add(Diagnostic::at(field.span(), title).help("leave it out"));
        }
    }
    if file.nth.is_some() {
        return Trigger::Nth(sink.whole(&file.nth, &limits::OCCURRENCE, 1));
    }
    if let (Some(n), Some(step)) = (&file.n, step)
        && !matches!(step, Step::DeductBalance | Step::CreatePayment | Step::CompleteOrder)
    {
        let title = format!("`{}` is no part of a payment, so it has no `n`", step.name());
        sink.add(Diagnostic::at(n.span(), title).help("leave `n` out"));
    }
    let order = sink.whole(&file.order, &limits::ORDER_ID, 0);
    let n = file.n.as_ref().map(|_| sink.whole(&file.n, &limits::PAYMENTS, 1));
    Trigger::Exact { order, n }
}

/// With a probability (1 if it is not given), between two instants.
fn window(file: &FaultFile, sink: &mut Sink) -> Trigger {
    let probability = sink.probability(&file.probability, 1.0);
    let from_ns = sink.duration(&file.at, 0);
    let to_the_end = match file.lasting.as_ref().map(Spanned::get_ref) {
        None => true,
        Some(Scalar::Text(text)) => text == "end",
        Some(Scalar::Whole(_) | Scalar::Decimal(_) | Scalar::Switch(_)) => false,
    };
    let until_ns = if to_the_end {
        u64::MAX
    } else {
        let lasting_ns = sink.duration(&file.lasting, 1);
        if let Some(field) = file.lasting.as_ref().filter(|_| lasting_ns == 0) {
            let problem = Diagnostic::at(field.span(), "a fault cannot last 0 s");
            sink.add(problem.help("write a duration, or \"end\""));
        }
        from_ns.saturating_add(lasting_ns)
    };
    Trigger::Probability { probability, from_ns, until_ns }
}

/// `every = "10s"`, `repeat = 3`: the window comes again.
pub(super) fn repeat(file: &FaultFile, trigger: Trigger, sink: &mut Sink) -> Option<Repeat> {
    let times = file.repeat.as_ref().map(|_| sink.whole(&file.repeat, &limits::WINDOWS, 1));
    let Some(every) = &file.every else {
        if let Some(repeat) = &file.repeat {
            let problem = Diagnostic::at(repeat.span(), "`repeat` goes with `every`");
            sink.add(problem.help("write for example: for = \"2s\", every = \"10s\", repeat = 3"));
        }
        return None;
    };
    let every_ns = positive(&file.every, 1, sink);
    let Trigger::Probability { from_ns, until_ns, .. } = trigger else { return None };
    if until_ns == u64::MAX {
        let title = "a window that lasts to the end cannot come again";
        let problem = Diagnostic::at(every.span(), title);
        sink.add(problem.help("say how long it lasts: for = \"2s\""));
        return None;
    }
    let lasting_ns = until_ns - from_ns;
    if every_ns <= lasting_ns && !sink.blamed(&every.span()) {
        let title = format!(
            "the next window begins before the first ends: it lasts {}",
            format_duration(lasting_ns)
        );
        sink.add_once(Diagnostic::at(every.span(), title).help("leave more time between them"));
        return None;
    }
    Some(Repeat { every_ns, times })
}

/// `attempt = "*"`: all attempts of a call share one decision.
pub(super) fn every_attempt(
    file: &FaultFile,
    kind: &FaultKind,
    target: Option<Target>,
    sink: &mut Sink,
) -> bool {
    let Some(field) = &file.attempt else { return false };
    if *field.get_ref() != Scalar::Text("*".to_owned()) {
        let title = format!("{} is not an attempt", field.get_ref());
        let problem = Diagnostic::at(field.span(), title);
        sink.add(problem.help("write `attempt = \"*\"` for all attempts, or leave it out"));
        return false;
    }
    let lasting = file.probability.is_none() && file.nth.is_none() && file.order.is_none();
    let by_rule = *kind == FaultKind::Error;
    if by_rule || lasting {
        let title = match by_rule {
            true => "a business rule answers every attempt alike: `attempt` says nothing",
            false => "every attempt is struck anyway: `attempt` says nothing",
        };
        sink.add(Diagnostic::at(field.span(), title).help("leave it out"));
        return false;
    }
    let finite = file.probability.is_some();
    let endless = |step: Step, undo: bool| saga::unlimited(step, turn(undo));
    match target {
        Some(Target::Step { step, undo, position }) if !finite && endless(step, undo) => {
            let lost = *kind == FaultKind::Drop
                || matches!(kind, FaultKind::Crash { .. })
                    && position == FaultPosition::BeforeCommit;
            if lost {
                let title = "this never ends: the step is tried until it is done";
                let help = "leave `attempt` out: the first attempt is lost, the next gets through";
                sink.add(Diagnostic::at(field.span(), title).help(help));
            }
        }
        _ => {}
    }
    true
}
