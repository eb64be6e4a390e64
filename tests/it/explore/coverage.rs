//! What is run: everything that can happen, each once, whatever the threads and the driver.

use super::{SOUND, explored, one_order, theme, up_to};
use sagasim::domain::{Coordination, Exchange, Process, RequestId, Step, Turn};
use sagasim::sim::engine::{self, Driver, Options, Strike};
use sagasim::sim::explore::{Bounds, Decision, Planted, Switch, Theme, explore};
use sagasim::sim::plan::{Intent, Plan};
use sagasim::sim::scenario::Scenario;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

#[test]
fn no_fault_and_no_pair_of_faults_loses_anything_in_any_coordination() {
    let fewest = [20_000, 100_000, 4_000];
    for ((coordination, fewest), found) in Coordination::ALL.into_iter().zip(fewest).zip(&*SOUND) {
        assert_eq!(found.counterexamples, [], "{coordination:?}");
        assert!(found.broken.is_empty());
        assert!(found.runs.double > fewest, "{coordination:?}: {:?}", found.runs);
        assert_eq!((found.runs.deeper, found.runs.sampled, found.containing), (0, 0, 0));
    }
}

#[test]
fn every_branch_of_the_business_is_run_without_a_fault() {
    // Pay; never pay, cancel, cancel while paying; take back; and each refused step: four of the
    // order, three of each of two payments (paid, or paid and cancelled), the refund's first.
    let found = explored(&one_order(Coordination::Choreography), up_to(0));
    assert_eq!(found.runs.business, 5 + 4 + 3 * 2 + 1);
    assert_eq!(found.runs.total(), found.runs.business);
    assert!(found.points.iter().all(|point| point.strike.position.kind() == "error"));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let mut scenario = one_order(Coordination::Choreography);
    Switch::Tombstone.set(&mut scenario, false);
    let on = |jobs| explored(&scenario, Bounds { jobs, ..up_to(2) });
    let alone = on(1);
    assert!(!alone.counterexamples.is_empty());
    for jobs in [2, 3, 7] {
        assert_eq!(on(jobs), alone, "{jobs} threads");
    }
}

#[test]
fn what_is_not_extended_would_have_found_nothing_more() {
    for coordination in [Coordination::Choreography, Coordination::Monolith] {
        for switch in [None, Some(Switch::Inbox), Some(Switch::IdempotencyKey)] {
            let mut scenario = one_order(coordination);
            switch.iter().for_each(|switch| switch.set(&mut scenario, false));
            let reduced = explored(&scenario, up_to(2));
            let full = explored(&scenario, Bounds { reduce: false, ..up_to(2) });
            assert_eq!(reduced.broken, full.broken, "{coordination:?} {switch:?}");
            assert_eq!(reduced.counterexamples, full.counterexamples);
            assert!(reduced.runs.total() < full.runs.total(), "nothing was left out");
            assert_eq!(full.unchanged, 0);
        }
    }
}

#[test]
fn actix_and_direct_calls_find_the_same() {
    for coordination in Coordination::ALL {
        let mut scenario = one_order(coordination);
        Switch::IdempotencyKey.set(&mut scenario, false);
        let by = |driver| {
            let theme = theme(&scenario).driven(driver);
            explore(&theme, up_to(1), &mut |_| ControlFlow::Continue(())).expect("nobody panics")
        };
        let direct = by(Driver::Direct);
        assert!(direct.checked > 0, "nothing was made a second time");
        assert_eq!(direct, by(Driver::Actix), "{coordination:?}");
    }
}

#[test]
fn a_theme_runs_what_the_whole_plan_would_run() {
    for coordination in Coordination::ALL {
        let mut scenario = one_order(coordination);
        scenario.users.count = 5_000;
        scenario.products.count = 300;
        let plan = Plan::new(scenario.clone(), 9).expect("no log");
        let narrow = Theme::new(Plan::new(scenario, 9).expect("no log"));
        assert_eq!((narrow.plan().users(), narrow.plan().products()), (1, 1));
        let plan = Arc::new(plan);
        let mut digests = BTreeSet::new();
        for intent in Intent::ALL {
            let decisions = [Decision::Wants { order: RequestId(0), intent }];
            let options = Planted::in_plan(&plan, &decisions).plant(Options::default());
            let cast = engine::cast(&plan);
            let whole = engine::run(Arc::clone(&plan), cast, options, Driver::Actix);
            let trial = narrow.run(&decisions, false).expect("nobody panics");
            assert_eq!(trial.digest, whole.expect("nobody panics").digest);
            digests.insert(trial.digest);
        }
        assert_eq!(digests.len(), Intent::ALL.len(), "every intent is another run");
    }
}

/// Business in every combination: each intent, with no step refused or with one.
fn business() -> Vec<Vec<Decision>> {
    let refusable = [
        (Process::Order, 0, Step::DeductStock),
        (Process::Order, 0, Step::CreateOrder),
        (Process::Order, 0, Step::UseCoupon),
        (Process::Order, 0, Step::SetFinalAmount),
        (Process::Payment, 1, Step::DeductBalance),
        (Process::Payment, 1, Step::CreatePayment),
        (Process::Payment, 1, Step::CompleteOrder),
        (Process::Refund, 0, Step::StartRefund),
    ];
    let mut sets = Vec::new();
    for intent in Intent::ALL {
        let wants = Decision::Wants { order: RequestId(0), intent };
        let intents = if intent == Intent::Pay { Vec::new() } else { vec![wants] };
        sets.push(intents.clone());
        for (process, n, step) in refusable {
            let key = Exchange::new(RequestId(0), process, n, step, Turn::Do);
            let mut set = intents.clone();
            set.push(Decision::Strikes(Strike::refusal(key)));
            sets.push(set);
        }
    }
    sets
}

/// Every set of one fault on every branch that breaks something and of which no part does, found
/// by trying all combinations, in any order.
fn brute_force(scenario: &Scenario, faults: &[Strike]) -> (u64, BTreeSet<Vec<Decision>>) {
    let theme = theme(scenario);
    let mut runs = 0;
    let mut broken: BTreeSet<Vec<Decision>> = BTreeSet::new();
    for branch in business() {
        for strike in std::iter::once(None).chain(faults.iter().copied().map(Some)) {
            let mut set = branch.clone();
            set.extend(strike.map(Decision::Strikes));
            set.sort_unstable();
            let trial = theme.run(&set, true).expect("nobody panics");
            if !trial.struck || trial.missed(&set).is_some() {
                continue;
            }
            runs += u64::from(strike.is_some());
            if !trial.clean() {
                broken.insert(set);
            }
        }
    }
    let part = |small: &Vec<Decision>, large: &Vec<Decision>| {
        small != large && small.iter().all(|one| large.contains(one))
    };
    let minimal = broken.iter().filter(|set| !broken.iter().any(|other| part(other, set))).cloned();
    (runs, minimal.collect())
}

#[test]
fn the_search_finds_exactly_what_trying_everything_in_any_order_finds() {
    for (coordination, switch) in [
        (Coordination::Choreography, Switch::Outbox),
        (Coordination::Choreography, Switch::Inbox),
        (Coordination::Orchestration, Switch::Tombstone),
        (Coordination::Monolith, Switch::IdempotencyKey),
    ] {
        let mut scenario = one_order(coordination);
        let sound = explored(&scenario, Bounds { reduce: false, ..up_to(1) });
        switch.set(&mut scenario, false);
        let found = explored(&scenario, Bounds { reduce: false, ..up_to(1) });
        let points = sound.points.iter().chain(&found.points).map(|point| point.strike);
        let faults: BTreeSet<Strike> =
            points.filter(|strike| Decision::Strikes(*strike).is_fault()).collect();
        let faults: Vec<Strike> = faults.into_iter().collect();
        let (_, minimal) = brute_force(&scenario, &faults);
        let counted: u64 = found.broken.values().sum();
        assert_eq!(counted, minimal.len() as u64, "{coordination:?} without {switch:?}");
        for one in &found.counterexamples {
            let mut set = one.decisions.clone();
            set.sort_unstable();
            assert!(minimal.contains(&set), "{set:?}");
        }
    }
}

#[test]
fn each_set_is_run_once() {
    for coordination in [Coordination::Choreography, Coordination::Monolith] {
        let scenario = one_order(coordination);
        let found = explored(&scenario, Bounds { reduce: false, ..up_to(1) });
        let faults: Vec<Strike> = found
            .points
            .iter()
            .map(|point| point.strike)
            .filter(|strike| Decision::Strikes(*strike).is_fault())
            .collect();
        let (runs, minimal) = brute_force(&scenario, &faults);
        assert_eq!((found.runs.single, minimal.len()), (runs, 0), "{coordination:?}");
    }
}
