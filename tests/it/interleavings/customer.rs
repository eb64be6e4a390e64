//! The customers: they order, pay, cancel, take back, give up. Whatever they do, they do at some
//! moment after they might.

use super::bus::Change;
use super::ledger::Entry;
use super::moment::{Customer, Event, Moment, Next};
use super::town::Town;
use sagasim::domain::{
    Body, Cause, Coordination, Envelope, Exchange, OrchestratorInput, OrderCommand, Process,
    ProductCommand, Reason, Request, RequestId, Service, Step, Transport, Turn, UserCommand, Word,
};
use sagasim::sim::plan::{Intent, Source};

/// Requests that end with a final word.
const REQUESTS: [Process; 4] = [Process::Order, Process::Payment, Process::Cancel, Process::Refund];

const fn bit(process: Process) -> u8 {
    1 << process as u8
}

/// The step a request begins with.
const fn first_step(process: Process) -> Step {
    match process {
        Process::Payment => Step::DeductBalance,
        Process::Cancel => Step::CloseOrder,
        Process::Refund => Step::StartRefund,
        Process::Order | Process::Expiry | Process::Issue | Process::Traffic => Step::DeductStock,
    }
}

impl Town {
    /// What customers may do now.
    pub(super) fn customers(&self, now: &Moment, events: &mut Vec<Event>) {
        let acts = |(customer, order): (&Customer, u8)| {
            (customer.next != Next::Nothing).then_some(Event::Acts(order))
        };
        events.extend(now.customers.iter().zip(0..).filter_map(acts));
    }

    /// Who still waits when nothing else can happen. Patience is longer than everything else.
    pub(super) fn despair(&self, now: &Moment, events: &mut Vec<Event>) {
        for (customer, order) in now.customers.iter().zip(0..) {
            let waits = REQUESTS.into_iter().find(|process| customer.waits & bit(*process) != 0);
            if let Some(process) = waits {
                return events.push(Event::Despairs(order, process));
            }
        }
    }
}

impl Change<'_> {
    fn customer(&mut self, order: RequestId) -> &mut Customer {
        &mut self.now.customers[order.0 as usize]
    }

    fn intent(&self, order: RequestId) -> Intent {
        self.town.branches[self.now.branch as usize].intents[order.0 as usize]
    }

    /// A customer places the order.
    pub(super) fn place(&mut self, order: RequestId) {
        let basket = self.town.basket(order.0);
        self.request(order, Process::Order, 0, Request::Place { basket });
    }

    fn request(&mut self, order: RequestId, process: Process, n: u8, request: Request) {
        let customer = self.customer(order);
        customer.waits |= bit(process);
        if process == Process::Payment {
            customer.n = n;
        }
        let orchestrated = self.town.plan.scenario.flow.coordination == Coordination::Orchestration;
        let (turn, body) = if orchestrated {
            (Turn::Ask, Body::Orchestrator(OrchestratorInput::Ask(request)))
        } else {
            (Turn::Do, self.direct(order, request))
        };
        let key = Exchange::new(order, process, n, first_step(process), turn);
        let envelope = Envelope { key, from: Service::Customer, transport: Transport::Call, body };
        let message = self.known.messages.of(envelope);
        self.send(message);
    }

    /// Choreography: the customer calls the service where the process begins.
    fn direct(&self, order: RequestId, request: Request) -> Body {
        match request {
            Request::Place { basket } => Body::Product(ProductCommand::DeductStock { basket }),
            Request::Pay { amount } => {
                let user = self.town.plan.user(Source::Arrival(order.0));
                Body::User(UserCommand::DeductBalance { user, amount })
            }
            Request::Cancel => Body::Order(OrderCommand::Close { cause: Cause::Cancelled }),
            Request::Refund => Body::Order(OrderCommand::StartRefund),
        }
    }

    /// A word reaches a customer, who waited for it or not.
    pub(super) fn hear(&mut self, envelope: &Envelope) {
        let Envelope { key, body: Body::Customer(word), .. } = envelope else { return };
        if matches!(word, Word::Accepted | Word::Unknown) {
            return;
        }
        let (order, process) = (key.request(), key.process());
        self.enter(Entry::Told { key: *key, word: word.clone() });
        let customer = self.customer(order);
        if *word == Word::Expired {
            return self.leave(order);
        }
        let newest = process != Process::Payment || key.n() == customer.n;
        if customer.waits & bit(process) == 0 || !newest {
            return;
        }
        customer.waits &= !bit(process);
        if customer.leaving {
            return;
        }
        match process {
            Process::Order => self.after_place(order, word),
            Process::Payment => self.after_payment(order, key.n(), word),
            Process::Cancel if *word == Word::Cancelled => self.leave(order),
            Process::Refund => self.leave(order),
            Process::Cancel | Process::Expiry | Process::Issue | Process::Traffic => {}
        }
    }

    fn after_place(&mut self, order: RequestId, word: &Word) {
        let Word::Placed { amount } = *word else { return self.leave(order) };
        let intent = self.intent(order);
        let customer = self.customer(order);
        customer.amount = amount;
        customer.next = match intent {
            Intent::Abandon => return self.leave(order),
            Intent::Cancel => Next::Ask(Process::Cancel, 0),
            Intent::Pay | Intent::CancelWhilePaying | Intent::PayThenRefund => {
                Next::Ask(Process::Payment, 1)
            }
        };
    }

    fn after_payment(&mut self, order: RequestId, n: u8, word: &Word) {
        let refunds = self.intent(order) == Intent::PayThenRefund;
        let attempts = self.town.plan.scenario.customers.pay_attempts;
        let customer = self.customer(order);
        match word {
            Word::Paid if refunds => customer.next = Next::Ask(Process::Refund, 0),
            Word::Refused(reason) | Word::PayFailed(reason)
                if !matches!(reason, Reason::Expired | Reason::Cancelled)
                    && !customer.cancel_sent
                    && n < attempts =>
            {
                customer.next = Next::Ask(Process::Payment, n + 1);
            }
            _ => self.leave(order),
        }
    }

    /// A customer does what is next.
    pub(super) fn act(&mut self, customer: u8) {
        let order = Town::order(customer);
        let Next::Ask(process, n) = std::mem::take(&mut self.customer(order).next) else { return };
        match process {
            Process::Payment => {
                let amount = self.customer(order).amount;
                self.request(order, process, n, Request::Pay { amount });
                let cancels = self.intent(order) == Intent::CancelWhilePaying;
                if cancels && !self.customer(order).cancel_sent {
                    self.cancel(order);
                }
            }
            Process::Cancel => self.cancel(order),
            Process::Refund => self.request(order, process, n, Request::Refund),
            Process::Order | Process::Expiry | Process::Issue | Process::Traffic => {}
        }
    }

    fn cancel(&mut self, order: RequestId) {
        self.customer(order).cancel_sent = true;
        self.request(order, Process::Cancel, 0, Request::Cancel);
    }

    /// No final word came, and none will.
    pub(super) fn despair(&mut self, customer: u8, process: Process) {
        let order = Town::order(customer);
        let n = if process == Process::Payment { self.customer(order).n } else { 0 };
        let key = Exchange::new(order, process, n, first_step(process), Turn::Said);
        self.enter(Entry::Told { key, word: Word::Unknown });
        self.customer(order).waits &= !bit(process);
        self.leave(order);
    }

    fn leave(&mut self, order: RequestId) {
        let customer = self.customer(order);
        customer.leaving = true;
        customer.next = Next::Nothing;
    }
}
