//! `[[fault]]`.

use super::super::diagnostics::Diagnostic;
use super::super::file::{FaultFile, File};
use super::super::{Fault, Trigger, limits, value::Scalar};
use super::{Sink, required_text, unique};
use crate::domain::Step;
use std::ops::Range;
use toml::Spanned;

/// Steps a service can refuse: up to the pivots. What comes after a pivot is retried until done.
pub const REFUSABLE: [Step; 9] = [
    Step::DeductStock,
    Step::CreateOrder,
    Step::UseCoupon,
    Step::SetFinalAmount,
    Step::DeductBalance,
    Step::CreatePayment,
    Step::CompleteOrder,
    Step::CloseOrder,
    Step::StartRefund,
];

pub(super) fn faults(file: &File, sink: &mut Sink) -> Vec<Fault> {
    unique(file.fault.iter().filter_map(|fault| fault.get_ref().name.as_ref()), "faults", sink);
    file.fault.iter().filter_map(|fault| one(fault, sink)).collect()
}

fn one(field: &Spanned<FaultFile>, sink: &mut Sink) -> Option<Fault> {
    let file = field.get_ref();
    let example = "name = \"payment refuses\"";
    let name = required_text(&file.name, "name", example, field.span(), sink);
    if !kind(field, sink) {
        return None;
    }
    let target = target(field, sink);
    let step = target.map_or(Step::CreateOrder, |(step, _)| step);
    let trigger = trigger(file, step, sink);
    let (step, undo) = target?;
    Some(Fault { name, step, undo, trigger })
}

/// Whether the fault is an `error`; everything else is refused.
fn kind(field: &Spanned<FaultFile>, sink: &mut Sink) -> bool {
    let file = field.get_ref();
    let later: [(&str, Option<Range<usize>>); 11] = [
        ("crash", file.crash.as_ref().map(Spanned::span)),
        ("pause", file.pause.as_ref().map(Spanned::span)),
        ("slow", file.slow.as_ref().map(Spanned::span)),
        ("latency", file.latency.as_ref().map(Spanned::span)),
        ("drop", file.drop.as_ref().map(Spanned::span)),
        ("duplicate", file.duplicate.as_ref().map(Spanned::span)),
        ("reorder", file.reorder.as_ref().map(Spanned::span)),
        ("partition", file.partition.as_ref().map(Spanned::span)),
        ("queue-full", file.queue_full.as_ref().map(Spanned::span)),
        ("redis-down", file.redis_down.as_ref().map(Spanned::span)),
        ("platform-down", file.platform_down.as_ref().map(Spanned::span)),
    ];
    let mut refused = false;
    for (kind, place) in later {
        if let Some(place) = place {
            let title = format!("faults of kind `{kind}` do not exist in this version");
            sink.add(Diagnostic::at(place, title).help("this version has `error = {}`"));
            refused = true;
        }
    }
    if file.error.is_none() && !refused {
        sink.missing(field.span(), "error", "error = {}");
    }
    file.error.is_some() && !refused
}

const TARGET_EXAMPLE: &str = "target = { step = \"create-order\" }";

fn target(field: &Spanned<FaultFile>, sink: &mut Sink) -> Option<(Step, bool)> {
    let Some(target) = &field.get_ref().target else {
        sink.missing(field.span(), "target", TARGET_EXAMPLE);
        return None;
    };
    let file = target.get_ref();
    let others = [
        ("service", file.service.as_ref().map(Spanned::span)),
        ("link", file.link.as_ref().map(Spanned::span)),
        ("position", file.position.as_ref().map(Spanned::span)),
    ];
    for (key, place) in others {
        if let Some(place) = place {
            let title = format!("an `error` hits a step, it has no `{key}`");
            sink.add(Diagnostic::at(place, title).help(TARGET_EXAMPLE));
        }
    }
    let Some(step) = &file.step else {
        sink.missing(target.span(), "step", TARGET_EXAMPLE);
        return None;
    };
    let mut known: Vec<(&str, (Step, bool))> =
        Step::ALL.iter().map(|step| (step.name(), (*step, false))).collect();
    let undos = Step::ALL.iter().filter_map(|step| Some((step.undo_name()?, (*step, true))));
    known.extend(undos);
    let (step_hit, undo) = sink.one_of(step, "step", &known)?;
    if undo || REFUSABLE.contains(&step_hit) {
        return Some((step_hit, undo));
    }
    let names: Vec<&str> = REFUSABLE.iter().map(|step| step.name()).collect();
    let title = format!("`{}` cannot be refused: it is done until it is done", step.get_ref());
    let help = format!("can be refused: {}, and every undo", names.join(", "));
    sink.add(Diagnostic::at(step.span(), title).help(help));
    None
}

fn trigger(file: &FaultFile, step: Step, sink: &mut Sink) -> Trigger {
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
    for (key, field) in [("at", &file.at), ("for", &file.lasting)] {
        if let Some(field) = field {
            let title = format!("`{key}` goes with `probability`");
            sink.add(Diagnostic::at(field.span(), title).help("leave it out"));
        }
    }
    if file.nth.is_some() {
        return Trigger::Nth(sink.whole(&file.nth, &limits::OCCURRENCE, 1));
    }
    if let Some(n) = &file.n
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
