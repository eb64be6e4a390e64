//! Services that are gone for a while: crash and restart, what is lost with them and what comes
//! again, and the standby that takes an orchestrator's place.

use super::chance::Position;
use super::queue::{Event, Slot, What};
use super::world::World;
use crate::domain::{Exchange, Process, RequestId, Service, Step, Transport, Turn};
use crate::sim::scenario::FaultPosition;

/// After a planted crash a service is up again after this.
const RESTART_NS: u64 = 1_000_000_000;

/// Who handles the next inputs of the orchestrator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Notice {
    /// The service crashed.
    Crashed(Service),
    /// From now on the standby is the orchestrator.
    TakenOver,
    /// The next input is handled by the orchestrator that was replaced.
    Replaced,
}

impl World {
    /// Faults that begin by themselves are events like any other.
    pub(super) fn expect_faults(&mut self) {
        if self.calm {
            return;
        }
        for service in &Service::ALL[..Service::STATIONS] {
            self.stations[*service as usize].closed = self.faults.guards(*service);
        }
        for (index, at_ns) in self.faults.beginnings() {
            self.expect_fault(index, at_ns);
        }
    }

    fn expect_fault(&mut self, index: usize, at_ns: u64) {
        let id = RequestId(index as u32);
        let key = Exchange::new(id, Process::Traffic, 0, Step::PopularProducts, Turn::Timer);
        self.later(at_ns.saturating_sub(self.now_ns), What::Fault, key, Service::Customer);
    }

    /// A fault begins by itself.
    pub(super) fn fault_begins(&mut self, key: Exchange) {
        let (index, coordination) = (key.request().0 as usize, self.coordination());
        let (crashed, until_ns) = self.faults.begun(index, self.now_ns, coordination);
        if crashed.is_empty() {
            self.take_over();
        }
        for service in crashed {
            self.crash(service, until_ns - self.now_ns);
        }
        if let Some(at_ns) = self.faults.begins(index, self.now_ns + 1) {
            self.expect_fault(index, at_ns);
        }
    }

    /// A service crashes: its line and what it works on are lost. An orchestrator's standby does
    /// not wait for the restart longer than for the lease.
    pub(super) fn crash(&mut self, service: Service, down_ns: u64) {
        let now_ns = self.now_ns;
        let lease_ns = self.plan.scenario.protection.lease_ns;
        let standby_ns = lease_ns.filter(|_| service == Service::Orchestrator);
        let down_ns = down_ns.min(standby_ns.unwrap_or(u64::MAX)).max(1);
        let station = &mut self.stations[service as usize];
        station.life += 1;
        station.busy = 0;
        let until_ns = now_ns.saturating_add(down_ns);
        station.down_until_ns = station.down_until_ns.max(Some(until_ns));
        station.closed = true;
        let line = std::mem::take(&mut station.line);
        self.notices.push(Notice::Crashed(service));
        for (key, since_ns) in self.calls.let_go(service) {
            self.stations[service as usize].held(since_ns, now_ns, self.plan.duration_ns);
            self.forget_service(service, key);
        }
        for slot in line {
            let event = self.queue.take(slot);
            self.stations[service as usize].leave(now_ns, event.arrived_ns);
            self.lose(event);
        }
        let key = Exchange::new(
            RequestId(service as u32),
            Process::Traffic,
            0,
            Step::ChangePrice,
            Turn::Timer,
        );
        self.later(down_ns, What::Restart, key, service);
    }

    /// How long a service is down that crashes while it handles a message; none: it does not.
    #[cold]
    pub(super) fn crashes(&mut self, event: &Event, position: Position) -> Option<u64> {
        let Event { envelope, copy, .. } = event;
        if self.breaks((envelope.key, envelope.transport), *copy, position) {
            return Some(RESTART_NS);
        }
        let declared = match position {
            Position::BeforeCommit => FaultPosition::BeforeCommit,
            _ => FaultPosition::AfterCommit,
        };
        let coupon = self.books.presents(envelope.key.request());
        self.faults.crash(declared, (envelope, *copy, coupon), self.now_ns, &self.chance)
    }

    /// Whether a service takes in nothing, or not this: it is down, or a fault makes it refuse.
    #[cold]
    pub(super) fn is_shut_out(&mut self, slot: Slot, to: Service) -> bool {
        if self.stations[to as usize].down_until_ns.is_some() {
            let event = self.queue.take(slot);
            self.lose(event);
            return true;
        }
        let event = self.queue.event(slot);
        let answer = event.envelope.transport == Transport::Reply;
        let (copy, now_ns) = (event.copy, self.now_ns);
        if answer || !self.faults.turns_away(&event.envelope, copy, now_ns, &self.chance) {
            return false;
        }
        self.turn_away(slot, to);
        true
    }

    pub(super) fn turn_away(&mut self, slot: Slot, to: Service) {
        self.stations[to as usize].figures.refused += 1;
        self.messages.refused += 1;
        let event = self.queue.take(slot);
        self.not_now(event);
    }

    /// A service is up again: it relays its outbox and sends its open calls again. Of several
    /// crashes the last restart counts.
    pub(super) fn restart(&mut self, service: Service) {
        let guarded = self.faults.guards(service);
        let station = &mut self.stations[service as usize];
        if station.down_until_ns.is_none_or(|until_ns| until_ns > self.now_ns) {
            return;
        }
        station.down_until_ns = None;
        station.closed = guarded;
        for key in self.calls.reopened(service) {
            self.resend(key);
        }
    }

    /// The orchestrator was silent for longer than its lease: its standby reads the saga log and
    /// sends the open intents again. What the old one has in its hands stays there.
    fn take_over(&mut self) {
        let service = Service::Orchestrator;
        let station = &mut self.stations[service as usize];
        if station.down_until_ns.is_some() {
            return;
        }
        let old_life = station.life;
        station.life += 1;
        station.busy = 0;
        self.replaced_life = Some(old_life);
        self.notices.push(Notice::TakenOver);
        let held = self.queue.iter().filter(|event| {
            let there = event.envelope.body.to() == service && event.life == old_life;
            there && event.what == What::Done
        });
        for key in held.map(|event| event.envelope.key).collect::<Vec<_>>() {
            self.forget_service(service, key);
        }
        for key in self.calls.reopened(service) {
            self.resend(key);
        }
        self.fill(service);
    }

    /// Whether a message is in the hands of the orchestrator that was replaced, and may still be
    /// written to the saga log: a fence refuses that.
    pub(super) fn stale(&self, service: Service, life: u32) -> bool {
        let replaced = service == Service::Orchestrator && self.replaced_life == Some(life);
        replaced && !self.plan.scenario.protection.switches.fencing
    }

    /// Whether the caller of a call is not there to see to it. One that is down sends its calls
    /// again when it is up; one that stands still sees to it when it goes on.
    pub(super) fn caller_is_away(&mut self, key: Exchange, what: What) -> bool {
        let Some(call) = self.calls.get(key) else { return false };
        let caller = call.envelope.from;
        if self.stations.get(caller as usize).is_some_and(|at| at.down_until_ns.is_some()) {
            return true;
        }
        let Some(until_ns) = self.faults.paused_until(caller, self.now_ns) else { return false };
        self.later(until_ns - self.now_ns, what, key, Service::Customer);
        true
    }

    /// Whether a message comes again by itself: a timer is stored, an event is a row of the outbox.
    pub(super) fn owed(&self, transport: Transport) -> bool {
        match transport {
            Transport::Event => self.plan.scenario.protection.switches.outbox,
            Transport::Timer => true,
            Transport::Call | Transport::HeldCall | Transport::Reply => false,
        }
    }

    /// A message is lost in a crash. Events are owed: they come again once the service is up.
    pub(super) fn lose(&mut self, event: Event) {
        self.messages.dropped += 1;
        self.stories.lost(self.now_ns, &event.envelope);
        let Event { envelope, copy, parts, .. } = event;
        let up_ns = self.stations[envelope.body.to() as usize].down_until_ns.unwrap_or(self.now_ns);
        if self.owed(envelope.transport) {
            self.messages.redelivered += 1;
            let tie = self.chance.tie(envelope.key, 6);
            let slot = self.store_in(parts, envelope, What::Relay, copy.saturating_add(1));
            self.queue.schedule(up_ns.max(self.now_ns) + 1, tie, slot);
        }
    }

    /// What was lost, or not yet sent, comes again, if the network lets it through.
    pub(super) fn come_again(&mut self, slot: Slot) {
        if !self.calm {
            let event = self.queue.event(slot);
            let (copy, now_ns) = (event.copy.max(1), self.now_ns);
            if self.faults.passage(&event.envelope, copy, now_ns, &self.chance).lost {
                event.copy = copy.saturating_add(1);
                event.what = What::Arrive;
                self.messages.dropped += 1;
                return self.arm_relay(slot);
            }
        }
        self.arrive(slot);
    }
}
