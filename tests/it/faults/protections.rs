//! The protections that only show under declared faults.

use super::{at, between, busy, fault, step};
use crate::world::{MS, SECOND, key, run, small, struck, violated, watched, wrong};
use sagasim::domain::{Coordination, Process, Service, Step, Transport, Turn};
use sagasim::sim::engine::{Finished, Position, Strike};
use sagasim::sim::scenario::{Breaker, FaultKind, FaultPosition, Scenario};

const LEASE: u64 = 4 * SECOND;

/// The orchestrator stands still with the answer to create-payment in its hands, for longer than
/// its lease; and what its standby asks about the payment is answered in vain.
fn two_owners() -> Scenario {
    let mut scenario = small(Coordination::Orchestration);
    let paid = key(Process::Payment, 1, Step::CreatePayment, Turn::Do);
    let (_, seen) = watched(&scenario, &[]);
    let answer = seen
        .iter()
        .find(|seen| seen.heard.key == paid && seen.heard.transport == Transport::Reply)
        .expect("the payment is made");
    // A handler works for 2 ms: 1 ms before its commit it has the answer and has not logged it.
    let since_ns = answer.now_ns - MS;
    let until_ns = since_ns + 9 * SECOND;
    // Arrivals have stopped by then; faults last as long as the load.
    scenario.run.duration_ns = Some(60 * SECOND);
    scenario.loads = vec![
        sagasim::sim::scenario::Load::ConstantArrivalRate {
            rate_per_s: 1.0 / 60.0,
            spacing: sagasim::sim::scenario::Spacing::Even,
        }
        .into(),
    ];
    scenario.protection.lease_ns = Some(LEASE);
    scenario.customers.pay_attempts = 1;
    let pause = fault(FaultKind::Pause, at(Service::Orchestrator), between(since_ns, until_ns));
    let replies = step(Step::CreatePayment, false, FaultPosition::Reply);
    scenario.faults.push(pause);
    scenario.faults.push(fault(
        FaultKind::Drop,
        replies,
        between(since_ns, until_ns + 20 * SECOND),
    ));
    scenario
}

#[test]
fn without_a_fence_two_orchestrators_complete_and_undo_the_same_payment() {
    let mut scenario = two_owners();
    let fenced = run(&scenario);
    assert_eq!(wrong(&fenced), None);
    assert!(fenced.faults.iter().all(|(_, hits)| *hits > 0), "{:?}", fenced.faults);
    scenario.protection.switches.fencing = false;
    let open = run(&scenario);
    let broken = violated(&open);
    assert!(broken.contains(&"completed-means-paid-once"), "{broken:?}");
    scenario.faults.clear();
    assert_eq!(wrong(&run(&scenario)), None, "without the fault nothing breaks");
}

#[test]
fn the_standby_takes_over_when_the_lease_is_over() {
    let mut scenario = busy(Coordination::Orchestration);
    scenario.protection.lease_ns = Some(SECOND);
    let window = between(SECOND, 4 * SECOND);
    let crash = FaultKind::Crash { restart_ns: None };
    for kind in [FaultKind::Pause, crash] {
        scenario.faults = vec![fault(kind, at(Service::Orchestrator), window)];
        let (run, seen) = watched(&scenario, &[]);
        assert_eq!(wrong(&run), None, "{kind:?}");
        let at_work = |seen: &&crate::world::Seen| seen.heard.to == Service::Orchestrator;
        let silent = seen
            .iter()
            .filter(at_work)
            .filter(|seen| (SECOND + 5 * MS..2 * SECOND).contains(&seen.now_ns));
        let standby = seen
            .iter()
            .filter(at_work)
            .filter(|seen| (2 * SECOND..4 * SECOND).contains(&seen.now_ns));
        assert_eq!(silent.count(), 0, "{kind:?}");
        assert!(standby.count() > 20, "{kind:?}");
    }
}

#[test]
fn an_open_circuit_breaker_sends_nothing_and_breaks_nothing() {
    for coordination in [Coordination::Choreography, Coordination::Orchestration] {
        let mut scenario = busy(coordination);
        let down = FaultKind::Crash { restart_ns: None };
        let window = between(SECOND, 5 * SECOND);
        scenario.faults.push(fault(down, at(Service::Coupon), window));
        // One worker an order: a synchronous call that hangs holds up nobody else.
        scenario.services[Service::Order as usize].workers = 64;
        scenario.protection.circuit_breaker = None;
        let without = run(&scenario);
        scenario.protection.circuit_breaker = Some(Breaker { failures: 3, open_for_ns: SECOND });
        let with = run(&scenario);
        for run in [&without, &with] {
            assert_eq!(wrong(run), None, "{coordination:?}");
        }
        assert_eq!(without.messages.held_back, 0);
        assert!(with.messages.held_back > 5, "{:?}", with.messages);
        assert!(with.messages.dropped * 2 < without.messages.dropped, "{:?}", with.messages);
        let sold = |run: &Finished| run.proof.money.revenue;
        assert!(sold(&with) > 0 && sold(&without) > 0);
    }
}

#[test]
fn the_saga_log_sends_a_command_again_that_a_crash_cut_off_without_an_outbox() {
    for step in [Step::DeductStock, Step::CreateOrder, Step::UseCoupon, Step::DeductBalance] {
        let (process, n) = match step {
            Step::DeductBalance => (Process::Payment, 1),
            _ => (Process::Order, 0),
        };
        let key = key(process, n, step, Turn::Do);
        let position = Position::AfterCommit;
        let strike = Strike { key, position, every_attempt: false, answer: true };
        let mut scenario = small(Coordination::Orchestration);
        scenario.protection.switches.outbox = false;
        let run = struck(&scenario, &[strike]);
        assert_eq!((run.strikes[0].1, wrong(&run)), (1, None), "{step:?}");
    }
}
