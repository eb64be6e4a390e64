//! Who knows whom, who changes with a new step, whom one has to ask: derived, and true of the runs.

use crate::harness::{plan, scenario, seed};
use Coordination::{Choreography, Monolith, Orchestration};
use Service::{Orchestrator, Order, Payment, Product, User};
use sagasim::domain::coupling::{Gap, deciders, edges, gaps, watchers};
use sagasim::domain::route::routes;
use sagasim::domain::{Coordination, Process, Service, Step, Turn};
use sagasim::sim::plan::{Confluence, certify};
use std::collections::BTreeSet;

/// The place between two rows of a process.
fn gap(coordination: Coordination, process: Process, before: Step, behind: Step) -> Gap {
    let fits = |gap: &Gap| {
        gap.process == process && (gap.before.step, gap.behind.step) == (before, behind)
    };
    gaps(coordination).into_iter().find(fits).expect("the table has it")
}

#[test]
fn a_new_step_between_two_services_changes_whoever_hands_over_and_whoever_undoes() {
    for (process, before, behind, changed) in [
        (Process::Order, Step::DeductStock, Step::CreateOrder, vec![Product, Order]),
        (Process::Order, Step::CreateOrder, Step::UseCoupon, vec![Order]),
        (Process::Payment, Step::DeductBalance, Step::CreatePayment, vec![User, Payment]),
        (Process::Payment, Step::CreatePayment, Step::CompleteOrder, vec![Order, Payment]),
        // Behind the pivot nothing is undone.
        (Process::Payment, Step::CompleteOrder, Step::PublishOrder, vec![Order]),
    ] {
        let found = gap(Choreography, process, before, behind).changes;
        assert_eq!(found, changed.into_iter().collect::<BTreeSet<_>>(), "{before:?}");
    }
    let alone = |gap: &Gap, service| gap.changes == BTreeSet::from([service]);
    assert!(gaps(Orchestration).iter().all(|gap| alone(gap, Orchestrator)));
    assert!(gaps(Monolith).iter().all(|gap| alone(gap, Service::Monolith)));
}

#[test]
fn every_service_that_would_change_sends_something_today() {
    for coordination in [Choreography, Orchestration] {
        let senders: BTreeSet<Service> =
            routes(coordination).into_iter().map(|route| route.from).collect();
        for gap in gaps(coordination) {
            assert!(!gap.changes.is_empty() && gap.changes.is_subset(&senders), "{gap:?}");
        }
    }
}

#[test]
fn a_domain_knows_others_in_a_choreography_only() {
    let knows = |coordination, service| edges(coordination).iter().any(|edge| edge.0 == service);
    for domain in [Product, Order, User, Payment] {
        assert!(knows(Choreography, domain) && !knows(Orchestration, domain), "{domain:?}");
    }
    // Coupon answers, and asks nobody.
    assert!(!knows(Choreography, Service::Coupon));
    let sends = |turn| matches!(turn, Turn::Do | Turn::Undo);
    for coordination in Coordination::ALL {
        let all = routes(coordination);
        for (from, to) in edges(coordination) {
            let route = all.iter().find(|route| (route.from, route.to) == (from, to));
            assert!(route.is_some_and(|route| sends(route.turn) || route.turn == Turn::Said));
        }
    }
}

#[test]
fn one_service_sees_a_flow_that_one_service_decides() {
    assert_eq!(watchers(Choreography), [Product, Order, User, Payment]);
    assert_eq!(watchers(Orchestration), [Orchestrator]);
    assert_eq!(watchers(Monolith), [Service::Monolith]);
    assert_eq!(deciders(Choreography), BTreeSet::from([Product, Order, User, Payment]));
    assert_eq!(deciders(Orchestration), BTreeSet::from([Orchestrator]));
}

#[test]
fn the_comparison_of_the_coordinations_is_certified_to_end_alike() {
    let scenario = scenario("choreography-versus-orchestration");
    for coordination in Coordination::ALL {
        let plan = plan(&scenario, seed(&scenario), coordination);
        assert_eq!(certify(&plan), Confluence::Confluent);
    }
}
