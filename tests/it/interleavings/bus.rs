//! What a delivery, a timeout, a crash does: the bus once more, without time. Whatever may happen
//! in some order of events is possible here in any order.

use super::actor::Actor;
use super::ledger::{Entry, broken, ends};
use super::moment::{Call, Event, Moment};
use super::town::{ATTEMPTS, Handled, Known, Town};
use sagasim::actors::choreography::unanswered;
use sagasim::domain::{
    At, Body, Envelope, Exchange, Outbox, RequestId, Service, Steps, Transport, Work, saga,
};
use sagasim::sim::check::{Leaks, Proof};
use std::sync::Arc;

/// One event, as it changes a moment.
pub(super) struct Change<'a> {
    pub(super) town: &'a Town,
    pub(super) known: &'a mut Known,
    pub(super) now: Moment,
}

impl Change<'_> {
    /// What a moment is after an event.
    pub(super) fn make(mut self, event: Event) -> Moment {
        match event {
            Event::Arrives(message) => {
                self.now.take(message);
                self.deliver(message, false);
            }
            Event::ArrivesTwice(message) => {
                self.now.left.duplicates -= 1;
                self.deliver(message, false);
            }
            Event::ArrivesBeforeCrash(message) => {
                self.now.left.crashes -= 1;
                self.now.take(message);
                self.deliver(message, true);
            }
            Event::IsLost(message) => {
                self.now.left.losses -= 1;
                self.now.take(message);
            }
            Event::WindowEnds(timer) => self.window_ends(timer),
            Event::TimesOut(key) => self.time_out(key),
            Event::Crashes { service, with_line } => {
                self.now.left.crashes -= 1;
                if with_line {
                    self.lose_line(service);
                }
                self.crash(service);
            }
            Event::Acts(order) => self.act(order),
            Event::Despairs(order, process) => self.despair(order, process),
        }
        self.judge();
        self.now
    }

    fn deliver(&mut self, message: u32, crash: bool) {
        let envelope = Arc::clone(self.known.messages.get(message));
        if envelope.transport == Transport::Reply && self.now.close(envelope.key).is_none() {
            return;
        }
        match envelope.body.to() {
            Service::Customer => self.hear(&envelope),
            service => self.handle(service, message, crash),
        }
    }

    /// A handler runs and commits; after that its service may crash.
    fn handle(&mut self, service: Service, message: u32, crash: bool) {
        let seat = Actor::seat(service);
        let (actor, branch) = (self.now.actors[seat], self.now.branch);
        let place = (actor, message, branch);
        let handled = match self.known.handled.get(&place) {
            Some(handled) => Arc::clone(handled),
            None => {
                let handled = Arc::new(handle(self.town, self.known, place));
                self.known.handled.insert(place, Arc::clone(&handled));
                handled
            }
        };
        self.now.actors[seat] = handled.actor;
        if let Some(entry) = &handled.entry {
            self.enter(entry.clone());
        }
        self.now.windows.extend(&handled.arm);
        self.now.windows.sort_unstable();
        if !handled.disarm.is_empty() {
            let messages = &self.known.messages;
            let void = |timer: &u32| handled.disarm.contains(&messages.get(*timer).key);
            self.now.windows.retain(|timer| !void(timer));
        }
        for send in &handled.sends {
            if crash {
                self.publish_after_restart(*send);
            } else {
                self.send(*send);
            }
        }
        if crash {
            self.crash(service);
        }
    }

    pub(super) fn enter(&mut self, entry: Entry) {
        self.now.ledger = self.known.ledgers.enter(self.now.ledger, entry);
    }

    /// Sends a message for the first time.
    pub(super) fn send(&mut self, message: u32) {
        if let Some(call) = self.call(message) {
            self.now.open(call);
        }
        self.now.set_out(message);
    }

    fn call(&self, message: u32) -> Option<Call> {
        let Envelope { key, transport, .. } = **self.known.messages.get(message);
        let held = transport == Transport::HeldCall;
        let opens = held || transport == Transport::Call;
        opens.then_some(Call { request: message, key, attempt: 0, held })
    }

    /// A row of a commit whose service crashed before publishing it: in an outbox and in a saga
    /// log it outlives the crash; an answer does not.
    fn publish_after_restart(&mut self, message: u32) {
        let switches = self.town.plan.scenario.protection.switches;
        let Envelope { from, transport, .. } = **self.known.messages.get(message);
        let logged = switches.saga_log && from == Service::Orchestrator;
        match transport {
            Transport::Event | Transport::Timer if switches.outbox => self.now.set_out(message),
            Transport::Call | Transport::HeldCall if switches.outbox || logged => {
                let call = self.call(message);
                call.into_iter().for_each(|call| self.now.open(call));
            }
            _ => {}
        }
    }

    /// What was on its way to a service is lost with it: requests and answers, and what nobody
    /// owes.
    fn lose_line(&mut self, service: Service) {
        let (town, messages) = (self.town, &self.known.messages);
        let lost = |message: &u32| {
            let envelope = messages.get(*message);
            envelope.body.to() == service && town.may_be_lost(envelope)
        };
        self.now.way.retain(|message| !lost(message));
    }

    /// A service crashes and is up again: it sends its open calls once more.
    fn crash(&mut self, service: Service) {
        let seat = Actor::seat(service);
        let mut actor = Actor::clone(self.known.actors.get(self.now.actors[seat]));
        actor.crash();
        self.now.actors[seat] = self.known.actors.of(actor);
        let messages = &self.known.messages;
        let mut again = Vec::new();
        for call in &mut self.now.calls {
            if messages.get(call.request).from == service {
                call.held = false;
                call.attempt = (call.attempt + 1).min(ATTEMPTS);
                again.push(call.request);
            }
        }
        self.now.calls.sort_unstable();
        again.into_iter().for_each(|request| self.now.set_out(request));
    }

    /// A payment window runs out: from now on it is a message.
    fn window_ends(&mut self, timer: u32) {
        self.now.windows.retain(|other| *other != timer);
        let order = self.known.messages.get(timer).key.request();
        let messages = &self.known.messages;
        let unheard = self.now.calls.iter().any(|call| {
            let other = messages.get(call.request).from != Service::Customer;
            other && call.key.request() == order
        });
        self.enter(Entry::Window { order, unheard });
        self.now.set_out(timer);
    }

    /// An attempt got no answer in time: another one, or the caller is told that nobody knows.
    fn time_out(&mut self, key: Exchange) {
        let Some(at) = self.now.calls.iter().position(|call| call.key == key) else { return };
        let only_late = self.town.under_way(self.known, &self.now, &self.now.calls[at]);
        if only_late && self.now.late != Some(key) {
            self.now.left.lates -= 1;
            self.now.late = Some(key);
        }
        let call = &mut self.now.calls[at];
        let request = call.request;
        let unlimited = saga::unlimited(key.step(), key.turn());
        let retry = self.town.plan.scenario.protection.retry.is_some();
        if retry && (unlimited || call.attempt + 1 < ATTEMPTS) {
            call.attempt = (call.attempt + 1).min(ATTEMPTS);
            self.now.calls.sort_unstable();
            return self.now.set_out(request);
        }
        self.now.close(key);
        let (caller, callee) = {
            let envelope = self.known.messages.get(request);
            (envelope.from, envelope.body.to())
        };
        let body = unanswered(caller, true);
        let envelope = Envelope { key, from: callee, transport: Transport::Reply, body };
        if caller == Service::Customer {
            return self.hear(&envelope);
        }
        let message = self.known.messages.of(envelope);
        self.handle(caller, message, false);
    }

    /// What is broken now; if nothing can happen any more, also at rest.
    fn judge(&mut self) {
        self.now.broken = self.known.ledgers.broken(self.now.ledger);
        if !self.town.possible(self.known, &self.now).is_empty() {
            return;
        }
        let open: Vec<u32> = self.now.calls.iter().map(|call| call.request).collect();
        let rest = (self.now.ledger, self.now.actors, open, self.now.way.len());
        let found = match self.known.rests.get(&rest) {
            Some(found) => *found,
            None => {
                let proof = reckon(self.known, &self.now);
                let found = (broken(&proof.findings), ends(&proof));
                self.known.rests.insert(rest, found);
                found
            }
        };
        self.now.broken |= found.0;
        self.now.ends = found.1;
    }
}

/// The reckoning of a moment at rest.
pub(super) fn reckon(known: &Known, now: &Moment) -> Proof {
    let timer = |timer: &u32| known.messages.get(*timer).key.request();
    let call = |call: &Call| (known.messages.get(call.request).from, call.key);
    let leaks = Leaks {
        calls: now.calls.iter().map(call).collect(),
        messages: now.way.len() as u64,
        timers: now.windows.iter().map(timer).collect(),
        locks: 0,
    };
    let actors = now.actors.iter().map(|number| known.actors.get(*number));
    known.ledgers.reckon(now.ledger, &leaks, actors)
}

/// The key of the step that a message asks for.
fn work(envelope: &Envelope) -> Exchange {
    let (step, turn) = match &envelope.body {
        Body::Product(command) => command.work(),
        Body::Order(command) => command.work(),
        Body::Coupon(command) => command.work(),
        Body::User(command) => command.work(),
        Body::Payment(command) => command.work(),
        Body::Platform(sale) => sale.work(),
        Body::Ranking(command) => command.work(),
        Body::Orchestrator(_) | Body::Monolith(_) | Body::Customer(_) => return envelope.key,
    };
    envelope.key.to(step, turn)
}

/// Calls the handler.
fn handle(town: &Town, known: &mut Known, (actor, message, branch): (u32, u32, u8)) -> Handled {
    let envelope = Envelope::clone(known.messages.get(message));
    let (key, service, asked) = (envelope.key, envelope.body.to(), work(&envelope));
    let day = town.plan.calendar.day(key.request().0, 0);
    let refused = match town.branches[branch as usize].refused {
        Some(refused) if refused == asked => Steps::NONE.with(asked.step()),
        _ => Steps::NONE,
    };
    let mut out = Outbox::default();
    let mut state = Actor::clone(known.actors.get(actor));
    state.receive(At { now_ns: 0, day, refused }, envelope, &mut out);
    let skipped = town.skipped == Some((asked.step(), asked.turn()));
    if skipped {
        (out.effects, out.postings, out.moves) = Default::default();
    }
    let entry = Entry::commit(service, key, &mut out);
    let mut number = |envelope| known.messages.of(envelope);
    let sends = out.sends.drain(..).map(&mut number).collect();
    let arm = out.arm.drain(..).map(|(_, envelope)| number(envelope)).collect();
    let actor = if skipped { actor } else { known.actors.of(state) };
    Handled { actor, entry, sends, arm, disarm: out.disarm }
}

impl Town {
    /// Whether the network, or a crash of the addressee, may lose a message for good.
    pub(super) fn may_be_lost(&self, envelope: &Envelope) -> bool {
        match envelope.transport {
            Transport::Event => !self.plan.scenario.protection.switches.outbox,
            Transport::Timer => false,
            Transport::Call | Transport::HeldCall | Transport::Reply => true,
        }
    }

    /// Whether the request of a call, or its answer, is still on its way.
    pub(super) fn under_way(&self, known: &Known, now: &Moment, call: &Call) -> bool {
        let answers = |message: &u32| {
            let envelope = known.messages.get(*message);
            envelope.transport == Transport::Reply && envelope.key == call.key
        };
        now.way.iter().any(|message| *message == call.request || answers(message))
    }

    /// Whether a message has to wait: its service waits for the answer to a synchronous call on
    /// behalf of the same order.
    fn must_wait(&self, known: &Known, now: &Moment, envelope: &Envelope) -> bool {
        let same = |call: &&Call| call.held && call.key.request() == envelope.key.request();
        let Some(call) = now.calls.iter().find(same) else { return false };
        let answer = envelope.transport == Transport::Reply && envelope.key == call.key;
        known.messages.get(call.request).from == envelope.body.to() && !answer
    }

    /// Everything that can happen now: what goes on by itself, and then what may go wrong. Nothing
    /// goes wrong any more where nothing goes on.
    pub(super) fn possible(&self, known: &Known, now: &Moment) -> Vec<Event> {
        let mut events = Vec::new();
        let mut way = now.way.clone();
        way.dedup();
        way.retain(|message| !self.must_wait(known, now, known.messages.get(*message)));
        let prompt = |message: &&u32| self.is_prompt(now, known.messages.get(**message));
        if let Some(message) = way.iter().find(prompt).copied() {
            events.push(Event::Arrives(message));
            self.failures(known, now, &[message], &mut events);
            return events;
        }
        events.extend(way.iter().map(|message| Event::Arrives(*message)));
        events.extend(now.windows.iter().map(|timer| Event::WindowEnds(*timer)));
        self.timeouts(known, now, &mut events);
        self.customers(now, &mut events);
        if events.is_empty() {
            self.despair(now, &mut events);
            return events;
        }
        self.failures(known, now, &way, &mut events);
        events
    }

    fn timeouts(&self, known: &Known, now: &Moment, events: &mut Vec<Event>) {
        let protection = &self.plan.scenario.protection;
        if protection.timeout_ns.is_none() {
            return;
        }
        for call in &now.calls {
            let unlimited = saga::unlimited(call.key.step(), call.key.turn());
            let silent = protection.retry.is_none() && unlimited;
            let late = now.left.lates > 0 || now.late == Some(call.key);
            let due = late && call.attempt < ATTEMPTS || !self.under_way(known, now, call);
            if due && !silent {
                events.push(Event::TimesOut(call.key));
            }
        }
    }

    fn failures(&self, known: &Known, now: &Moment, way: &[u32], events: &mut Vec<Event>) {
        for message in way {
            let envelope = known.messages.get(*message);
            if now.left.duplicates > 0 && envelope.transport != Transport::Timer {
                events.push(Event::ArrivesTwice(*message));
            }
            if now.left.losses > 0 && self.may_be_lost(envelope) {
                events.push(Event::IsLost(*message));
            }
            if now.left.crashes > 0 && envelope.body.to() != Service::Customer {
                events.push(Event::ArrivesBeforeCrash(*message));
            }
        }
        if now.left.crashes == 0 {
            return;
        }
        for service in Service::ALL {
            if matches!(service, Service::Customer | Service::Monolith) {
                continue;
            }
            let calls = now.calls.iter().map(|call| known.messages.get(call.request).from);
            let waits =
                service == Service::Orchestrator || calls.into_iter().any(|from| from == service);
            if waits && !self.prompt {
                events.push(Event::Crashes { service, with_line: false });
            }
            let loses = |message: &u32| {
                let envelope = known.messages.get(*message);
                envelope.body.to() == service && self.may_be_lost(envelope)
            };
            if now.way.iter().any(loses) {
                events.push(Event::Crashes { service, with_line: true });
            }
        }
    }

    /// The order of a customer.
    pub(super) const fn order(customer: u8) -> RequestId {
        RequestId(customer as u32)
    }
}
