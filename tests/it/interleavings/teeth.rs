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
    insta::assert_snapshot!(told.expect("it is found"), @"");
}
