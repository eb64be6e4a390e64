//! Messages on their way: send, network, arrival, line, service.

use super::Visit;
use super::calls::{Next, opens};
use super::chance::{Position, Site, tie};
use super::faults::Passage;
use super::locks::Lock;
use super::outage::Notice;
use super::parts::Parts;
use super::queue::{Event, Slot, What};
use super::world::{Current, World, work};
use crate::actors::choreography::unanswered;
use crate::domain::{
    At, Body, Envelope, Exchange, MonolithInput, Process, Request, Service, Step, Steps, Transport,
    saga,
};
use crate::sim::decide::unit;

impl World {
    /// Sends a message for the first time.
    pub(super) fn send(&mut self, envelope: Envelope) {
        if opens(envelope.transport) {
            self.calls.open(&envelope, self.now_ns, self.cause);
            return self.call(envelope);
        }
        self.transit(envelope, 0);
    }

    /// Sends an attempt of a call, unless its circuit breaker is open.
    fn call(&mut self, envelope: Envelope) {
        let (from, to) = (envelope.from, envelope.body.to());
        if self.breakers.failing() && self.breakers.holds(from, to, self.now_ns) {
            self.messages.held_back += 1;
            return self.later(0, What::Busy, envelope.key, to);
        }
        self.await_answer(envelope.key);
        self.transit(envelope, 0);
    }

    fn await_answer(&mut self, key: Exchange) {
        if self.plan.scenario.protection.timeout_ns.is_some() {
            self.arm_call(key);
        }
    }

    pub(super) fn transit(&mut self, envelope: Envelope, copy: u8) {
        self.messages.sent += 1;
        let Passage { lost, late_ns: held_ns, overtaken, again_ns } =
            if self.calm { Passage::default() } else { self.passage(&envelope, copy) };
        if lost {
            return self.lose_in_transit(envelope, copy);
        }
        if let Some(after_ns) = again_ns {
            self.send_again(&envelope, copy, held_ns + after_ns);
        }
        let (key, from, to) = (envelope.key, envelope.from, envelope.body.to());
        if from == to && held_ns == 0 {
            // A message to oneself is there at once.
            let slot = self.store(envelope, What::Arrive, copy);
            return self.arrive(slot);
        }
        let mut at_ns = self.now_ns + held_ns;
        let luck = self.chance.hop(key, envelope.transport, copy);
        if from != to {
            at_ns += self.plan.network.at(luck).max(0) as u64;
            if copy == 0 && key.attempt() == 0 && !overtaken && key.process() != Process::Traffic {
                at_ns = self.wire.in_order(key, (from, to), at_ns, self.now_ns);
            }
        }
        if copy == 0 && self.only_accepts(&envelope, at_ns) {
            return;
        }
        let slot = self.store(envelope, What::Arrive, copy);
        // What is held back is lost time; a slow network is network.
        let sent_ns = if overtaken { self.now_ns + held_ns } else { self.now_ns };
        let event = self.queue.event(slot);
        (event.sent_ns, event.arrived_ns) = (sent_ns, at_ns);
        self.queue.schedule(at_ns, tie(luck), slot);
    }

    /// What becomes of a message: by a planted strike, or by declared faults.
    #[cold]
    fn passage(&mut self, envelope: &Envelope, copy: u8) -> Passage {
        let mut passage = self.faults.passage(envelope, copy, self.now_ns, &self.chance);
        match self.delay(envelope, copy) {
            None => passage.lost = true,
            Some(0) => {}
            Some(held_ns) => {
                passage.late_ns += held_ns;
                passage.overtaken = true;
            }
        }
        passage
    }

    /// The network delivers a message twice.
    fn send_again(&mut self, envelope: &Envelope, copy: u8, after_ns: u64) {
        self.messages.duplicated += 1;
        if opens(envelope.transport) {
            self.calls.blur(envelope.key);
        }
        let copy = copy.saturating_add(1);
        let luck = self.chance.hop(envelope.key, envelope.transport, copy);
        let hop_ns = self.plan.network.at(luck).max(0) as u64;
        let slot = self.store(envelope.clone(), What::Arrive, copy);
        self.queue.schedule(self.now_ns + after_ns + hop_ns, tie(luck), slot);
    }

    /// How long a planted strike holds the message back; none: it is lost.
    fn delay(&mut self, envelope: &Envelope, copy: u8) -> Option<u64> {
        if self.strikes.asleep() {
            return Some(0);
        }
        let message = (envelope.key, envelope.transport);
        let timeout_ns = self.plan.scenario.protection.timeout_ns.unwrap_or(0);
        let attempts = self.plan.scenario.protection.retry.map_or(1, |retry| retry.max_attempts);
        let (lost, late, late_ns) = match envelope.transport {
            Transport::Event => (Position::ReplyLost, None, 0),
            Transport::Reply => {
                (Position::ReplyLost, Some(Position::LateReply), timeout_ns + timeout_ns / 2)
            }
            Transport::Call | Transport::HeldCall => {
                let patience_ns = timeout_ns.saturating_mul(4 * (u64::from(attempts) + 1));
                (Position::RequestLost, Some(Position::LateRequest), patience_ns)
            }
            Transport::Timer => return Some(0),
        };
        if self.breaks(message, copy, lost)
            || envelope.transport == Transport::Event
                && self.breaks(message, copy, Position::RequestLost)
        {
            return None;
        }
        let held = late.is_some_and(|position| self.breaks(message, copy, position));
        Some(if held { late_ns } else { self.strikes.late_ns(message, copy) })
    }

    fn lose_in_transit(&mut self, envelope: Envelope, copy: u8) {
        self.messages.dropped += 1;
        self.stories.lost(self.now_ns, &envelope);
        if self.owed(envelope.transport) {
            let slot = self.store(envelope, What::Arrive, copy.saturating_add(1));
            self.arm_relay(slot);
        }
    }

    /// A message reaches its addressee.
    pub(super) fn arrive(&mut self, slot: Slot) {
        let now_ns = self.now_ns;
        let event = self.queue.event(slot);
        let (key, transport) = (event.envelope.key, event.envelope.transport);
        let to = event.envelope.body.to();
        self.trace(now_ns, key.bits() ^ (transport as u64) << 60);
        if to == Service::Customer {
            let event = self.queue.take(slot);
            self.messages.delivered += 1;
            // What the bus delivers again was stored, not sent.
            let network_ns = if event.copy == 0 { now_ns - event.sent_ns } else { 0 };
            self.cause = event.parts.and(Parts { network_ns, ..Parts::NONE });
            return self.customer_hears(&event.envelope);
        }
        if self.stations[to as usize].closed && self.is_shut_out(slot, to) {
            return;
        }
        let mut resumes = false;
        if transport == Transport::Reply {
            if let Some(call) = self.calls.answer(key) {
                if self.breakers.failing() {
                    let event = self.queue.event(slot);
                    if event.what != What::Unanswered {
                        self.breakers.answered(to, event.envelope.from);
                    }
                }
                resumes = call.envelope.transport == Transport::HeldCall;
                if resumes {
                    // The worker waits no more: what comes now is service.
                    let since_ns = call.since_ns;
                    self.stations[to as usize].held(since_ns, now_ns, self.plan.duration_ns);
                }
            } else {
                self.messages.ignored_replies += 1;
                self.queue.take(slot);
                return;
            }
        }
        self.messages.delivered += u64::from(transport != Transport::Timer);
        self.line_up(slot, to, key, transport, resumes);
    }

    fn line_up(
        &mut self,
        slot: Slot,
        to: Service,
        key: Exchange,
        transport: Transport,
        resumes: bool,
    ) {
        let now_ns = self.now_ns;
        self.queue.event(slot).arrived_ns = now_ns;
        let busy_with_order = !resumes && self.serves(to, key);
        let station = &mut self.stations[to as usize];
        station.enter(now_ns);
        if resumes {
            self.begin(to, slot);
        } else if station.free_worker() && !busy_with_order {
            station.busy += 1;
            self.begin(to, slot);
        } else if station.full() && transport != Transport::Reply {
            station.leave(now_ns, now_ns);
            self.turn_away(slot, to);
        } else {
            station.wait(slot);
        }
    }

    /// A service cannot take a message now: events come again, callers hear Busy.
    pub(super) fn not_now(&mut self, event: Event) {
        let Event { envelope, copy, parts, .. } = event;
        match envelope.transport {
            Transport::Event if !self.owed(Transport::Event) => self.messages.dropped += 1,
            Transport::Event | Transport::Timer | Transport::Reply => {
                if envelope.transport == Transport::Reply {
                    self.calls.await_again(envelope.key);
                }
                let slot = self.store_in(parts, envelope, What::Arrive, copy.saturating_add(1));
                self.arm_relay(slot);
            }
            Transport::Call | Transport::HeldCall => {
                let luck = self.chance.hop(envelope.key, Transport::Reply, copy);
                let back_ns = self.plan.network.at(luck).max(0) as u64;
                self.later(back_ns, What::Busy, envelope.key, envelope.body.to());
            }
        }
    }

    fn serves(&self, service: Service, key: Exchange) -> bool {
        key.process() != Process::Traffic
            && self
                .flights
                .get(key.request().0)
                .is_some_and(|flight| flight.serving & (1 << service as u16) != 0)
    }

    /// A worker begins.
    fn begin(&mut self, service: Service, slot: Slot) {
        let life = self.stations[service as usize].life;
        let now_ns = self.now_ns;
        let event = self.queue.event(slot);
        event.what = What::Done;
        event.life = life;
        event.begun_ns = now_ns;
        let key = event.envelope.key;
        let by_customer = event.envelope.from == Service::Customer;
        if key.process() != Process::Traffic {
            let flight = self.flights.at(key.request().0);
            flight.serving |= 1 << service as u16;
            if by_customer && !flight.left {
                self.customers.at(key.request().0).served(now_ns);
            }
        }
        if service == Service::Monolith {
            let wants = self.rows_of(slot);
            if !self.locks.request(slot, wants) {
                return;
            }
        }
        self.serve(service, slot);
    }

    /// Nothing is in the way: the service ends after its drawn time.
    pub(super) fn serve(&mut self, service: Service, slot: Slot) {
        let envelope = &self.queue.event(slot).envelope;
        let (key, transport) = (work(envelope), envelope.transport);
        let salt = if service == Service::Orchestrator { 8 + transport as u8 } else { 0 };
        let luck = self.chance.draw(Site::Service, key, salt);
        let mut service_ns = 0;
        if service == Service::Monolith && monolith_request(&envelope.body) {
            let coupon = self.books.presents(key.request());
            let rows = saga::rows(key.process()).iter();
            for row in rows.filter(|row| coupon || row.step != Step::UseCoupon) {
                let key = Exchange::new(key.request(), key.process(), key.n(), row.step, row.turn);
                let luck = self.chance.draw(Site::Service, key, 0);
                if !matches!(row.service, Service::Platform | Service::Ranking) {
                    service_ns += self.plan.service[row.service as usize].at(luck).max(0) as u64;
                }
            }
        } else {
            service_ns = self.plan.service[service as usize].at(luck).max(0) as u64;
        }
        if !self.calm {
            let coupon = self.books.presents(key.request());
            let Event { envelope, copy, .. } = self.queue.event(slot);
            let handled = (&*envelope, *copy, coupon);
            service_ns = self.faults.service_ns(handled, service_ns, self.now_ns, &self.chance);
        }
        self.queue.schedule(self.now_ns + service_ns, tie(luck), slot);
    }

    /// The rows a monolith's transaction locks, in the order of taking.
    fn rows_of(&mut self, slot: Slot) -> Vec<Lock> {
        let envelope = &self.queue.event(slot).envelope;
        let key = envelope.key;
        let Body::Monolith(input) = &envelope.body else { return Vec::new() };
        if matches!(
            input,
            MonolithInput::Product(_) | MonolithInput::Coupon(_) | MonolithInput::User(_)
        ) {
            return Vec::new();
        }
        let pays = matches!(input, MonolithInput::Ask(Request::Pay { .. }));
        let refunds = matches!(input, MonolithInput::Ask(Request::Refund));
        let order = self.plan.order(self.source(key.request().0));
        let mut wants = Vec::new();
        if !pays {
            wants.extend(order.lines.iter().map(|line| Lock::Product(line.product)));
            wants.extend(order.wish.map(|coupon| Lock::Coupon(coupon, order.user)));
        }
        if pays || refunds {
            wants.push(Lock::User(order.user));
        }
        wants.push(Lock::Order(key.request().0));
        wants.sort_unstable();
        wants
    }

    /// A service ends: the message is handed to its actor, unless something breaks first.
    pub(super) fn service_ends(&mut self, slot: Slot) -> Option<(At, Envelope)> {
        let event = self.queue.take(slot);
        let service = event.envelope.body.to();
        let (now_ns, key) = (self.now_ns, event.envelope.key);
        let station = &mut self.stations[service as usize];
        station.leave(now_ns, event.arrived_ns);
        let stale = event.life != station.life;
        if stale && self.stale(service, event.life) {
            self.notices.push(Notice::Replaced);
        } else if stale {
            self.free_locks(slot);
            self.forget_service(service, key);
            self.lose(event);
            self.fill(service);
            return None;
        }
        let step = work(&event.envelope);
        if !self.calm
            && let Some(down_ns) = self.crashes(&event, Position::BeforeCommit)
        {
            self.free_locks(slot);
            self.forget_service(service, key);
            self.crash(service, down_ns);
            self.lose(event);
            return None;
        }
        let domain = service != Service::Orchestrator && service != Service::Monolith;
        if domain && self.faults.not_now(step, now_ns, &self.chance) {
            self.free_locks(slot);
            self.release(service, key);
            self.not_now(event);
            return None;
        }
        self.cause = event.parts.and(self.times.served(service, step, &event, now_ns));
        let figures = &mut self.stations[service as usize].figures;
        let load_ends_ns = now_ns.min(self.plan.duration_ns);
        figures.loaded_ns += u128::from(load_ends_ns.saturating_sub(event.begun_ns));
        if let Some(tell) = &mut self.watch.visit {
            let Event { arrived_ns, begun_ns, .. } = event;
            tell(&Visit { service, key, arrived_ns, begun_ns, done_ns: now_ns });
        }
        let mut refused = self.refused(service, step);
        if !self.strikes.asleep() {
            refused = self.planted_refusals(service, step, refused);
        }
        self.hold(slot, &event, refused, stale);
        Some((self.at(key.request(), refused), event.envelope))
    }

    fn refused(&mut self, service: Service, step: Exchange) -> Steps {
        match service {
            Service::Monolith => {
                let coupon = self.books.presents(step.request());
                self.faults.refused_in(step, coupon, self.now_ns, &self.chance)
            }
            Service::Orchestrator => Steps::NONE,
            Service::Product
            | Service::Order
            | Service::Coupon
            | Service::User
            | Service::Payment
            | Service::Platform
            | Service::Ranking
            | Service::Customer => self.faults.refused(step, self.now_ns, &self.chance),
        }
    }

    fn hold(&mut self, slot: Slot, event: &Event, refused: Steps, stale: bool) {
        let sale = match &event.envelope.body {
            Body::Platform(sale) if self.watch.sale.is_some() => Some(Box::new(sale.clone())),
            _ => None,
        };
        let again = (!self.calm).then(|| Box::new(event.clone()));
        self.current = Some(Current { slot, again, refused, stale, sale });
    }

    pub(super) fn free_locks(&mut self, slot: Slot) {
        for ready in self.locks.release(slot) {
            self.serve(Service::Monolith, ready);
        }
    }

    /// The order is no longer served here.
    pub(super) fn forget_service(&mut self, service: Service, key: Exchange) {
        if key.process() != Process::Traffic {
            self.flights.at(key.request().0).serving &= !(1 << service as u16);
        }
    }

    /// A worker is free again: the first in line whose order is not being served is next.
    pub(super) fn release(&mut self, service: Service, key: Exchange) {
        self.forget_service(service, key);
        let station = &mut self.stations[service as usize];
        station.busy = station.busy.saturating_sub(1);
        self.fill(service);
    }

    pub(super) fn fill(&mut self, service: Service) {
        // Most of the time nobody waits.
        while !self.stations[service as usize].line.is_empty()
            && self.stations[service as usize].free_worker()
        {
            let line = &self.stations[service as usize].line;
            let queue = &mut self.queue;
            let flights = &self.flights;
            let next = line.iter().position(|slot| {
                let key = queue.event(*slot).envelope.key;
                key.process() == Process::Traffic
                    || flights
                        .get(key.request().0)
                        .is_none_or(|flight| flight.serving & (1 << service as u16) == 0)
            });
            let Some(next) = next else { return };
            let station = &mut self.stations[service as usize];
            let Some(slot) = station.line.remove(next) else { return };
            station.busy += 1;
            self.begin(service, slot);
        }
    }

    /// An attempt of a call timed out, or was refused by a full queue.
    pub(super) fn attempt_failed(&mut self, key: Exchange, busy: bool) {
        let what = if busy { What::Busy } else { What::Overdue };
        if !self.calm && self.caller_is_away(key, what) {
            return;
        }
        if !busy && let Some(call) = self.calls.get(key).filter(|_| self.calls.waits(key)) {
            let (caller, callee) = (call.envelope.from, call.envelope.body.to());
            self.breakers.failed(caller, callee, self.now_ns);
        }
        let luck = unit(self.chance.draw(Site::Jitter, key, 0));
        match self.calls.fail(key, busy, luck) {
            Next::Nothing | Next::Silence => {}
            Next::Retry { pause_ns } => self.later(pause_ns, What::Resend, key, Service::Customer),
            Next::GiveUp { ambiguous } => self.give_up(key, ambiguous),
        }
    }

    pub(super) fn resend(&mut self, key: Exchange) {
        if !self.calm && self.caller_is_away(key, What::Resend) {
            return;
        }
        if let Some(envelope) = self.calls.resend(key) {
            self.messages.retried += 1;
            self.stories.again(self.now_ns, &envelope);
            self.cause = self.calls.get(key).map_or(Parts::NONE, |call| call.parts);
            self.call(envelope);
        }
    }

    /// The caller's own transport tells it that nobody answered.
    fn give_up(&mut self, key: Exchange, ambiguous: bool) {
        let Some(call) = self.calls.get(key) else { return };
        let (caller, callee) = (call.envelope.from, call.envelope.body.to());
        let parts = call.parts;
        let body = unanswered(caller, ambiguous);
        let envelope = Envelope { key, from: callee, transport: Transport::Reply, body };
        let slot = self.store_in(parts, envelope, What::Unanswered, 0);
        self.arrive(slot);
    }
}

fn monolith_request(body: &Body) -> bool {
    matches!(body, Body::Monolith(MonolithInput::Ask(_) | MonolithInput::WindowClosed))
}
