//! Fail at each step; fail and undo twice; do everything twice.

use super::{SAGAS, distinct, handled, key, one_order, trace};
use crate::world::{refused, run, struck, wrong};
use sagasim::domain::saga::{self, Row};
use sagasim::domain::{Coordination, Process, Service, Step, Turn};
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::{Finished, Position, Strike};
use sagasim::sim::scenario::{Fault, Trigger};
use std::collections::BTreeSet;

/// How an order ends when a row of its saga is refused for good.
fn end(row: &Row) -> Outcome {
    match (row.process, row.step) {
        (Process::Order, Step::DeductStock) => Outcome::Rejected,
        (Process::Order, _) => Outcome::Compensated,
        (Process::Refund, _) => Outcome::Completed,
        _ => Outcome::Expired,
    }
}

/// The rows that may be refused for good.
fn refusable() -> impl Iterator<Item = &'static Row> {
    saga::table().filter(|row| saga::refusable(row.step, row.turn))
}

/// Nothing but the order's sale is missing: no units, no money and no coupon of an order that was
/// not sold.
fn clean_slate(run: &Finished, what: &str) {
    assert_eq!(wrong(run), None, "{what}");
    let opening = |sold: bool| (10_000 - i64::from(sold), 1_000_000 - 9_000 * i64::from(sold));
    let sold = run.proof.orders[0].amount != 0;
    let (units, poorest) = opening(sold);
    assert_eq!(run.proof.available, [units], "{what}");
    assert_eq!(run.proof.balances.iter().min(), Some(&poorest), "{what}");
    assert_eq!(run.proof.coupons.1, i64::from(sold), "{what}");
    assert_eq!(run.proof.sold.values().sum::<i64>(), i64::from(sold), "{what}");
}

#[test]
fn a_saga_that_fails_at_any_step_before_its_pivot_leaves_a_clean_slate() {
    for coordination in Coordination::ALL {
        for row in refusable() {
            let what = format!("{coordination:?}: {} refused", row.name());
            let mut scenario = one_order(coordination, row.process);
            scenario.faults.push(refused(row.step));
            let run = run(&scenario);
            clean_slate(&run, &what);
            // It failed, and it failed there.
            let there = |step: Step| run.steps[step as usize].refused;
            let refusals: Vec<Step> =
                Step::ALL.into_iter().filter(|step| there(*step) > 0).collect();
            assert_eq!((refusals, there(row.step)), (vec![row.step], 1), "{what}");
            assert_eq!(run.proof.outcomes.of(end(row)), 1, "{what}");
            assert!(!run.proof.orders[0].refunded, "{what}");
        }
    }
}

#[test]
fn a_saga_that_fails_at_any_step_after_its_pivot_goes_on_until_it_is_done() {
    for coordination in Coordination::ALL {
        for row in saga::table().filter(|row| !saga::refusable(row.step, row.turn)) {
            let what = format!("{coordination:?}: {:?} {} not now", row.process, row.name());
            let mut scenario = one_order(coordination, row.process);
            let calm = trace(&run(&scenario));
            // A monolith has one transaction for all of it: only its sinks are apart.
            let apart = matches!(row.service, Service::Platform | Service::Ranking);
            let hits = if coordination == Coordination::Monolith && !apart {
                let first = saga::rows(row.process)[0];
                let timer = row.process == Process::Expiry;
                let turn = if timer { Turn::Do } else { Turn::Ask };
                let key = key(&Row { turn, ..first });
                let position = Position::BeforeCommit;
                let strike = Strike { key, position, every_attempt: false, answer: false };
                let struck = struck(&scenario, &[strike]);
                assert_eq!((wrong(&struck), trace(&struck)), (None, calm), "{what}");
                struck.strikes[0].1
            } else {
                let undo = row.turn == Turn::Undo;
                let all = Trigger::Probability { probability: 1.0, from_ns: 0, until_ns: u64::MAX };
                scenario.faults.push(Fault::error("not now", row.step, undo, all));
                let failed = run(&scenario);
                assert_eq!((wrong(&failed), trace(&failed)), (None, calm), "{what}");
                failed.faults[0].1
            };
            assert!(hits > 0, "{what}: it did not fail there");
        }
    }
}

#[test]
fn every_undo_may_be_asked_for_twice() {
    for coordination in SAGAS {
        let mut repeated = BTreeSet::new();
        let failing = refusable().map(|row| (row.process, Some(row.step)));
        let closing = [Process::Expiry, Process::Cancel, Process::Refund].map(|one| (one, None));
        for (process, step) in failing.chain(closing) {
            let mut scenario = one_order(coordination, process);
            scenario.faults.extend(step.map(refused));
            let (once, handled) = handled(&scenario, &[]);
            let undo = |one: &super::Handled| one.key.turn() == Turn::Undo;
            for one in distinct(handled).into_iter().filter(undo) {
                let what = format!("{coordination:?} {process:?} {step:?}: {one:?}");
                let twice = struck(&scenario, &[one.again()]);
                assert_eq!((wrong(&twice), twice.strikes[0].1 > 0), (None, true), "{what}");
                assert_eq!(trace(&twice), trace(&once), "{what}");
                let undone = |step: Step| (twice.steps[step as usize], once.steps[step as usize]);
                let (twice, once) = undone(one.key.step());
                assert_eq!(twice.undone, once.undone, "{what}");
                repeated.insert((one.work().0, one.work().1));
            }
        }
        // The compensations of the rows before each pivot, and those that a process is made of.
        let owed = |row: &&Row| row.undo_name().is_some() || row.turn == Turn::Undo;
        for row in saga::table().filter(owed) {
            let place = (row.process, row.step);
            assert!(repeated.contains(&place), "{coordination:?}: {place:?} was never repeated");
        }
    }
}

#[test]
fn every_step_may_be_asked_for_twice() {
    for coordination in SAGAS {
        let mut repeated = BTreeSet::new();
        for process in Process::CHECKOUT {
            let scenario = one_order(coordination, process);
            let (once, handled) = handled(&scenario, &[]);
            for one in distinct(handled) {
                let what = format!("{coordination:?} {process:?}: {one:?}");
                let twice = struck(&scenario, &[one.again()]);
                assert_eq!((wrong(&twice), twice.strikes[0].1 > 0), (None, true), "{what}");
                assert_eq!(trace(&twice), trace(&once), "{what}");
                for (twice, once) in twice.steps.iter().zip(&once.steps) {
                    assert_eq!((twice.done, twice.undone), (once.done, once.undone), "{what}");
                }
                if one.at != Service::Orchestrator {
                    repeated.insert(one.work());
                }
            }
        }
        for row in saga::table() {
            let place = (row.process, row.step, row.turn);
            assert!(repeated.contains(&place), "{coordination:?}: {place:?} was never repeated");
        }
    }
}
