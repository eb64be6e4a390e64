//! Customers, played by the bus: they order, think, pay, cancel, give up.

use super::latency::{Metric, Sample};
use super::parts::Parts;
use super::planted::Question;
use super::queue::What;
use super::world::{Flight, World};
use crate::domain::{
    Body, Cause, Coordination, CouponCommand, Envelope, Exchange, MonolithInput, Move,
    OrchestratorInput, OrderCommand, Posting, Process, ProductCommand, Reason, Request, RequestId,
    Service, SharedBasket, Step, Table, Transport, Turn, UserCommand, Word,
};
use crate::sim::check::Opening;
use crate::sim::plan::{Intent, OrderPlan, Source, takes_off};
use crate::sim::scenario::Quota;
use std::sync::Arc;

/// Requests a customer waits for, a bit each.
mod waits {
    pub(super) const PLACE: u8 = 1 << 0;
    pub(super) const PAY: u8 = 1 << 1;
    pub(super) const CANCEL: u8 = 1 << 2;
    pub(super) const REFUND: u8 = 1 << 3;
}

/// A request that waits for its final word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Waiting {
    pub(super) order: RequestId,
    process: Process,
    n: u8,
}

impl Waiting {
    const fn of(key: Exchange) -> Self {
        Waiting { order: key.request(), process: key.process(), n: key.n() }
    }
}

const fn waiting(process: Process) -> u8 {
    match process {
        Process::Order => waits::PLACE,
        Process::Payment => waits::PAY,
        Process::Cancel => waits::CANCEL,
        Process::Refund => waits::REFUND,
        Process::Expiry | Process::Issue | Process::Traffic => 0,
    }
}

/// What a customer knows of one order.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    /// When the newest request was meant to be made.
    intended_ns: u64,
    /// When a service first began to work on it.
    served_ns: u64,
    /// Latency of place and of all payments so far.
    checkout_ns: u64,
    /// The same, from the first service on.
    checkout_served_ns: u64,
    /// Where the time of both went.
    checkout_parts: Parts,
    /// To pay, as told in Placed.
    amount: i64,
    intent: Option<Intent>,
    cancel_sent: bool,
    /// The phase of the run in which the order arrived.
    phase: u16,
}

impl Flight {
    /// Whether this very request still has no final word.
    pub(super) fn awaits(&self, key: Waiting) -> bool {
        self.waits & waiting(key.process) != 0
            && (key.process != Process::Payment || key.n == self.n)
    }
}

impl Customer {
    /// A service begins to work on the newest request.
    pub(super) fn served(&mut self, now_ns: u64) {
        if self.served_ns == 0 {
            self.served_ns = now_ns;
        }
    }
}

impl World {
    /// The next order of an open load arrives.
    pub(super) fn arrival(&mut self) {
        let source = Source::Arrival(self.arrivals.passed());
        self.arrivals.pass(&self.plan);
        if self.plan.focus().omits(source) {
            return self.orders += 1;
        }
        self.comes(source);
    }

    /// Each user of a closed load begins after a first pause.
    pub(super) fn start_users(&mut self) {
        let plan = Arc::clone(&self.plan);
        for user in plan.crowds.iter().flat_map(|crowd| crowd.users.clone()) {
            if let Some(start_ns) = plan.visit_ns(user, 0, 0) {
                let pause_ns = plan.pause_ns(Source::Visit { user, k: u32::MAX });
                self.next_visit(user, 0, start_ns.saturating_add(pause_ns));
            }
        }
    }

    /// A user is ready at `ready_ns` to place the k-th order, if the load still wants it.
    fn next_visit(&mut self, user: u32, k: u32, ready_ns: u64) {
        let at_ns = self.plan.visit_ns(user, k, ready_ns);
        if let Some(at_ns) = at_ns.filter(|_| self.wanted(user)) {
            let n = (k >> 24) as u8;
            let key =
                Exchange::new(RequestId(user), Process::Traffic, n, Step::DeductStock, Turn::Ask);
            let [_, high, middle, low] = k.to_be_bytes();
            let key = key.with_part(low).with_attempt(middle).with_n(high);
            self.later(at_ns - self.now_ns, What::Visit, key, Service::Customer);
        }
    }

    /// Whether the user's load has orders left to place.
    fn wanted(&self, user: u32) -> bool {
        let crowd = self.plan.crowd_of(user);
        match self.plan.crowds[crowd].quota {
            Some(Quota::Shared(orders)) => self.placed[crowd] < orders,
            Some(Quota::Each(_)) | None => true,
        }
    }

    /// A user of a closed load places the next order.
    pub(super) fn visit(&mut self, key: Exchange) {
        let user = key.request().0;
        if self.wanted(user) {
            let k = u32::from_be_bytes([0, key.n(), key.attempt(), key.part()]);
            self.placed[self.plan.crowd_of(user)] += 1;
            self.comes(Source::Visit { user, k });
        }
    }

    fn comes(&mut self, source: Source) {
        let order = RequestId(self.orders);
        self.orders += 1;
        if !self.placed.is_empty() {
            self.sources.push(source);
        }
        let planned = self.plan.order(source);
        let intent = self.strikes.intent(order).unwrap_or(planned.intent);
        let phase = self.latencies.phase_at(self.now_ns) as u16;
        self.cause = Parts::NONE;
        if (order.0 as usize).is_multiple_of(Table::<Customer>::PAGE)
            && let Some(rows) = self.spare.take()
        {
            self.customers.reuse_page(Table::<Customer>::page(order.0), rows);
        }
        let customer = self.customers.at(order.0);
        customer.intended_ns = self.now_ns;
        customer.intent = Some(intent);
        customer.phase = phase;
        let wish = planned.wish;
        let on_demand = wish.filter(|coupon| self.plan.on_demand(*coupon));
        if let Some(coupon) = on_demand {
            let key = Exchange::new(order, Process::Issue, 0, Step::IssueCoupon, Turn::Do);
            let command = CouponCommand::Issue { user: planned.user, coupon };
            return self.ask(key, self.to_coupons(command));
        }
        let owned = wish.filter(|coupon| self.plan.issued_before(*coupon, planned.user));
        self.place(order, owned, planned);
    }

    fn place(&mut self, order: RequestId, coupon: Option<u32>, planned: OrderPlan) {
        let basket: SharedBasket = planned.basket(coupon).into();
        let subtotal = basket.subtotal();
        let campaigns = &self.plan.scenario.coupons;
        let off = coupon.map_or(0, |c| takes_off(campaigns[c as usize].discount, subtotal));
        let opening =
            Opening { lines: &basket.lines, due: subtotal - off, presents: coupon.is_some() };
        self.books.place(order, &opening);
        self.series.started += 1;
        self.request(order, Process::Order, 0, Request::Place { basket });
    }

    /// Asks for something and begins to wait for the final word.
    fn request(&mut self, order: RequestId, process: Process, n: u8, request: Request) {
        let customer = self.customers.at(order.0);
        customer.served_ns = 0;
        // An order that asked for a coupon first was meant to be placed before.
        if process != Process::Order {
            customer.intended_ns = self.now_ns;
            self.cause = Parts::NONE;
        }
        self.series.in_flight += 1;
        let flight = self.flights.at(order.0);
        flight.waits |= waiting(process);
        if process == Process::Payment {
            flight.n = n;
        }
        let key = Exchange::new(order, process, n, first_step(process), Turn::Do);
        self.arm_patience(Waiting::of(key));
        let (turn, body) = match self.coordination() {
            Coordination::Choreography => (Turn::Do, self.direct(order, request)),
            Coordination::Orchestration => {
                (Turn::Ask, Body::Orchestrator(OrchestratorInput::Ask(request)))
            }
            Coordination::Monolith => (Turn::Ask, Body::Monolith(MonolithInput::Ask(request))),
        };
        self.ask(key.with_turn(turn), body);
    }

    /// Choreography: the customer calls the domain where the process begins.
    fn direct(&self, order: RequestId, request: Request) -> Body {
        match request {
            Request::Place { basket } => Body::Product(ProductCommand::DeductStock { basket }),
            Request::Pay { amount } => {
                let user = self.user(order);
                Body::User(UserCommand::DeductBalance { user, amount })
            }
            Request::Cancel => Body::Order(OrderCommand::Close { cause: Cause::Cancelled }),
            Request::Refund => Body::Order(OrderCommand::StartRefund),
        }
    }

    fn user(&self, order: RequestId) -> u32 {
        self.plan.user(self.source(order.0))
    }

    pub(super) fn ask(&mut self, key: Exchange, body: Body) {
        if let Some(posting) = gift(&body) {
            self.books.asks(key, posting);
        }
        let envelope = Envelope { key, from: Service::Customer, transport: Transport::Call, body };
        self.send(envelope);
    }

    /// A word reaches a customer.
    pub(super) fn customer_hears(&mut self, envelope: &Envelope) {
        let Envelope { key, transport, body, .. } = envelope;
        let Body::Customer(word) = body else { return };
        self.stories.heard(self.now_ns, *key, word);
        if *transport == Transport::Reply {
            if self.calls.answer(*key).is_none() {
                self.messages.ignored_replies += 1;
                return;
            }
            self.calls.close(*key);
        }
        match (key.process(), key.step()) {
            (Process::Traffic, _) => {}
            (Process::Issue, _) => self.issue_ends(key.request(), word),
            (_, Step::TopUp) if self.flights.at(key.request().0).leaving => {}
            (_, Step::TopUp) => self.pay(key.request(), key.n() + 1),
            _ => self.final_word(*key, word),
        }
    }

    fn issue_ends(&mut self, order: RequestId, word: &Word) {
        let planned = self.plan.order(self.source(order.0));
        let coupon = planned.wish.filter(|_| *word == Word::Done);
        self.place(order, coupon, planned);
    }

    fn final_word(&mut self, key: Exchange, word: &Word) {
        if matches!(word, Word::Accepted | Word::Unknown) {
            return;
        }
        let order = key.request();
        self.books.told(self.now_ns, key, word);
        if *word == Word::Expired {
            self.series.expired += 1;
            return self.leave(order);
        }
        let flight = self.flights.at(order.0);
        if !flight.awaits(Waiting::of(key)) {
            return;
        }
        flight.waits &= !waiting(key.process());
        let leaving = flight.leaving;
        self.record(order, key.process(), word);
        if leaving {
            return self.leave(order);
        }
        match key.process() {
            Process::Order => self.after_place(order, word),
            Process::Payment => self.after_payment(order, key.n(), word),
            Process::Cancel if *word == Word::Cancelled => self.leave(order),
            Process::Refund => self.leave(order),
            Process::Cancel | Process::Expiry | Process::Issue | Process::Traffic => {}
        }
    }

    fn record(&mut self, order: RequestId, process: Process, word: &Word) {
        let (now_ns, parts) = (self.now_ns, self.cause);
        let customer = self.customers.at(order.0);
        let intended_ns = customer.intended_ns;
        let corrected_ns = now_ns - intended_ns;
        let uncorrected_ns = now_ns.saturating_sub(customer.served_ns.max(intended_ns));
        if matches!(process, Process::Order | Process::Payment) {
            customer.checkout_ns += corrected_ns;
            customer.checkout_served_ns += uncorrected_ns;
            customer.checkout_parts = customer.checkout_parts.and(parts);
        }
        let arrived = customer.phase as usize;
        self.series.in_flight -= 1;
        let warm = self.latencies.warm(arrived);
        let checkout = Sample {
            corrected_ns: customer.checkout_ns,
            uncorrected_ns: customer.checkout_served_ns,
            parts: customer.checkout_parts,
        };
        if let Some(metric) = metric(process, word) {
            let phase = self.latencies.phase_of(intended_ns, arrived);
            self.latencies.record(phase, metric, &Sample { corrected_ns, uncorrected_ns, parts });
            self.series.record(metric, warm, corrected_ns);
        }
        if *word == Word::Paid {
            self.latencies.record(arrived, Metric::CheckoutCompleted, &checkout);
            self.series.record(Metric::CheckoutCompleted, warm, checkout.corrected_ns);
        }
    }

    fn after_place(&mut self, order: RequestId, word: &Word) {
        let Word::Placed { amount } = *word else { return self.leave(order) };
        let source = self.source(order.0);
        self.strikes.ask(Question::Placed(order));
        let customer = self.customers.at(order.0);
        customer.amount = amount;
        let step = match customer.intent {
            Some(Intent::Abandon) | None => return self.leave(order),
            Some(Intent::Cancel) => (Process::Cancel, 0, Step::CloseOrder),
            Some(Intent::Pay | Intent::CancelWhilePaying | Intent::PayThenRefund) => {
                (Process::Payment, 1, Step::DeductBalance)
            }
        };
        let (process, n, step) = step;
        let key = Exchange::new(order, process, n, step, Turn::Do);
        self.later(self.plan.think_ns(source, 0), What::Act, key, Service::Customer);
    }

    fn after_payment(&mut self, order: RequestId, n: u8, word: &Word) {
        let source = self.source(order.0);
        if *word == Word::Paid {
            self.strikes.ask(Question::Paid(order));
        }
        let customer = self.customers.at(order.0);
        let reason = match word {
            Word::Paid if customer.intent == Some(Intent::PayThenRefund) => {
                let delay_ns = self.plan.refund_delay_ns(source, self.now_ns);
                let key = Exchange::new(order, Process::Refund, 0, Step::StartRefund, Turn::Do);
                return self.later(delay_ns, What::Act, key, Service::Customer);
            }
            Word::Refused(reason) | Word::PayFailed(reason) => *reason,
            _ => return self.leave(order),
        };
        let over = matches!(reason, Reason::Expired | Reason::Cancelled);
        if over || customer.cancel_sent || n >= self.plan.scenario.customers.pay_attempts {
            return self.leave(order);
        }
        if self.plan.scenario.customers.top_up && reason == Reason::BalanceTooLow {
            return self.top_up(order, n);
        }
        let key = Exchange::new(order, Process::Payment, n + 1, Step::DeductBalance, Turn::Do);
        self.later(self.plan.think_ns(source, n), What::Act, key, Service::Customer);
    }

    fn top_up(&mut self, order: RequestId, n: u8) {
        let user = self.user(order);
        let amount = self.customers.at(order.0).amount;
        let key = Exchange::new(order, Process::Payment, n, Step::TopUp, Turn::Do);
        let command = UserCommand::TopUp { user, amount };
        let body = self.to_user(command);
        self.ask(key, body);
    }

    /// The customer acts after thinking.
    pub(super) fn act(&mut self, key: Exchange) {
        let order = key.request();
        if self.flights.at(order.0).leaving {
            return;
        }
        match key.process() {
            Process::Payment => {
                self.pay(order, key.n());
                let customer = self.customers.at(order.0);
                if customer.intent == Some(Intent::CancelWhilePaying) && !customer.cancel_sent {
                    self.cancel(order);
                }
            }
            Process::Cancel => self.cancel(order),
            Process::Refund => self.request(order, Process::Refund, 0, Request::Refund),
            Process::Order | Process::Expiry | Process::Issue | Process::Traffic => {}
        }
    }

    fn pay(&mut self, order: RequestId, n: u8) {
        let amount = self.customers.at(order.0).amount;
        self.request(order, Process::Payment, n, Request::Pay { amount });
    }

    fn cancel(&mut self, order: RequestId) {
        self.customers.at(order.0).cancel_sent = true;
        self.request(order, Process::Cancel, 0, Request::Cancel);
    }

    /// No final word came in time.
    pub(super) fn patience_ends(&mut self, request: Waiting) {
        let Waiting { order, process, n } = request;
        let key = Exchange::new(order, process, n, first_step(process), Turn::Said);
        self.books.told(self.now_ns, key, &Word::Unknown);
        self.stories.heard(self.now_ns, key, &Word::Unknown);
        self.cause = Parts::NONE;
        self.record(order, key.process(), &Word::Unknown);
        self.flights.at(order.0).waits &= !waiting(key.process());
        self.leave(order);
    }

    /// The customer means to do no more with the order, and is done once no final word is
    /// awaited. In a closed load the user's next order follows.
    fn leave(&mut self, order: RequestId) {
        let flight = self.flights.at(order.0);
        flight.leaving = true;
        if flight.left || flight.waits != 0 {
            return;
        }
        flight.left = true;
        self.forget(order);
        if let Source::Visit { user, k } = self.source(order.0) {
            let pause_ns = self.plan.pause_ns(Source::Visit { user, k });
            self.next_visit(user, k + 1, self.now_ns.saturating_add(pause_ns));
        }
    }

    /// Drops a page of customers once all of them are done.
    fn forget(&mut self, order: RequestId) {
        let page = Table::<Customer>::page(order.0);
        if page >= self.left.len() {
            self.left.resize(page + 1, 0);
        }
        self.left[page] += 1;
        if usize::from(self.left[page]) == Table::<Customer>::PAGE {
            self.spare = self.customers.drop_page(page).or(self.spare.take());
            self.retain(page);
        }
    }
}

/// The step a request of the customer begins with.
const fn first_step(process: Process) -> Step {
    match process {
        Process::Payment => Step::DeductBalance,
        Process::Cancel => Step::CloseOrder,
        Process::Refund => Step::StartRefund,
        Process::Order | Process::Expiry | Process::Issue | Process::Traffic => Step::DeductStock,
    }
}

/// What the customer is to get from outside: money on the balance, or a coupon.
const fn gift(body: &Body) -> Option<Posting> {
    match *body {
        Body::User(UserCommand::TopUp { user, amount })
        | Body::Monolith(MonolithInput::User(UserCommand::TopUp { user, amount })) => {
            Some(Posting { between: Move::TopUp { user }, amount })
        }
        Body::Coupon(CouponCommand::Issue { user, coupon })
        | Body::Monolith(MonolithInput::Coupon(CouponCommand::Issue { user, coupon })) => {
            Some(Posting { between: Move::Issue { coupon, user }, amount: 1 })
        }
        _ => None,
    }
}

const fn metric(process: Process, word: &Word) -> Option<Metric> {
    let metric = match (process, word) {
        (Process::Order, Word::Placed { .. }) => Metric::PlacePlaced,
        (Process::Order, Word::Refused(_)) => Metric::PlaceRefused,
        (Process::Order, Word::Failed(_)) => Metric::PlaceFailed,
        (Process::Order, Word::Unknown) => Metric::PlaceUnknown,
        (Process::Payment, Word::Paid) => Metric::PayPaid,
        (Process::Payment, Word::Refused(_)) => Metric::PayRefused,
        (Process::Payment, Word::PayFailed(_)) => Metric::PayFailed,
        (Process::Payment, Word::Unknown) => Metric::PayUnknown,
        (Process::Cancel, Word::Cancelled) => Metric::CancelCancelled,
        (Process::Cancel, Word::Refused(_)) => Metric::CancelRefused,
        (Process::Cancel, Word::Unknown) => Metric::CancelUnknown,
        (Process::Refund, Word::Refunded) => Metric::RefundRefunded,
        (Process::Refund, Word::Refused(_)) => Metric::RefundRefused,
        (Process::Refund, Word::Unknown) => Metric::RefundUnknown,
        _ => return None,
    };
    Some(metric)
}
