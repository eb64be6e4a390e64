//! Stories: what happened to a few orders, line by line, for people.
//!
//! Nothing is recorded by default. A run that broke something is run again, and listened to.

use super::chance::Position;
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::domain::{
    Effect, Envelope, Exchange, Move, Outbox, Posting, Process, RequestId, Service, Transport,
    Turn, Word,
};
use std::collections::BTreeMap;

/// Lines kept of one story.
const LONGEST: usize = 60;
/// Of one that tells everything.
const LONGEST_IN_FULL: usize = 240;

/// The stories of the orders that are listened to.
#[derive(Debug, Default)]
pub(super) struct Stories {
    /// With their instants: an acceptance is written down before it is heard.
    lines: BTreeMap<RequestId, Vec<(u64, String)>>,
    /// Also what is posted, and what is sent.
    in_full: bool,
}

impl Stories {
    pub(super) fn new(orders: &[RequestId], in_full: bool) -> Self {
        Stories { lines: orders.iter().map(|order| (*order, Vec::new())).collect(), in_full }
    }

    fn of(&mut self, key: Exchange) -> Option<&mut Vec<(u64, String)>> {
        if self.lines.is_empty() || key.process() == Process::Traffic {
            return None;
        }
        let longest = if self.in_full { LONGEST_IN_FULL } else { LONGEST };
        self.lines.get_mut(&key.request()).filter(|lines| lines.len() < longest)
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
        let in_full = self.in_full;
        let Some(lines) = self.of(heard.key) else { return };
        let at = seconds(now_ns);
        let mut say = |line: String| lines.push((now_ns, line));
        let from = from.name();
        let of = name(heard.key);
        match receipt {
            Receipt::Fresh => {}
            Receipt::Again => say(format!("{at} {from}: heard {of} again, absorbed")),
            Receipt::Late => say(format!("{at} {from}: {of} too late, its undo was here first")),
            Receipt::Empty => say(format!("{at} {from}: {of} finds nothing to undo")),
        }
        let mut begin = 0;
        for effected in &out.effects {
            let step = name(effected.key);
            let end = effected.postings_end as usize;
            let posted = if in_full { posted(&out.postings[begin..end]) } else { String::new() };
            begin = end;
            match effected.effect {
                Effect::Nothing => {}
                Effect::Took | Effect::GaveBack => say(format!("{at} {from}: {step}{posted}")),
                Effect::Refused => say(format!("{at} {from}: {step} refused")),
            }
        }
        for (before, after) in &out.moves {
            say(format!("{at} {from}: {before:?} → {after:?}"));
        }
        if in_full {
            out.sends.iter().filter_map(sent).for_each(|sent| say(format!("{at} {from}: {sent}")));
        }
    }

    /// What a commit was to send, and its service crashed before.
    #[cold]
    pub(super) fn unsent(&mut self, now_ns: u64, envelope: &Envelope) {
        let Some(sent) = sent(envelope).filter(|_| self.in_full) else { return };
        let Some(lines) = self.of(envelope.key) else { return };
        let (at, from) = (seconds(now_ns), envelope.from.name());
        let said = format!("{at} {from}: {sent}");
        if let Some((_, line)) = lines.iter_mut().rev().find(|(_, line)| *line == said) {
            *line = format!("{at} {from}: crashes before it {sent}");
        }
    }

    /// A message is lost, on its way or with the service that was to handle it.
    #[cold]
    pub(super) fn lost(&mut self, now_ns: u64, envelope: &Envelope) {
        if !self.in_full {
            return;
        }
        let Some(lines) = self.of(envelope.key) else { return };
        let (step, to) = (name(envelope.key), envelope.body.to().name());
        let what = match envelope.transport {
            Transport::Reply => format!("the answer about {step}"),
            Transport::Event | Transport::Call | Transport::HeldCall | Transport::Timer => {
                step.to_owned()
            }
        };
        lines.push((now_ns, format!("{} lost: {what}, to {to}", seconds(now_ns))));
    }

    /// A call is sent again.
    #[cold]
    pub(super) fn again(&mut self, now_ns: u64, envelope: &Envelope) {
        if !self.in_full {
            return;
        }
        let Some(lines) = self.of(envelope.key) else { return };
        let Some(sent) = sent(envelope) else { return };
        let attempt = u32::from(envelope.key.attempt()) + 1;
        let (at, from) = (seconds(now_ns), envelope.from.name());
        lines.push((now_ns, format!("{at} {from}: {sent}, attempt {attempt}")));
    }

    /// One word to the order's customer.
    pub(super) fn heard(&mut self, now_ns: u64, key: Exchange, word: &Word) {
        let Some(lines) = self.of(key) else { return };
        lines.push((now_ns, format!("{} customer: told {word:?}", seconds(now_ns))));
    }

    /// A planted strike hits.
    #[cold]
    pub(super) fn breaks(&mut self, now_ns: u64, key: Exchange, position: Position) {
        let Some(lines) = self.of(key) else { return };
        let line = format!("{} FAULT {}: {}", seconds(now_ns), position.name(), name(key));
        lines.push((now_ns, line));
    }

    pub(super) fn into_lines(self) -> BTreeMap<RequestId, Vec<String>> {
        let in_order = |mut lines: Vec<(u64, String)>| {
            lines.sort_by_key(|(at_ns, _)| *at_ns);
            lines.into_iter().map(|(_, line)| line).collect()
        };
        self.lines.into_iter().map(|(order, lines)| (order, in_order(lines))).collect()
    }
}

/// The postings of an effect: ` [stock 0 -> held 1]`; a negative amount goes back.
fn posted(postings: &[Posting]) -> String {
    let words = postings.iter().map(|posting| {
        let amount = posting.amount;
        match posting.between {
            Move::Hold { product } => format!("stock {product} -> held {amount}"),
            Move::Sell { product } => format!("held {product} -> sold {amount}"),
            Move::Charge { user } => format!("balance {user} -> held {amount}"),
            Move::Earn => format!("money held -> revenue {amount}"),
            Move::Pay => format!("paid {amount}"),
            Move::Spend { coupon, .. } => format!("coupon {coupon} issued -> used {amount}"),
            Move::Issue { coupon, .. } => format!("coupon {coupon} issued {amount}"),
            Move::TopUp { user } => format!("balance {user} topped up {amount}"),
        }
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { String::new() } else { format!(" [{}]", words.join(", ")) }
}

/// What is sent, and to whom; what a customer is told is told when it arrives.
fn sent(envelope: &Envelope) -> Option<String> {
    let to = envelope.body.to();
    if to == Service::Customer {
        return None;
    }
    let (step, to) = (name(envelope.key), to.name());
    match envelope.transport {
        Transport::Event => Some(format!("sends {step} to {to}")),
        Transport::Call | Transport::HeldCall => Some(format!("asks {to} to {step}")),
        Transport::Reply => Some(format!("answers {to} about {step}")),
        Transport::Timer => None,
    }
}

/// The step of an exchange, or its undo.
pub(super) fn name(key: Exchange) -> &'static str {
    match (key.turn(), key.step().undo_name()) {
        (Turn::Undo, Some(name)) => name,
        _ => key.step().name(),
    }
}

fn seconds(now_ns: u64) -> String {
    format!("{}.{:06}s", now_ns / 1_000_000_000, now_ns / 1_000 % 1_000_000)
}
