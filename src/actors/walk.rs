//! The saga table as commands: what a row asks its service to do. Shared by the orchestrator,
//! which sends the commands, and the monolith, which calls the same domains in one transaction.

use crate::domain::{
    Body, Cause, CouponCommand, OrderCommand, PaymentCommand, Process, ProductCommand,
    RankingCommand, Reason, Sale, SharedBasket, Step, Turn, Undoing, UserCommand, saga::Row,
};

/// What the commands of one saga are made of.
#[derive(Clone, Debug)]
pub(super) struct Material<'a> {
    /// The basket.
    pub(super) basket: &'a SharedBasket,
    /// What the coupon takes off, once known.
    pub(super) discount: i64,
    /// To pay, or paid.
    pub(super) amount: i64,
    /// Day of the sale, once known.
    pub(super) day: i32,
    /// The coupon is never given back (`[flow] omit`).
    pub(super) keep_coupon: bool,
}

/// The command of a row; none if the row does not apply (no coupon).
#[must_use]
pub(super) fn command(row: &Row, material: &Material<'_>) -> Option<Body> {
    let user = material.basket.user;
    let basket = material.basket.clone();
    let amount = material.amount;
    if row.turn == Turn::Undo {
        return undo(row, material, Undoing::Refund);
    }
    let body = match row.step {
        Step::DeductStock => Body::Product(ProductCommand::DeductStock { basket }),
        Step::CreateOrder => Body::Order(OrderCommand::Create { basket }),
        Step::UseCoupon => {
            let (coupon, subtotal) = (basket.coupon()?, basket.subtotal());
            Body::Coupon(CouponCommand::Use { user, coupon, subtotal })
        }
        Step::SetFinalAmount => {
            Body::Order(OrderCommand::SetFinalAmount { discount: material.discount })
        }
        Step::DeductBalance => Body::User(UserCommand::DeductBalance { user, amount }),
        Step::CreatePayment => Body::Payment(PaymentCommand::Create { user, amount }),
        Step::CompleteOrder => Body::Order(OrderCommand::Complete { user, amount }),
        Step::PublishOrder => Body::Platform(sale(material, false)),
        Step::RankProducts => Body::Ranking(RankingCommand::Rank(sale(material, false))),
        Step::CloseOrder => Body::Order(OrderCommand::Close { cause: cause(row.process) }),
        Step::StartRefund => Body::Order(OrderCommand::StartRefund),
        Step::FinishRefund => Body::Order(OrderCommand::FinishRefund),
        Step::PublishRefund => Body::Platform(sale(material, true)),
        Step::UnrankProducts => Body::Ranking(RankingCommand::Rank(sale(material, true))),
        Step::IssueCoupon
        | Step::TopUp
        | Step::ListCoupons
        | Step::ListProducts
        | Step::PopularProducts
        | Step::ChangePrice => return None,
    };
    Some(body)
}

/// The command that undoes a row; none if it has no compensation or does not apply.
#[must_use]
pub(super) fn undo(row: &Row, material: &Material<'_>, after: Undoing) -> Option<Body> {
    let basket = material.basket.clone();
    let (user, amount) = (basket.user, material.amount);
    match row.step {
        Step::DeductStock => Some(Body::Product(ProductCommand::RestoreStock { basket })),
        Step::CreateOrder => Some(Body::Order(OrderCommand::RollBack)),
        Step::UseCoupon => {
            let coupon = basket.coupon().filter(|_| !material.keep_coupon)?;
            Some(Body::Coupon(CouponCommand::Restore { user, coupon }))
        }
        Step::DeductBalance => {
            Some(Body::User(UserCommand::RestoreBalance { user, amount, after }))
        }
        Step::CreatePayment => Some(Body::Payment(PaymentCommand::Cancel { user, amount, after })),
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
        | Step::ChangePrice => None,
    }
}

/// Why a closing process closes.
#[must_use]
pub(super) const fn cause(process: Process) -> Cause {
    match process {
        Process::Expiry => Cause::Expired,
        Process::Cancel => Cause::Cancelled,
        Process::Order | Process::Payment | Process::Refund | Process::Issue | Process::Traffic => {
            Cause::Failed(Reason::WrongState)
        }
    }
}

fn sale(material: &Material<'_>, refund: bool) -> Sale {
    let Material { basket, amount, day, .. } = material;
    Sale { basket: (*basket).clone(), amount: *amount, day: *day, refund }
}
