//! Seeded defects: an undo that is answered but not done is found, wherever it is.

use super::model::{search, shortest};
use super::moment::Faults;
use super::town::{Orders, Town};
use sagasim::domain::{Coordination, Step, Turn};
use sagasim::sim::check::Law;

use Coordination::{Choreography, Orchestration};

/// The undo of a step is answered, but not done.
fn skipping(coordination: Coordination, step: Step) -> Town {
    let mut town = Town::new(Orders::One, coordination, Faults::NONE, None);
    town.skipped = Some((step, Turn::Undo));
    town
}

#[test]
fn an_undo_that_is_skipped_is_found_without_any_fault() {
    for coordination in [Choreography, Orchestration] {
        for (step, law) in [
            (Step::DeductStock, Law::NothingHeld),
            (Step::CreateOrder, Law::EveryOrderTerminal),
            (Step::UseCoupon, Law::CouponUsedIffCompleted),
            (Step::DeductBalance, Law::NothingHeld),
            (Step::CreatePayment, Law::CompletedMeansPaidOnce),
        ] {
            let laws = search(skipping(coordination, step)).laws();
            assert!(laws.contains(&law), "{coordination:?} {step:?}: {laws:?}");
        }
    }
}

#[test]
fn the_shortest_way_to_a_skipped_undo_is_told() {
    let told = shortest(|| skipping(Choreography, Step::UseCoupon), Law::CouponUsedIffCompleted);
    insta::assert_snapshot!(told.expect("it is found"), @"
      1 order 0: customer -> product: deduct-stock
      2 order 0: product -> customer: answer to deduct-stock
      3 order 0: product -> order: create-order
      4 order 0: order -> coupon: use-coupon
      5 order 0: coupon -> order: answer to use-coupon
      6 order 0: order -> coupon: restore-coupon
      7 order 0: coupon -> order: answer to restore-coupon
      8 order 0: order -> product: restore-stock
      9 order 0: order -> customer: word on deduct-stock
      undo-in-reverse-order: roll-back-order ran before the undo of use-coupon
      undo-in-reverse-order: restore-stock ran before the undo of use-coupon
      coupon-used-iff-completed: the order uses 1 coupons, should use 0
    ");
}
