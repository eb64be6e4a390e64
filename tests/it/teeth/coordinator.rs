//! Defects in the orchestrator and the monolith.

use super::bend::{hears, ignores};
use super::world::{by, cancelled, coupons_fail, paid};
use sagasim::actors::choreography::Heard;
use sagasim::actors::host::Cast;
use sagasim::domain::{
    Body, Coordination, CouponCommand, Effect, Exchange, Fact, MonolithInput, OrchestratorInput,
    Outbox, Process, ProductCommand, Request, RequestId, Service, Step, Transport, Turn,
};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::collections::BTreeMap;

super::teeth! {
    an_orchestrator_that_skips_an_undo_breaks_coupon_used_iff_completed:
        CouponUsedIffCompleted, orchestrated_cancels, skip_undo;
    an_orchestrator_that_loses_the_last_answer_breaks_no_leaked_lock_timer_call_or_row:
        NoLeakedLockTimerCallOrRow, orchestrated_sales, lose_last_answer;
    an_orchestrator_that_loses_the_answer_of_the_pivot_breaks_no_leaked_lock_timer_call_or_row:
        NoLeakedLockTimerCallOrRow, orchestrated_sales, lose_pivot;
    a_transaction_half_rolled_back_breaks_stock_conserved:
        StockConserved, monolithic_failures, half_rolled_back;
}

fn orchestrated_cancels() -> Scenario {
    by(Coordination::Orchestration, cancelled())
}

fn orchestrated_sales() -> Scenario {
    by(Coordination::Orchestration, paid())
}

fn monolithic_failures() -> Scenario {
    by(Coordination::Monolith, coupons_fail())
}

/// Takes restore-coupon as done without asking anybody.
fn skip_undo(mut cast: Cast, _: &Plan) -> Cast {
    cast.orchestrator = hears(cast.orchestrator, |sound, at, heard, input, out| {
        let receipt = sound.receive(at, heard, input, out);
        let restore = out.sends.iter().position(|envelope| {
            matches!(envelope.body, Body::Coupon(CouponCommand::Restore { .. }))
        });
        if let Some(position) = restore {
            let key = out.sends.remove(position).key;
            let heard = Heard { from: Service::Coupon, key, transport: Transport::Reply };
            let answer = OrchestratorInput::Answer(Fact::CouponRestored);
            sound.receive(at, &heard, answer, out);
        }
        receipt
    });
    cast
}

/// Two records that follow the pivot: the last of them is the end of the saga.
fn lose_last_answer(mut cast: Cast, _: &Plan) -> Cast {
    let mut records = BTreeMap::<RequestId, u8>::new();
    cast.orchestrator = hears(cast.orchestrator, move |sound, at, heard, input, out| {
        if input == OrchestratorInput::Answer(Fact::Recorded) {
            let records = records.entry(heard.key.request()).or_default();
            *records += 1;
            if *records == 2 {
                return sagasim::actors::gate::Receipt::Fresh;
            }
        }
        sound.receive(at, heard, input, out)
    });
    cast
}

fn lose_pivot(mut cast: Cast, _: &Plan) -> Cast {
    cast.orchestrator = ignores(cast.orchestrator, |input| {
        matches!(input, OrchestratorInput::Answer(Fact::OrderCompleted(_)))
    });
    cast
}

/// The stock of a dropped transaction stays deducted in the database; nothing is posted.
pub(super) fn half_rolled_back(mut cast: Cast, _: &Plan) -> Cast {
    cast.monolith = hears(cast.monolith, |sound, at, heard, input, out| {
        let basket = match &input {
            MonolithInput::Ask(Request::Place { basket }) => Some(basket.clone()),
            _ => None,
        };
        let receipt = sound.receive(at, heard, input, out);
        let dropped = out.effects.iter().any(|effected| effected.effect == Effect::Refused);
        if let Some(basket) = basket.filter(|_| dropped) {
            let order = heard.key.request();
            let key = Exchange::new(order, Process::Traffic, 0, Step::DeductStock, Turn::Do);
            let unseen = Heard { key, ..*heard };
            let deduct = MonolithInput::Product(ProductCommand::DeductStock { basket });
            sound.receive(at, &unseen, deduct, &mut Outbox::default());
        }
        receipt
    });
    cast
}
