//! Defects in Order.

use super::bend::{gated, hears, ignores, mishears, misstates, miswrites};
use super::{CHOREOGRAPHY, Defect};
use crate::actors::Orders;
use crate::actors::host::Cast;
use crate::domain::{
    Audited, Body, CouponFate, Effect, Exchange, OrderCommand, OrderState, Outbox, Process,
    ProductCommand, Reason, RequestId, Sale, Service, SharedBasket, Step, Turn, Word,
};
use crate::sim::check::Law;
use crate::sim::plan::Plan;
use std::collections::BTreeMap;

/// The defects.
pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "undos-in-forward-order",
        Law::UndoInReverseOrder,
        forward,
        "Order gives the stock back before the coupon.",
        "undos in the order of the steps",
    )
    .by(1),
    Defect::new(
        "undo-noted-twice",
        Law::UndoFollowsItsEffect,
        note_twice,
        "Order reports one undo twice.",
        "an audit record written by two layers",
    )
    .at(CHOREOGRAPHY)
    .by(1),
    Defect::new(
        "state-skipped",
        Law::OrderStateMachine,
        skip_undoing,
        "An order is rolled back without having been in undoing.",
        "a state column set from two places",
    )
    .at(CHOREOGRAPHY)
    .by(1),
    Defect::new(
        "late-success-accepted",
        Law::OrderStateMachine,
        complete_closed,
        "Order completes an order that was closed.",
        "a zombie: a success that comes after the undo",
    )
    .at(CHOREOGRAPHY)
    .by(1),
    Defect::new(
        "left-in-undoing",
        Law::EveryOrderTerminal,
        leave_undoing,
        "An order that was rolled back stays in undoing.",
        "an instance that runs for ever: open-mercato#2291",
    )
    .at(CHOREOGRAPHY)
    .by(1),
    Defect::new(
        "published-when-placed",
        Law::NothingPublishedBeforePivot,
        publish_early,
        "The sale is published when the order is placed.",
        "medusajs/medusa#15122",
    )
    .at(CHOREOGRAPHY)
    .by(0),
    Defect::new(
        "discount-forgotten",
        Law::AmountsAsPlanned,
        no_discount,
        "The amount leaves the discount out.",
        "a timeout answered with a default",
    )
    .by(0),
    Defect::new(
        "amount-off",
        Law::AmountsAsPlanned,
        dearer,
        "The amount is off, alike in every book.",
        "a rounding rule that differs between services",
    )
    .by(0),
    Defect::new(
        "amount-unlike-its-postings",
        Law::AmountsAsPlanned,
        another_amount,
        "Order stores another amount than it books.",
        "two columns for one figure",
    )
    .by(0),
    Defect::new(
        "wrong-word",
        Law::ClientToldTheTruth,
        tell_lies,
        "A customer who paid is told that the payment failed.",
        "a gateway that turns a late answer into an error",
    )
    .at(CHOREOGRAPHY)
    .by(0),
    Defect::new(
        "another-amount-told",
        Law::ClientToldTheTruth,
        tell_another_amount,
        "A customer is told another amount than the order has.",
        "a price formatted from a stale copy",
    )
    .at(CHOREOGRAPHY)
    .by(0),
    Defect::new(
        "window-never-disarmed",
        Law::NoLeakedLockTimerCallOrRow,
        never_disarm,
        "The payment window of a completed order goes on ticking.",
        "a timer that is not cancelled",
    )
    .at(CHOREOGRAPHY)
    .by(0),
    Defect::new(
        "refusal-swallowed",
        Law::AmountsAsPlanned,
        swallow_refusal,
        "A coupon that is refused is logged, and the order goes on without it.",
        "hoangdaochuz/booking#23",
    )
    .at(CHOREOGRAPHY)
    .by(1),
    Defect::new(
        "timeout-taken-for-a-refusal",
        Law::CouponUsedIffCompleted,
        guess,
        "Order takes a coupon call that nobody answered for one that was refused.",
        "a timeout taken for a failure without asking",
    )
    .at(CHOREOGRAPHY)
    .by(1)
    .within(1_000),
    Defect::new(
        "roll-back-not-implemented",
        Law::NothingHeld,
        never_roll_back,
        "Order does not implement the undo of a created order.",
        "microservices-patterns/ftgo-application#107",
    )
    .by(1),
];

/// Baskets by order, learned from what Order is told.
#[derive(Default)]
struct Baskets(BTreeMap<RequestId, SharedBasket>);

impl Baskets {
    fn learn(&mut self, order: RequestId, command: &OrderCommand) {
        if let OrderCommand::Create { basket } = command {
            self.0.insert(order, basket.clone());
        }
    }
}

fn took(out: &Outbox, step: Step) -> bool {
    out.effects.iter().any(|it| it.key.step() == step && it.effect == Effect::Took)
}

/// Gives the stock back first. The sound order comes later, and Product absorbs the duplicate.
fn forward(mut cast: Cast, _: &Plan) -> Cast {
    let mut baskets = Baskets::default();
    cast.order = hears(cast.order, move |sound, at, heard, input, out| {
        baskets.learn(heard.key.request(), &input);
        let receipt = sound.receive(at, heard, input, out);
        if took(out, Step::CloseOrder) {
            let basket = baskets.0[&heard.key.request()].clone();
            let restore = Body::Product(ProductCommand::RestoreStock { basket });
            out.event(Service::Order, heard.key.to(Step::DeductStock, Turn::Undo), restore);
        }
        receipt
    });
    cast
}

fn note_twice(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = misstates(cast.order, |_, out| {
        let undone = out.effects.iter().find(|effected| effected.effect == Effect::GaveBack);
        out.effects.extend(undone.copied());
    });
    cast
}

fn skip_undoing(mut cast: Cast, _: &Plan) -> Cast {
    use OrderState::{AwaitingCoupon, RolledBack, Undoing};
    cast.order = misstates(cast.order, |_, out| {
        out.moves.retain(|moved| *moved != (AwaitingCoupon, Undoing));
        for moved in &mut out.moves {
            if *moved == (Undoing, RolledBack) {
                *moved = (AwaitingCoupon, RolledBack);
            }
        }
    });
    cast
}

fn complete_closed(mut cast: Cast, plan: &Plan) -> Cast {
    cast.order = gated(Orders::new(false), plan);
    cast
}

fn leave_undoing(mut cast: Cast, _: &Plan) -> Cast {
    use OrderState::{RolledBack, Undoing};
    let lingers = misstates(cast.order, |_, out| {
        out.moves.retain(|moved| *moved != (Undoing, RolledBack));
    });
    cast.order = miswrites(lingers, |row| match row {
        Audited::Order { order, state: RolledBack, amount } => {
            Some(Audited::Order { order, state: Undoing, amount })
        }
        row => Some(row),
    });
    cast
}

fn publish_early(mut cast: Cast, _: &Plan) -> Cast {
    let mut baskets = Baskets::default();
    cast.order = hears(cast.order, move |sound, at, heard, input, out| {
        let order = heard.key.request();
        baskets.learn(order, &input);
        let receipt = sound.receive(at, heard, input, out);
        let placed = out.sends.iter().find_map(|envelope| match envelope.body {
            Body::Customer(Word::Placed { amount }) => Some(amount),
            _ => None,
        });
        if let Some(amount) = placed {
            let basket = baskets.0[&order].clone();
            let sale = Sale { basket, amount, day: at.day, refund: false };
            let key = Exchange::new(order, Process::Payment, 1, Step::PublishOrder, Turn::Do);
            out.event(Service::Order, key, Body::Platform(sale));
        }
        receipt
    });
    cast
}

fn price(cast: Cast, discount: fn(i64) -> i64) -> Cast {
    let order = mishears(cast.order, move |input| match input {
        OrderCommand::SetFinalAmount { discount: right } => {
            OrderCommand::SetFinalAmount { discount: discount(right) }
        }
        input => input,
    });
    Cast { order, ..cast }
}

fn no_discount(cast: Cast, _: &Plan) -> Cast {
    price(cast, |_| 0)
}

/// Order, customer, balance, payment and sinks agree on it; only the plan does not.
fn dearer(cast: Cast, _: &Plan) -> Cast {
    price(cast, |discount| discount - 100)
}

fn another_amount(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = miswrites(cast.order, |row| match row {
        Audited::Order { order, state, amount } => {
            Some(Audited::Order { order, state, amount: amount + 1 })
        }
        row => Some(row),
    });
    cast
}

fn tell_another_amount(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = misstates(cast.order, |_, out| {
        for envelope in &mut out.sends {
            if let Body::Customer(Word::Placed { amount }) = &mut envelope.body {
                *amount += 1;
            }
        }
    });
    cast
}

fn never_disarm(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = misstates(cast.order, |_, out| out.disarm.clear());
    cast
}

fn tell_lies(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = misstates(cast.order, |_, out| {
        for envelope in &mut out.sends {
            if envelope.body == Body::Customer(Word::Paid) {
                envelope.body = Body::Customer(Word::PayFailed(Reason::NoAnswer));
            }
        }
    });
    cast
}

fn swallow_refusal(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = mishears(cast.order, |input| match input {
        OrderCommand::BeginUndo { coupon: CouponFate::Refused, .. } => {
            OrderCommand::SetFinalAmount { discount: 0 }
        }
        input => input,
    });
    cast
}

fn guess(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = mishears(cast.order, |input| match input {
        OrderCommand::BeginUndo { reason, coupon: CouponFate::Unknown } => {
            OrderCommand::BeginUndo { reason, coupon: CouponFate::Refused }
        }
        input => input,
    });
    cast
}

fn never_roll_back(mut cast: Cast, _: &Plan) -> Cast {
    cast.order = ignores(cast.order, |input| *input == OrderCommand::RollBack);
    cast
}
