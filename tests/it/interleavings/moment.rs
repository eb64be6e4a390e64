//! A moment of the world: everything that what follows depends on, and what was found until now.

use super::actor::Actor;
use sagasim::domain::{Exchange, Process, Service};

/// What may still go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Faults {
    /// Messages that arrive twice.
    pub(super) duplicates: u8,
    /// Services that crash.
    pub(super) crashes: u8,
    /// Requests and answers that are lost; without an outbox also events.
    pub(super) losses: u8,
    /// Calls whose attempts time out although request and answer are only late. What is lost times
    /// out anyway.
    pub(super) lates: u8,
}

impl Faults {
    /// Nothing goes wrong.
    pub(super) const NONE: Faults = Faults { duplicates: 0, crashes: 0, losses: 0, lates: 0 };
    /// A message arrives twice.
    pub(super) const DUPLICATE: Faults = Faults { duplicates: 1, ..Faults::NONE };
    /// A service crashes.
    pub(super) const CRASH: Faults = Faults { crashes: 1, ..Faults::NONE };
    /// A message is lost.
    pub(super) const LOSS: Faults = Faults { losses: 1, ..Faults::NONE };
    /// A call is late.
    pub(super) const LATE: Faults = Faults { lates: 1, ..Faults::NONE };
    /// Nothing, or one fault of one kind.
    pub(super) const EACH: [Faults; 5] =
        [Faults::NONE, Faults::DUPLICATE, Faults::CRASH, Faults::LOSS, Faults::LATE];
}

/// A call without an answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Call {
    /// The request, by number.
    pub(super) request: u32,
    /// What it is told by.
    pub(super) key: Exchange,
    /// Attempts before the newest one, as far as they matter.
    pub(super) attempt: u8,
    /// The caller's worker waits: nothing else of the order is served there.
    pub(super) held: bool,
}

/// What a customer will do next, sooner or later.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Next {
    /// Wait, or nothing more.
    #[default]
    Nothing,
    /// Ask for this.
    Ask(Process, u8),
}

/// What a customer knows of the order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Customer {
    /// To pay, as told in Placed.
    pub(super) amount: i64,
    /// Requests without a final word, the bit of each process.
    pub(super) waits: u8,
    /// The newest payment.
    pub(super) n: u8,
    pub(super) next: Next,
    pub(super) cancel_sent: bool,
    /// Means to do no more.
    pub(super) leaving: bool,
}

/// A moment of the world.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Moment {
    /// Which branch of the business it belongs to.
    pub(super) branch: u8,
    /// The actors, by seat.
    pub(super) actors: [u32; Actor::COUNT],
    pub(super) ledger: u32,
    /// Messages on their way, in any order; kept sorted.
    pub(super) way: Vec<u32>,
    /// Kept sorted.
    pub(super) calls: Vec<Call>,
    /// Payment windows that tick, as the timers they end with; kept sorted.
    pub(super) windows: Vec<u32>,
    pub(super) customers: Vec<Customer>,
    /// What may still go wrong.
    pub(super) left: Faults,
    /// The call that is late.
    pub(super) late: Option<Exchange>,
    /// The invariants that are broken, a bit each; at rest those of the reckoning, too.
    pub(super) broken: u32,
    /// How the orders ended, a bit an outcome; nothing before everything is at rest.
    pub(super) ends: u8,
}

impl Moment {
    /// A message sets out.
    pub(super) fn set_out(&mut self, message: u32) {
        let at = self.way.partition_point(|other| *other < message);
        self.way.insert(at, message);
    }

    /// One copy of a message arrives, or is lost.
    pub(super) fn take(&mut self, message: u32) {
        if let Ok(at) = self.way.binary_search(&message) {
            self.way.remove(at);
        }
    }

    /// A call is open from now on; one with the same key is forgotten.
    pub(super) fn open(&mut self, call: Call) {
        self.close(call.key);
        let at = self.calls.partition_point(|other| *other < call);
        self.calls.insert(at, call);
    }

    /// A call is over; none: nobody waits for the answer.
    pub(super) fn close(&mut self, key: Exchange) -> Option<Call> {
        let at = self.calls.iter().position(|call| call.key == key)?;
        Some(self.calls.remove(at))
    }
}

/// What happens next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// A message arrives and is handled.
    Arrives(u32),
    /// A payment window runs out.
    WindowEnds(u32),
    /// The attempt of a call times out.
    TimesOut(Exchange),
    /// A customer does what is next.
    Acts(u8),
    /// A customer has waited long enough for the final word on a process.
    Despairs(u8, Process),
    /// A message arrives, and will again.
    ArrivesTwice(u32),
    /// A message is lost.
    IsLost(u32),
    /// A message arrives, is handled and committed; then the service crashes.
    ArrivesBeforeCrash(u32),
    /// A service crashes; what was on its way to it waits outside, or is lost with it.
    Crashes { service: Service, with_line: bool },
}
