//! What the ledger knows of one order.

use crate::domain::{OrderState, Process, Step};

/// Effects of an order that an undo may owe, a bit each, in table order.
pub(super) mod bits {
    pub(crate) const STOCK: u8 = 1 << 0;
    pub(crate) const ORDER: u8 = 1 << 1;
    pub(crate) const COUPON: u8 = 1 << 2;
    pub(crate) const BALANCE: u8 = 1 << 3;
    pub(crate) const PAYMENT: u8 = 1 << 4;
}

/// The bit of a compensatable step.
pub(super) const fn bit(step: Step) -> u8 {
    match step {
        Step::DeductStock => bits::STOCK,
        Step::CreateOrder => bits::ORDER,
        Step::UseCoupon => bits::COUPON,
        Step::DeductBalance => bits::BALANCE,
        Step::CreatePayment => bits::PAYMENT,
        Step::SetFinalAmount
        | Step::CompleteOrder
        | Step::PublishOrder
        | Step::RankProducts
        | Step::CloseOrder
        | Step::StartRefund
        | Step::FinishRefund
        | Step::PublishRefund
        | Step::UnrankProducts
        | Step::IssueCoupon
        | Step::TopUp
        | Step::ListCoupons
        | Step::ListProducts
        | Step::PopularProducts
        | Step::ChangePrice => 0,
    }
}

/// Which effects a process undoes, and so has to undo in reverse order.
pub(super) const fn undone_by(process: Process) -> u8 {
    match process {
        Process::Order | Process::Expiry | Process::Cancel => {
            bits::STOCK | bits::ORDER | bits::COUPON
        }
        Process::Payment => bits::BALANCE | bits::PAYMENT,
        Process::Refund => bits::STOCK | bits::COUPON | bits::BALANCE | bits::PAYMENT,
        Process::Issue | Process::Traffic => 0,
    }
}

/// Accounts and marks of one order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Row {
    /// The plan's amount to pay.
    pub(super) due: i64,
    /// `money_held[o]`.
    pub(super) money_held: i64,
    /// `revenue[o]`.
    pub(super) revenue: i64,
    pub(super) stock_since_ns: u64,
    pub(super) money_since_ns: u64,
    /// When it was decided that something must be undone.
    pub(super) undo_since_ns: u64,
    /// Where the order's lines begin among all lines.
    pub(super) lines_start: u32,
    pub(super) lines_len: u16,
    /// `used[c, o]` of the plan's coupon.
    pub(super) coupon_used: i8,
    /// Live payments, that is, the number of n with `paid[o, n]` ≠ 0.
    pub(super) payments: i8,
    /// A payment was posted that is not the order's amount.
    pub(super) paid_wrong: bool,
    /// The payment the marks below speak of.
    pub(super) n: u8,
    /// Effects there are to undo.
    pub(super) outstanding: u8,
    pub(super) state: OrderState,
    /// The plan knows this order; it was opened.
    pub(super) open: bool,
    /// The customer presents a coupon.
    pub(super) presents: bool,
    /// deduct-stock took effect.
    pub(super) began: bool,
    /// The order process was refused at create-order or later.
    pub(super) failed: bool,
    /// complete-order was posted.
    pub(super) completed: bool,
    /// Words heard: see `told`.
    pub(super) told: super::told::Told,
    /// Day of the sale.
    pub(super) day: i32,
}

impl Row {
    /// Ids of the order's lines among all lines.
    pub(super) fn lines(&self) -> std::ops::Range<u32> {
        self.lines_start..self.lines_start + u32::from(self.lines_len)
    }
}

/// `held[p, o]` and `sold[p, o]` of one line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct LineAccount {
    pub(super) product: u32,
    pub(super) held: i32,
    pub(super) sold: i32,
}
