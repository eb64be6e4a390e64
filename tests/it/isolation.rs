//! Isolation anomalies: each shown by the smallest world that has it, and absent where a
//! transaction or a countermeasure keeps it out.

use crate::harness::{made_of, plan, run_plan, scenario, seed, summary};
use sagasim::domain::Coordination::{self, Choreography, Monolith, Orchestration};
use sagasim::sim::check::Anomalies;
use sagasim::sim::engine::Finished;

/// A few orders, a millisecond apart; `duration` in milliseconds says how many.
fn run(orders: u32, rest: &str, coordination: Coordination) -> Finished {
    let load =
        "[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"1000/s\"\nspacing = \"even\"";
    let run = format!("[run]\nseed = 1\nduration = \"{orders}ms\"\nanomalies = true");
    run_plan(&plan(&made_of(&format!("{run}\n{rest}\n{load}")), 1, coordination), &[])
}

fn anomalies(orders: u32, rest: &str, coordination: Coordination) -> Anomalies {
    run(orders, rest, coordination).anomalies.expect("they were asked for")
}

const LAST_UNIT: &str = "
[products]
count = 1
stock = 1

[[fault]]
name   = \"the first is not placed\"
target = { step = \"set-final-amount\" }
order  = 0
error  = {}
";

#[test]
fn who_is_refused_a_unit_that_comes_back_has_read_dirty() {
    for coordination in [Choreography, Orchestration] {
        let found = anomalies(2, LAST_UNIT, coordination);
        assert_eq!((found.dirty_reads, found.refused_by_dirty_reads), (1, 1), "{coordination:?}");
    }
    // The transaction is dropped before anybody sees it.
    assert_eq!(anomalies(2, LAST_UNIT, Monolith), Anomalies::default());
    // What an order takes and keeps is nothing to be undone.
    let kept = LAST_UNIT.replace("order  = 0", "order  = 9");
    assert_eq!(anomalies(2, &kept, Choreography).dirty_reads, 0);
}

const ONE_BALANCE: &str = "
[customers]
pay_attempts = 2

[users]
count   = 1
balance = 15_000

[[fault]]
name   = \"the first payment is refused\"
target = { step = \"create-payment\" }
order  = 0
error  = {}
";

#[test]
fn an_order_that_reads_a_balance_twice_may_find_it_changed() {
    for coordination in [Choreography, Orchestration] {
        let found = anomalies(2, ONE_BALANCE, coordination);
        assert!(found.fuzzy_reads > 0 && found.refused_by_dirty_reads > 0, "{found:?}");
    }
    let alone = anomalies(1, ONE_BALANCE, Choreography);
    assert_eq!(alone, Anomalies::default(), "only its own writes lie between");
}

/// The window closes while the payment is under way.
fn late_payment(locked: bool) -> String {
    format!(
        "[flow]\npayment_window = \"3s\"\n[service.payment]\nservice_time = \"2s\"\n\
         [protection]\nsemantic_lock = {locked}\ntimeout = false"
    )
}

#[test]
fn without_the_semantic_lock_the_late_payment_writes_over_the_expiry() {
    for coordination in [Choreography, Orchestration] {
        let found = anomalies(1, &late_payment(false), coordination);
        assert_eq!(found.lost_updates > 0, coordination == Choreography, "{found:?}");
        assert_eq!(anomalies(1, &late_payment(true), coordination), Anomalies::default());
    }
}

#[test]
fn the_summary_has_what_was_asked_for() {
    let read = |asked: bool| {
        let mut scenario = scenario("isolation");
        (scenario.run.anomalies, scenario.run.duration_ns) = (asked, Some(20_000_000_000));
        let plan = plan(&scenario, 3, Choreography);
        summary(&plan, &run_plan(&plan, &[])).anomalies
    };
    let (asked, not_asked) = (read(true), read(false));
    assert!(asked["dirty-read"] > 0 && asked.contains_key("lost-update"), "{asked:?}");
    assert_eq!(asked["empty-undo"], not_asked["empty-undo"]);
    assert!(!not_asked.contains_key("dirty-read"), "{not_asked:?}");
}

#[test]
fn counting_changes_nothing() {
    for name in ["checkout", "cancel-races-payment"] {
        let mut scenario = scenario(name);
        scenario.run.duration_ns = scenario.run.duration_ns.map(|ns| ns.min(20_000_000_000));
        for coordination in Coordination::ALL {
            let digest = |anomalies: bool| {
                let mut scenario = scenario.clone();
                scenario.run.anomalies = anomalies;
                let run = run_plan(&plan(&scenario, seed(&scenario), coordination), &[]);
                assert_eq!(run.anomalies.is_some(), anomalies);
                run.digest
            };
            assert_eq!(digest(true), digest(false), "{name} {coordination:?}");
        }
    }
}
