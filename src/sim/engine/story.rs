//! Stories: what happened to a few orders, line by line, for people.
//!
//! Nothing is recorded by default. A run that broke something is run again, and listened to.

use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::domain::{Effect, Exchange, Outbox, Process, RequestId, Service, Turn, Word};
use std::collections::BTreeMap;

/// Lines kept of one story.
const LONGEST: usize = 60;

/// The stories of the orders that are listened to.
#[derive(Debug, Default)]
pub(super) struct Stories {
    /// With their instants: an acceptance is written down before it is heard.
    lines: BTreeMap<RequestId, Vec<(u64, String)>>,
}

impl Stories {
    pub(super) fn new(orders: &[RequestId]) -> Self {
        Stories { lines: orders.iter().map(|order| (*order, Vec::new())).collect() }
    }

    fn of(&mut self, key: Exchange) -> Option<&mut Vec<(u64, String)>> {
        if self.lines.is_empty() || key.process == Process::Traffic {
            return None;
        }
        self.lines.get_mut(&key.request).filter(|lines| lines.len() < LONGEST)
    }

    /// One commit that concerns the order.
    pub(super) fn commit(
        &mut self,
        now_ns: u64,
        from: Service,
        heard: &Heard,
        receipt: Receipt,
        out: &Outbox,
    ) {
        let Some(lines) = self.of(heard.key) else { return };
        let at = seconds(now_ns);
        let mut say = |line: String| lines.push((now_ns, line));
        let from = from.name();
        match receipt {
            Receipt::Fresh => {}
            Receipt::Again => say(format!("{at} {from}: heard again, absorbed")),
            Receipt::Late => say(format!("{at} {from}: too late, its undo was here first")),
            Receipt::Empty => say(format!("{at} {from}: nothing to undo")),
        }
        for effected in &out.effects {
            let step = name(effected.key);
            match effected.effect {
                Effect::Nothing => {}
                Effect::Took | Effect::GaveBack => say(format!("{at} {from}: {step}")),
                Effect::Refused => say(format!("{at} {from}: {step} refused")),
            }
        }
        for (before, after) in &out.moves {
            say(format!("{at} {from}: {before:?} → {after:?}"));
        }
    }

    /// One word to the order's customer.
    pub(super) fn heard(&mut self, now_ns: u64, key: Exchange, word: &Word) {
        let Some(lines) = self.of(key) else { return };
        lines.push((now_ns, format!("{} customer: told {word:?}", seconds(now_ns))));
    }

    pub(super) fn into_lines(self) -> BTreeMap<RequestId, Vec<String>> {
        let in_order = |mut lines: Vec<(u64, String)>| {
            lines.sort_by_key(|(at_ns, _)| *at_ns);
            lines.into_iter().map(|(_, line)| line).collect()
        };
        self.lines.into_iter().map(|(order, lines)| (order, in_order(lines))).collect()
    }
}

fn name(key: Exchange) -> &'static str {
    match (key.turn, key.step.undo_name()) {
        (Turn::Undo, Some(name)) => name,
        _ => key.step.name(),
    }
}

fn seconds(now_ns: u64) -> String {
    format!("{}.{:06}s", now_ns / 1_000_000_000, now_ns / 1_000 % 1_000_000)
}
