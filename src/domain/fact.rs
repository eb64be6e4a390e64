//! What a domain states after a step: the typed events of the flow, and the answers to calls.

use super::SharedBasket;
use super::command::{Cause, CouponFate, Reason, Sale, Undoing};
use std::sync::Arc;

/// A product as the catalogue shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Offer {
    /// Which.
    pub product: u32,
    /// Price of a unit.
    pub price: i64,
    /// Exact units available.
    pub units: i64,
}

/// What a domain states after a step, in the past tense: the typed events of the flow, and the
/// answers to calls.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Fact {
    /// All lines were taken.
    StockDeducted {
        /// The basket.
        basket: SharedBasket,
    },
    /// All lines were given back.
    StockRestored,
    /// The order is stored.
    OrderCreated {
        /// The basket.
        basket: SharedBasket,
    },
    /// The amount to pay is stored, the payment window is open.
    OrderPlaced {
        /// To pay.
        amount: i64,
    },
    /// The order cannot go on.
    UndoBegun {
        /// The basket.
        basket: SharedBasket,
        /// What became of the coupon.
        coupon: CouponFate,
    },
    /// The order ended without a sale.
    OrderRolledBack {
        /// The basket.
        basket: SharedBasket,
        /// Why.
        cause: Cause,
    },
    /// The order is closed for payment.
    OrderClosed {
        /// The basket.
        basket: SharedBasket,
        /// Why.
        cause: Cause,
    },
    /// The sale is made.
    OrderCompleted(Sale),
    /// The sale is being taken back.
    RefundStarted {
        /// The basket.
        basket: SharedBasket,
        /// To give back.
        amount: i64,
        /// Which payment.
        n: u8,
        /// Day of the sale.
        day: i32,
    },
    /// The money of a refund is back, the coupon is next.
    CouponDue {
        /// The basket.
        basket: SharedBasket,
    },
    /// The sale is taken back.
    OrderRefunded(Sale),
    /// The coupon is used.
    CouponUsed {
        /// What it takes off.
        discount: i64,
    },
    /// The coupon can be used again.
    CouponRestored,
    /// The coupon is the customer's.
    CouponIssued,
    /// The money is taken.
    BalanceDeducted {
        /// Whose.
        user: u32,
        /// How much.
        amount: i64,
    },
    /// The money is given back.
    BalanceRestored {
        /// On whose behalf.
        after: Undoing,
    },
    /// The balance is charged.
    ToppedUp,
    /// The payment is stored.
    PaymentCreated {
        /// Who pays.
        user: u32,
        /// How much.
        amount: i64,
    },
    /// The payment is cancelled.
    PaymentCancelled {
        /// Who paid.
        user: u32,
        /// How much.
        amount: i64,
        /// On whose behalf.
        after: Undoing,
    },
    /// A sink took a record.
    Recorded,
    /// A price was changed.
    PriceChanged,
    /// A list: (id, units).
    Listing(Arc<[(u32, i64)]>),
    /// A page of the catalogue.
    Catalogue(Arc<[Offer]>),
    /// The step was refused: definite, no effect.
    Refused(Reason),
    /// No answer after all attempts: it may have happened or not.
    Unknown,
}

impl Fact {
    /// Whether the step took something, gave it back, or changed nothing that an undo could owe.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self {
            Fact::StockDeducted { .. }
            | Fact::OrderCreated { .. }
            | Fact::OrderPlaced { .. }
            | Fact::OrderCompleted(_)
            | Fact::OrderClosed { .. }
            | Fact::RefundStarted { .. }
            | Fact::OrderRefunded(_)
            | Fact::CouponUsed { .. }
            | Fact::CouponIssued
            | Fact::BalanceDeducted { .. }
            | Fact::ToppedUp
            | Fact::PaymentCreated { .. }
            | Fact::Recorded => Effect::Took,
            Fact::StockRestored
            | Fact::OrderRolledBack { .. }
            | Fact::CouponRestored
            | Fact::BalanceRestored { .. }
            | Fact::PaymentCancelled { .. } => Effect::GaveBack,
            Fact::UndoBegun { .. }
            | Fact::CouponDue { .. }
            | Fact::PriceChanged
            | Fact::Listing(_)
            | Fact::Catalogue(_)
            | Fact::Unknown => Effect::Nothing,
            Fact::Refused(_) => Effect::Refused,
        }
    }
}

/// What a committed step did, as far as undoing goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Effect {
    /// Nothing to undo, nothing undone.
    #[default]
    Nothing,
    /// Something an undo may have to give back.
    Took,
    /// An undo gave it back.
    GaveBack,
    /// Refused: definite, no effect.
    Refused,
}
