//! Defects in the orchestrator and the monolith.

use super::bend::{hears, ignores, rules};
use super::{Defect, MONOLITH, ORCHESTRATION};
use crate::actors::Orchestrator;
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::actors::host::Cast;
use crate::domain::{
    Body, CouponCommand, Effect, Exchange, Fact, MonolithInput, OrchestratorInput, Outbox, Process,
    ProductCommand, Request, RequestId, Service, Step, Transport, Turn,
};
use crate::sim::check::Law;
use crate::sim::plan::Plan;
use std::collections::BTreeMap;

/// The defects.
pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "undo-taken-as-done",
        Law::CouponUsedIffCompleted,
        skip_undo,
        "The orchestrator takes restore-coupon as done without asking anybody.",
        "an undo that is only logged",
    )
    .at(ORCHESTRATION)
    .by(1),
    Defect::new(
        "last-answer-lost",
        Law::NoLeakedLockTimerCallOrRow,
        lose_last_answer,
        "The orchestrator loses the last answer of a payment.",
        "an acknowledgement before the save",
    )
    .at(ORCHESTRATION)
    .by(0),
    Defect::new(
        "pivot-answer-lost",
        Law::NoLeakedLockTimerCallOrRow,
        lose_pivot,
        "The orchestrator loses the answer of complete-order.",
        "an acknowledgement before the save",
    )
    .at(ORCHESTRATION)
    .by(0),
    Defect::new(
        "answer-before-the-save",
        Law::EveryOrderTerminal,
        save_late,
        "An answer that comes before the new saga is saved finds no saga, and is dropped.",
        "MassTransit/MassTransit#1005",
    )
    .at(ORCHESTRATION)
    .by(0),
    Defect::new(
        "saga-log-in-memory",
        Law::NothingHeld,
        forget_log,
        "The orchestrator keeps its saga log in memory.",
        "a saga repository that does not outlive its process",
    )
    .at(ORCHESTRATION)
    .by(1)
    .within(2_000),
    Defect::new(
        "transaction-half-rolled-back",
        Law::StockConserved,
        half_rolled_back,
        "A transaction that is dropped keeps the stock that it took.",
        "a statement on another connection than its transaction",
    )
    .at(MONOLITH)
    .by(1),
];

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
                return Receipt::Fresh;
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
fn half_rolled_back(mut cast: Cast, _: &Plan) -> Cast {
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

/// The row of a new saga is written when the next input is handled: a race that only an answer
/// with nothing in between can lose.
fn save_late(mut cast: Cast, _: &Plan) -> Cast {
    let mut unsaved: Option<RequestId> = None;
    cast.orchestrator = hears(cast.orchestrator, move |sound, at, heard, input, out| {
        let order = heard.key.request();
        let missing = unsaved.take() == Some(order);
        if missing && matches!(input, OrchestratorInput::Answer(_)) {
            return Receipt::Fresh;
        }
        if matches!(input, OrchestratorInput::Ask(Request::Place { .. })) {
            unsaved = Some(order);
        }
        sound.receive(at, heard, input, out)
    });
    cast
}

fn forget_log(mut cast: Cast, plan: &Plan) -> Cast {
    let mut rules = rules(plan);
    rules.on.saga_log = false;
    cast.orchestrator = Box::new(Orchestrator::new(rules));
    cast
}
