//! The same plan run twice, side by side: the first input that one run hands out or handles in
//! another way than the other.
//!
//! Nothing is recorded while a run goes on. Two runs whose digests differ are followed by two more
//! that are compared with each other step by step.

use super::Options;
use super::direct::Direct;
use super::world::World;
use crate::actors::host::Cast;
use crate::domain::{At, Envelope, Outbox, Turn};
use crate::sim::plan::Plan;
use std::sync::Arc;

/// Characters shown of what a handler said.
const LONGEST: usize = 400;

/// Where two runs of one plan part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// Which input of a handler, counted from 1.
    pub event: u64,
    /// When, in nanoseconds of virtual time: the earlier of both.
    pub at_ns: u64,
    /// What the first run handed out, and what was said to it if that is what differs.
    pub first: String,
    /// The same of the second.
    pub second: String,
}

/// Runs a plan twice, side by side, by direct calls, until the runs part; none: they do not.
pub fn divergence(
    plan: &Arc<Plan>,
    mut cast: impl FnMut() -> Cast,
    mut options: impl FnMut() -> Options,
) -> Option<Divergence> {
    let mut begin = || Direct::new(World::new(Arc::clone(plan), options()), cast());
    let (mut one, mut two) = (begin(), begin());
    for event in 1.. {
        let (of_one, of_two) = (one.next(), two.next());
        let at_ns = || {
            let ns = |next: &Option<(At, Envelope)>| next.as_ref().map(|(at, _)| at.now_ns);
            ns(&of_one).into_iter().chain(ns(&of_two)).min().unwrap_or(0)
        };
        let (Some(first), Some(second)) = (&of_one, &of_two) else {
            let over = |next: &Option<_>| next.as_ref().map_or("the run is over".to_owned(), said);
            return (of_one != of_two).then(|| Divergence {
                event,
                at_ns: at_ns(),
                first: over(&of_one),
                second: over(&of_two),
            });
        };
        if first != second {
            return Some(Divergence {
                event,
                at_ns: at_ns(),
                first: said(first),
                second: said(second),
            });
        }
        let handled = one.handle(first.0, first.1.clone());
        let again = two.handle(second.0, second.1.clone());
        if one.out != two.out || handled.2 != again.2 {
            let answered = |out: &Outbox| {
                let text = format!("{}, to which it said {out:?}", said(first));
                text.chars().take(LONGEST).collect()
            };
            return Some(Divergence {
                event,
                at_ns: at_ns(),
                first: answered(&one.out),
                second: answered(&two.out),
            });
        }
        one.commit(handled);
        two.commit(again);
    }
    None
}

/// An input in words: `to order: create-order of order 7 (order process), attempt 0, by product`.
fn said((at, envelope): &(At, Envelope)) -> String {
    let key = envelope.key;
    let step = match (key.turn(), key.step().undo_name()) {
        (Turn::Undo, Some(name)) => name,
        _ => key.step().name(),
    };
    let process = match key.n() {
        0 => key.process().name().to_owned(),
        n => format!("{} {n}", key.process().name()),
    };
    let (to, from) = (envelope.body.to().name(), envelope.from.name());
    let (order, attempt) = (key.request().0, key.attempt());
    let at = format!("{} ns", at.now_ns);
    format!("{at}: {from} -> {to}, {step} of order {order} ({process} process), attempt {attempt}")
}
