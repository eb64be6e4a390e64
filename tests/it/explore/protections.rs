//! What is found: for each protection that is off, the smallest fault that shows it; and nothing
//! that could be spared.

use super::{explored, one_order, theme, up_to};
use sagasim::domain::Coordination;
use sagasim::sim::check::Law;
use sagasim::sim::engine::Position;
use sagasim::sim::explore::{Counterexample, Decision, Same, Switch, certify, shrink};
use sagasim::sim::plan::Intent;
use sagasim::sim::scenario::Scenario;

use Coordination::{Choreography, Orchestration};

fn without(coordination: Coordination, switch: Switch) -> Scenario {
    let mut scenario = one_order(coordination);
    switch.set(&mut scenario, false);
    scenario
}

fn faults(one: &Counterexample) -> usize {
    one.decisions.iter().filter(|decision| decision.is_fault()).count()
}

#[test]
fn each_protection_that_is_off_is_missed_by_a_single_fault() {
    let table: [(Switch, &[Coordination], Law); 8] = [
        (Switch::Outbox, &[Choreography], Law::NothingHeld),
        (Switch::Inbox, &[Choreography], Law::StockConserved),
        (Switch::IdempotencyKey, &[Choreography, Orchestration], Law::CouponUsedIffCompleted),
        (Switch::Tombstone, &[Choreography, Orchestration], Law::CouponUsedIffCompleted),
        (Switch::SemanticLock, &[Choreography, Orchestration], Law::OrderStateMachine),
        (Switch::Timeout, &[Choreography, Orchestration], Law::EveryOrderTerminal),
        (Switch::Retry, &[Choreography, Orchestration], Law::EveryOrderTerminal),
        (Switch::SagaLog, &[Orchestration], Law::NothingHeld),
    ];
    for (switch, coordinations, law) in table {
        for coordination in coordinations {
            let found = explored(&without(*coordination, switch), up_to(1));
            let breaks = |one: &&Counterexample| one.law == law || one.also.contains(&law);
            let one = found.counterexamples.iter().find(breaks);
            let what = format!("{coordination:?} without {switch:?}: {:?}", found.broken);
            let one = one.unwrap_or_else(|| panic!("{what}"));
            assert!(faults(one) <= 1, "{what}");
            assert!(one.decisions.len() <= 2, "{what}: {:?}", one.decisions);
        }
    }
}

#[test]
fn no_decision_of_a_counterexample_can_be_spared() {
    for switch in Switch::ALL {
        let scenario = without(Orchestration, switch);
        for one in &explored(&scenario, up_to(1)).counterexamples {
            assert_eq!(one.certificate.without.len(), one.decisions.len());
            assert!(one.certificate.passes(), "{switch:?}: {one:?}");
            // The certificate is not only said: the runs can be made again.
            for at in 0..one.decisions.len() {
                let mut rest = one.decisions.clone();
                rest.remove(at);
                assert!(theme(&scenario).run(&rest, false).expect("nobody panics").clean());
            }
        }
    }
}

#[test]
fn a_large_set_shrinks_to_the_smallest_one_that_fails_alike() {
    for (coordination, switch) in [
        (Choreography, Switch::Inbox),
        (Choreography, Switch::Tombstone),
        (Orchestration, Switch::IdempotencyKey),
        (Orchestration, Switch::SemanticLock),
    ] {
        let scenario = without(coordination, switch);
        let theme = theme(&scenario);
        let found = explored(&scenario, up_to(1));
        let smallest = &found.counterexamples[0];
        // Faults that do no harm by themselves, around the one that does.
        let harmless = found.points.iter().filter(|point| point.class.name() == "clean");
        let late = harmless.filter(|point| point.strike.position == Position::LateReply);
        let mut set: Vec<Decision> =
            late.map(|point| Decision::Strikes(point.strike)).take(9).collect();
        set.splice(4..4, smallest.decisions.iter().copied());
        let trial = theme.run(&set, false).expect("nobody panics");
        assert!(trial.laws.contains(&smallest.law), "{coordination:?} {switch:?}: {trial:?}");
        let shrunk = shrink(&theme, &set, Same(smallest.law)).expect("nobody panics");
        assert!(shrunk.len() <= smallest.decisions.len(), "{shrunk:?}");
        let proved = certify(&theme, &shrunk, smallest.law).expect("nobody panics");
        assert!(proved.certificate.passes(), "{proved:?}");
    }
}

#[test]
fn a_defect_of_the_flow_itself_needs_no_fault_at_all() {
    // The canary: the coupon is never given back.
    for coordination in Coordination::ALL {
        let mut scenario = one_order(coordination);
        scenario.flow.omit.restore_coupon = true;
        let found = explored(&scenario, up_to(0));
        let cancels = |one: &&Counterexample| {
            let wants = |decision: &Decision| {
                matches!(decision, Decision::Wants { intent: Intent::Cancel, .. })
            };
            let laws = [one.law].into_iter().chain(one.also.iter().copied());
            laws.into_iter().any(|law| law == Law::CouponUsedIffCompleted)
                && one.decisions.iter().all(wants)
        };
        assert_eq!(found.counterexamples.iter().filter(cancels).count(), 1, "{coordination:?}");
        assert!(found.counterexamples.iter().all(|one| one.decisions.len() == 1));
    }
}

#[test]
fn what_contains_a_counterexample_is_not_run_again() {
    let scenario = without(Choreography, Switch::Outbox);
    let (single, double) = (explored(&scenario, up_to(1)), explored(&scenario, up_to(2)));
    assert_eq!(single.containing, 0);
    assert!(double.containing > 0);
    for one in &double.counterexamples {
        let parts = single.counterexamples.iter().filter(|small| {
            small.decisions != one.decisions
                && small.decisions.iter().all(|decision| one.decisions.contains(decision))
        });
        assert_eq!(parts.count(), 0, "{one:?}");
    }
}
