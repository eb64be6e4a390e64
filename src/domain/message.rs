//! Messages: what customers hear, a typed body, and the envelope it travels in. The variant of
//! [`Body`] *is* the address, so nothing can be misrouted.

use super::command::{
    CouponCommand, MonolithInput, OrchestratorInput, OrderCommand, PaymentCommand, ProductCommand,
    RankingCommand, Reason, Sale, UserCommand,
};
use super::{Exchange, Service};

/// What a customer is told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Word {
    /// The request was taken; the final word follows.
    Accepted,
    /// Definitely not, nothing happened.
    Refused(Reason),
    /// The order is placed.
    Placed {
        /// To pay.
        amount: i64,
    },
    /// The order failed; everything taken was given back.
    Failed(Reason),
    /// The order is paid and completed.
    Paid,
    /// The payment failed; the money is back.
    PayFailed(Reason),
    /// The unpaid order expired.
    Expired,
    /// The order is cancelled.
    Cancelled,
    /// The money is back.
    Refunded,
    /// A coupon, a top-up, a list, a price: done.
    Done,
    /// Nobody knows.
    Unknown,
}

/// A typed input and its address in one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Body {
    /// To Product.
    Product(ProductCommand),
    /// To Order.
    Order(OrderCommand),
    /// To Coupon.
    Coupon(CouponCommand),
    /// To User.
    User(UserCommand),
    /// To Payment.
    Payment(PaymentCommand),
    /// To the orchestrator.
    Orchestrator(OrchestratorInput),
    /// To the monolith.
    Monolith(MonolithInput),
    /// To the data platform.
    Platform(Sale),
    /// To the ranking.
    Ranking(RankingCommand),
    /// To the customer.
    Customer(Word),
}

impl Body {
    /// The addressee.
    #[must_use]
    pub const fn to(&self) -> Service {
        match self {
            Body::Product(_) => Service::Product,
            Body::Order(_) => Service::Order,
            Body::Coupon(_) => Service::Coupon,
            Body::User(_) => Service::User,
            Body::Payment(_) => Service::Payment,
            Body::Orchestrator(_) => Service::Orchestrator,
            Body::Monolith(_) => Service::Monolith,
            Body::Platform(_) => Service::Platform,
            Body::Ranking(_) => Service::Ranking,
            Body::Customer(_) => Service::Customer,
        }
    }
}

/// How a message travels, and what is owed for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Transport {
    /// A row of the sender's commit, owed until the receiver has committed.
    Event,
    /// A request that awaits an answer, sent again until there is one or attempts run out.
    Call,
    /// A synchronous call: it occupies a worker of the caller until it ends.
    HeldCall,
    /// The answer to a call; carries the call's key.
    Reply,
    /// A timer of one's own.
    Timer,
}

/// A message on its way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Envelope {
    /// Which exchange it belongs to.
    pub key: Exchange,
    /// The sender.
    pub from: Service,
    /// How it travels.
    pub transport: Transport,
    /// What it says, and to whom.
    pub body: Body,
}

const _: () = assert!(size_of::<Exchange>() == 8 && size_of::<Envelope>() <= 48);
