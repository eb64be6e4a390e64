//! A run that does not come to rest: what it waits for is named, by exchange, sender and receiver.

use crate::harness::{made_of, plan, run_plan, scenario};
use sagasim::domain::{Coordination, Exchange, Process, RequestId, Step, Turn};
use sagasim::sim::check::{Law, Violation};
use sagasim::sim::engine::{Finished, Position, Strike};
use sagasim::sim::explore::Switch;
use std::collections::BTreeSet;

fn leaks(run: &Finished) -> impl Iterator<Item = &Violation> {
    let law = Law::NoLeakedLockTimerCallOrRow;
    run.proof.findings.kept().iter().filter(move |violation| violation.law == law)
}

#[test]
fn a_call_that_nobody_answers_is_named_with_both_its_ends() {
    let mut scenario = scenario("one-order");
    Switch::Timeout.set(&mut scenario, false);
    let key = Exchange::new(RequestId(0), Process::Order, 0, Step::UseCoupon, Turn::Do);
    let position = Position::RequestLost;
    let lost = Strike { key, position, every_attempt: false, answer: false };
    let run = run_plan(&plan(&scenario, 1, Coordination::Orchestration), &[lost]);
    let call = leaks(&run).find(|found| found.key == Some(key)).expect("the call is named");
    assert_eq!(call.order, Some(RequestId(0)));
    assert_eq!(call.detail, "orchestrator still waits for coupon to answer use-coupon (attempt 1)");
}

#[test]
fn what_is_under_way_when_time_is_up_is_named_with_where_it_is() {
    for coordination in Coordination::ALL {
        let mut said = BTreeSet::new();
        for duration_us in (500..60_000).step_by(500) {
            let mut scenario = made_of(&format!(
                "[run]\nduration = \"{duration_us}us\"\n[[load]]\n\
                 executor = \"constant-arrival-rate\"\nrate = \"1/s\"\nspacing = \"even\"\n"
            ));
            // Nothing is given time to come to rest.
            scenario.run.drain_ns = 0;
            let run = run_plan(&plan(&scenario, 1, coordination), &[]);
            for found in leaks(&run).filter(|found| found.key.is_some()) {
                assert_eq!(found.order, Some(RequestId(0)), "{found:?}");
                said.insert(found.detail.clone());
            }
        }
        let said: Vec<String> = said.into_iter().collect();
        let said = said.join("\n");
        let ways: &[&str] = match coordination {
            Coordination::Choreography => &[
                "the request deduct-stock from customer to product is on its way",
                "the request deduct-stock from customer to product is in service",
                "the event create-order from product to order is on its way",
                "the event deduct-stock from order to customer is on its way",
                "the customer is about to ask for deduct-balance",
                "customer still waits for product to answer deduct-stock (attempt 1)",
            ],
            Coordination::Orchestration => &[
                "the reply to deduct-stock from product to orchestrator is on its way",
                "orchestrator still waits for product to answer deduct-stock (attempt 1)",
            ],
            Coordination::Monolith => &["a transaction holds or wants rows for deduct-stock"],
        };
        for way in ways {
            assert!(said.contains(way), "{coordination:?}: no `{way}` in\n{said}");
        }
    }
}
