//! Where the time of a request went: parts that add up.
//!
//! The messages from a customer's request to its final word are a chain: each is sent by the
//! commit that handled the one before. Every message carries what the chain has spent so far, so
//! each nanosecond of it is counted once. What is left of the latency was lost between two of
//! them: to timeouts, back-off, relays, restarts, or because the request was held.

use super::world::World;
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::domain::{Envelope, Exchange, Process, Service};
use rustc_hash::FxHashMap;

/// Times of one message, or of a chain of them, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Parts {
    /// In the lines of stations.
    pub(super) wait_ns: u64,
    /// At a worker; in the monolith with the waits for its row locks.
    pub(super) service_ns: u64,
    /// On the network.
    pub(super) network_ns: u64,
}

impl Parts {
    /// No time at all: where a chain begins.
    pub(super) const NONE: Parts = Parts { wait_ns: 0, service_ns: 0, network_ns: 0 };

    /// These and more.
    pub(super) const fn and(self, more: Parts) -> Parts {
        Parts {
            wait_ns: self.wait_ns + more.wait_ns,
            service_ns: self.service_ns + more.service_ns,
            network_ns: self.network_ns + more.network_ns,
        }
    }

    /// All three together.
    pub(super) const fn sum_ns(self) -> u64 {
        self.wait_ns + self.service_ns + self.network_ns
    }
}

/// What requests had spent when their coordinator let them wait for another process of the same
/// order. The chain that goes on with them belongs to that other process.
pub(super) type Shelf = FxHashMap<(u32, Process, u8), Parts>;

/// Which request a chain belongs to; payments are told apart by their number.
const fn request(key: Exchange) -> (u32, Process, u8) {
    let n = if matches!(key.process(), Process::Payment) { key.n() } else { 0 };
    (key.request().0, key.process(), n)
}

impl World {
    /// A commit of the orchestrator that does nothing about the request it heard: the request is
    /// held, and what it has spent is put aside.
    pub(super) fn shelve(&mut self, heard: &Heard, receipt: Receipt, sends: &[Envelope]) {
        let goes_on = |envelope: &Envelope| envelope.body.to() != Service::Customer;
        let asks = heard.from == Service::Customer && receipt == Receipt::Fresh;
        if asks && !sends.iter().any(goes_on) {
            self.shelf.insert(request(heard.key), self.cause);
        }
    }

    /// What the chain of a message that a commit sends has spent: as much as the message that was
    /// heard, unless it goes on with another request, which was held until now.
    pub(super) fn chain(&mut self, heard: Exchange, spent: Parts, sent: Exchange) -> Parts {
        if heard.process() == sent.process()
            && (heard.n() == sent.n() || request(heard) == request(sent))
        {
            return spent;
        }
        self.shelf.remove(&request(sent)).unwrap_or(Parts::NONE)
    }
}
