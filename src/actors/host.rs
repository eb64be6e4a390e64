//! The thin actix shell: the only file that says `Handler`.
//!
//! An actor hosts one role, hands each input to it, and gives the committed outbox to the bus.

use super::choreography::Heard;
use super::gate::Receipt;
use super::participant::{Owner, Role};
use crate::domain::{
    At, Audited, Body, CouponCommand, Envelope, MonolithInput, OrchestratorInput, OrderCommand,
    Outbox, PaymentCommand, ProductCommand, RankingCommand, Sale, Service, UserCommand,
};
use actix::prelude::{Actor, Context, Handler, Message, Recipient};

/// One input, with what the bus gives instead of a clock.
#[derive(Debug)]
pub struct Deliver<I> {
    /// Time and rulings.
    pub at: At,
    /// The exchange.
    pub heard: Heard,
    /// The typed input.
    pub input: I,
}

impl<I: Send + 'static> Message for Deliver<I> {
    type Result = ();
}

/// Asks an owner for its own books: it shows them to the bus, row by row.
#[derive(Debug)]
pub struct Audit;

impl Message for Audit {
    type Result = ();
}

/// Tells a participant to drop the marks of a page of orders.
#[derive(Clone, Copy, Debug)]
struct Forget(usize);

impl Message for Forget {
    type Result = ();
}

/// Tells a service what happened to it.
#[derive(Clone, Copy, Debug)]
enum Notice {
    /// It crashed.
    Crashed,
    /// Its inputs reach another owner.
    Owner(Owner),
}

impl Message for Notice {
    type Result = ();
}

/// Takes a committed outbox away, and decides what is delivered next.
pub trait Bus: Clone + Unpin + 'static {
    /// A handler ran: this is everything its commit says.
    fn committed(&self, at: Service, heard: &Heard, receipt: Receipt, out: &mut Outbox);

    /// An owner shows one row of its own books.
    fn audited(&self, row: Audited);

    /// A handler panicked: without this the run would wait for ever.
    fn broken(&self, at: Service);
}

struct Host<I, B: Bus> {
    at: Service,
    role: Box<dyn Role<I>>,
    bus: B,
    out: Outbox,
}

impl<I: 'static, B: Bus> Actor for Host<I, B> {
    type Context = Context<Self>;
}

impl<I, B: Bus> Drop for Host<I, B> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.bus.broken(self.at);
        }
    }
}

impl<I: Send + 'static, B: Bus> Handler<Deliver<I>> for Host<I, B> {
    type Result = ();

    fn handle(&mut self, message: Deliver<I>, _: &mut Self::Context) {
        let Deliver { at, heard, input } = message;
        let receipt = self.role.receive(at, &heard, input, &mut self.out);
        self.bus.committed(self.at, &heard, receipt, &mut self.out);
    }
}

impl<I: 'static, B: Bus> Handler<Audit> for Host<I, B> {
    type Result = ();

    fn handle(&mut self, _: Audit, _: &mut Self::Context) {
        let bus = &self.bus;
        self.role.audit(&mut |row| bus.audited(row));
    }
}

impl<I: 'static, B: Bus> Handler<Forget> for Host<I, B> {
    type Result = ();

    fn handle(&mut self, Forget(page): Forget, _: &mut Self::Context) {
        self.role.forget(page);
    }
}

impl<I: 'static, B: Bus> Handler<Notice> for Host<I, B> {
    type Result = ();

    fn handle(&mut self, notice: Notice, _: &mut Self::Context) {
        match notice {
            Notice::Crashed => self.role.crash(),
            Notice::Owner(owner) => self.role.owner(owner),
        }
    }
}

/// An actor's mailboxes.
struct Seat<I: Send + 'static> {
    deliver: Recipient<Deliver<I>>,
    audit: Recipient<Audit>,
    forget: Recipient<Forget>,
    notice: Recipient<Notice>,
}

impl<I: Send + 'static> Seat<I> {
    fn start<B: Bus>(at: Service, role: Box<dyn Role<I>>, out: Outbox, bus: &B) -> Self {
        let address = Host { at, role, bus: bus.clone(), out }.start();
        Seat {
            deliver: address.clone().recipient(),
            audit: address.clone().recipient(),
            forget: address.clone().recipient(),
            notice: address.recipient(),
        }
    }

    /// `do_send` only queues, so a bus that delivers from inside `committed` is never re-entered.
    /// An actor that is gone was dropped by a panic, and its guard has told the bus.
    fn deliver(&self, at: At, heard: Heard, input: I) {
        self.deliver.do_send(Deliver { at, heard, input });
    }
}

/// Who plays which part. A test may let a seeded defect stand in for one of them.
pub struct Cast {
    /// Product.
    pub product: Box<dyn Role<ProductCommand>>,
    /// Order.
    pub order: Box<dyn Role<OrderCommand>>,
    /// Coupon.
    pub coupon: Box<dyn Role<CouponCommand>>,
    /// User.
    pub user: Box<dyn Role<UserCommand>>,
    /// Payment.
    pub payment: Box<dyn Role<PaymentCommand>>,
    /// The orchestrator.
    pub orchestrator: Box<dyn Role<OrchestratorInput>>,
    /// The monolith.
    pub monolith: Box<dyn Role<MonolithInput>>,
    /// The data platform.
    pub platform: Box<dyn Role<Sale>>,
    /// The ranking.
    pub ranking: Box<dyn Role<RankingCommand>>,
    /// Whether they note what they read.
    pub notes_reads: bool,
}

impl Cast {
    /// What the actors write their commits into.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        Outbox { reads: self.notes_reads.then(Vec::new), ..Outbox::default() }
    }

    /// Calls the addressee's handler directly, without actix: the differential twin of [`Flow`].
    pub fn receive(&mut self, at: At, envelope: Envelope, out: &mut Outbox) -> (Heard, Receipt) {
        let Envelope { key, from, transport, body } = envelope;
        let heard = Heard { from, key, transport };
        let receipt = match body {
            Body::Product(input) => self.product.receive(at, &heard, input, out),
            Body::Order(input) => self.order.receive(at, &heard, input, out),
            Body::Coupon(input) => self.coupon.receive(at, &heard, input, out),
            Body::User(input) => self.user.receive(at, &heard, input, out),
            Body::Payment(input) => self.payment.receive(at, &heard, input, out),
            Body::Orchestrator(input) => self.orchestrator.receive(at, &heard, input, out),
            Body::Monolith(input) => self.monolith.receive(at, &heard, input, out),
            Body::Platform(input) => self.platform.receive(at, &heard, input, out),
            Body::Ranking(input) => self.ranking.receive(at, &heard, input, out),
            Body::Customer(_) => Receipt::Fresh,
        };
        (heard, receipt)
    }

    /// Drops the marks of a page of orders.
    pub fn forget(&mut self, page: usize) {
        self.product.forget(page);
        self.order.forget(page);
        self.coupon.forget(page);
        self.user.forget(page);
        self.payment.forget(page);
        self.orchestrator.forget(page);
        self.monolith.forget(page);
        self.platform.forget(page);
        self.ranking.forget(page);
    }

    /// A service crashes.
    pub fn crash(&mut self, service: Service) {
        match service {
            Service::Product => self.product.crash(),
            Service::Order => self.order.crash(),
            Service::Coupon => self.coupon.crash(),
            Service::User => self.user.crash(),
            Service::Payment => self.payment.crash(),
            Service::Orchestrator => self.orchestrator.crash(),
            Service::Monolith => self.monolith.crash(),
            Service::Platform => self.platform.crash(),
            Service::Ranking => self.ranking.crash(),
            Service::Customer => {}
        }
    }

    /// Who the orchestrator's inputs reach.
    pub fn owner(&mut self, owner: Owner) {
        self.orchestrator.owner(owner);
    }

    /// Every owner's own books, with the owner.
    pub fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.product.audit(say);
        self.order.audit(say);
        self.coupon.audit(say);
        self.user.audit(say);
        self.payment.audit(say);
        self.orchestrator.audit(say);
        self.monolith.audit(say);
        self.platform.audit(say);
        self.ranking.audit(say);
    }
}

/// The actors of a run, by typed mailbox.
pub struct Flow {
    product: Seat<ProductCommand>,
    order: Seat<OrderCommand>,
    coupon: Seat<CouponCommand>,
    user: Seat<UserCommand>,
    payment: Seat<PaymentCommand>,
    orchestrator: Seat<OrchestratorInput>,
    monolith: Seat<MonolithInput>,
    platform: Seat<Sale>,
    ranking: Seat<RankingCommand>,
}

impl Flow {
    /// Starts one actix actor per part, in the current system.
    pub fn start<B: Bus>(cast: Cast, bus: &B) -> Self {
        let notes_reads = cast.notes_reads;
        let out = || Outbox { reads: notes_reads.then(Vec::new), ..Outbox::default() };
        Flow {
            product: Seat::start(Service::Product, cast.product, out(), bus),
            order: Seat::start(Service::Order, cast.order, out(), bus),
            coupon: Seat::start(Service::Coupon, cast.coupon, out(), bus),
            user: Seat::start(Service::User, cast.user, out(), bus),
            payment: Seat::start(Service::Payment, cast.payment, out(), bus),
            orchestrator: Seat::start(Service::Orchestrator, cast.orchestrator, out(), bus),
            monolith: Seat::start(Service::Monolith, cast.monolith, out(), bus),
            platform: Seat::start(Service::Platform, cast.platform, out(), bus),
            ranking: Seat::start(Service::Ranking, cast.ranking, out(), bus),
        }
    }

    /// Queues an envelope for its addressee.
    pub fn deliver(&self, at: At, envelope: Envelope) {
        let Envelope { key, from, transport, body } = envelope;
        let heard = Heard { from, key, transport };
        match body {
            Body::Product(input) => self.product.deliver(at, heard, input),
            Body::Order(input) => self.order.deliver(at, heard, input),
            Body::Coupon(input) => self.coupon.deliver(at, heard, input),
            Body::User(input) => self.user.deliver(at, heard, input),
            Body::Payment(input) => self.payment.deliver(at, heard, input),
            Body::Orchestrator(input) => self.orchestrator.deliver(at, heard, input),
            Body::Monolith(input) => self.monolith.deliver(at, heard, input),
            Body::Platform(input) => self.platform.deliver(at, heard, input),
            Body::Ranking(input) => self.ranking.deliver(at, heard, input),
            // The driver plays the customer; such an envelope never gets here.
            Body::Customer(_) => {}
        }
    }

    /// Drops the marks of a page of orders.
    pub fn forget(&self, page: usize) {
        let seats = [
            &self.product.forget,
            &self.order.forget,
            &self.coupon.forget,
            &self.user.forget,
            &self.payment.forget,
            &self.orchestrator.forget,
            &self.monolith.forget,
            &self.platform.forget,
            &self.ranking.forget,
        ];
        for seat in seats {
            seat.do_send(Forget(page));
        }
    }

    /// A service crashes. `do_send` queues: it knows before its next input.
    pub fn crash(&self, service: Service) {
        let seat = match service {
            Service::Product => &self.product.notice,
            Service::Order => &self.order.notice,
            Service::Coupon => &self.coupon.notice,
            Service::User => &self.user.notice,
            Service::Payment => &self.payment.notice,
            Service::Orchestrator => &self.orchestrator.notice,
            Service::Monolith => &self.monolith.notice,
            Service::Platform => &self.platform.notice,
            Service::Ranking => &self.ranking.notice,
            Service::Customer => return,
        };
        seat.do_send(Notice::Crashed);
    }

    /// Who the orchestrator's inputs reach. `do_send` queues: it knows before its next input.
    pub fn owner(&self, owner: Owner) {
        self.orchestrator.notice.do_send(Notice::Owner(owner));
    }

    /// The mailboxes that answer an audit, one owner after another.
    pub fn auditors(&self) -> [(Service, Recipient<Audit>); 9] {
        [
            (Service::Product, self.product.audit.clone()),
            (Service::Order, self.order.audit.clone()),
            (Service::Coupon, self.coupon.audit.clone()),
            (Service::User, self.user.audit.clone()),
            (Service::Payment, self.payment.audit.clone()),
            (Service::Orchestrator, self.orchestrator.audit.clone()),
            (Service::Monolith, self.monolith.audit.clone()),
            (Service::Platform, self.platform.audit.clone()),
            (Service::Ranking, self.ranking.audit.clone()),
        ]
    }
}
