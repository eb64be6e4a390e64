//! Without a protection its invariant breaks, and everything that the explorer finds broken is
//! found broken here as well.

use super::model::search;
use super::moment::Faults;
use super::town::{Orders, Town};
use sagasim::domain::Coordination;
use sagasim::sim::check::Law;
use sagasim::sim::explore::{Bounds, Sampling, Switch, Theme, explore, sample};
use sagasim::sim::plan::Plan;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use Coordination::{Choreography, Orchestration};

/// What the explorer finds broken: with every single fault, or, with several orders in flight, in
/// a sample of them.
pub(super) fn explored(
    orders: Orders,
    coordination: Coordination,
    off: Option<Switch>,
) -> BTreeSet<Law> {
    let scenario = orders.scenario(coordination, off);
    let theme = Theme::new(Plan::new(scenario, 1).expect("no order log to read"));
    let watch = &mut |_| ControlFlow::Continue(());
    let found = if theme.single() {
        explore(&theme, Bounds { faults: 1, jobs: 1, reduce: true }, watch)
    } else {
        sample(&theme, Sampling { samples: 200, faults: 1, seed: 1 }, watch)
    };
    let found = found.expect("nobody panics");
    let also = found.counterexamples.iter().flat_map(|one| one.also.iter().copied());
    found.broken.keys().copied().chain(also).collect()
}

/// Without this switch the fault makes some order of events break the invariant, and whatever the
/// explorer finds broken by any single fault is broken by this one. Without a fault nothing is.
#[track_caller]
fn missed(coordination: Coordination, switch: Switch, fault: Faults, law: Law) {
    let broken = |faults| search(Town::new(Orders::One, coordination, faults, Some(switch))).laws();
    let what = format!("{coordination:?} without {}", switch.name());
    if fault != Faults::NONE {
        let calm = broken(Faults::NONE);
        assert!(calm.is_empty(), "{what}, without a fault: {calm:?}");
    }
    let broken = broken(fault);
    assert!(broken.contains(&law), "{what}: {broken:?}");
    let explored = explored(Orders::One, coordination, Some(switch));
    assert!(explored.contains(&law), "{what}: the explorer found {explored:?}");
    let more: Vec<_> = explored.difference(&broken).collect();
    assert!(more.is_empty(), "{what}: only the explorer found {more:?}");
}

#[test]
fn without_an_outbox_stock_stays_held() {
    missed(Choreography, Switch::Outbox, Faults::CRASH, Law::NothingHeld);
}

#[test]
fn without_an_inbox_stock_comes_back_twice() {
    missed(Choreography, Switch::Inbox, Faults::DUPLICATE, Law::StockConserved);
}

#[test]
fn without_idempotency_keys_a_coupon_is_lost() {
    missed(Choreography, Switch::IdempotencyKey, Faults::LOSS, Law::CouponUsedIffCompleted);
    missed(Orchestration, Switch::IdempotencyKey, Faults::LOSS, Law::CouponUsedIffCompleted);
}

#[test]
fn without_tombstones_a_coupon_is_lost() {
    missed(Choreography, Switch::Tombstone, Faults::LATE, Law::CouponUsedIffCompleted);
    missed(Orchestration, Switch::Tombstone, Faults::LATE, Law::CouponUsedIffCompleted);
}

#[test]
fn without_a_semantic_lock_an_order_leaves_its_states() {
    missed(Choreography, Switch::SemanticLock, Faults::NONE, Law::OrderStateMachine);
    missed(Orchestration, Switch::SemanticLock, Faults::NONE, Law::OrderStateMachine);
}

#[test]
fn without_timeouts_an_order_is_stuck() {
    missed(Choreography, Switch::Timeout, Faults::LOSS, Law::EveryOrderTerminal);
    missed(Orchestration, Switch::Timeout, Faults::LOSS, Law::EveryOrderTerminal);
}

#[test]
fn without_retries_an_order_is_stuck() {
    missed(Choreography, Switch::Retry, Faults::LOSS, Law::EveryOrderTerminal);
    missed(Orchestration, Switch::Retry, Faults::LOSS, Law::EveryOrderTerminal);
}

#[test]
fn without_a_saga_log_stock_stays_held() {
    missed(Orchestration, Switch::SagaLog, Faults::CRASH, Law::NothingHeld);
}

#[test]
fn the_bounds_of_the_worlds_with_two_orders_hide_no_missing_protection() {
    let (unit, coupon) = (Orders::LastUnit, Orders::OneCoupon);
    for (orders, coordination, switch, fault, law) in [
        (unit, Choreography, Switch::Outbox, Faults::CRASH, Law::NothingHeld),
        (unit, Choreography, Switch::Inbox, Faults::DUPLICATE, Law::StockConserved),
        (unit, Orchestration, Switch::SagaLog, Faults::CRASH, Law::NothingHeld),
        (coupon, Choreography, Switch::Tombstone, Faults::LATE, Law::CouponUsedIffCompleted),
        (coupon, Orchestration, Switch::IdempotencyKey, Faults::LOSS, Law::CouponUsedIffCompleted),
    ] {
        let broken = search(Town::new(orders, coordination, fault, Some(switch))).laws();
        assert!(broken.contains(&law), "{orders:?} without {}: {broken:?}", switch.name());
    }
}
