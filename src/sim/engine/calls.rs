//! Open calls: request and reply, timeout, retry under the same key, and in the end *Unknown*.
//!
//! The part of every caller that a client library would be. It belongs to the transport, so the
//! handlers never see an attempt.

use super::parts::Parts;
use crate::domain::{Envelope, Exchange, RequestId, Service, Transport, saga};
use crate::sim::scenario::Retry;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// A call that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct OpenCall {
    /// The newest attempt.
    pub(super) envelope: Envelope,
    /// An attempt may have had its effect: it was not plainly refused.
    pub(super) ambiguous: bool,
    /// The answer is here and being handled.
    pub(super) answering: bool,
    /// When the caller's worker began to wait, for a synchronous call.
    pub(super) since_ns: u64,
    /// What its chain had spent when it was first sent.
    pub(super) parts: Parts,
}

/// What to do with a call whose attempt failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// Send again after this pause.
    Retry { pause_ns: u64 },
    /// Attempts are spent.
    GiveUp { ambiguous: bool },
    /// Not this attempt, or answered meanwhile.
    Nothing,
    /// Wait on for ever: retries are switched off for a call that must not end unanswered.
    Silence,
}

/// The open calls of a run, by identity. Never iterated where the order of iteration matters.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: FxHashMap<u64, OpenCall>,
    retry: Option<Retry>,
    timeout_ns: u64,
}

impl Calls {
    /// `timeout_ns` of an attempt; none: it never times out.
    pub(super) fn new(retry: Option<Retry>, timeout_ns: Option<u64>) -> Self {
        Calls { open: FxHashMap::default(), retry, timeout_ns: timeout_ns.unwrap_or(u64::MAX) }
    }

    pub(super) fn open(&mut self, envelope: &Envelope, now_ns: u64, parts: Parts) {
        let call = OpenCall {
            envelope: envelope.clone(),
            ambiguous: false,
            answering: false,
            since_ns: now_ns,
            parts,
        };
        self.open.insert(envelope.key.identity(), call);
    }

    /// Whether the answer is awaited; from now on another one is not.
    pub(super) fn answer(&mut self, key: Exchange) -> Option<&OpenCall> {
        let call = self.open.get_mut(&key.identity()).filter(|call| !call.answering)?;
        call.answering = true;
        Some(call)
    }

    /// The answer could not be handled now, and comes again: it is awaited as before.
    pub(super) fn await_again(&mut self, key: Exchange) {
        if let Some(call) = self.open.get_mut(&key.identity()) {
            call.answering = false;
        }
    }

    /// Closes the call if an answer that comes at this instant ends it: it has been sent once, and
    /// does not time out before. False: it stays open.
    pub(super) fn answered_in_time(&mut self, key: Exchange, at_ns: u64) -> bool {
        let Entry::Occupied(call) = self.open.entry(key.identity()) else { return false };
        let OpenCall { envelope, answering, since_ns, .. } = call.get();
        let in_time = envelope.key.attempt() == 0
            && !answering
            && at_ns < since_ns.saturating_add(self.timeout_ns);
        if in_time {
            call.remove();
        }
        in_time
    }

    /// The call, while it is open.
    pub(super) fn get(&self, key: Exchange) -> Option<&OpenCall> {
        self.open.get(&key.identity())
    }

    /// The network delivers an attempt twice: that one of the two is refused says nothing definite.
    pub(super) fn blur(&mut self, key: Exchange) {
        if let Some(call) = self.open.get_mut(&key.identity()) {
            call.ambiguous = true;
        }
    }

    /// The answer is handled: the call is over.
    pub(super) fn close(&mut self, key: Exchange) -> Option<OpenCall> {
        self.open.remove(&key.identity())
    }

    /// Whether this attempt still waits.
    pub(super) fn waits(&self, key: Exchange) -> bool {
        self.open
            .get(&key.identity())
            .is_some_and(|call| !call.answering && call.envelope.key.attempt() == key.attempt())
    }

    /// An attempt got no answer (`busy`: it was plainly refused). `luck` is the jitter, 0 to 1.
    pub(super) fn fail(&mut self, key: Exchange, busy: bool, luck: f64) -> Next {
        if !self.waits(key) {
            return Next::Nothing;
        }
        let unlimited = saga::unlimited(key.step(), key.turn());
        let Some(call) = self.open.get_mut(&key.identity()) else { return Next::Nothing };
        call.ambiguous |= !busy;
        let ambiguous = call.ambiguous;
        match self.retry {
            Some(retry) if unlimited || key.attempt() + 1 < retry.max_attempts => {
                Next::Retry { pause_ns: pause_ns(&retry, key.attempt(), luck) }
            }
            None if unlimited => Next::Silence,
            _ => Next::GiveUp { ambiguous },
        }
    }

    /// The next attempt, if the call still waits.
    pub(super) fn resend(&mut self, key: Exchange) -> Option<Envelope> {
        if !self.waits(key) {
            return None;
        }
        let call = self.open.get_mut(&key.identity())?;
        let key = call.envelope.key;
        call.envelope.key = key.with_attempt(key.attempt().saturating_add(1));
        Some(call.envelope.clone())
    }

    /// The calls of a restarted service, to be sent again; in the order of their keys. What became
    /// of the attempts before is not known.
    pub(super) fn reopened(&mut self, caller: Service) -> Vec<Exchange> {
        let mut keys = Vec::new();
        for call in self.open.values_mut().filter(|call| call.envelope.from == caller) {
            call.answering = false;
            call.ambiguous = true;
            keys.push(call.envelope.key);
        }
        keys.sort_unstable_by_key(|key| key.bits());
        keys
    }

    /// Whether a service still waits for an answer about this order.
    pub(super) fn concern(&self, order: RequestId) -> bool {
        let mut open = self.open.values().map(|call| &call.envelope);
        open.any(|call| call.from != Service::Customer && call.key.request() == order)
    }

    /// A caller crashes: its workers no longer wait, its calls stay open until it is up again.
    /// Which workers waited, for what and since when; in the order of the calls' keys.
    pub(super) fn let_go(&mut self, caller: Service) -> Vec<(Exchange, u64)> {
        let mut held = Vec::new();
        for OpenCall { envelope, since_ns, answering, .. } in self.open.values_mut() {
            if envelope.from == caller && envelope.transport == Transport::HeldCall {
                envelope.transport = Transport::Call;
                // A worker that handles the answer already is found in service.
                if !*answering {
                    held.push((envelope.key, *since_ns));
                }
            }
        }
        held.sort_unstable_by_key(|(key, _)| key.bits());
        held
    }

    /// Calls nobody answered, by caller and key.
    pub(super) fn left(&self) -> Vec<(Service, Exchange)> {
        let mut left: Vec<_> =
            self.open.values().map(|call| (call.envelope.from, call.envelope.key)).collect();
        left.sort_unstable_by_key(|(_, key)| key.bits());
        left
    }
}

/// Exponential backoff; with full jitter the pause is drawn evenly below its length (M. Brooker,
/// "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
fn pause_ns(retry: &Retry, attempt: u8, luck: f64) -> u64 {
    let growth = libm::pow(retry.multiplier, f64::from(attempt));
    let pause = (retry.initial_ns as f64 * growth).min(retry.max_ns as f64);
    if retry.full_jitter { (pause * luck) as u64 } else { pause as u64 }
}

/// Whether a message opens a call.
pub(super) const fn opens(transport: Transport) -> bool {
    matches!(transport, Transport::Call | Transport::HeldCall)
}
