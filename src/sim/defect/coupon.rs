//! Defects in Coupon.

use super::Defect;
use super::bend::{coupons, forgetful, gated, hears, mishears, misstates, naive, without_postings};
use crate::actors::choreography::Heard;
use crate::actors::gate::Receipt;
use crate::actors::host::Cast;
use crate::domain::{
    At, Body, CouponCommand, Effect, Exchange, Move, Outbox, Process, Service, Step, Steps, Turn,
    Word,
};
use crate::sim::check::Law;
use crate::sim::plan::Plan;
use std::collections::BTreeSet;

/// The defects.
pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "coupon-kept",
        Law::CouponUsedIffCompleted,
        keep,
        "Coupon is told to give a coupon back, says so, and does not.",
        "an undo that was never written",
    )
    .by(1),
    Defect::new(
        "coupon-kept-openly",
        Law::CouponUsedIffCompleted,
        keep_openly,
        "Coupon answers that a coupon is back, and does nothing.",
        "an undo that was never written",
    )
    .by(1),
    Defect::new(
        "coupon-in-two-replicas",
        Law::CouponUsedAtMostOnce,
        two_replicas,
        "What one replica of Coupon has spent, another one spends again.",
        "a read from a replica that lags",
    ),
    Defect::new(
        "coupons-without-limit",
        Law::CouponIssueWithinLimit,
        no_limit,
        "Coupon issues more coupons than the campaign has.",
        "a counter that is checked before it is raised",
    ),
    Defect::new(
        "two-coupons-for-one",
        Law::CouponIssueWithinLimit,
        two_each,
        "A member gets a second coupon of a campaign.",
        "a unique index that is missing",
    ),
    Defect::new(
        "coupon-for-another",
        Law::CouponIssueWithinLimit,
        issue_to_another,
        "A coupon is issued to the next member.",
        "a wrong customer id",
    ),
    Defect::new(
        "coupon-of-another",
        Law::CouponUsedIffCompleted,
        use_anothers,
        "An order uses the coupon of the next member.",
        "a wrong customer id",
    ),
    Defect::new(
        "effect-behind-a-refusal",
        Law::CouponUsedIffCompleted,
        effect_behind_a_refusal,
        "A use of a coupon that is refused has been written all the same, outside the transaction.",
        "apache/incubator-seata#6374",
    )
    .by(1),
    Defect::new(
        "coupon-answers-forgotten",
        Law::CouponUsedIffCompleted,
        forget_answers,
        "Coupon runs again when it is asked again, and refuses what it did itself.",
        "idempotency keys that are missing",
    )
    .by(1)
    .within(1_000),
    Defect::new(
        "coupon-without-tombstones",
        Law::CouponUsedIffCompleted,
        without_tombstones,
        "A use of a coupon that arrives after its own undo takes effect.",
        "a hanging try: apache/incubator-seata, fence state 'suspended'",
    )
    .by(1)
    .within(1_000),
];

/// Says that the coupon is back, and keeps it: in the state, too, it stays used by the order.
fn keep(mut cast: Cast, plan: &Plan) -> Cast {
    cast.coupon = hears(naive(coupons(plan, 0), plan), |naive, at, heard, input, out| {
        let restored = match input {
            CouponCommand::Restore { user, coupon } => Some((user, coupon)),
            CouponCommand::Use { .. }
            | CouponCommand::Issue { .. }
            | CouponCommand::ListCoupons { .. } => None,
        };
        let receipt = naive.receive(at, heard, input, out);
        if let Some((user, coupon)) = restored {
            without_postings(out);
            let again = CouponCommand::Use { user, coupon, subtotal: 0 };
            naive.receive(at, heard, again, &mut Outbox::default());
        }
        receipt
    });
    cast
}

/// Answers, and does not even say that anything was given back.
fn keep_openly(cast: Cast, plan: &Plan) -> Cast {
    let mut cast = keep(cast, plan);
    cast.coupon = misstates(cast.coupon, |heard, out| {
        if heard.key.step() == Step::UseCoupon && heard.key.turn() == Turn::Undo {
            out.effects.clear();
        }
    });
    cast
}

/// What one replica has spent the other one spends again.
fn two_replicas(mut cast: Cast, plan: &Plan) -> Cast {
    let mut replica = gated(coupons(plan, 0), plan);
    let mut there = BTreeSet::new();
    cast.coupon = hears(cast.coupon, move |sound, at, heard, input, out| {
        if there.contains(&heard.key.request()) {
            return replica.receive(at, heard, input, out);
        }
        let receipt = sound.receive(at, heard, input.clone(), out);
        if out.effects.last().is_some_and(|effected| effected.effect == Effect::Refused) {
            there.insert(heard.key.request());
            out.clear();
            return replica.receive(at, heard, input, out);
        }
        receipt
    });
    cast
}

fn issue_to_another(mut cast: Cast, plan: &Plan) -> Cast {
    let users = plan.users();
    cast.coupon = mishears(cast.coupon, move |input| match input {
        CouponCommand::Issue { user, coupon } => {
            CouponCommand::Issue { user: (user + 1) % users, coupon }
        }
        input => input,
    });
    cast
}

fn use_anothers(mut cast: Cast, plan: &Plan) -> Cast {
    let users = plan.users();
    cast.coupon = mishears(cast.coupon, move |input| match input {
        CouponCommand::Use { user, coupon, subtotal } => {
            CouponCommand::Use { user: (user + 1) % users, coupon, subtotal }
        }
        input => input,
    });
    cast
}

fn no_limit(mut cast: Cast, plan: &Plan) -> Cast {
    cast.coupon = gated(coupons(plan, 1_000), plan);
    cast
}

fn two_each(mut cast: Cast, plan: &Plan) -> Cast {
    cast.coupon = hears(gated(coupons(plan, 1_000), plan), |sound, at, heard, input, out| {
        let CouponCommand::Issue { user, coupon } = input else {
            return sound.receive(at, heard, input, out);
        };
        let receipt = sound.receive(at, heard, input, out);
        if out.effects.last().is_some_and(|effected| effected.effect == Effect::Refused) {
            out.clear();
            out.post(Move::Issue { coupon, user }, 1);
            out.close_effect(heard.key, Effect::Took);
            heard.reply(Service::Coupon, Body::Customer(Word::Done), out);
            return Receipt::Fresh;
        }
        receipt
    });
    cast
}

/// The write that is not part of the transaction: under a key of its own, and posted nowhere.
fn effect_behind_a_refusal(mut cast: Cast, _: &Plan) -> Cast {
    cast.coupon = hears(cast.coupon, |sound, at, heard, input, out| {
        let uses = matches!(input, CouponCommand::Use { .. });
        if uses && at.refused.contains(Step::UseCoupon) {
            let order = heard.key.request();
            let key = Exchange::new(order, Process::Traffic, 0, Step::UseCoupon, Turn::Do);
            let (unruled, unseen) = (At { refused: Steps::NONE, ..at }, Heard { key, ..*heard });
            sound.receive(unruled, &unseen, input.clone(), &mut Outbox::default());
        }
        sound.receive(at, heard, input, out)
    });
    cast
}

fn forget_answers(mut cast: Cast, plan: &Plan) -> Cast {
    cast.coupon = forgetful(coupons(plan, 0), plan, |on| on.idempotency_key = false);
    cast
}

fn without_tombstones(mut cast: Cast, plan: &Plan) -> Cast {
    cast.coupon = forgetful(coupons(plan, 0), plan, |on| on.tombstone = false);
    cast
}
