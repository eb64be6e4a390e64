//! Every scenario gives its stated answer in every coordination.

mod broken;
mod week;

use crate::harness::{
    assert_littles_law, assert_orders_add_up, ended, folder, plan, run, run_plan, scenario, seed,
    summary, violated,
};
use sagasim::domain::{Coordination, Service, Step};
use sagasim::report::Summary;
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::{Finished, Metric};
use sagasim::sim::scenario::{Load, Scenario, Spacing, Verdict};
use std::collections::BTreeSet;
use std::ffi::OsStr;

fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).expect("the scenarios are there");
    let files = files.map(|file| file.expect("an entry").path());
    let scenarios = files.filter(|file| file.extension().is_some_and(|end| end == "toml"));
    let stem = |file: std::path::PathBuf| file.file_stem().map(OsStr::to_os_string);
    let mut names: Vec<String> =
        scenarios.filter_map(stem).filter_map(|stem| stem.into_string().ok()).collect();
    names.sort();
    names
}

/// Runs a scenario with its own seed in every coordination.
fn everywhere(name: &str, check: impl Fn(Coordination, &Finished)) {
    let scenario = scenario(name);
    for coordination in Coordination::ALL {
        check(coordination, &run(&scenario, seed(&scenario), coordination));
    }
}

fn counts<const N: usize>(run: &Finished, outcomes: [Outcome; N]) -> [u64; N] {
    outcomes.map(|outcome| ended(run, outcome))
}

fn undone(run: &Finished, step: Step) -> u64 {
    run.steps[step as usize].undone
}

fn assert_answer(scenario: &Scenario, coordination: Coordination) {
    let plan = plan(scenario, seed(scenario), coordination);
    let run = run_plan(&plan, &[]);
    let Summary { verdict, sometimes, faults, .. } = summary(&plan, &run);
    let (name, who) = (&scenario.name, coordination.name());
    let expected: BTreeSet<&str> = scenario.expect.violated.iter().map(String::as_str).collect();
    let first = run.proof.findings.kept().first();
    assert_eq!(violated(&run), expected, "{name} {who}: {first:?}");
    let never = sometimes.iter().find(|figures| figures.count == 0);
    assert_eq!(verdict, scenario.expect.verdict, "{name} {who}: {never:?} {faults:?}");
    let may_be_stuck = scenario.expect.verdict == Verdict::Failed;
    assert!(may_be_stuck || ended(&run, Outcome::Stuck) == 0, "{name} {who}");
    assert_orders_add_up(&run);
    assert_littles_law(&run);
}

/// A scenario that measures throughput proves what it proves with fewer orders as well.
fn brief(mut scenario: Scenario) -> Scenario {
    if scenario.name == "throughput" {
        scenario.run.duration_ns = Some(1_000_000_000);
    }
    scenario
}

#[test]
fn every_scenario_gives_its_stated_answer_in_every_coordination() {
    for name in names() {
        let scenario = brief(scenario(&name));
        assert_eq!(scenario.name, name, "a scenario is named like its file");
        for coordination in Coordination::ALL {
            assert_answer(&scenario, coordination);
        }
    }
}

#[test]
fn every_executor_appears_in_a_scenario() {
    let loads = names().into_iter().flat_map(|name| scenario(&name).loads);
    let seen: BTreeSet<&str> = loads.map(|block| block.load.name()).collect();
    let all = [
        "constant-arrival-rate",
        "constant-users",
        "fixed-orders",
        "order-log",
        "ramping-arrival-rate",
        "ramping-users",
    ];
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn throughput_is_measured_over_a_million_orders() {
    let scenario = scenario("throughput");
    assert_eq!(scenario.run.duration_ns, Some(100_000_000_000));
    let load = Load::ConstantArrivalRate { rate_per_s: 10_000.0, spacing: Spacing::Poisson };
    assert_eq!(scenario.loads, [load.into()]);
}

#[test]
fn more_workers_for_the_hot_service_alone_are_enough() {
    use Coordination::{Choreography, Monolith};
    let scaled = scenario("scale-out");
    let split = [Service::Product, Service::Order, Service::Coupon, Service::User];
    let workers = |service: Service| scaled.services[service as usize].workers;
    let total = split.into_iter().chain([Service::Payment]).map(workers).sum::<u32>();
    assert_eq!((total, workers(Service::Monolith)), (16, 16));
    let mut before = scaled.clone();
    before.services[Service::Payment as usize].workers = 4;
    before.services[Service::Monolith as usize].workers = 10;
    let slowest_ns = |run: &Finished| {
        let checkout = run.latencies.of(Metric::CheckoutCompleted).expect("some are completed");
        checkout.corrected.value_at_quantile(0.99)
    };
    let [slow, fast, whole] =
        [(&before, Choreography), (&scaled, Choreography), (&scaled, Monolith)]
            .map(|(scenario, coordination)| run(scenario, seed(scenario), coordination));
    let wait_ns = |run: &Finished, service: Service| {
        let station = run.stations[service as usize];
        (station.wait_ns / u128::from(station.handled.max(1))) as u64
    };
    let ms = 1_000_000;
    // A line that grows for as long as the load lasts, and one that does not.
    assert!(wait_ns(&slow, Service::Payment) > 5_000 * ms && slowest_ns(&slow) > 10_000 * ms);
    assert!(wait_ns(&fast, Service::Payment) < 10 * ms && slowest_ns(&fast) < 300 * ms);
    // The others were not the bottleneck, before or after.
    assert!(split.iter().all(|service| wait_ns(&fast, *service) < 5 * ms));
    // Whoever is free takes whatever comes: pooled workers wait less.
    assert!(wait_ns(&whole, Service::Monolith) < wait_ns(&fast, Service::Payment));
    assert!(slowest_ns(&whole) < slowest_ns(&fast));
}

#[test]
fn in_a_flash_sale_no_unit_is_sold_twice() {
    everywhere("flash-sale", |_, run| {
        let stock = run.proof.stock;
        assert_eq!((stock.initial, stock.held), (800, 0));
        assert!(stock.sold > 700 && stock.sold + stock.available == 800, "{stock:?}");
        let started: Vec<u64> = run.loads.iter().map(|load| load.started).collect();
        assert_eq!(started[3], 50, "members first");
        assert!(started[0] > 700 && started[1] > 2_000 && started[2] > 500, "{started:?}");
    });
}

#[test]
fn the_last_unit_is_sold_once() {
    everywhere("last-unit", |_, run| {
        assert_eq!(counts(run, [Outcome::Completed, Outcome::Rejected]), [1, 199]);
        let stock = run.proof.stock;
        assert_eq!((stock.initial, stock.sold, stock.available, stock.held), (1, 1, 0, 0));
    });
}

#[test]
fn in_a_coupon_rush_each_coupon_goes_to_another_customer() {
    everywhere("coupon-rush", |_, run| {
        assert_eq!(run.proof.coupons, (20, 20));
        assert_eq!(run.steps[Step::IssueCoupon as usize].done, 20);
        // Customers come back, and are refused a second coupon.
        assert!(run.started > 10 * 50 && run.steps[Step::IssueCoupon as usize].refused > 10 * 50);
        let discounted = run.proof.orders.iter().filter(|end| end.coupon);
        assert_eq!(discounted.map(|end| end.amount).collect::<Vec<_>>(), [5_000; 20]);
    });
}

#[test]
fn a_basket_is_refused_whole_and_costs_nothing() {
    everywhere("out-of-stock", |_, run| {
        assert_eq!(counts(run, [Outcome::Completed, Outcome::Rejected]), [1, 2]);
        assert_eq!((run.proof.stock.sold, run.proof.stock.available), (2, 1));
        assert_eq!(undone(run, Step::DeductStock), 0);
    });
}

#[test]
fn a_unit_whose_order_is_not_stored_is_sold_to_the_next_customer() {
    for name in ["order-creation-fails", "final-amount-fails"] {
        everywhere(name, |coordination, run| {
            assert_eq!(counts(run, [Outcome::Compensated, Outcome::Completed]), [1, 1]);
            assert_eq!((run.proof.stock.sold, run.proof.stock.available), (1, 0));
            // A local transaction is dropped; between services the step is undone.
            let undos = u64::from(coordination != Coordination::Monolith);
            assert_eq!(undone(run, Step::DeductStock), undos);
        });
    }
}

#[test]
fn a_coupon_comes_back_when_the_amount_cannot_be_set() {
    everywhere("final-amount-fails", |coordination, run| {
        assert_eq!(run.proof.coupons, (1, 1));
        assert_eq!((run.proof.orders[1].amount, run.proof.orders[1].coupon), (7_000, true));
        let undos = u64::from(coordination != Coordination::Monolith);
        assert_eq!(undone(run, Step::UseCoupon), undos);
        assert_eq!(undone(run, Step::CreateOrder), undos);
    });
}

#[test]
fn an_order_with_a_used_coupon_is_rolled_back() {
    everywhere("coupon-unusable", |coordination, run| {
        let ends: Vec<Outcome> = run.proof.orders.iter().map(|end| end.outcome).collect();
        assert_eq!(ends, [Outcome::Completed, Outcome::Compensated]);
        let undos = u64::from(coordination != Coordination::Monolith);
        assert_eq!(undone(run, Step::CreateOrder), undos);
        assert_eq!((undone(run, Step::UseCoupon), undone(run, Step::DeductStock)), (0, undos));
    });
}

#[test]
fn an_order_that_cannot_be_paid_expires_when_its_window_closes() {
    everywhere("balance-too-low", |_, run| {
        assert_eq!(counts(run, [Outcome::Expired]), [1]);
        assert_eq!(run.steps[Step::DeductBalance as usize].refused, 2);
        assert_eq!(run.proof.money.balance, run.proof.money.initial);
        assert!(run.end_ns > 300_000_000_000);
    });
}

#[test]
fn a_topped_up_balance_pays_once() {
    everywhere("balance-topped-up", |_, run| {
        let money = run.proof.money;
        assert_eq!((money.topped_up, money.revenue, money.held), (10_000, 10_000, 0));
    });
}

#[test]
fn money_of_a_payment_that_is_not_stored_pays_again() {
    everywhere("payment-creation-fails", |coordination, run| {
        assert_eq!(counts(run, [Outcome::Completed]), [1]);
        assert_eq!(run.proof.money.revenue, 10_000);
        let undos = u64::from(coordination != Coordination::Monolith);
        assert_eq!(undone(run, Step::DeductBalance), undos);
    });
}

#[test]
fn payments_of_an_order_that_cannot_be_completed_are_undone() {
    everywhere("order-completion-fails", |coordination, run| {
        let undos = if coordination == Coordination::Monolith { 0 } else { 2 };
        assert_eq!(undone(run, Step::CreatePayment), undos);
        assert_eq!(undone(run, Step::DeductBalance), undos);
        assert_eq!(run.steps[Step::PublishOrder as usize].done, 0);
        assert_eq!(run.proof.money.balance, run.proof.money.initial);
    });
}

#[test]
fn an_order_without_a_sale_leaves_everything_as_it_was() {
    for name in ["expiry", "cancel", "refund"] {
        everywhere(name, |_, run| {
            let stock = run.proof.stock;
            assert_eq!((stock.available, stock.held, stock.sold), (stock.initial, 0, 0), "{name}");
            let money = run.proof.money;
            assert_eq!((money.balance, money.held, money.revenue), (money.initial, 0, 0), "{name}");
            assert_eq!(run.proof.coupons, (1, 0), "{name}");
            assert!(run.proof.ranking.iter().all(|(_, units)| *units == 0), "{name}");
        });
    }
}

#[test]
fn a_cancelled_order_forgets_its_window() {
    everywhere("cancel", |_, run| assert!(run.end_ns < 60_000_000_000));
}

#[test]
fn only_choreography_lets_a_cancellation_overtake_a_payment() {
    // Elsewhere one service takes both requests of the order, in the order they were made.
    everywhere("cancel-while-paying", |coordination, run| {
        let [completed, cancelled] = counts(run, [Outcome::Completed, Outcome::Cancelled]);
        assert_eq!(completed + cancelled, run.started);
        assert_eq!(cancelled > 0, coordination == Coordination::Choreography);
        assert!(completed > 0);
    });
}

#[test]
fn the_design_as_written_leaks_coupons_and_stock_but_no_money() {
    everywhere("design-as-written", |_, run| {
        assert!(run.proof.stock.held > 0);
        assert_eq!(run.proof.money.held, 0);
        let used = run.proof.orders.iter().filter(|end| end.coupon);
        let sold = used.clone().filter(|end| end.outcome == Outcome::Completed && !end.refunded);
        assert!(used.count() > sold.count());
    });
}
