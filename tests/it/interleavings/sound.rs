//! With everything on, no order of events breaks anything; and how many moments there are.

use super::model::search;
use super::moment::Faults;
use super::town::{Orders, Town};
use crate::interleavings::protections::explored;
use sagasim::domain::Coordination;
use sagasim::sim::check::Outcome;
use std::collections::BTreeSet;

use Coordination::{Choreography, Orchestration};
use Outcome::{Cancelled, Compensated, Completed, Expired, Rejected};

/// Moments of a world without a fault, and with one of each kind.
type Counts = [usize; 5];

/// Every world is sound and as large as it was; each order can end in each of these ways.
#[track_caller]
fn sound(orders: Orders, coordination: Coordination, ends: &[Outcome], counts: Counts) {
    let mut found = Counts::default();
    let mut ended = BTreeSet::new();
    for (faults, count) in Faults::EACH.into_iter().zip(&mut found) {
        let town = Town::new(orders, coordination, faults, None);
        let searched = search(town);
        let first = searched.broken.first().map(|(law, story)| (law.name(), story));
        assert!(first.is_none(), "{orders:?} {coordination:?} {faults:?}: {first:?}");
        ended.extend(searched.ends);
        *count = searched.moments;
    }
    assert_eq!(found, counts, "{orders:?} {coordination:?}");
    assert_eq!(ended, ends.iter().copied().collect(), "{orders:?} {coordination:?}");
    let clean = explored(orders, coordination, None);
    assert!(clean.is_empty(), "the explorer found {clean:?}");
}

#[test]
fn no_order_of_events_harms_one_order_in_a_choreography() {
    let ends = [Completed, Rejected, Compensated, Cancelled, Expired];
    sound(Orders::One, Choreography, &ends, [5_429, 91_422, 55_042, 34_772, 100_386]);
}

#[test]
fn no_order_of_events_harms_one_order_in_an_orchestration() {
    let ends = [Completed, Rejected, Compensated, Cancelled, Expired];
    sound(Orders::One, Orchestration, &ends, [7_367, 194_643, 268_321, 58_560, 436_386]);
}

#[test]
fn no_order_of_events_sells_the_last_unit_twice_in_a_choreography() {
    let ends = [Completed, Rejected, Cancelled, Expired];
    sound(Orders::LastUnit, Choreography, &ends, [5_654, 14_608, 8_702, 8_700, 8_578]);
}

#[test]
fn no_order_of_events_sells_the_last_unit_twice_in_an_orchestration() {
    // The orchestrator may give up on a late deduct-stock, and undoes what it does not know of.
    let ends = [Completed, Rejected, Compensated, Cancelled, Expired];
    sound(Orders::LastUnit, Orchestration, &ends, [17_513, 66_117, 282_853, 31_320, 137_701]);
}

#[test]
fn no_order_of_events_uses_one_coupon_twice_in_a_choreography() {
    let ends = [Completed, Compensated, Cancelled, Expired];
    sound(Orders::OneCoupon, Choreography, &ends, [18_480, 56_464, 57_609, 32_214, 70_385]);
}

#[test]
fn no_order_of_events_uses_one_coupon_twice_in_an_orchestration() {
    let ends = [Completed, Rejected, Compensated, Cancelled, Expired];
    sound(Orders::OneCoupon, Orchestration, &ends, [37_629, 187_863, 1_010_682, 78_017, 395_491]);
}

#[test]
fn no_order_of_events_harms_one_order_with_a_crash_and_a_duplicate() {
    let faults = Faults { duplicates: 1, crashes: 1, ..Faults::NONE };
    let searched = search(Town::new(Orders::One, Choreography, faults, None));
    assert_eq!((searched.moments, searched.broken), (875_224, Vec::new()));
}
