//! The table of protections and faults: what breaks without each of them, and that it is cured.

use super::{explored, up_to};
use crate::harness::scenario;
use sagasim::cli::Engine;
use sagasim::cli::engine::Quest;
use sagasim::cli::virtual_engine::VirtualEngine;
use sagasim::domain::{Coordination, UndoPolicy};
use sagasim::report::explain::PROTECTIONS;
use sagasim::report::summary::{AblationFigures, VariantFigures};
use sagasim::sim::engine::Driver;
use sagasim::sim::explore::{Switch, Variant};
use sagasim::sim::scenario::Scenario;
use std::ops::ControlFlow;

use Coordination::{Choreography, Monolith, Orchestration};

fn ablated(scenario: &Scenario, coordination: Coordination) -> AblationFigures {
    drawn(scenario, coordination, None)
}

fn drawn(scenario: &Scenario, coordination: Coordination, samples: Option<u32>) -> AblationFigures {
    let bounds = up_to(1);
    let (seed, without, through) = (1, &[][..], Driver::Direct);
    let quest = Quest { scenario, coordination, seed, without, bounds, samples, through };
    VirtualEngine.ablate(&quest, &mut |_| ControlFlow::Continue(())).expect("nobody panics")
}

fn row<'a>(table: &'a AblationFigures, name: &str) -> &'a VariantFigures {
    table.variants.iter().find(|one| one.name == name).expect("a row")
}

/// Decisions of the smallest set that breaks an invariant without a protection; none: nothing does.
fn smallest(table: &AblationFigures, name: &str, invariant: &str) -> Option<usize> {
    let breaks = |also: &[String], first: &str| {
        first == invariant || also.iter().any(|one| one == invariant)
    };
    let found = row(table, name).violations.iter();
    found.filter(|one| breaks(&one.also, &one.invariant)).map(|one| one.decisions.len()).min()
}

#[test]
fn without_each_protection_the_documented_invariant_breaks_by_the_documented_fault_or_less() {
    let (both, choreography, orchestration) =
        ([Choreography, Orchestration], [Choreography], [Orchestration]);
    // Scenario, protection, coordinations, decisions of the documented fault.
    let table: [(&str, Switch, &[Coordination], usize); 15] = [
        ("one-order", Switch::Outbox, &choreography, 1),
        ("one-order", Switch::Inbox, &choreography, 2),
        ("one-order", Switch::IdempotencyKey, &both, 1),
        ("one-order", Switch::Tombstone, &both, 1),
        ("one-order", Switch::SemanticLock, &both, 1),
        ("one-order", Switch::Timeout, &both, 1),
        ("one-order", Switch::Retry, &both, 2),
        ("one-order", Switch::SagaLog, &orchestration, 1),
        ("checkout-single", Switch::Outbox, &choreography, 1),
        ("checkout-single", Switch::Inbox, &choreography, 2),
        ("checkout-single", Switch::SemanticLock, &choreography, 1),
        ("checkout-single", Switch::Timeout, &orchestration, 1),
        ("checkout-single", Switch::Retry, &orchestration, 1),
        ("checkout-single", Switch::SagaLog, &orchestration, 1),
        ("replaced-orchestrator", Switch::Fencing, &orchestration, 1),
    ];
    for coordination in both {
        for name in ["one-order", "checkout-single", "replaced-orchestrator"] {
            let computed = ablated(&scenario(name), coordination);
            assert_eq!(computed.variants[0].counterexamples, 0, "{name}: everything is on");
            for (_, switch, _, most) in table
                .into_iter()
                .filter(|(of, _, with, _)| *of == name && with.contains(&coordination))
            {
                let documented = PROTECTIONS.iter().find(|one| one.name == switch.name());
                let law = documented.and_then(|one| one.breaks).expect("it breaks something");
                let found = smallest(&computed, switch.name(), law);
                let what = format!("{name} {coordination:?} {}: {law}", switch.name());
                assert!(found.is_some_and(|found| found <= most), "{what}: {found:?}");
            }
            let breaker = row(&computed, "circuit_breaker");
            assert_eq!((breaker.counterexamples, breaker.smallest), (0, None), "it only costs");
        }
    }
}

#[test]
fn a_fence_is_missed_only_where_an_orchestrator_stands_still_past_its_lease() {
    let stands_still = ablated(&scenario("replaced-orchestrator"), Orchestration);
    let fencing = row(&stands_still, "fencing");
    assert_eq!(fencing.needs, ["the orchestrator stands still"]);
    assert_eq!(stands_still.declared, fencing.needs);
    assert_eq!(row(&ablated(&scenario("one-order"), Orchestration), "fencing").counterexamples, 0);
}

#[test]
fn each_fault_of_the_table_breaks_its_own_row_and_not_the_whole() {
    for coordination in Coordination::ALL {
        let table = ablated(&scenario("one-order"), coordination);
        assert!(table.faults.len() >= 5, "{coordination:?}");
        for one in &table.variants {
            let tried = if one.not_applicable.is_some() { 0 } else { table.faults.len() };
            assert_eq!(one.outcomes.len(), tried, "{coordination:?} {}", one.name);
            let Some(smallest) = one.smallest else {
                assert!(one.violations.is_empty());
                assert!(one.outcomes.iter().all(|outcome| outcome == "clean"), "{one:?}");
                continue;
            };
            let first = &one.violations[0];
            assert_eq!(table.faults[smallest], first.decisions);
            assert_eq!(one.outcomes[smallest], first.outcome);
            assert!(one.violations.iter().all(|found| found.cures.len() == 1), "{one:?}");
        }
        assert!(table.variants[0].outcomes.iter().all(|outcome| outcome == "clean"));
    }
}

#[test]
fn a_row_that_does_not_apply_would_be_the_scenario_itself() {
    let mut never_applied = 0;
    for coordination in Coordination::ALL {
        let mut scenario = scenario("one-order");
        scenario.flow.coordination = coordination;
        let whole = explored(&scenario, up_to(1));
        for variant in Variant::of(&scenario) {
            if variant.idle(&scenario).is_some() {
                never_applied += 1;
                let without = explored(&variant.apply(&scenario), up_to(1));
                assert!(without == whole, "{coordination:?} {}", variant.name());
            }
        }
    }
    assert_eq!(never_applied, 2 + 4);
}

#[test]
fn what_is_not_undone_after_an_unclear_failure_is_missed() {
    let scenario = scenario("one-order");
    for coordination in [Choreography, Orchestration] {
        let table = ablated(&scenario, coordination);
        assert_eq!(table.compensate, UndoPolicy::UnknownToo.name());
        let completed = row(&table, "completed");
        assert!(completed.breaks.iter().any(|law| law == "coupon-used-iff-completed"));
        assert_eq!(completed.violations[0].cures, ["unknown-too"]);
        assert_eq!(row(&table, "register-before").counterexamples, 0);
    }
    let monolith = ablated(&scenario, Monolith);
    assert!(row(&monolith, "completed").not_applicable.is_some());
}

#[test]
fn what_everything_together_does_not_cure_is_said_to_have_no_cure() {
    let mut scenario = scenario("one-order");
    scenario.flow.omit.restore_coupon = true;
    let table = ablated(&scenario, Choreography);
    assert!(table.variants[0].counterexamples > 0);
    let tombstone = row(&table, "tombstone");
    assert_eq!(tombstone.smallest, table.variants[0].smallest);
    assert!(tombstone.violations[0].cures.is_empty(), "{tombstone:?}");
    // What the same scenario lacks besides is still cured.
    assert_eq!(row(&table, "outbox").violations[0].cures, ["outbox"]);
}

#[test]
fn what_is_off_in_the_scenario_is_not_switched_off_again() {
    let mut scenario = scenario("one-order");
    Switch::CircuitBreaker.set(&mut scenario, false);
    let table = ablated(&scenario, Choreography);
    assert!(table.lacks_a_protection());
    let breaker = row(&table, "circuit_breaker");
    assert_eq!((breaker.runs, breaker.not_applicable.as_deref()), (0, Some(Variant::OFF)));
}

#[test]
fn a_row_whose_cells_fail_says_what_breaks_even_if_its_own_sample_drew_nothing() {
    let mut last_unit = scenario("last-unit");
    last_unit.protection.switches.idempotency_key = false;
    let table = drawn(&last_unit, Choreography, Some(2));
    let mut failing = 0;
    for one in &table.variants {
        let fails = one.outcomes.iter().any(|cell| cell != "clean" && cell != "unreached");
        assert_eq!(fails, !one.violations.is_empty(), "{}: {:?}", one.name, one.outcomes);
        failing += u32::from(fails);
    }
    assert!(failing > 0 && !table.variants[0].violations.is_empty(), "something has to break");
}
