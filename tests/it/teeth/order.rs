//! Defects in Order.

use super::bend::{gated, hears, mishears, misstates, miswrites};
use super::world::{abandoned, cancelled, coupons_fail, paid, slow_payment};
use sagasim::actors::Orders;
use sagasim::actors::host::Cast;
use sagasim::domain::{
    Audited, Body, Effect, Exchange, OrderCommand, OrderState, Outbox, Process, ProductCommand,
    Reason, RequestId, Sale, Service, SharedBasket, Step, Turn, Word,
};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::collections::BTreeMap;

super::teeth! {
    undos_in_forward_order_break_undo_in_reverse_order: UndoInReverseOrder, all_coupons, forward;
    an_undo_noted_twice_breaks_undo_follows_its_effect:
        UndoFollowsItsEffect, coupons_fail, note_twice;
    a_skipped_state_breaks_order_state_machine: OrderStateMachine, coupons_fail, skip_undoing;
    an_order_completed_after_it_was_closed_breaks_order_state_machine:
        OrderStateMachine, slow_payment, complete_closed;
    an_order_left_in_undoing_breaks_every_order_terminal:
        EveryOrderTerminal, coupons_fail, leave_undoing;
    a_sale_published_when_placed_breaks_nothing_published_before_pivot:
        NothingPublishedBeforePivot, paid, publish_early;
    an_amount_without_the_discount_breaks_amounts_as_planned:
        AmountsAsPlanned, paid, no_discount;
    a_wrong_amount_in_state_and_postings_breaks_amounts_as_planned: AmountsAsPlanned, paid, dearer;
    an_amount_other_than_its_postings_breaks_amounts_as_planned:
        AmountsAsPlanned, paid, another_amount;
    a_customer_told_the_wrong_word_breaks_client_told_the_truth:
        ClientToldTheTruth, paid, tell_lies;
    a_customer_told_another_amount_breaks_client_told_the_truth:
        ClientToldTheTruth, abandoned, tell_another_amount;
    a_window_that_closes_on_a_completed_order_breaks_no_leaked_lock_timer_call_or_row:
        NoLeakedLockTimerCallOrRow, paid, never_disarm;
}

fn all_coupons() -> Scenario {
    let mut scenario = cancelled();
    scenario.basket.coupon_rate = 1.0;
    scenario
}

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
