//! The scenarios in which something breaks: with every protection on they pass, and without the
//! one they are about they show what it is for.

use super::counts;
use crate::harness::{assert_sound, plan, run, run_plan, scenario, seed, summary, violated};
use sagasim::domain::{Coordination, Service, UndoPolicy};
use sagasim::report::summary::FaultVerdict;
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::Finished;
use sagasim::sim::scenario::{Fault, FaultKind, Scenario, Trigger, Verdict};

const SAGAS: [Coordination; 2] = [Coordination::Choreography, Coordination::Orchestration];

/// The scenario without a protection, in one coordination.
fn without(name: &str, coordination: Coordination, off: impl Fn(&mut Scenario)) -> Finished {
    let mut scenario = scenario(name);
    off(&mut scenario);
    run(&scenario, seed(&scenario), coordination)
}

fn breaks(name: &str, coordination: Coordination, law: &str, off: impl Fn(&mut Scenario)) {
    let broken = violated(&without(name, coordination, off));
    assert!(broken.contains(law), "{name} {coordination:?}: {broken:?}");
}

/// Coupons that orders use which are no sales.
fn leaked(run: &Finished) -> usize {
    let used = run.proof.orders.iter().filter(|end| end.coupon);
    used.filter(|end| end.outcome != Outcome::Completed || end.refunded).count()
}

/// A share of the replies of use-coupon is lost for good; the late requests stay.
fn losing(scenario: &mut Scenario, share: f64) {
    let drops = |fault: &&mut Fault| fault.kind == FaultKind::Drop;
    for fault in scenario.faults.iter_mut().filter(drops) {
        fault.trigger = Trigger::Probability { probability: share, from_ns: 0, until_ns: u64::MAX };
    }
}

#[test]
fn lost_replies_cost_coupons_only_if_nothing_but_what_was_answered_is_undone() {
    for coordination in SAGAS {
        let mut leaks = Vec::new();
        for share in [0.02, 0.05, 0.1] {
            for policy in [UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore] {
                let run = without("lost-coupon-reply", coordination, |scenario| {
                    scenario.protection.compensate = policy;
                    losing(scenario, share);
                });
                assert_sound(&run, coordination.name());
                assert_eq!(leaked(&run), 0, "{policy:?} {share}");
                assert!(run.messages.late > 0, "a tombstone refused a late original");
            }
            let completed = without("lost-coupon-reply", coordination, |scenario| {
                scenario.protection.compensate = UndoPolicy::Completed;
                losing(scenario, share);
            });
            leaks.push(leaked(&completed));
        }
        assert!(leaks[0] > 0 && leaks[0] < leaks[1] && leaks[1] < leaks[2], "{leaks:?}");
    }
}

#[test]
fn without_tombstones_late_originals_use_the_coupons_of_failed_orders() {
    for coordination in SAGAS {
        for policy in [UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore] {
            for name in ["lost-coupon-reply", "late-request"] {
                let run = without(name, coordination, |scenario| {
                    scenario.protection.compensate = policy;
                    scenario.protection.switches.tombstone = false;
                });
                assert!(leaked(&run) > 0, "{name} {coordination:?} {policy:?}");
                assert!(violated(&run).contains("coupon-used-iff-completed"));
            }
        }
    }
}

#[test]
fn an_orchestrator_without_its_log_leaves_stock_held() {
    let orchestration = Coordination::Orchestration;
    breaks("orchestrator-crash", orchestration, "nothing-held", |scenario| {
        scenario.protection.switches.saga_log = false;
    });
}

#[test]
fn nobody_places_an_order_while_the_orchestrator_is_down() {
    let scenario = scenario("orchestrator-crash");
    let longest = |coordination| {
        let plan = plan(&scenario, seed(&scenario), coordination);
        let summary = summary(&plan, &run_plan(&plan, &[]));
        let placed = summary.latency.iter().find(|row| row.outcome == "placed");
        (placed.map_or(0, |row| row.max_ns), summary)
    };
    let (with, _) = longest(Coordination::Orchestration);
    let (free, summary) = longest(Coordination::Choreography);
    assert!(with > 5_000_000_000 && free < 100_000_000, "{with} {free}");
    // What choreography does not have is listed, and judged no further.
    let verdicts: Vec<FaultVerdict> = summary.faults.iter().map(|fault| fault.verdict).collect();
    assert_eq!(verdicts, [FaultVerdict::NotApplicable; 2]);
    assert_eq!(summary.verdict, Verdict::Passed);
}

#[test]
fn without_an_outbox_a_crash_after_the_commit_holds_stock_for_ever() {
    let choreography = Coordination::Choreography;
    breaks("crash-after-commit", choreography, "nothing-held", |scenario| {
        scenario.protection.switches.outbox = false;
    });
}

#[test]
fn without_an_inbox_what_comes_twice_gives_stock_back_twice() {
    let choreography = Coordination::Choreography;
    breaks("duplicate-delivery", choreography, "stock-conserved", |scenario| {
        scenario.protection.switches.inbox = false;
    });
}

#[test]
fn without_stored_answers_calls_that_come_twice_take_twice() {
    for coordination in SAGAS {
        let run = without("duplicate-delivery", coordination, |scenario| {
            scenario.protection.switches.idempotency_key = false;
        });
        assert!(!violated(&run).is_empty(), "{coordination:?}");
    }
}

#[test]
fn without_the_semantic_lock_an_order_is_cancelled_and_completed() {
    for (coordination, law) in SAGAS.into_iter().zip(["order-state-machine", "nothing-held"]) {
        breaks("cancel-races-payment", coordination, law, |scenario| {
            scenario.protection.switches.semantic_lock = false;
        });
    }
}

#[test]
fn without_retries_an_undo_that_fails_leaves_orders_open() {
    for coordination in SAGAS {
        breaks("undo-fails", coordination, "every-order-terminal", |scenario| {
            scenario.protection.retry = None;
        });
    }
}

#[test]
fn without_a_timeout_a_partition_leaves_orders_open() {
    for coordination in SAGAS {
        breaks("partition", coordination, "every-order-terminal", |scenario| {
            scenario.protection.timeout_ns = None;
        });
    }
}

#[test]
fn a_circuit_breaker_spares_a_slow_service_the_storm() {
    for coordination in SAGAS {
        let with = without("retry-storm", coordination, |_| {});
        let bare = without("retry-storm", coordination, |scenario| {
            scenario.protection.circuit_breaker = None;
        });
        for run in [&with, &bare] {
            assert_sound(run, coordination.name());
        }
        // Calls that reached the coupons, whether there was room for them or not.
        let calls = |run: &Finished| {
            let coupon = run.stations[Service::Coupon as usize];
            coupon.handled + coupon.refused
        };
        assert!(with.messages.held_back > 0 && bare.messages.held_back == 0);
        let (spared, storm) = (calls(&with), calls(&bare));
        assert!(spared * 5 < storm * 4, "{coordination:?}: {spared} instead of {storm}");
        let [sold] = counts(&with, [Outcome::Completed]);
        assert!(sold > with.started / 2);
    }
}
