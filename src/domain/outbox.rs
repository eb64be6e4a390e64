//! Everything one commit says. Concrete, so that no driver can perform half of it.

use super::{Body, Datum, Effect, Envelope, Exchange, OrderState, Posting, Service, Transport};

/// A timer's kind, not its length: the bus resolves it, and each kind is one first-in-first-out
/// lane.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum After {
    /// The payment window.
    PaymentWindow,
}

/// One effect of a commit. A domain's commit has one; a monolith's has one per step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Effected {
    /// The owner: order, process, step, direction.
    pub key: Exchange,
    /// What happened.
    pub effect: Effect,
    /// Index one past the effect's last posting.
    pub postings_end: u32,
}

/// What a commit writes. Buffers are drained by the driver, never freed.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Outbox {
    /// Effects, in the order they happened.
    pub effects: Vec<Effected>,
    /// Postings, those of the first effect first.
    pub postings: Vec<Posting>,
    /// Moves of the order's state.
    pub moves: Vec<(OrderState, OrderState)>,
    /// Messages to send.
    pub sends: Vec<Envelope>,
    /// Timers to set: each comes back to the sender as its body, unless disarmed.
    pub arm: Vec<(After, Envelope)>,
    /// Timers to forget, by key.
    pub disarm: Vec<Exchange>,
    /// Undos that found no effect.
    pub empty_undos: u32,
    /// Rows that were read to decide; none: nobody asks for them.
    pub reads: Option<Vec<Datum>>,
}

impl Outbox {
    /// Writes a posting of the step in progress.
    pub fn post(&mut self, between: super::Move, amount: i64) {
        self.postings.push(Posting { between, amount });
    }

    /// Notes that a row was read to decide the step in progress.
    #[inline]
    pub fn read(&mut self, datum: Datum) {
        if let Some(reads) = &mut self.reads {
            reads.push(datum);
        }
    }

    /// Ends a step: its postings are complete.
    pub fn close_effect(&mut self, key: Exchange, effect: Effect) {
        let postings_end = self.postings.len() as u32;
        self.effects.push(Effected { key, effect, postings_end });
    }

    /// An event to another service, or to oneself.
    pub fn event(&mut self, from: Service, key: Exchange, body: Body) {
        self.sends.push(Envelope { key, from, transport: Transport::Event, body });
    }

    /// A call whose answer comes back as a message.
    pub fn call(&mut self, from: Service, key: Exchange, body: Body) {
        self.sends.push(Envelope { key, from, transport: Transport::Call, body });
    }

    /// A synchronous call: occupies one of the caller's workers until it ends.
    pub fn held_call(&mut self, from: Service, key: Exchange, body: Body) {
        self.sends.push(Envelope { key, from, transport: Transport::HeldCall, body });
    }

    /// The answer to the call with this key.
    pub fn reply(&mut self, from: Service, key: Exchange, body: Body) {
        self.sends.push(Envelope { key, from, transport: Transport::Reply, body });
    }

    /// Whether nothing is left in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
            && self.postings.is_empty()
            && self.moves.is_empty()
            && self.sends.is_empty()
            && self.arm.is_empty()
            && self.disarm.is_empty()
    }

    /// Forgets everything: the work was dropped before the commit. What was read stays read.
    pub fn clear(&mut self) {
        self.effects.clear();
        self.postings.clear();
        self.moves.clear();
        self.sends.clear();
        self.arm.clear();
        self.disarm.clear();
        self.empty_undos = 0;
    }
}
