//! Defects in Coupon.

use super::bend::{coupons, gated, hears, mishears, naive, without_postings};
use super::world::{cancelled, one_coupon_twice, rush, two_members};
use sagasim::actors::gate::Receipt;
use sagasim::actors::host::Cast;
use sagasim::domain::{Body, CouponCommand, Effect, Move, Outbox, Service, Step, Turn, Word};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::Scenario;
use std::collections::BTreeSet;

super::teeth! {
    a_coupon_not_restored_breaks_coupon_used_iff_completed:
        CouponUsedIffCompleted, cancelled, keep;
    a_coupon_whose_restore_does_nothing_breaks_coupon_used_iff_completed:
        CouponUsedIffCompleted, cancelled, keep_openly;
    a_coupon_used_by_two_orders_breaks_coupon_used_at_most_once:
        CouponUsedAtMostOnce, one_coupon_twice, two_replicas;
    coupons_beyond_the_limit_break_coupon_issue_within_limit:
        CouponIssueWithinLimit, rush, no_limit;
    two_coupons_for_one_member_break_coupon_issue_within_limit:
        CouponIssueWithinLimit, rush_of_few, two_each;
    a_coupon_issued_to_another_member_breaks_coupon_issue_within_limit:
        CouponIssueWithinLimit, rush, issue_to_another;
    a_coupon_of_another_member_breaks_coupon_used_iff_completed:
        CouponUsedIffCompleted, two_members, use_anothers;
}

fn rush_of_few() -> Scenario {
    let mut scenario = rush();
    scenario.users.count = 3;
    scenario
}

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
    cast.coupon = super::bend::misstates(cast.coupon, |heard, out| {
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
