//! What can be asked: one closed command enum per domain, sink and coordinator.

use super::fact::Fact;
use super::{SharedBasket, Step, Turn};

/// Why a step was refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Reason {
    /// A line asks for more units than there are.
    OutOfStock,
    /// The customer has no such coupon.
    CouponNotOwned,
    /// The coupon was used already.
    CouponSpent,
    /// All coupons of the campaign are issued.
    CouponsSoldOut,
    /// The customer already got a coupon of this campaign.
    CouponAlreadyIssued,
    /// The balance does not cover the amount.
    BalanceTooLow,
    /// The amount is not the amount to pay.
    WrongAmount,
    /// The order is in a state that does not allow this.
    WrongState,
    /// The payment window ran out.
    Expired,
    /// The customer cancelled.
    Cancelled,
    /// The undo of this very request was here first.
    TooLate,
    /// A rule of the business says no (a fault of kind `error`).
    BusinessRule,
    /// No answer came, after all attempts.
    NoAnswer,
}

impl Reason {
    /// Every reason, in declaration order.
    pub const ALL: [Reason; 13] = [
        Reason::OutOfStock,
        Reason::CouponNotOwned,
        Reason::CouponSpent,
        Reason::CouponsSoldOut,
        Reason::CouponAlreadyIssued,
        Reason::BalanceTooLow,
        Reason::WrongAmount,
        Reason::WrongState,
        Reason::Expired,
        Reason::Cancelled,
        Reason::TooLate,
        Reason::BusinessRule,
        Reason::NoAnswer,
    ];

    /// The reason with this code (`reason as u8`), as a stored answer keeps it.
    #[must_use]
    pub const fn from_code(code: u8) -> Reason {
        Reason::ALL[code as usize % Reason::ALL.len()]
    }
}

/// Commands to Product.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ProductCommand {
    /// Take the units of every line, or none.
    DeductStock {
        /// What is wanted.
        basket: SharedBasket,
    },
    /// Give the units of every line back.
    RestoreStock {
        /// What was taken.
        basket: SharedBasket,
    },
    /// List products with their exact stock.
    ListProducts {
        /// First product of the page.
        from: u32,
    },
    /// Change the catalogue price of a product. Orders keep the price they were told.
    ChangePrice {
        /// Which.
        product: u32,
        /// New price of a unit.
        price: i64,
    },
}

/// Commands to Order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum OrderCommand {
    /// Store the order.
    Create {
        /// What is ordered.
        basket: SharedBasket,
    },
    /// Store the amount to pay.
    SetFinalAmount {
        /// What the coupon takes off.
        discount: i64,
    },
    /// Choreography: the order cannot go on.
    BeginUndo {
        /// Why.
        reason: Reason,
        /// What became of the coupon.
        coupon: CouponFate,
    },
    /// Undo create-order; ends a failed order, an expiry or a cancellation.
    RollBack,
    /// The pivot of a payment.
    Complete {
        /// Who paid.
        user: u32,
        /// What was paid.
        amount: i64,
    },
    /// The pivot of expiry and cancel.
    Close {
        /// Which of the two.
        cause: Cause,
    },
    /// The pivot of a refund.
    StartRefund,
    /// Choreography: the money is back, go on with the coupon.
    GiveBackCoupon,
    /// All but the stock is given back.
    FinishRefund,
}

/// Why an order that was placed ends without a sale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// The order process failed.
    Failed(Reason),
    /// The payment window ran out.
    Expired,
    /// The customer cancelled before paying.
    Cancelled,
}

/// How far the coupon of a failed order got, as Order knows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CouponFate {
    /// It is used by this order.
    Used,
    /// It was refused.
    Refused,
    /// Nobody answered.
    Unknown,
}

/// Commands to Coupon.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CouponCommand {
    /// Use the customer's coupon of this campaign for this order.
    Use {
        /// Whose.
        user: u32,
        /// Which campaign.
        coupon: u32,
        /// What the discount is taken from.
        subtotal: i64,
    },
    /// Give the coupon back.
    Restore {
        /// Whose.
        user: u32,
        /// Which campaign.
        coupon: u32,
    },
    /// Issue a coupon, first come, first served, one to a customer.
    Issue {
        /// To whom.
        user: u32,
        /// Which campaign.
        coupon: u32,
    },
    /// List the coupons a customer holds.
    ListCoupons {
        /// Whose.
        user: u32,
    },
}

/// Commands to User.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum UserCommand {
    /// Take the money.
    DeductBalance {
        /// Whose.
        user: u32,
        /// How much.
        amount: i64,
    },
    /// Give the money back.
    RestoreBalance {
        /// Whose.
        user: u32,
        /// How much.
        amount: i64,
        /// Who asked: a failed payment (with its reason), or a refund.
        after: Undoing,
    },
    /// Charge the balance.
    TopUp {
        /// Whose.
        user: u32,
        /// How much.
        amount: i64,
    },
}

/// On whose behalf a payment is undone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Undoing {
    /// A payment that failed.
    Payment(Reason),
    /// A refund.
    Refund,
}

/// Commands to Payment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum PaymentCommand {
    /// Store the payment.
    Create {
        /// Who pays.
        user: u32,
        /// How much.
        amount: i64,
    },
    /// Cancel it.
    Cancel {
        /// Who paid.
        user: u32,
        /// How much.
        amount: i64,
        /// On whose behalf.
        after: Undoing,
    },
}

/// A sale or a refund, as the sinks hear of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Sale {
    /// What was sold.
    pub basket: SharedBasket,
    /// What was paid.
    pub amount: i64,
    /// Day of the sale: days since 1970-01-01 on the scenario's calendar.
    pub day: i32,
    /// True: the sale is taken back.
    pub refund: bool,
}

/// Commands to the ranking.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum RankingCommand {
    /// Count the units, or take them out again.
    Rank(Sale),
    /// The top five of three days.
    PopularProducts {
        /// The last of the three.
        today: i32,
    },
}

/// What a customer asks a coordinator for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// Place an order.
    Place {
        /// What is wanted.
        basket: SharedBasket,
    },
    /// Pay an order.
    Pay {
        /// The amount the customer was told.
        amount: i64,
    },
    /// Cancel an unpaid order.
    Cancel,
    /// Cancel a completed order.
    Refund,
}

/// Input of the orchestrator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum OrchestratorInput {
    /// A customer asks.
    Ask(Request),
    /// A domain answers a command.
    Answer(Fact),
    /// The payment window ran out.
    WindowClosed,
}

/// Input of the monolith.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum MonolithInput {
    /// A customer asks.
    Ask(Request),
    /// The payment window ran out.
    WindowClosed,
    /// A duty of Product.
    Product(ProductCommand),
    /// A duty of Coupon.
    Coupon(CouponCommand),
    /// A duty of User.
    User(UserCommand),
}

/// A command of a domain knows the row of the saga table it performs, so the key of a step is the
/// same whether an event, a command or a reply brought it about.
pub trait Work {
    /// Step and direction.
    fn work(&self) -> (Step, Turn);
}

impl Work for ProductCommand {
    fn work(&self) -> (Step, Turn) {
        match self {
            ProductCommand::DeductStock { .. } => (Step::DeductStock, Turn::Do),
            ProductCommand::RestoreStock { .. } => (Step::DeductStock, Turn::Undo),
            ProductCommand::ListProducts { .. } => (Step::ListProducts, Turn::Do),
            ProductCommand::ChangePrice { .. } => (Step::ChangePrice, Turn::Do),
        }
    }
}

impl Work for OrderCommand {
    fn work(&self) -> (Step, Turn) {
        match self {
            OrderCommand::Create { .. } => (Step::CreateOrder, Turn::Do),
            OrderCommand::SetFinalAmount { .. } => (Step::SetFinalAmount, Turn::Do),
            OrderCommand::BeginUndo { .. } => (Step::SetFinalAmount, Turn::Undo),
            OrderCommand::RollBack => (Step::CreateOrder, Turn::Undo),
            OrderCommand::Complete { .. } => (Step::CompleteOrder, Turn::Do),
            OrderCommand::Close { .. } => (Step::CloseOrder, Turn::Do),
            OrderCommand::StartRefund => (Step::StartRefund, Turn::Do),
            OrderCommand::GiveBackCoupon => (Step::StartRefund, Turn::Said),
            OrderCommand::FinishRefund => (Step::FinishRefund, Turn::Do),
        }
    }
}

impl Work for CouponCommand {
    fn work(&self) -> (Step, Turn) {
        match self {
            CouponCommand::Use { .. } => (Step::UseCoupon, Turn::Do),
            CouponCommand::Restore { .. } => (Step::UseCoupon, Turn::Undo),
            CouponCommand::Issue { .. } => (Step::IssueCoupon, Turn::Do),
            CouponCommand::ListCoupons { .. } => (Step::ListCoupons, Turn::Do),
        }
    }
}

impl Work for UserCommand {
    fn work(&self) -> (Step, Turn) {
        match self {
            UserCommand::DeductBalance { .. } => (Step::DeductBalance, Turn::Do),
            UserCommand::RestoreBalance { .. } => (Step::DeductBalance, Turn::Undo),
            UserCommand::TopUp { .. } => (Step::TopUp, Turn::Do),
        }
    }
}

impl Work for PaymentCommand {
    fn work(&self) -> (Step, Turn) {
        match self {
            PaymentCommand::Create { .. } => (Step::CreatePayment, Turn::Do),
            PaymentCommand::Cancel { .. } => (Step::CreatePayment, Turn::Undo),
        }
    }
}

impl Work for Sale {
    fn work(&self) -> (Step, Turn) {
        if self.refund { (Step::PublishRefund, Turn::Do) } else { (Step::PublishOrder, Turn::Do) }
    }
}

impl Work for RankingCommand {
    fn work(&self) -> (Step, Turn) {
        match self {
            RankingCommand::Rank(sale) if sale.refund => (Step::UnrankProducts, Turn::Do),
            RankingCommand::Rank(_) => (Step::RankProducts, Turn::Do),
            RankingCommand::PopularProducts { .. } => (Step::PopularProducts, Turn::Do),
        }
    }
}
