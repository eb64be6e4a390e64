//! The saga table: each step stated once. The orchestrator walks it, the explorer and the
//! documentation derive from it.

use super::{Process, Service, Step, Turn};
use Kind::{Compensatable, Pivot, Retriable};
use Service::{Coupon, Order, Payment, Platform, Product, Ranking, User};
use Turn::{Do, Undo};

/// What may happen after a step fails or before it is final.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Can be undone.
    Compensatable,
    /// After it the process only goes forward.
    Pivot,
    /// Repeated until it succeeds; never a reason to undo anything.
    Retriable,
}

impl Kind {
    /// The name used in documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Compensatable => "compensatable",
            Pivot => "pivot",
            Retriable => "retriable",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Row {
    /// The process it belongs to.
    pub process: Process,
    /// The step.
    pub step: Step,
    /// [`Turn::Do`], or [`Turn::Undo`] where the row is itself a compensation.
    pub turn: Turn,
    /// Who does it.
    pub service: Service,
    /// What may happen.
    pub kind: Kind,
}

impl Row {
    /// The name of what is done: the step's, or its compensation's.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match (self.turn, self.step.undo_name()) {
            (Undo, Some(name)) => name,
            _ => self.step.name(),
        }
    }

    /// The compensation that an unclear or later failure of the process owes for this row.
    #[must_use]
    pub const fn undo_name(&self) -> Option<&'static str> {
        match (self.kind, self.turn) {
            (Compensatable, Do) => self.step.undo_name(),
            _ => None,
        }
    }
}

const fn row(process: Process, step: Step, turn: Turn, service: Service, kind: Kind) -> Row {
    Row { process, step, turn, service, kind }
}

/// From the customer's order to the amount to pay. set-final-amount has no compensation of its
/// own; when it fails the three before it are undone.
pub const ORDER: [Row; 4] = [
    row(Process::Order, Step::DeductStock, Do, Product, Compensatable),
    row(Process::Order, Step::CreateOrder, Do, Order, Compensatable),
    row(Process::Order, Step::UseCoupon, Do, Coupon, Compensatable),
    row(Process::Order, Step::SetFinalAmount, Do, Order, Compensatable),
];

/// From the customer's payment to the completed order.
pub const PAYMENT: [Row; 5] = [
    row(Process::Payment, Step::DeductBalance, Do, User, Compensatable),
    row(Process::Payment, Step::CreatePayment, Do, Payment, Compensatable),
    row(Process::Payment, Step::CompleteOrder, Do, Order, Pivot),
    row(Process::Payment, Step::PublishOrder, Do, Platform, Retriable),
    row(Process::Payment, Step::RankProducts, Do, Ranking, Retriable),
];

/// The payment window ran out.
pub const EXPIRY: [Row; 4] = closing(Process::Expiry);

/// The customer cancelled before paying.
pub const CANCEL: [Row; 4] = closing(Process::Cancel);

/// The customer took a completed order back.
pub const REFUND: [Row; 8] = [
    row(Process::Refund, Step::StartRefund, Do, Order, Pivot),
    row(Process::Refund, Step::CreatePayment, Undo, Payment, Retriable),
    row(Process::Refund, Step::DeductBalance, Undo, User, Retriable),
    row(Process::Refund, Step::UseCoupon, Undo, Coupon, Retriable),
    row(Process::Refund, Step::FinishRefund, Do, Order, Retriable),
    row(Process::Refund, Step::DeductStock, Undo, Product, Retriable),
    row(Process::Refund, Step::PublishRefund, Do, Platform, Retriable),
    row(Process::Refund, Step::UnrankProducts, Do, Ranking, Retriable),
];

const fn closing(process: Process) -> [Row; 4] {
    [
        row(process, Step::CloseOrder, Do, Order, Pivot),
        row(process, Step::UseCoupon, Undo, Coupon, Retriable),
        row(process, Step::CreateOrder, Undo, Order, Retriable),
        row(process, Step::DeductStock, Undo, Product, Retriable),
    ]
}

/// The rows of a process, in order. Processes outside the checkout have none.
#[must_use]
pub const fn rows(process: Process) -> &'static [Row] {
    match process {
        Process::Order => &ORDER,
        Process::Payment => &PAYMENT,
        Process::Expiry => &EXPIRY,
        Process::Cancel => &CANCEL,
        Process::Refund => &REFUND,
        Process::Issue | Process::Traffic => &[],
    }
}

/// Every row of the checkout.
pub fn table() -> impl Iterator<Item = &'static Row> {
    Process::CHECKOUT.iter().flat_map(|process| rows(*process))
}

/// Whether a business rule may refuse this exchange. Undos, closings and what follows a pivot
/// must happen sooner or later, so a refusal there only means "not now".
#[must_use]
pub const fn refusable(step: Step, turn: Turn) -> bool {
    matches!(turn, Do)
        && matches!(
            step,
            Step::DeductStock
                | Step::CreateOrder
                | Step::UseCoupon
                | Step::SetFinalAmount
                | Step::DeductBalance
                | Step::CreatePayment
                | Step::CompleteOrder
                | Step::StartRefund
        )
}

/// Whether a call for this exchange is repeated without limit: undos, pivots and retriable steps;
/// and set-final-amount, which has no compensation: left unclear, nothing could take it back.
#[must_use]
pub const fn unlimited(step: Step, turn: Turn) -> bool {
    match turn {
        Undo => true,
        Do => matches!(
            step,
            Step::SetFinalAmount
                | Step::CompleteOrder
                | Step::CloseOrder
                | Step::StartRefund
                | Step::FinishRefund
                | Step::PublishOrder
                | Step::RankProducts
                | Step::PublishRefund
                | Step::UnrankProducts
        ),
        Turn::Said | Turn::Timer | Turn::Ask => false,
    }
}
