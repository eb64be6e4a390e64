//! Double entry: every committed effect and undo is a posting between two named accounts.

use super::{Exchange, RequestId};

/// A pair of accounts. A positive amount goes from the left one to the right one, a negative one
/// back. The owner (order, process, step, direction) is the key of the commit's effect.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Move {
    /// `avail[product]` → `held[product, order]`, in units.
    Hold {
        /// Which.
        product: u32,
    },
    /// `held[product, order]` → `sold[product, order]`, in units.
    Sell {
        /// Which.
        product: u32,
    },
    /// `balance[user]` → `money_held[order]`.
    Charge {
        /// Whose.
        user: u32,
    },
    /// `money_held[order]` → `revenue[order]`.
    Earn,
    /// outside → `paid[order, n]`.
    Pay,
    /// `issued[coupon, user]` → `used[coupon, user, order]`, one coupon.
    Spend {
        /// Which campaign.
        coupon: u32,
        /// Whose.
        user: u32,
    },
    /// outside → `issued[coupon, user]`, one coupon.
    Issue {
        /// Which campaign.
        coupon: u32,
        /// To whom.
        user: u32,
    },
    /// outside → `balance[user]`.
    TopUp {
        /// Whose.
        user: u32,
    },
}

/// One line of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Posting {
    /// Between which accounts.
    pub between: Move,
    /// Units, money in its smallest unit, or coupons.
    pub amount: i64,
}

/// A row that steps of several orders, or several processes of one, may read and write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Datum {
    /// What is available of a product.
    Stock {
        /// Which.
        product: u32,
    },
    /// A member's balance.
    Balance {
        /// Whose.
        user: u32,
    },
    /// A coupon of a campaign.
    Coupon {
        /// Which campaign.
        coupon: u32,
        /// Whose.
        user: u32,
    },
    /// The state of the order that the commit is about.
    Order,
}

/// The states of an order. Order alone arbitrates every race.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub enum OrderState {
    /// Never stored.
    #[default]
    Absent,
    /// Stored, the amount is not known yet.
    AwaitingCoupon,
    /// The payment window is open.
    AwaitingPayment,
    /// Sold.
    Completed,
    /// The sale is being taken back.
    Refunding,
    /// The sale was taken back. Terminal.
    Refunded,
    /// The order process failed and is being undone.
    Undoing,
    /// The order process failed and was undone. Terminal.
    RolledBack,
    /// The window ran out, being undone.
    ClosingExpired,
    /// Cancelled before payment, being undone.
    ClosingCancelled,
    /// Terminal.
    Expired,
    /// Terminal.
    Cancelled,
}

/// What an owner finds in its own books when asked at rest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Audited {
    /// Units available of a product.
    Stock {
        /// Which.
        product: u32,
        /// Units.
        units: i64,
    },
    /// A member's balance.
    Balance {
        /// Whose.
        user: u32,
        /// Money.
        money: i64,
    },
    /// A coupon that was issued.
    Coupon {
        /// Campaign.
        coupon: u32,
        /// Owner.
        user: u32,
        /// The order it is used by.
        used_by: Option<RequestId>,
    },
    /// A payment that is not cancelled.
    Payment {
        /// The order.
        order: RequestId,
        /// Which payment.
        n: u8,
        /// Money.
        money: i64,
    },
    /// An order that was stored.
    Order {
        /// The order.
        order: RequestId,
        /// Its state.
        state: OrderState,
        /// The amount to pay, once known.
        amount: i64,
    },
    /// What the data platform holds of an order.
    Published {
        /// The order.
        order: RequestId,
        /// Records of a sale.
        sales: u8,
        /// Records of a refund.
        refunds: u8,
        /// Amount of the sale.
        amount: i64,
    },
    /// What the ranking holds of a day and product.
    Ranked {
        /// Days since 1970-01-01.
        day: i32,
        /// Which.
        product: u32,
        /// Units sold less units refunded.
        units: i64,
    },
    /// A saga the coordinator has not ended.
    OpenSaga {
        /// What is open.
        key: Exchange,
    },
}
