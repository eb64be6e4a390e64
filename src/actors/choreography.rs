//! Choreography: what each domain says after a step, and to whom. The only code that knows who
//! reacts to what; read it beside the choreography table of the protocol.

use super::Rules;
use crate::domain::{
    After, Body, Cause, CouponCommand, CouponFate, Envelope, Exchange, Fact, OrchestratorInput,
    OrderCommand, Outbox, PaymentCommand, Process, ProductCommand, RankingCommand, Reason,
    RequestId, Sale, Service, SharedBasket, Step, Transport, Turn, UndoPolicy, Undoing,
    UserCommand, Word,
};

/// What a step was done in answer to.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// Who sent it.
    pub from: Service,
    /// Its key, as sent.
    pub key: Exchange,
    /// How it came.
    pub transport: Transport,
}

impl Heard {
    /// Answers, if this was a call.
    pub fn reply(&self, from: Service, body: Body, out: &mut Outbox) {
        if matches!(self.transport, Transport::Call | Transport::HeldCall) {
            out.reply(from, self.key, body);
        }
    }

    fn tell(&self, from: Service, word: Word, out: &mut Outbox) {
        self.reply(from, Body::Customer(word), out);
    }
}

/// What a command's outcome sets in motion.
pub trait React: Sized {
    /// Writes what follows from `fact`, the outcome of this command, into `out`. Returns a command
    /// to do in the same commit, if the domain has to change its own state further.
    fn react(
        &self,
        heard: &Heard,
        key: Exchange,
        fact: &Fact,
        rules: &Rules,
        out: &mut Outbox,
    ) -> Option<Self>;
}

impl React for ProductCommand {
    fn react(
        &self,
        heard: &Heard,
        key: Exchange,
        fact: &Fact,
        _: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        match fact {
            Fact::StockDeducted { basket } => {
                heard.tell(Service::Product, Word::Accepted, out);
                let create = Body::Order(OrderCommand::Create { basket: basket.clone() });
                out.event(Service::Product, key.to(Step::CreateOrder, Turn::Do), create);
            }
            fact => heard.tell(Service::Product, plain_word(fact), out),
        }
        None
    }
}

impl React for CouponCommand {
    fn react(
        &self,
        heard: &Heard,
        key: Exchange,
        fact: &Fact,
        _: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        let answer = match (self, fact) {
            (CouponCommand::Use { .. }, Fact::CouponUsed { discount }) => {
                Body::Order(OrderCommand::SetFinalAmount { discount: *discount })
            }
            (CouponCommand::Use { .. }, Fact::Refused(reason)) => {
                let coupon = CouponFate::Refused;
                Body::Order(OrderCommand::BeginUndo { reason: *reason, coupon })
            }
            (CouponCommand::Restore { .. }, _) => Body::Order(after_restore(key)),
            (_, fact) => Body::Customer(plain_word(fact)),
        };
        heard.reply(Service::Coupon, answer, out);
        None
    }
}

impl React for UserCommand {
    fn react(
        &self,
        heard: &Heard,
        key: Exchange,
        fact: &Fact,
        _: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        match *fact {
            Fact::BalanceDeducted { user, amount } => {
                heard.tell(Service::User, Word::Accepted, out);
                let create = Body::Payment(PaymentCommand::Create { user, amount });
                out.event(Service::User, key.to(Step::CreatePayment, Turn::Do), create);
            }
            Fact::BalanceRestored { after: Undoing::Payment(reason) } => {
                let word = Body::Customer(Word::PayFailed(reason));
                out.event(Service::User, key.to(Step::DeductBalance, Turn::Said), word);
            }
            Fact::BalanceRestored { after: Undoing::Refund } => {
                let next = Body::Order(OrderCommand::GiveBackCoupon);
                out.event(Service::User, key.to(Step::StartRefund, Turn::Said), next);
            }
            ref fact => heard.tell(Service::User, plain_word(fact), out),
        }
        None
    }
}

impl React for PaymentCommand {
    fn react(
        &self,
        _: &Heard,
        key: Exchange,
        fact: &Fact,
        _: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        let restore = key.to(Step::DeductBalance, Turn::Undo);
        match (self, fact) {
            (_, &Fact::PaymentCreated { user, amount }) => {
                let complete = Body::Order(OrderCommand::Complete { user, amount });
                out.event(Service::Payment, key.to(Step::CompleteOrder, Turn::Do), complete);
            }
            (_, &Fact::PaymentCancelled { user, amount, after }) => {
                let body = Body::User(UserCommand::RestoreBalance { user, amount, after });
                out.event(Service::Payment, restore, body);
            }
            (&PaymentCommand::Create { user, amount }, &Fact::Refused(reason)) => {
                let after = Undoing::Payment(reason);
                let body = Body::User(UserCommand::RestoreBalance { user, amount, after });
                out.event(Service::Payment, restore, body);
            }
            _ => {}
        }
        None
    }
}

impl React for Sale {
    fn react(&self, _: &Heard, _: Exchange, _: &Fact, _: &Rules, _: &mut Outbox) -> Option<Self> {
        None
    }
}

impl React for RankingCommand {
    fn react(
        &self,
        heard: &Heard,
        _: Exchange,
        fact: &Fact,
        _: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        heard.tell(Service::Ranking, plain_word(fact), out);
        None
    }
}

impl React for OrderCommand {
    fn react(
        &self,
        heard: &Heard,
        key: Exchange,
        fact: &Fact,
        rules: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        let order = Service::Order;
        match fact {
            Fact::OrderCreated { basket } => ask_for_discount(key, basket, out),
            Fact::OrderPlaced { amount } => {
                let word = Body::Customer(Word::Placed { amount: *amount });
                out.event(order, key.to(Step::DeductStock, Turn::Said), word);
                if !rules.omit.expiry {
                    out.arm.push((After::PaymentWindow, order_window(key)));
                }
            }
            Fact::UndoBegun { basket, coupon } => {
                let owed = owes_coupon(*coupon, rules);
                if !(owed && restore_coupon(key, basket, rules, out)) {
                    roll_back(key, out);
                }
            }
            Fact::OrderClosed { basket, .. } => {
                heard.tell(order, Word::Accepted, out);
                out.disarm.push(order_window(key).key);
                if !restore_coupon(key, basket, rules, out) {
                    roll_back(key, out);
                }
            }
            Fact::OrderRolledBack { basket, cause } => rolled_back(key, basket, *cause, out),
            Fact::OrderCompleted(sale) => completed(key, sale, out),
            Fact::RefundStarted { basket, amount, n, .. } => {
                heard.tell(order, Word::Accepted, out);
                let (user, amount, after) = (basket.user, *amount, Undoing::Refund);
                let cancel = Body::Payment(PaymentCommand::Cancel { user, amount, after });
                let key = key.with_n(*n);
                out.event(order, key.to(Step::CreatePayment, Turn::Undo), cancel);
            }
            Fact::CouponDue { basket } => {
                let finish = Body::Order(OrderCommand::FinishRefund);
                if !restore_coupon(key, basket, rules, out) {
                    out.event(order, key.to(Step::FinishRefund, Turn::Do), finish);
                }
            }
            Fact::OrderRefunded(sale) => refunded(key, sale, out),
            Fact::Refused(reason) => return self.refused(heard, key, *reason, rules, out),
            _ => {}
        }
        None
    }
}

impl OrderCommand {
    fn refused(
        &self,
        heard: &Heard,
        key: Exchange,
        reason: Reason,
        rules: &Rules,
        out: &mut Outbox,
    ) -> Option<Self> {
        match self {
            OrderCommand::Create { basket } => {
                rolled_back(key, basket, Cause::Failed(reason), out);
                None
            }
            OrderCommand::SetFinalAmount { .. } => {
                let coupon = CouponFate::Used;
                let begin = OrderCommand::BeginUndo { reason, coupon };
                (!rules.omit.undo_final_amount).then_some(begin)
            }
            OrderCommand::Complete { user, amount } => {
                let (user, amount, after) = (*user, *amount, Undoing::Payment(reason));
                let cancel = Body::Payment(PaymentCommand::Cancel { user, amount, after });
                out.event(Service::Order, key.to(Step::CreatePayment, Turn::Undo), cancel);
                None
            }
            OrderCommand::Close { .. } | OrderCommand::StartRefund => {
                heard.tell(Service::Order, Word::Refused(reason), out);
                None
            }
            OrderCommand::BeginUndo { .. }
            | OrderCommand::RollBack
            | OrderCommand::GiveBackCoupon
            | OrderCommand::FinishRefund => None,
        }
    }
}

fn ask_for_discount(key: Exchange, basket: &SharedBasket, out: &mut Outbox) {
    if let Some(coupon) = basket.coupon() {
        let (user, subtotal) = (basket.user, basket.subtotal());
        let body = Body::Coupon(CouponCommand::Use { user, coupon, subtotal });
        out.held_call(Service::Order, key.to(Step::UseCoupon, Turn::Do), body);
    } else {
        let body = Body::Order(OrderCommand::SetFinalAmount { discount: 0 });
        out.event(Service::Order, key.to(Step::SetFinalAmount, Turn::Do), body);
    }
}

/// Whether a failed order owes the coupon back, by the undo policy.
fn owes_coupon(coupon: CouponFate, rules: &Rules) -> bool {
    match (coupon, rules.compensate) {
        (CouponFate::Used, _)
        | (CouponFate::Unknown, UndoPolicy::UnknownToo | UndoPolicy::RegisterBefore)
        | (CouponFate::Refused, UndoPolicy::RegisterBefore) => true,
        (CouponFate::Unknown, UndoPolicy::Completed)
        | (CouponFate::Refused, UndoPolicy::Completed | UndoPolicy::UnknownToo) => false,
    }
}

/// Calls restore-coupon; false if there is nothing to restore.
fn restore_coupon(key: Exchange, basket: &SharedBasket, rules: &Rules, out: &mut Outbox) -> bool {
    let Some(coupon) = basket.coupon().filter(|_| !rules.omit.restore_coupon) else { return false };
    let body = Body::Coupon(CouponCommand::Restore { user: basket.user, coupon });
    out.call(Service::Order, key.to(Step::UseCoupon, Turn::Undo), body);
    true
}

/// What Order does once the coupon is back.
fn after_restore(key: Exchange) -> OrderCommand {
    match key.process() {
        Process::Refund => OrderCommand::FinishRefund,
        Process::Order
        | Process::Payment
        | Process::Expiry
        | Process::Cancel
        | Process::Issue
        | Process::Traffic => OrderCommand::RollBack,
    }
}

fn roll_back(key: Exchange, out: &mut Outbox) {
    let body = Body::Order(OrderCommand::RollBack);
    out.event(Service::Order, key.to(Step::CreateOrder, Turn::Undo), body);
}

fn rolled_back(key: Exchange, basket: &SharedBasket, cause: Cause, out: &mut Outbox) {
    let restore = Body::Product(ProductCommand::RestoreStock { basket: basket.clone() });
    out.event(Service::Order, key.to(Step::DeductStock, Turn::Undo), restore);
    let (step, word) = match cause {
        Cause::Failed(reason) => (Step::DeductStock, Word::Failed(reason)),
        Cause::Expired => (Step::CloseOrder, Word::Expired),
        Cause::Cancelled => (Step::CloseOrder, Word::Cancelled),
    };
    out.event(Service::Order, key.to(step, Turn::Said), Body::Customer(word));
}

fn completed(key: Exchange, sale: &Sale, out: &mut Outbox) {
    let order = Service::Order;
    out.disarm.push(order_window(key).key);
    out.event(order, key.to(Step::PublishOrder, Turn::Do), Body::Platform(sale.clone()));
    let rank = Body::Ranking(RankingCommand::Rank(sale.clone()));
    out.event(order, key.to(Step::RankProducts, Turn::Do), rank);
    out.event(order, key.to(Step::DeductBalance, Turn::Said), Body::Customer(Word::Paid));
}

fn refunded(key: Exchange, sale: &Sale, out: &mut Outbox) {
    let order = Service::Order;
    let restore = Body::Product(ProductCommand::RestoreStock { basket: sale.basket.clone() });
    out.event(order, key.to(Step::DeductStock, Turn::Undo), restore);
    out.event(order, key.to(Step::PublishRefund, Turn::Do), Body::Platform(sale.clone()));
    let rank = Body::Ranking(RankingCommand::Rank(sale.clone()));
    out.event(order, key.to(Step::UnrankProducts, Turn::Do), rank);
    out.event(order, key.to(Step::StartRefund, Turn::Said), Body::Customer(Word::Refunded));
}

/// The timer that closes an order's payment window: whoever sets it gets `body` back. Its key is
/// the same in every coordination.
#[must_use]
pub fn window(order: RequestId, from: Service, body: Body) -> Envelope {
    let key = Exchange::new(order, Process::Expiry, 0, Step::CloseOrder, Turn::Do);
    Envelope { key, from, transport: Transport::Timer, body }
}

/// Order's own window.
fn order_window(key: Exchange) -> Envelope {
    let body = Body::Order(OrderCommand::Close { cause: Cause::Expired });
    window(key.request(), Service::Order, body)
}

/// The word for an outcome that needs no other.
#[must_use]
pub fn plain_word(fact: &Fact) -> Word {
    match fact {
        Fact::Refused(reason) => Word::Refused(*reason),
        Fact::Unknown => Word::Unknown,
        _ => Word::Done,
    }
}

/// What a caller hears when all attempts of its call are spent. Unambiguous: every attempt was
/// plainly refused by a full queue, so it had no effect.
#[must_use]
pub fn unanswered(caller: Service, ambiguous: bool) -> Body {
    let reason = Reason::NoAnswer;
    let fact = if ambiguous { Fact::Unknown } else { Fact::Refused(reason) };
    match caller {
        Service::Order => {
            let coupon = if ambiguous { CouponFate::Unknown } else { CouponFate::Refused };
            Body::Order(OrderCommand::BeginUndo { reason, coupon })
        }
        Service::Orchestrator => Body::Orchestrator(OrchestratorInput::Answer(fact)),
        Service::Product
        | Service::Coupon
        | Service::User
        | Service::Payment
        | Service::Monolith
        | Service::Platform
        | Service::Ranking
        | Service::Customer => Body::Customer(plain_word(&fact)),
    }
}
