//! The world: the one arbiter of order, time, chance and failure.
//!
//! Events happen one at a time. What an actor must handle is returned by [`World::next`] and comes
//! back, committed, through [`World::commit`]; everything else (arrivals, lines, timers, customers)
//! passes without any actor.

use super::breaker::Breakers;
use super::calls::Calls;
use super::chance::{Chance, Strikes};
use super::customer::Customer;
use super::faults::Faults;
use super::lanes::Lanes;
use super::latency::Latencies;
use super::locks::Locks;
use super::look::Looks;
use super::outage::Notice;
use super::parts::{Parts, Shelf};
use super::phases::phases;
use super::queue::{Event, Lane, Queue, Slot, What};
use super::series::Series;
use super::station::Station;
use super::steps::StepTable;
use super::story::Stories;
use super::wire::Wire;
use super::{Options, Watch};
use crate::domain::{
    At, Body, Coordination, Envelope, Exchange, RequestId, Sale, Service, Step, Steps, Table,
    Transport, Work,
};
use crate::sim::check::{Anomalies, Books, Findings, Isolation};
use crate::sim::decide::mix;
use crate::sim::plan::{Arrivals, Plan, Source};
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages, counted by what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MessageFigures {
    /// Sent, each attempt of a call counted.
    pub sent: u64,
    /// Reached an addressee that was there to take it.
    pub delivered: u64,
    /// Lost on the way or in a crash.
    pub dropped: u64,
    /// Delivered though they had been before.
    pub duplicated: u64,
    /// Sent again by the bus: lost, or refused by a full queue.
    pub redelivered: u64,
    /// Attempts of calls after the first.
    pub retried: u64,
    /// Refused by a full queue.
    pub refused: u64,
    /// Answers nobody waited for any more.
    pub ignored_replies: u64,
    /// Duplicates absorbed by a gate.
    pub absorbed: u64,
    /// Late originals refused by a tombstone.
    pub late: u64,
    /// Attempts of calls that an open circuit breaker did not send.
    pub held_back: u64,
}

/// How often each step took effect, by direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StepFigures {
    /// Took effect.
    pub done: u64,
    /// Was undone.
    pub undone: u64,
    /// Was refused.
    pub refused: u64,
}

/// What the bus keeps of an order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flight {
    /// Stations that serve a message of the order, a bit each.
    pub(super) serving: u16,
    /// The payment window ticks.
    pub(super) window: bool,
    /// Requests of the customer without a final word, a bit each. Kept here, in few bytes, because
    /// every timer that comes due asks for it.
    pub(super) waits: u8,
    /// The customer's newest payment.
    pub(super) n: u8,
    /// The customer means to do no more with the order.
    pub(super) leaving: bool,
    /// The customer is done with the order.
    pub(super) left: bool,
}

/// The message in the hands of an actor.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) slot: Slot,
    /// Kept only when something may break: it may have to be delivered again.
    pub(super) again: Option<Box<Event>>,
    /// What a business rule refuses in it.
    pub(super) refused: Steps,
    /// It is in the hands of an orchestrator that was replaced.
    pub(super) stale: bool,
    /// For the sinks on a real Redis.
    pub(super) sale: Option<Box<Sale>>,
}

/// The simulated world.
pub(crate) struct World {
    pub(super) plan: Arc<Plan>,
    pub(super) now_ns: u64,
    pub(super) limit_ns: u64,
    pub(super) queue: Queue,
    pub(super) lanes: Lanes,
    /// No timer and no arrival is due before this.
    pub(super) timers_from_ns: u64,
    pub(super) window: Option<Envelope>,
    pub(super) stations: [Station; Service::STATIONS],
    pub(super) locks: Locks,
    pub(super) calls: Calls,
    pub(super) flights: Table<Flight>,
    pub(super) wire: Wire,
    pub(super) customers: Table<Customer>,
    /// Customers that are done, per page of the table: a full page of them is forgotten.
    pub(super) left: Vec<u16>,
    /// A page of customers that was forgotten, for the next ones.
    pub(super) spare: Option<Box<[Customer; Table::<Customer>::PAGE]>>,
    /// Which draw each order is; empty if no load is closed: then they are all arrivals.
    pub(super) sources: Vec<Source>,
    /// Orders placed by each crowd.
    pub(super) placed: Box<[u32]>,
    pub(super) orders: u32,
    pub(super) arrivals: Arrivals,
    pub(super) traffic: u32,
    pub(super) chance: Chance,
    pub(super) strikes: Strikes,
    pub(super) faults: Faults,
    /// Nothing is planted or declared that breaks exchanges: nobody has to ask.
    pub(super) calm: bool,
    pub(super) breakers: Breakers,
    /// Which life of the orchestrator was replaced by its standby.
    pub(super) replaced_life: Option<u32>,
    pub(super) books: Books,
    pub(super) latencies: Latencies,
    pub(super) times: StepTable,
    /// What the chain at hand has spent: of the commit, or of the word a customer hears.
    pub(super) cause: Parts,
    pub(super) shelf: Shelf,
    pub(super) series: Series,
    pub(super) messages: MessageFigures,
    pub(super) steps: [StepFigures; Step::ALL.len()],
    pub(super) stories: Stories,
    pub(super) digest: u64,
    pub(super) events: u64,
    pub(super) current: Option<Current>,
    /// What services have yet to be told before the next delivery.
    pub(super) notices: Vec<Notice>,
    /// Pages of orders whose customers are done, and when their marks may be dropped.
    pub(super) retained: VecDeque<(u64, usize)>,
    pub(super) watch: Watch,
    pub(super) looks: Looks,
    pub(super) aborted: bool,
    /// What a run that was stopped had found before the reckoning.
    pub(super) found: Option<Findings>,
    /// Reads and writes, if anomalies are counted.
    pub(super) isolation: Option<Box<Isolation>>,
    /// What came of them.
    pub(super) anomalies: Option<Anomalies>,
}

/// Where the next event comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum From {
    Heap,
    Arrival,
    Call,
    Window,
    Patience,
    Relay,
}

impl World {
    pub(super) fn new(plan: Arc<Plan>, options: Options) -> Self {
        let scenario = &plan.scenario;
        let protection = &scenario.protection;
        let retry = protection.retry;
        let station = |i: usize| {
            let settings = &scenario.services[i];
            Station::new(settings.workers, settings.queue_capacity)
        };
        let faults = Faults::new(&plan);
        let limit_ns = plan.duration_ns.saturating_add(scenario.run.drain_ns);
        let mut world = World {
            now_ns: 0,
            limit_ns,
            queue: Queue::new(options.few),
            lanes: Lanes {
                call: Lane::new(protection.timeout_ns.unwrap_or(u64::MAX)),
                window: Lane::new(scenario.flow.payment_window_ns),
                patience: Lane::new(scenario.customers.patience_ns),
                relay: Lane::new(protection.relay_interval_ns),
            },
            timers_from_ns: 0,
            window: None,
            stations: std::array::from_fn(station),
            locks: Locks::default(),
            calls: Calls::new(retry, protection.timeout_ns),
            flights: Table::new(),
            wire: Wire::new(options.few),
            customers: Table::new(),
            left: Vec::new(),
            spare: None,
            sources: Vec::new(),
            placed: vec![0; plan.crowds.len()].into(),
            orders: 0,
            arrivals: plan.arrivals(),
            traffic: 0,
            chance: Chance::new(plan.seed, options.schedule),
            calm: !options.breaks() && faults.calm(),
            strikes: Strikes::new(&options),
            faults,
            breakers: Breakers::new(protection.circuit_breaker),
            replaced_life: None,
            books: Books::open(&plan),
            latencies: Latencies::new(if options.few { Vec::new() } else { phases(&plan) }),
            times: StepTable::new(!options.few),
            cause: Parts::NONE,
            shelf: Shelf::default(),
            series: Series::new(options.intervals, plan.duration_ns),
            messages: MessageFigures::default(),
            steps: [StepFigures::default(); Step::ALL.len()],
            stories: Stories::new(&options.tell, options.postings),
            digest: 0,
            events: 0,
            current: None,
            notices: Vec::new(),
            retained: VecDeque::new(),
            watch: options.watch,
            looks: Looks::new(&plan, limit_ns),
            aborted: false,
            found: None,
            isolation: scenario.run.anomalies.then(Box::default),
            anomalies: None,
            plan,
        };
        world.books.findings.tell(&options.tell);
        world.start_users();
        world.start_traffic();
        world.expect_faults();
        world
    }

    /// Goes on until an actor has something to handle; none when the run is over.
    pub(crate) fn next(&mut self) -> Option<(At, Envelope)> {
        loop {
            let (key, from) = self.earliest()?;
            let at_ns = (key >> 64) as u64;
            let over = at_ns > self.looks.next_ns && self.look(at_ns);
            if over || self.interrupted() {
                return None;
            }
            self.now_ns = at_ns;
            let delivery = match from {
                From::Heap => self.heap_event(),
                From::Arrival => {
                    self.arrival();
                    None
                }
                From::Call => {
                    if let Some(key) = self.lanes.call.pop() {
                        self.attempt_failed(key, false);
                    }
                    None
                }
                From::Window => {
                    self.window_closes();
                    None
                }
                From::Patience => {
                    if let Some(waiting) = self.lanes.patience.pop() {
                        self.patience_ends(waiting);
                    }
                    None
                }
                From::Relay => {
                    if let Some(slot) = self.lanes.relay.pop() {
                        self.relay(slot);
                    }
                    None
                }
            };
            if delivery.is_some() {
                return delivery;
            }
        }
    }

    pub(super) const fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// What happens next. Timers and arrivals are only looked at when the first of them may be
    /// due: `timers_from_ns` is never later than that.
    fn earliest(&mut self) -> Option<(u128, From)> {
        let before_ns = self.timers_from_ns;
        if before_ns > 0
            && let Some(event) = self.queue.peek_until(before_ns - 1)
        {
            return Some((event, From::Heap));
        }
        let (timer, from) = self.earliest_timer();
        let timers_ns = (timer >> 64) as u64;
        let event = self.queue.peek_until(timers_ns).unwrap_or(u128::MAX);
        let first = if timer < event { (timer, from) } else { (event, From::Heap) };
        if first.0 == u128::MAX {
            return None;
        }
        self.pass_to((first.0 >> 64) as u64);
        // The end of an interval is like a timer, but nothing happens then.
        self.timers_from_ns = timers_ns.min(self.series.until_ns);
        Some(first)
    }

    fn heap_event(&mut self) -> Option<(At, Envelope)> {
        let slot = self.queue.pop()?;
        match self.queue.event(slot).what {
            What::Arrive => {
                self.arrive(slot);
                None
            }
            What::Done => self.service_ends(slot),
            What::Resend => {
                let key = self.queue.take(slot).envelope.key;
                self.resend(key);
                None
            }
            What::Busy => {
                let key = self.queue.take(slot).envelope.key;
                self.attempt_failed(key, true);
                None
            }
            What::Act => {
                let key = self.queue.take(slot).envelope.key;
                self.act(key);
                None
            }
            What::Visit => {
                let key = self.queue.take(slot).envelope.key;
                self.visit(key);
                None
            }
            What::Traffic => {
                let event = self.queue.take(slot);
                self.unit_of_traffic(&event.envelope.key);
                None
            }
            What::Restart => {
                let envelope = self.queue.take(slot).envelope;
                self.restart(envelope.from);
                None
            }
            What::Relay => {
                self.come_again(slot);
                None
            }
            What::Overdue => {
                let key = self.queue.take(slot).envelope.key;
                self.attempt_failed(key, false);
                None
            }
            What::Fault => {
                let key = self.queue.take(slot).envelope.key;
                self.fault_begins(key);
                None
            }
            // Heard at once, never scheduled.
            What::Unanswered => None,
        }
    }

    /// Redelivers what was lost or refused.
    fn relay(&mut self, slot: Slot) {
        self.messages.redelivered += 1;
        self.come_again(slot);
    }

    fn window_closes(&mut self) {
        let Some(order) = self.lanes.window.pop() else { return };
        self.flights.at(order.0).window = false;
        let calls = &self.calls;
        self.books.window_closes(self.now_ns, order, || calls.concern(order));
        let Some(window) = &self.window else { return };
        let mut envelope = window.clone();
        envelope.key = envelope.key.with_request(order);
        let slot = self.store(envelope, What::Arrive, 0);
        self.arrive(slot);
    }

    /// A page of orders that has been at rest for `mark_retention`, if there is one. Nobody is
    /// woken for it: memory is given back along the way.
    pub(crate) fn forgettable(&mut self) -> Option<usize> {
        let &(due_ns, page) = self.retained.front()?;
        if due_ns > self.now_ns {
            return None;
        }
        self.retained.pop_front();
        let first = (page * Table::<Flight>::PAGE) as u32;
        let orders = first..first + Table::<Flight>::PAGE as u32;
        if orders.clone().all(|order| self.books.at_rest(order)) {
            return Some(page);
        }
        self.retain(page);
        None
    }

    /// Marks of a page are kept for `mark_retention` from now.
    pub(super) fn retain(&mut self, page: usize) {
        let retention_ns = self.plan.scenario.protection.mark_retention_ns;
        self.retained.push_back((self.now_ns.saturating_add(retention_ns), page));
    }

    /// Stops a run that was asked to stop, and shows its progress now and then.
    fn interrupted(&mut self) -> bool {
        self.events += 1;
        if self.events & 0xffff == 0 {
            self.aborted = (self.watch.progress)(self.now_ns, u64::from(self.orders));
        }
        self.aborted
    }

    #[inline]
    pub(super) fn store(&mut self, envelope: Envelope, what: What, copy: u8) -> Slot {
        self.store_in(self.cause, envelope, what, copy)
    }

    /// The same in a chain that is not the one at hand.
    pub(super) fn store_in(
        &mut self,
        parts: Parts,
        envelope: Envelope,
        what: What,
        copy: u8,
    ) -> Slot {
        let event = Event {
            envelope,
            what,
            copy,
            life: 0,
            sent_ns: self.now_ns,
            arrived_ns: self.now_ns,
            begun_ns: self.now_ns,
            parts,
        };
        self.queue.store(event)
    }

    /// Lets something other than a message happen later.
    pub(super) fn later(&mut self, after_ns: u64, what: What, key: Exchange, from: Service) {
        let body = Body::Customer(crate::domain::Word::Done);
        let envelope = Envelope { key, from, transport: Transport::Timer, body };
        let slot = self.store(envelope, what, 0);
        let tie = self.chance.tie(key, 7);
        self.queue.schedule(self.now_ns.saturating_add(after_ns), tie, slot);
    }

    pub(super) fn at(&self, order: RequestId, refused: Steps) -> At {
        At { now_ns: self.now_ns, day: self.plan.calendar.day(order.0, self.now_ns), refused }
    }

    pub(super) fn trace(&mut self, a: u64, b: u64) {
        self.digest = mix(self.digest ^ a, b);
    }

    pub(super) fn coordination(&self) -> Coordination {
        self.plan.scenario.flow.coordination
    }

    /// Which draw an order is.
    pub(super) fn source(&self, order: u32) -> Source {
        self.sources.get(order as usize).copied().unwrap_or(Source::Arrival(order))
    }
}

/// The key of the step a message asks for: the same in every coordination.
pub(super) fn work(envelope: &Envelope) -> Exchange {
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
