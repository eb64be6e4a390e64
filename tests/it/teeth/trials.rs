//! Where each defect is tried: a small world in which the sound cast passes.

use super::world::*;
use super::{run, said, sound, violated};
use sagasim::domain::{Coordination, Step};
use sagasim::sim::defect::Defect;
use sagasim::sim::scenario::Scenario;

/// A world that is made.
type World = fn() -> Scenario;

/// The world of each defect, in the order of the catalogue. In a world without what it takes (a
/// fault, as a rule) the defect does not show.
const WORLDS: &[(&str, World)] = &[
    ("stock-not-restored", cancelled),
    ("stock-restored-twice", cancelled),
    ("stock-checked-then-taken", last_unit),
    ("stock-taken-as-far-as-it-goes", three_units),
    ("other-product-restored", cancelled),
    ("other-product-in-state", cancelled),
    ("product-row-lost", paid),
    ("stock-events-forgotten", cancelled),
    ("unit-missing", paid),
    ("balance-not-looked-at", poor),
    ("charged-twice", paid),
    ("charged-too-much", payments_fail),
    ("refund-too-high", refunded),
    ("refund-of-another-payment", paid_at_second_try),
    ("foreign-refund", one_payer),
    ("another-member-charged", paid),
    ("balance-unlike-its-postings", payments_fail),
    ("member-row-lost", paid),
    ("top-up-of-another-amount", poor),
    ("top-up-twice", poor),
    ("money-kept", payments_fail),
    ("payment-outlives-its-refund", refunded),
    ("payment-of-another-amount", paid),
    ("payment-acknowledged-unhandled", paid),
    ("balance-answers-forgotten", paid),
    ("coupon-kept", cancelled),
    ("coupon-kept-openly", cancelled),
    ("coupon-in-two-replicas", one_coupon_twice),
    ("coupons-without-limit", rush),
    ("two-coupons-for-one", rush_of_few),
    ("coupon-for-another", rush),
    ("coupon-of-another", two_members),
    ("effect-behind-a-refusal", coupons_fail),
    ("coupon-answers-forgotten", all_coupons),
    ("coupon-without-tombstones", all_coupons),
    ("undos-in-forward-order", all_coupons),
    ("undo-noted-twice", coupons_fail),
    ("state-skipped", coupons_fail),
    ("late-success-accepted", slow_payment),
    ("left-in-undoing", coupons_fail),
    ("published-when-placed", paid),
    ("discount-forgotten", paid),
    ("amount-off", paid),
    ("amount-unlike-its-postings", paid),
    ("wrong-word", paid),
    ("another-amount-told", abandoned),
    ("window-never-disarmed", paid),
    ("refusal-swallowed", coupons_fail),
    ("timeout-taken-for-a-refusal", all_coupons),
    ("roll-back-not-implemented", cancelled),
    ("ranked-twice", paid),
    ("refund-still-ranked", refunded),
    ("ranked-on-another-day", paid),
    ("published-twice", paid),
    ("never-published", paid),
    ("refund-never-published", refunded),
    ("undo-taken-as-done", cancelled),
    ("last-answer-lost", paid),
    ("pivot-answer-lost", paid),
    ("answer-before-the-save", paid),
    ("saga-log-in-memory", paid),
    ("transaction-half-rolled-back", coupons_fail),
];

/// The defects with their worlds, without the defect, as they are first meant to be coordinated.
pub(super) fn trials() -> impl Iterator<Item = (&'static Defect, Scenario)> {
    assert!(WORLDS.iter().map(|(name, _)| *name).eq(Defect::all().map(|defect| defect.name)));
    let trial = |(defect, (_, world)): (&'static Defect, &(&str, World))| {
        (defect, by(defect.plays[0], world()))
    };
    Defect::all().zip(WORLDS).map(trial)
}

/// The same world with the defect.
pub(super) fn planted(mut scenario: Scenario, defect: &'static Defect) -> Scenario {
    scenario.flow.defect = Some(defect);
    scenario
}

#[test]
fn the_sound_build_passes_in_the_world_of_each_defect() {
    for (defect, world) in trials() {
        for coordination in defect.plays {
            sound(by(*coordination, world.clone()));
        }
    }
}

#[test]
fn each_defect_is_caught_by_its_invariant_wherever_it_plays() {
    for (defect, world) in trials().filter(|(defect, _)| !defect.takes_a_fault()) {
        for coordination in defect.plays {
            let run = run(planted(by(*coordination, world.clone()), defect), |cast, _| cast);
            let found = violated(&run);
            assert!(
                found.contains(&defect.law),
                "{} {coordination:?}: {found:?}\n{}",
                defect.name,
                said(&run)
            );
        }
    }
}

#[test]
fn where_a_defect_does_not_play_the_cast_is_sound() {
    let mut apart = 0;
    for (defect, _) in trials() {
        for coordination in Coordination::ALL {
            if !defect.plays.contains(&coordination) {
                sound(planted(by(coordination, refuse(refunded(), Step::UseCoupon, 0.5)), defect));
                apart += 1;
            }
        }
    }
    assert!(apart > 20);
}

#[test]
fn names_are_for_files_and_meanings_are_sentences() {
    let mut names: Vec<&str> = Defect::all().map(|defect| defect.name).collect();
    assert!(names.len() >= 24);
    for defect in Defect::all() {
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(defect.name.chars().all(plain), "{}", defect.name);
        let Defect { meaning, stands_for, .. } = defect;
        assert!(meaning.ends_with('.') && !meaning.contains(". "), "{meaning}");
        assert!(!stands_for.is_empty() && !stands_for.ends_with('.'), "{stands_for}");
        assert_eq!(Defect::named(defect.name), Some(defect));
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Defect::all().count(), "a name is given twice");
    assert_eq!(Defect::named("no-such-defect"), None);
}
