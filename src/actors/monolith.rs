//! The monolith: the five domains in one process with one database, where the design starts.
//!
//! One request is one local transaction: the same domain steps in the order of the saga table,
//! one commit. A refusal drops the work. Row locks are the bus's matter: they cost time.

use super::Rules;
use super::choreography::{self, Heard, plain_word};
use super::coupon::Coupons;
use super::domain::Domain;
use super::gate::{Gates, Receipt};
use super::order::Orders;
use super::participant::{Role, note_effect};
use super::payment::Payments;
use super::product::Products;
use super::user::Users;
use super::walk::{self, Material};
use crate::domain::{
    After, At, Audited, Body, Effect, Envelope, Exchange, Fact, MonolithInput, OrderState, Outbox,
    Process, Reason, Request, RequestId, Sale, Service, SharedBasket, Step, Table, Turn, Undoing,
    Word, Work,
    saga::{self, Row},
};

const ME: Service = Service::Monolith;

/// What a transaction needs to know of an order: columns of the order's own row.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Known {
    basket: Option<SharedBasket>,
    discount: i64,
    amount: i64,
    day: i32,
    n: u8,
}

/// The five domains, one database.
#[derive(Clone, Debug)]
pub struct Database {
    /// Catalogue and stock.
    pub products: Products,
    /// Orders.
    pub orders: Orders,
    /// Coupons.
    pub coupons: Coupons,
    /// Members.
    pub users: Users,
    /// Payments.
    pub payments: Payments,
}

/// One actor that contains the five domains.
#[derive(Clone, Debug)]
pub struct Monolith {
    database: Database,
    known: Table<Known>,
    gates: Gates,
    rules: Rules,
    /// Takes what an undo inside a dropped transaction writes.
    scratch: Scratch,
}

/// A scratch outbox, cloned empty.
#[derive(Debug, Default)]
struct Scratch(Outbox);

impl Clone for Scratch {
    fn clone(&self) -> Self {
        Scratch::default()
    }
}

impl Monolith {
    /// A monolith over a database.
    #[must_use]
    pub fn new(database: Database, rules: Rules) -> Self {
        let (known, gates, scratch) = (Table::new(), Gates::default(), Scratch::default());
        Monolith { database, known, gates, rules, scratch }
    }

    fn request(&mut self, at: At, heard: &Heard, request: &Request, out: &mut Outbox) -> Receipt {
        let receipt = self.gates.of(heard.key).admit(heard.key, heard.transport, self.rules.on);
        let (order, process, n) = (heard.key.request(), heard.key.process(), heard.key.n());
        if receipt != Receipt::Fresh {
            heard.reply(ME, Body::Customer(self.repeated(heard.key)), out);
            return receipt;
        }
        let known = self.known.at(order.0);
        match request {
            Request::Place { basket } => known.basket = Some(basket.clone()),
            Request::Pay { amount } => (known.amount, known.n) = (*amount, n),
            Request::Cancel | Request::Refund => {}
        }
        let word = self.transact(at, order, process, out);
        let stored = match &word {
            Word::Refused(reason) | Word::Failed(reason) | Word::PayFailed(reason) => {
                Fact::Refused(*reason)
            }
            _ => Fact::ToppedUp,
        };
        self.gates.of(heard.key).store(heard.key, &stored);
        heard.reply(ME, Body::Customer(word), out);
        receipt
    }

    /// The stored answer of a request that came before.
    fn repeated(&mut self, key: Exchange) -> Word {
        let known = self.known.at(key.request().0).clone();
        match (self.gates.of(key).refusal(key), key.process()) {
            (Some(reason), Process::Payment) => Word::PayFailed(reason),
            (Some(Reason::OutOfStock), _) => Word::Refused(Reason::OutOfStock),
            (Some(reason), Process::Order) => Word::Failed(reason),
            (Some(reason), _) => Word::Refused(reason),
            (None, Process::Order) => Word::Placed { amount: known.amount },
            (None, process) => done(process),
        }
    }

    /// One local transaction: every row of the process in order, or nothing.
    fn transact(&mut self, at: At, order: RequestId, process: Process, out: &mut Outbox) -> Word {
        for (row, position) in saga::rows(process).iter().zip(0..) {
            let Some(body) = self.command(order, row) else { continue };
            let key = self.key(order, row);
            if matches!(body, Body::Platform(_) | Body::Ranking(_)) {
                out.event(ME, key, body);
                continue;
            }
            match self.perform(at, key, &body, out) {
                Fact::Refused(reason) => {
                    return self.drop_work(at, order, row, position, reason, out);
                }
                fact => self.learn(order, &fact),
            }
        }
        let known = self.known.at(order.0);
        match process {
            Process::Order => {
                if !self.rules.omit.expiry {
                    out.arm.push((After::PaymentWindow, window(order)));
                }
                Word::Placed { amount: known.amount }
            }
            Process::Payment | Process::Expiry | Process::Cancel => {
                out.disarm.push(window(order).key);
                done(process)
            }
            Process::Refund | Process::Issue | Process::Traffic => done(process),
        }
    }

    fn key(&self, order: RequestId, row: &Row) -> Exchange {
        let n = match row.process {
            Process::Payment | Process::Refund if row.step != Step::StartRefund => {
                self.known.get(order.0).map_or(0, |known| known.n)
            }
            _ => 0,
        };
        Exchange::new(order, row.process, n, row.step, row.turn)
    }

    fn command(&self, order: RequestId, row: &Row) -> Option<Body> {
        let known = self.known.get(order.0)?;
        let basket = known.basket.as_ref()?;
        let Known { discount, amount, day, .. } = *known;
        let keep_coupon = self.rules.omit.restore_coupon;
        walk::command(row, &Material { basket, discount, amount, day, keep_coupon })
    }

    fn inverse(&self, order: RequestId, row: &Row, reason: Reason) -> Option<Body> {
        let known = self.known.get(order.0)?;
        let basket = known.basket.as_ref()?;
        let Known { discount, amount, day, .. } = *known;
        let material = Material { basket, discount, amount, day, keep_coupon: false };
        walk::undo(row, &material, Undoing::Payment(reason))
    }

    fn learn(&mut self, order: RequestId, fact: &Fact) {
        let known = self.known.at(order.0);
        match fact {
            Fact::CouponUsed { discount } => known.discount = *discount,
            Fact::OrderPlaced { amount } => known.amount = *amount,
            Fact::OrderCompleted(Sale { day, .. }) => known.day = *day,
            _ => {}
        }
    }

    fn perform(&mut self, at: At, key: Exchange, body: &Body, out: &mut Outbox) -> Fact {
        let fact = if at.refused.contains(key.step()) && saga::refusable(key.step(), key.turn()) {
            Fact::Refused(Reason::BusinessRule)
        } else {
            self.step(at, key, body, out)
        };
        note_effect(key, &fact, out);
        fact
    }

    fn step(&mut self, at: At, key: Exchange, body: &Body, out: &mut Outbox) -> Fact {
        let database = &mut self.database;
        match body {
            Body::Product(command) => database.products.step(at, key, command, out),
            Body::Order(command) => database.orders.step(at, key, command, out),
            Body::Coupon(command) => database.coupons.step(at, key, command, out),
            Body::User(command) => database.users.step(at, key, command, out),
            Body::Payment(command) => database.payments.step(at, key, command, out),
            Body::Orchestrator(_)
            | Body::Monolith(_)
            | Body::Platform(_)
            | Body::Ranking(_)
            | Body::Customer(_) => Fact::Refused(Reason::WrongState),
        }
    }

    /// Rolls a refused transaction back: nothing of it is posted.
    fn drop_work(
        &mut self,
        at: At,
        order: RequestId,
        refused: &Row,
        position: usize,
        reason: Reason,
        out: &mut Outbox,
    ) -> Word {
        out.clear();
        let scratch = &mut std::mem::take(&mut self.scratch.0);
        let process = refused.process;
        for row in saga::rows(process)[..position].iter().rev() {
            if let Some(body) = self.inverse(order, row, reason) {
                let key = self.key(order, row).with_turn(Turn::Undo);
                self.step(at, key, &body, scratch);
            }
        }
        scratch.clear();
        self.scratch.0 = std::mem::take(scratch);
        out.close_effect(self.key(order, refused), Effect::Refused);
        note_failure(refused, out);
        match (process, position) {
            (Process::Order, 1..) => Word::Failed(reason),
            (Process::Payment, 1..) => Word::PayFailed(reason),
            _ => Word::Refused(reason),
        }
    }

    fn duty<D: Domain>(
        domain: &mut D,
        at: At,
        heard: &Heard,
        command: &D::Command,
        out: &mut Outbox,
    ) -> Fact {
        let (step, turn) = command.work();
        let key = heard.key.to(step, turn);
        let fact = domain.step(at, key, command, out);
        note_effect(key, &fact, out);
        fact
    }

    fn duties(
        &mut self,
        at: At,
        heard: &Heard,
        input: &MonolithInput,
        out: &mut Outbox,
    ) -> Receipt {
        let receipt = self.gates.of(heard.key).admit(heard.key, heard.transport, self.rules.on);
        let fact = match (receipt, input) {
            (Receipt::Fresh, MonolithInput::Product(command)) => {
                Self::duty(&mut self.database.products, at, heard, command, out)
            }
            (Receipt::Fresh, MonolithInput::Coupon(command)) => {
                Self::duty(&mut self.database.coupons, at, heard, command, out)
            }
            (Receipt::Fresh, MonolithInput::User(command)) => {
                Self::duty(&mut self.database.users, at, heard, command, out)
            }
            _ => self.gates.of(heard.key).refusal(heard.key).map_or(Fact::ToppedUp, Fact::Refused),
        };
        if receipt == Receipt::Fresh {
            self.gates.of(heard.key).store(heard.key, &fact);
        }
        heard.reply(ME, Body::Customer(plain_word(&fact)), out);
        receipt
    }

    fn window_closed(&mut self, at: At, order: RequestId, out: &mut Outbox) {
        if let word @ Word::Expired = self.transact(at, order, Process::Expiry, out) {
            let key = Exchange::new(order, Process::Expiry, 0, Step::CloseOrder, Turn::Said);
            out.event(ME, key, Body::Customer(word));
        }
    }
}

impl Role<MonolithInput> for Monolith {
    fn receive(
        &mut self,
        at: At,
        heard: &Heard,
        input: MonolithInput,
        out: &mut Outbox,
    ) -> Receipt {
        match &input {
            MonolithInput::Ask(request) => self.request(at, heard, request, out),
            MonolithInput::WindowClosed => {
                self.window_closed(at, heard.key.request(), out);
                Receipt::Fresh
            }
            MonolithInput::Product(_) | MonolithInput::Coupon(_) | MonolithInput::User(_) => {
                self.duties(at, heard, &input, out)
            }
        }
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.database.products.audit(say);
        self.database.orders.audit(say);
        self.database.coupons.audit(say);
        self.database.users.audit(say);
        self.database.payments.audit(say);
    }

    fn forget(&mut self, page: usize) {
        self.gates.forget(page);
    }
}

/// The order's row says what became of it, as in the other coordinations.
fn note_failure(refused: &Row, out: &mut Outbox) {
    use OrderState::{Absent, AwaitingCoupon, RolledBack, Undoing};
    if matches!(refused.step, Step::UseCoupon | Step::SetFinalAmount) {
        out.moves.extend([
            (Absent, AwaitingCoupon),
            (AwaitingCoupon, Undoing),
            (Undoing, RolledBack),
        ]);
    }
}

/// The final word of a process that went through.
const fn done(process: Process) -> Word {
    match process {
        Process::Payment => Word::Paid,
        Process::Expiry => Word::Expired,
        Process::Cancel => Word::Cancelled,
        Process::Refund => Word::Refunded,
        Process::Order | Process::Issue | Process::Traffic => Word::Done,
    }
}

/// The timer that closes the order's payment window.
fn window(order: RequestId) -> Envelope {
    choreography::window(order, ME, Body::Monolith(MonolithInput::WindowClosed))
}
