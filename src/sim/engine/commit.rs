//! A commit: postings to the ledger, rows to the network, the worker back to the line.

use super::chance::Position;
use super::queue::What;
use super::world::{Current, World};
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::domain::{After, Effect, Envelope, Exchange, Outbox, Service, Steps, Transport, Turn};

impl World {
    /// Takes in everything one commit says.
    pub(crate) fn commit(
        &mut self,
        from: Service,
        heard: &Heard,
        receipt: Receipt,
        out: &mut Outbox,
    ) {
        let current = self.current.take();
        if let Some(current) = &current
            && from == Service::Monolith
        {
            self.free_locks(current.slot);
            if let Some(last) = out.effects.last() {
                self.faults.reached(last.key, self.books.presents(heard.key.request()));
            }
        }
        self.trace_commit(from, heard.key, receipt, out);
        self.count(receipt, current.as_ref(), out);
        self.stories.commit(self.now_ns, from, heard, receipt, out);
        self.feed(receipt, current.as_ref(), heard.key);
        let stale = current.as_ref().is_some_and(|current| current.stale);
        if heard.transport == Transport::Reply && !stale {
            self.calls.close(heard.key);
        }
        if let Some(isolation) = &mut self.isolation {
            isolation.commit(heard.key, out);
        }
        self.books.commit(self.now_ns, from, heard.key, &self.plan.calendar, out);
        self.set_timers(out);
        let strike = self.strike_after(current, heard.key, from, out);
        if from == Service::Orchestrator {
            self.shelve(heard, receipt, &out.sends);
        }
        let spent = self.cause;
        let mut held = false;
        for envelope in out.sends.drain(..) {
            held |= envelope.transport == Transport::HeldCall;
            self.cause = self.chain(heard.key, spent, envelope.key);
            self.send(envelope);
        }
        if !held && !strike && !stale {
            self.release(from, heard.key);
        }
    }

    /// Every commit, effect and posting enters the digest.
    fn trace_commit(&mut self, from: Service, key: Exchange, receipt: Receipt, out: &Outbox) {
        let mut said = (from as u64) << 8 | receipt as u64;
        for effected in &out.effects {
            said = fold(fold(said, effected.key.bits()), effected.effect as u64);
        }
        for posting in &out.postings {
            said = fold(said, posting.amount as u64);
        }
        self.trace(self.now_ns ^ said, key.bits());
    }

    fn count(&mut self, receipt: Receipt, current: Option<&Current>, out: &Outbox) {
        let ruled = current.map_or(Steps::NONE, |current| current.refused);
        match receipt {
            Receipt::Fresh | Receipt::Empty => {}
            Receipt::Again => self.messages.absorbed += 1,
            Receipt::Late => self.messages.late += 1,
        }
        for effected in &out.effects {
            let figures = &mut self.steps[effected.key.step() as usize];
            match effected.effect {
                Effect::Nothing if effected.key.turn() == Turn::Do => figures.done += 1,
                Effect::Nothing => {}
                Effect::Took => figures.done += 1,
                Effect::GaveBack => figures.undone += 1,
                Effect::Refused => {
                    figures.refused += 1;
                    if ruled.contains(effected.key.step()) {
                        self.faults.hit(effected.key, self.now_ns, &self.chance);
                        self.strikes.refused(effected.key);
                    }
                }
            }
        }
    }

    /// Hands a sale to the sinks on a real Redis, if there are any.
    fn feed(&mut self, receipt: Receipt, current: Option<&Current>, key: Exchange) {
        let sale = current.and_then(|current| current.sale.as_ref());
        if let (Some(sale), Some(feed), Receipt::Fresh) = (sale, &mut self.watch.sale, receipt) {
            feed(key.request(), sale);
        }
    }

    fn set_timers(&mut self, out: &mut Outbox) {
        if out.arm.is_empty() && out.disarm.is_empty() {
            return;
        }
        for (After::PaymentWindow, envelope) in out.arm.drain(..) {
            let order = envelope.key.request();
            self.arm_window(order);
            // All windows of a run are alike but for the order: one is kept as the pattern.
            self.window.get_or_insert(envelope);
        }
        for key in out.disarm.drain(..) {
            self.flights.at(key.request().0).window = false;
        }
    }

    /// Faults after the commit: a crash before anything is published, or a lost
    /// acknowledgement. True if the service is down now.
    fn strike_after(
        &mut self,
        current: Option<Current>,
        key: Exchange,
        from: Service,
        out: &mut Outbox,
    ) -> bool {
        let Some(again) = current.and_then(|current| current.again) else { return false };
        let message = (key, again.envelope.transport);
        let unacknowledged = self.breaks(message, again.copy, Position::AckLost);
        let crash = self.crashes(&again, Position::AfterCommit);
        if unacknowledged {
            self.deliver_again(again.envelope, again.copy);
        }
        let Some(down_ns) = crash else { return false };
        self.forget_service(from, key);
        self.crash(from, down_ns);
        for envelope in out.sends.drain(..) {
            self.stories.unsent(self.now_ns, &envelope);
            self.publish_after_restart(envelope);
        }
        true
    }

    fn deliver_again(&mut self, envelope: Envelope, copy: u8) {
        self.messages.duplicated += 1;
        let slot = self.store(envelope, What::Arrive, copy.saturating_add(1));
        self.arm_relay(slot);
    }

    /// A row of a commit whose service crashed before publishing. With an outbox the relay sends
    /// it after the restart, and a command of the orchestrator is an intent in the saga log; a
    /// reply and, without either, everything is gone.
    fn publish_after_restart(&mut self, envelope: Envelope) {
        let switches = self.plan.scenario.protection.switches;
        let stored = switches.outbox;
        let logged = switches.saga_log && envelope.from == Service::Orchestrator;
        let up_ns = self.stations[envelope.from as usize].down_until_ns.unwrap_or(self.now_ns);
        match envelope.transport {
            Transport::Event | Transport::Timer if stored => {
                self.messages.redelivered += 1;
                let tie = self.chance.tie(envelope.key, 6);
                let slot = self.store(envelope, What::Relay, 1);
                self.queue.schedule(up_ns + 1, tie, slot);
            }
            // Sent by the restart, which holds no worker for it.
            Transport::Call | Transport::HeldCall if stored || logged => {
                let envelope = Envelope { transport: Transport::Call, ..envelope };
                self.calls.open(&envelope, self.now_ns, self.cause);
            }
            Transport::Event
            | Transport::Timer
            | Transport::Reply
            | Transport::Call
            | Transport::HeldCall => self.messages.dropped += 1,
        }
    }
}

/// Folds one more word of a commit into a hash (the step of FxHash, as in rustc); the trace mixes
/// the result properly.
const fn fold(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}
