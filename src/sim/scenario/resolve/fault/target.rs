//! To whom a fault happens: a step, a link, services.

use super::super::super::diagnostics::Diagnostic;
use super::super::super::file::{FaultFile, TargetFile};
use super::super::super::{FaultKind, FaultPosition, Services, Target};
use super::super::{Sink, words};
use crate::domain::{Coordination, Service, Step, route::routes};
use FaultPosition::{AfterCommit, BeforeCommit, Reply, Request};
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

/// What a kind of fault can happen to.
struct Allowed {
    /// Positions within a step, the default first; none: it does not happen to a step.
    positions: &'static [FaultPosition],
    /// A step is hit as a whole: no position is written.
    whole_step: bool,
    link: bool,
    services: bool,
    example: &'static str,
}

const fn allowed(kind: &FaultKind) -> Allowed {
    let step = "target = { step = \"create-order\" }";
    let service = "target = { service = \"payment\" }";
    let link = "target = { link = \"payment -> order\" }";
    let messages: &[FaultPosition] = &[Request, Reply];
    match kind {
        FaultKind::Error => only(&[BeforeCommit], true, false, false, step),
        FaultKind::Crash { .. } => only(&[BeforeCommit, AfterCommit], false, false, true, service),
        FaultKind::Slow { .. } => only(&[BeforeCommit], true, false, true, service),
        FaultKind::Pause | FaultKind::QueueFull => only(&[], false, false, true, service),
        FaultKind::Latency { .. }
        | FaultKind::Drop
        | FaultKind::Duplicate { .. }
        | FaultKind::Reorder { .. } => only(messages, false, true, true, link),
        FaultKind::Partition { .. } => only(&[], false, true, true, link),
        FaultKind::RedisDown | FaultKind::PlatformDown => only(&[], false, false, false, ""),
    }
}

const fn only(
    positions: &'static [FaultPosition],
    whole_step: bool,
    link: bool,
    services: bool,
    example: &'static str,
) -> Allowed {
    Allowed { positions, whole_step, link, services, example }
}

pub(super) fn target(
    field: &Spanned<FaultFile>,
    kind: &FaultKind,
    sink: &mut Sink,
) -> Option<Target> {
    let sink_service = match kind {
        FaultKind::RedisDown => Some(Service::Ranking),
        FaultKind::PlatformDown => Some(Service::Platform),
        _ => None,
    };
    let given = &field.get_ref().target;
    if let Some(service) = sink_service {
        if let Some(target) = given {
            let title = format!("a `{}` has no target", kind.name());
            sink.add(Diagnostic::at(target.span(), title).help("leave `target` out"));
        }
        return Some(Target::Services(Services::one(service)));
    }
    let allowed = allowed(kind);
    let Some(target) = given else {
        sink.missing(field.span(), "target", allowed.example);
        return None;
    };
    let file = target.get_ref();
    refuse_others(file, kind, &allowed, sink);
    let services = file.services.first().map(Spanned::span);
    let service = file.service.as_ref().map(Spanned::span).or(services);
    let ways = [
        file.step.as_ref().map(Spanned::span).filter(|_| !allowed.positions.is_empty()),
        file.link.as_ref().map(Spanned::span).filter(|_| allowed.link),
        service.filter(|_| allowed.services),
    ];
    let mut ways = ways.into_iter().flatten();
    let Some(first) = ways.next() else {
        let key = if allowed.whole_step && !allowed.services { "step" } else { "target" };
        sink.missing(target.span(), key, allowed.example);
        return None;
    };
    if let Some(second) = ways.next() {
        let title = "a target is one of `step`, `link` and `service`";
        sink.add(Diagnostic::at(second, title).label("and this").context(first, "this"));
        return None;
    }
    match (&file.step, &file.link) {
        (Some(step), _) => step_target(step, file, kind, &allowed, sink),
        (None, Some(link)) => link_target(link, sink),
        (None, None) => services_target(file, sink),
    }
}

/// Keys of a target that this kind of fault does not have.
fn refuse_others(file: &TargetFile, kind: &FaultKind, allowed: &Allowed, sink: &mut Sink) {
    let no_step = allowed.positions.is_empty();
    let no_position = no_step || allowed.whole_step || file.step.is_none();
    let services = file.services.first().map(Spanned::span);
    let keys: [(&str, Option<Range<usize>>, bool); 5] = [
        ("step", file.step.as_ref().map(Spanned::span), no_step),
        ("service", file.service.as_ref().map(Spanned::span), !allowed.services),
        ("services", services, !allowed.services),
        ("link", file.link.as_ref().map(Spanned::span), !allowed.link),
        ("position", file.position.as_ref().map(Spanned::span), no_position),
    ];
    for (key, place, refused) in keys {
        let Some(place) = place.filter(|_| refused) else { continue };
        let what = match (no_step, allowed.services, allowed.link) {
            (false, false, _) => "a step",
            (false, true, false) => "a step or a service",
            (false, true, true) => "a step, a link or a service",
            (true, _, false) => "a service",
            (true, _, true) => "a link or a service",
        };
        let name = kind.name();
        let article = if name.starts_with(['e']) { "an" } else { "a" };
        let title = format!("{article} `{name}` hits {what}, it has no `{key}`");
        sink.add(Diagnostic::at(place, title).help(allowed.example));
    }
}

fn step_target(
    field: &Spanned<String>,
    file: &TargetFile,
    kind: &FaultKind,
    allowed: &Allowed,
    sink: &mut Sink,
) -> Option<Target> {
    let mut known: Vec<(&str, (Step, bool))> =
        Step::ALL.iter().map(|step| (step.name(), (*step, false))).collect();
    let undos = Step::ALL.iter().filter_map(|step| Some((step.undo_name()?, (*step, true))));
    known.extend(undos);
    let (step, undo) = sink.one_of(field, "step", &known)?;
    if *kind == FaultKind::Error && !undo && !REFUSABLE.contains(&step) {
        let names: Vec<&str> = REFUSABLE.iter().map(|step| step.name()).collect();
        let title = format!("`{}` cannot be refused: it is done until it is done", field.get_ref());
        let help = format!("can be refused: {}, and every undo", names.join(", "));
        sink.add(Diagnostic::at(field.span(), title).help(help));
        return None;
    }
    let default = *allowed.positions.first()?;
    let written = file.position.as_ref().filter(|_| !allowed.whole_step);
    let position = match written {
        None => default,
        Some(written) => {
            let all = words(&FaultPosition::ALL, FaultPosition::name);
            let position = sink.one_of(written, "position", &all)?;
            if !allowed.positions.contains(&position) {
                let names: Vec<String> =
                    allowed.positions.iter().map(|one| format!("`{}`", one.name())).collect();
                let name = kind.name();
                let title = format!("a `{name}` does not happen at `{}`", position.name());
                let help = format!("it happens at {}", names.join(" or "));
                sink.add(Diagnostic::at(written.span(), title).help(help));
                return None;
            }
            position
        }
    };
    Some(Target::Step { step, undo, position })
}

fn link_target(field: &Spanned<String>, sink: &mut Sink) -> Option<Target> {
    let text = field.get_ref();
    let (ends, both) = match text.split_once("<->") {
        Some(ends) => (Some(ends), true),
        None => (text.split_once("->"), false),
    };
    let Some((from, to)) = ends else {
        let problem = Diagnostic::at(field.span(), format!("`{text}` is not a link"));
        sink.add(problem.help("write `payment -> order`, or `payment <-> order` for both ways"));
        return None;
    };
    let known = words(&Service::ALL, Service::name);
    let end = |name: &str, sink: &mut Sink| {
        sink.one_of(&Spanned::new(field.span(), name.trim().to_owned()), "service", &known)
    };
    let (from, to) = (end(from, sink), end(to, sink));
    let (from, to) = (from?, to?);
    let joined = |from: Service, to: Service| {
        Coordination::ALL.iter().any(|one| routes(*one).iter().any(|route| route.joins(from, to)))
    };
    if from != to && (joined(from, to) || both && joined(to, from)) {
        return Some(Target::Link { from, to, both });
    }
    let title = if from == to {
        format!("`{}` has no link to itself", from.name())
    } else {
        format!("nothing goes from `{}` to `{}` in any coordination", from.name(), to.name())
    };
    let others: Vec<String> = Service::ALL
        .into_iter()
        .filter(|other| *other != from && joined(from, *other))
        .map(|other| format!("`{} -> {}`", from.name(), other.name()))
        .collect();
    sink.add(Diagnostic::at(field.span(), title).help(format!("there is {}", others.join(", "))));
    None
}

fn services_target(file: &TargetFile, sink: &mut Sink) -> Option<Target> {
    let stations = &Service::ALL[..Service::STATIONS];
    let known = words(stations, Service::name);
    if let (Some(service), Some(second)) = (&file.service, file.services.first()) {
        let title = "a target has `service` or `services`";
        let problem = Diagnostic::at(second.span(), title).label("and this");
        sink.add(problem.context(service.span(), "this"));
        return None;
    }
    let mut services = Services::default();
    let mut complete = true;
    for field in file.service.iter().chain(&file.services) {
        match sink.one_of(field, "service", &known) {
            Some(service) if services.contains(service) => {
                let title = format!("`{}` is named twice", service.name());
                sink.add(Diagnostic::at(field.span(), title).help("once is enough"));
            }
            Some(service) => services = services.with(service),
            None => complete = false,
        }
    }
    complete.then_some(Target::Services(services))
}
