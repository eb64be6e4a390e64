//! The gate: what a participant remembers of each request, so that its naive domain never sees
//! the same exchange twice. Eight bytes a request.
//!
//! Each protection adds one rule; switched off, the rule is gone and the domain runs again.

use crate::domain::{Exchange, Fact, Process, Protection, Reason, Step, Table, Transport, Turn};

/// What the gate says of an arriving exchange.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Receipt {
    /// Ran.
    Fresh,
    /// A duplicate: absorbed by the inbox, or answered from the stored answer.
    Again,
    /// Its undo was here first: refused by the tombstone.
    Late,
    /// An undo that finds no effect: answered, nothing done.
    Empty,
}

/// Marks, stored answers and tombstones of one request at one participant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Gate {
    /// Forward keys seen, a bit a step.
    done: u16,
    /// Of these, the ones that took effect: the stored answer's kind.
    took: u16,
    /// Backward keys seen; for a forward key that comes later, its tombstone.
    undone: u16,
    /// The newest payment seen.
    n: u8,
    /// Reason of the newest refusal, for the stored answer.
    refusal: u8,
}

/// Steps that are numbered with the payment: their marks start anew with each payment.
const PER_PAYMENT: u16 = 1 << Step::DeductBalance as u16
    | 1 << Step::CreatePayment as u16
    | 1 << Step::CompleteOrder as u16
    | 1 << TOP_UP;
const TOP_UP: u16 = 15;
const EXPIRY: u16 = Step::PublishRefund as u16;

/// The bit of a key. Order closes an order on behalf of expiry and of cancel, two different keys:
/// expiry takes a bit that Order has no other use for.
const fn bit(key: Exchange) -> u16 {
    match (key.step(), key.process()) {
        (Step::CloseOrder, Process::Expiry) => 1 << EXPIRY,
        (Step::TopUp, _) => 1 << TOP_UP,
        (step, _) if leaves_no_mark(step) => 0,
        (step, _) => 1 << step as u16,
    }
}

/// Reads, and the price change that comes once: they always run.
const fn leaves_no_mark(step: Step) -> bool {
    step as u16 > TOP_UP
}

const fn forward(turn: Turn) -> bool {
    matches!(turn, Turn::Do | Turn::Ask)
}

impl Gate {
    /// Whether to run the exchange. Marks it as seen. Timers and answers always run: the bus fires a
    /// timer once and passes on one answer per call.
    pub fn admit(&mut self, key: Exchange, transport: Transport, on: Protection) -> Receipt {
        match transport {
            Transport::Timer | Transport::Reply => Receipt::Fresh,
            Transport::Event | Transport::Call | Transport::HeldCall => {
                self.judge(key, transport, on)
            }
        }
    }

    fn judge(&mut self, key: Exchange, transport: Transport, on: Protection) -> Receipt {
        if key.n() > self.n {
            self.done &= !PER_PAYMENT;
            self.took &= !PER_PAYMENT;
            self.undone &= !PER_PAYMENT;
            self.n = key.n();
        }
        let event = matches!(transport, Transport::Event);
        let remembers = if event { on.inbox } else { on.idempotency_key };
        if key.n() != 0 && key.n() < self.n && remembers {
            return Receipt::Again;
        }
        let bit = bit(key);
        let mine = if forward(key.turn()) { &mut self.done } else { &mut self.undone };
        let seen = *mine & bit != 0;
        if forward(key.turn()) {
            let barred = self.undone & bit != 0 && on.tombstone;
            self.done |= bit;
            return match (seen && remembers, barred) {
                (true, _) => Receipt::Again,
                (false, true) => Receipt::Late,
                (false, false) => Receipt::Fresh,
            };
        }
        *mine |= bit;
        let empty = !event && on.idempotency_key && self.took & bit == 0;
        match (seen && remembers, empty) {
            (true, _) => Receipt::Again,
            (false, true) if key.turn() == Turn::Undo => Receipt::Empty,
            (false, _) => Receipt::Fresh,
        }
    }

    /// Stores the answer of an exchange that ran.
    pub fn store(&mut self, key: Exchange, fact: &Fact) {
        match fact {
            Fact::Refused(reason) => self.refusal = *reason as u8,
            _ if forward(key.turn()) => self.took |= bit(key),
            _ => {}
        }
    }

    /// The stored refusal of a forward exchange that came before, if it was refused.
    #[must_use]
    pub fn refusal(&self, key: Exchange) -> Option<Reason> {
        let refused = forward(key.turn()) && self.took & bit(key) == 0;
        refused.then(|| Reason::from_code(self.refusal))
    }
}

/// The gates of one participant.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Gates {
    checkout: Table<Gate>,
    /// Background traffic has its own range of ids.
    traffic: Table<Gate>,
    /// Of what leaves no mark.
    none: Gate,
}

impl Gates {
    /// The gate of a request.
    #[inline]
    pub fn of(&mut self, key: Exchange) -> &mut Gate {
        if leaves_no_mark(key.step()) {
            self.none = Gate::default();
            return &mut self.none;
        }
        match key.process() {
            Process::Traffic => self.traffic.at(key.request().0),
            Process::Order
            | Process::Payment
            | Process::Expiry
            | Process::Cancel
            | Process::Refund
            | Process::Issue => self.checkout.at(key.request().0),
        }
    }

    /// Drops a page of marks, stored answers and tombstones.
    pub fn forget(&mut self, page: usize) {
        drop(self.checkout.drop_page(page));
    }
}
