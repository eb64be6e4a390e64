//! The public list: what an engine for sagas has to show.

use super::{SAGAS, handled, one_order, undos};
use crate::world::{plan, refused, struck, violated, watched, wrong};
use sagasim::domain::saga::{self, Row};
use sagasim::domain::{Coordination, Process, RequestId, Step, Transport, Turn};
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::{self, Driver, Finished, Options, Position, Strike};
use sagasim::sim::scenario::Scenario;

/// The last, a middle and the first step after which something is to be undone, of the processes
/// that have steps to undo.
const FAILURES: [(Process, Step); 5] = [
    (Process::Order, Step::SetFinalAmount),
    (Process::Order, Step::UseCoupon),
    (Process::Order, Step::CreateOrder),
    (Process::Payment, Step::CompleteOrder),
    (Process::Payment, Step::CreatePayment),
];

/// A saga in which a step is refused.
fn failing(coordination: Coordination, process: Process, step: Step) -> Scenario {
    let mut scenario = one_order(coordination, process);
    scenario.faults.push(refused(step));
    scenario
}

/// The undos that are owed when a step is refused: of the rows before it, in reverse.
fn owed(process: Process, refused: Step) -> Vec<(Process, Step)> {
    let rows = saga::rows(process).iter();
    let before = rows.take_while(|row| row.step != refused).filter(|row| row.undo_name().is_some());
    let mut owed: Vec<_> = before.map(|row: &Row| (process, row.step)).collect();
    owed.reverse();
    owed
}

fn story(scenario: &Scenario, strikes: &[Strike]) -> (Finished, Vec<String>) {
    let plan = plan(scenario);
    let cast = engine::cast(&plan);
    let strikes = strikes.to_vec();
    let options = Options { strikes, tell: vec![RequestId(0)], ..Options::default() };
    let mut run = engine::run(plan, cast, options, Driver::Direct).expect("no handler panics");
    let lines = run.stories.remove(&RequestId(0)).unwrap_or_default();
    (run, lines)
}

#[test]
fn a_saga_that_succeeds_does_every_step_once_and_undoes_nothing() {
    for coordination in Coordination::ALL {
        let (run, _) = watched(&one_order(coordination, Process::Payment), &[]);
        assert_eq!((wrong(&run), run.proof.outcomes.of(Outcome::Completed)), (None, 1));
        let rows = saga::rows(Process::Order).iter().chain(saga::rows(Process::Payment));
        for row in rows {
            let figures = run.steps[row.step as usize];
            let counts = (figures.done, figures.undone, figures.refused);
            assert_eq!(counts, (1, 0, 0), "{coordination:?}: {}", row.name());
        }
    }
}

#[test]
fn a_failure_at_the_last_a_middle_and_the_first_step_is_undone_in_exact_reverse_order() {
    for coordination in SAGAS {
        for (process, step) in FAILURES {
            let (_, handled) = handled(&failing(coordination, process, step), &[]);
            let mine = |place: &(Process, Step)| place.0 == process;
            let done: Vec<_> = undos(&handled).into_iter().filter(mine).collect();
            assert_eq!(done, owed(process, step), "{coordination:?} {step:?}");
        }
    }
}

/// Breaks every undo of every failure, and of expiry, cancel and refund, once at this position.
fn break_undos(coordination: Coordination, position: Position) -> u32 {
    let mut broken = 0;
    let closing = [Process::Expiry, Process::Cancel, Process::Refund]
        .map(|process| one_order(coordination, process));
    let failed = FAILURES.map(|(process, step)| failing(coordination, process, step));
    for scenario in closing.into_iter().chain(failed) {
        let (once, handled) = handled(&scenario, &[]);
        let undo = |one: &&super::Handled| {
            one.key.turn() == Turn::Undo && one.transport != Transport::Reply
        };
        for one in handled.iter().filter(undo) {
            let what = format!("{coordination:?} {position:?}: {one:?}");
            let strike = Strike { position, ..one.again() };
            let run = struck(&scenario, &[strike]);
            assert_eq!((wrong(&run), run.strikes[0].1), (None, 1), "{what}");
            for step in Step::ALL {
                let undone = |run: &Finished| run.steps[step as usize].undone;
                assert_eq!(undone(&run), undone(&once), "{what}: {}", step.name());
            }
            broken += 1;
        }
    }
    broken
}

#[test]
fn an_undo_that_is_tried_again_has_its_effect_once() {
    for coordination in SAGAS {
        for position in [Position::RequestLost, Position::ReplyLost] {
            assert!(break_undos(coordination, position) > 15, "{coordination:?}");
        }
    }
}

#[test]
fn a_restart_amid_the_undoing_skips_nothing_and_repeats_nothing() {
    for coordination in SAGAS {
        for position in [Position::BeforeCommit, Position::AfterCommit] {
            assert!(break_undos(coordination, position) > 15, "{coordination:?}");
        }
    }
}

#[test]
fn an_undo_that_never_succeeds_is_seen_and_named() {
    for coordination in SAGAS {
        let scenario = failing(coordination, Process::Order, Step::SetFinalAmount);
        let key = crate::world::key(Process::Order, 0, Step::UseCoupon, Turn::Undo);
        let position = Position::RequestLost;
        let strike = Strike { key, position, every_attempt: true, answer: false };
        let run = struck(&scenario, &[strike]);
        assert_eq!(run.proof.outcomes.of(Outcome::Stuck), 1, "{coordination:?}");
        let violated = violated(&run);
        for name in ["every-order-terminal", "no-leaked-lock-timer-call-or-row"] {
            assert!(violated.contains(&name), "{coordination:?}: {violated:?}");
        }
        let named = run.proof.findings.kept().iter().filter_map(|found| found.key);
        let undo = (Process::Order, Step::UseCoupon, Turn::Undo);
        let mut named = named.map(|key| (key.process(), key.step(), key.turn()));
        assert!(named.any(|place| place == undo), "{coordination:?}");
        let mut said = run.proof.findings.kept().iter().map(|found| found.detail.as_str());
        assert!(said.any(|detail| detail.ends_with("restore-coupon")), "{coordination:?}");
    }
}

#[test]
fn the_reason_of_a_failure_reaches_the_customer_as_it_was() {
    for coordination in Coordination::ALL {
        for (process, step) in FAILURES {
            let (run, told) = story(&failing(coordination, process, step), &[]);
            assert_eq!(wrong(&run), None);
            let word = if process == Process::Order { "Failed" } else { "PayFailed" };
            let heard = format!("customer: told {word}(BusinessRule)");
            let times = told.iter().filter(|line| line.ends_with(&heard)).count();
            assert_eq!(times, 1, "{coordination:?} {step:?}: {told:#?}");
        }
    }
}

#[test]
fn one_who_looks_sees_which_undos_are_done_and_which_one_is_pending() {
    // Of three undos the second is lost for ever: the first is told as done, the second as broken.
    let scenario = failing(Coordination::Orchestration, Process::Order, Step::SetFinalAmount);
    let key = crate::world::key(Process::Order, 0, Step::CreateOrder, Turn::Undo);
    let position = Position::RequestLost;
    let strike = Strike { key, position, every_attempt: true, answer: false };
    let (run, told) = story(&scenario, &[strike]);
    let says = |what: &str| told.iter().any(|line| line.ends_with(what));
    assert!(says("coupon: restore-coupon"), "{told:#?}");
    assert!(says("FAULT request-lost: roll-back-order"), "{told:#?}");
    assert!(!says("product: restore-stock"), "{told:#?}");
    let figures = run.proof.processes[Process::Order as usize];
    assert_eq!((figures.started, figures.compensated, figures.stuck()), (1, 0, 1));
    let open = run.proof.findings.kept().iter().find(|found| found.key.is_some());
    let place = open.and_then(|found| found.key).map(|key| (key.step(), key.turn()));
    assert_eq!(place, Some((Step::CreateOrder, Turn::Undo)));
    // Without the fault all three are told, and nothing is pending.
    let (run, told) = story(&scenario, &[]);
    let figures = run.proof.processes[Process::Order as usize];
    assert_eq!((figures.compensated, figures.stuck()), (1, 0));
    let undone = |line: &&String| {
        ["restore-coupon", "roll-back-order", "restore-stock"].iter().any(|end| line.ends_with(end))
    };
    let order: Vec<&str> =
        told.iter().filter(undone).filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(order, ["restore-coupon", "roll-back-order", "restore-stock"]);
}
