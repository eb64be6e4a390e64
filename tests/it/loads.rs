//! Who arrives when: ramps, users who come and go, fixed numbers of orders, several loads.

use crate::harness::{assert_sound, made_of, plan, run, run_plan, summary};
use crate::world::SECOND;
use sagasim::domain::Coordination;
use sagasim::sim::plan::{Confluence, Plan, certify};
use sagasim::sim::scenario::Scenario;
use std::sync::Arc;

const RUN: &str = "[run]\nduration = \"20s\"\n";

fn loads(text: &str) -> Scenario {
    made_of(&format!("{RUN}{text}"))
}

fn planned(scenario: &Scenario) -> Arc<Plan> {
    plan(scenario, 42, Coordination::Choreography)
}

/// The instant of every arrival.
fn instants(scenario: &Scenario) -> Vec<u64> {
    let plan = planned(scenario);
    let mut arrivals = plan.arrivals();
    let mut instants = Vec::new();
    while let Some(at_ns) = arrivals.next_ns() {
        assert_eq!(arrivals.passed() as usize, instants.len());
        instants.push(at_ns);
        arrivals.pass(&plan);
    }
    instants
}

fn rate(keys: &str) -> String {
    format!("[[load]]\nexecutor = \"constant-arrival-rate\"\n{keys}\n")
}

fn ramp(keys: &str) -> String {
    format!("[[load]]\nexecutor = \"ramping-arrival-rate\"\n{keys}\n")
}

#[test]
fn an_even_ramp_is_the_inverse_of_its_integral() {
    // n(t) = 5 t², then 500 + 100 t, then 1000 + 100 t - 10 t² down to 0.
    let text = ramp(
        "spacing = \"even\"\nstages = [{ target = \"100/s\", duration = \"10s\" }, \
         { target = \"100/s\", duration = \"5s\" }, { target = \"0/s\", duration = \"5s\" }]",
    );
    let got = instants(&loads(&text));
    assert_eq!(got.len(), 1_250);
    for (order, at_ns) in got.iter().enumerate() {
        let n = order as f64;
        let exact_s = match order {
            0..500 => (n / 5.0).sqrt(),
            500..1_000 => 10.0 + (n - 500.0) / 100.0,
            _ => 15.0 + 5.0 - (25.0 - (n - 1_000.0) / 10.0).sqrt(),
        };
        assert!((*at_ns as f64 - exact_s * 1e9).abs() <= 1.5, "{order}: {at_ns} for {exact_s} s");
    }
}

#[test]
fn a_ramp_that_does_not_ramp_is_a_constant_rate() {
    let flat = "start_rate = \"70/s\"\nstages = [{ target = \"70/s\", duration = \"20s\" }]";
    for spacing in ["even", "poisson"] {
        let constant =
            instants(&loads(&rate(&format!("rate = \"70/s\"\nspacing = \"{spacing}\""))));
        let ramped = instants(&loads(&ramp(&format!("{flat}\nspacing = \"{spacing}\""))));
        assert_eq!(constant.len(), ramped.len());
        for (order, (a, b)) in constant.iter().zip(&ramped).enumerate() {
            // A constant Poisson rate sums gaps that are rounded to whole nanoseconds.
            assert!(a.abs_diff(*b) <= 1 + order as u64, "{order}: {a} and {b}");
        }
    }
}

#[test]
fn poisson_arrivals_follow_the_ramp() {
    let text = ramp("stages = [{ target = \"4000/s\", duration = \"20s\" }]");
    let got = instants(&loads(&text));
    // n(t) = 100 t²: in that time the gaps are exponential with mean 1.
    let integral: Vec<f64> =
        got.iter().map(|at_ns| 100.0 * (*at_ns as f64 / 1e9).powi(2)).collect();
    let gaps: Vec<f64> = integral.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let count = gaps.len() as f64;
    assert!((count - 40_000.0).abs() < 5.0 * 200.0, "{count}");
    let mean = gaps.iter().sum::<f64>() / count;
    let square = gaps.iter().map(|gap| gap * gap).sum::<f64>() / count;
    assert!((mean - 1.0).abs() < 0.025 && (square - 2.0).abs() < 0.15, "{mean} {square}");
    assert!(got.is_sorted());
}

#[test]
fn what_comes_later_changes_no_arrival_before() {
    for spacing in ["even", "poisson"] {
        let of = |last: &str| {
            let stages = format!(
                "spacing = \"{spacing}\"\nstages = [{{ target = \"90/s\", duration = \"7s\" }}, \
                 {{ target = \"{last}\", duration = \"9s\" }}]"
            );
            instants(&loads(&ramp(&stages)))
        };
        let (rising, falling) = (of("200/s"), of("0/s"));
        let first = |instants: &[u64]| instants.partition_point(|at_ns| *at_ns < 7 * SECOND);
        let common = first(&rising);
        assert!(common > 250 && common == first(&falling));
        assert_eq!(rising[..common], falling[..common]);
        assert_ne!(rising[common..], falling[common..]);
    }
}

#[test]
fn loads_beside_each_other_are_merged_in_the_order_of_time() {
    let base = rate("rate = \"30/s\"");
    let drop = ramp(
        "start = \"4s\"\nspacing = \"even\"\n\
         stages = [{ target = \"50/s\", duration = \"0s\" }, { target = \"50/s\", duration = \"6s\" }]",
    );
    let late = rate("rate = \"100/s\"\nspacing = \"even\"\nstart = \"9s\"\nduration = \"2s\"");
    let mut union = Vec::new();
    for alone in [&base, &drop, &late] {
        union.extend(instants(&loads(alone)));
    }
    union.sort_unstable();
    let together = loads(&format!("{base}{drop}{late}"));
    assert_eq!(instants(&together), union);
    let run = run(&together, 42, Coordination::Choreography);
    let started: Vec<u64> = run.loads.iter().map(|load| load.started).collect();
    assert_eq!((started[1], started[2]), (300, 200));
    assert_eq!(started.iter().sum::<u64>(), run.started);
    assert_eq!(run.started, union.len() as u64);
}

fn users(executor: &str, keys: &str) -> String {
    format!(
        "[[load]]\nexecutor = \"{executor}\"\npause = {{ exponential = {{ mean = \"200ms\" }} }}\n{keys}\n"
    )
}

#[test]
fn users_who_do_not_ramp_are_constant_users() {
    let constant = loads(&users("constant-users", "users = 6"));
    let flat = "start_users = 6\nstages = [{ target = 6, duration = \"20s\" }]";
    let ramped = loads(&users("ramping-users", flat));
    for coordination in Coordination::ALL {
        let (a, b) = (run(&constant, 5, coordination), run(&ramped, 5, coordination));
        assert!(a.started > 40);
        assert_eq!((a.digest, a.started), (b.digest, b.started), "{coordination:?}");
    }
}

#[test]
fn users_come_and_go_one_by_one() {
    let stages =
        "stages = [{ target = 10, duration = \"10s\" }, { target = 0, duration = \"10s\" }]";
    let plan = planned(&loads(&users("ramping-users", stages)));
    let crowd = &plan.crowds[0];
    assert_eq!(crowd.users, 0..10);
    for user in 0..10 {
        let come_ns = (u64::from(user) + 1) * SECOND;
        let gone_ns = 20 * SECOND - come_ns;
        assert_eq!(crowd.active_ns(user, 0), Some(come_ns));
        assert_eq!(crowd.active_ns(user, come_ns - 1), Some(come_ns));
        assert_eq!(crowd.active_ns(user, gone_ns), Some(gone_ns));
        assert_eq!(crowd.active_ns(user, gone_ns + 1), None);
    }
    let twice = "start_users = 2\nstages = [{ target = 0, duration = \"2s\" }, \
                 { target = 0, duration = \"3s\" }, { target = 4, duration = \"4s\" }]";
    let plan = planned(&loads(&users("ramping-users", twice)));
    // Those who left come again, and others with them.
    assert_eq!(plan.crowds[0].active_ns(1, SECOND), Some(7 * SECOND));
    assert_eq!(plan.crowds[0].active_ns(3, 0), None, "four at the very end, when it is over");
    assert_eq!(plan.crowds[0].active_ns(2, 0), Some(8 * SECOND));
}

#[test]
fn a_user_who_is_too_many_finishes_the_order_begun() {
    // One user, gone after five seconds; each order takes longer than that.
    let stages = "start_users = 1\nstages = [{ target = 1, duration = \"5s\" }, \
                  { target = 0, duration = \"0s\" }, { target = 0, duration = \"5s\" }]";
    let load = users("ramping-users", stages);
    let scenario = made_of(&format!("{RUN}[customers]\nthink_time = \"6s\"\n{load}"));
    let run = run(&scenario, 5, Coordination::Orchestration);
    assert_sound(&run, "a user who leaves");
    assert_eq!(run.started, 1);
    assert!(run.end_ns > 6 * SECOND, "{}", run.end_ns);
}

#[test]
fn a_fixed_number_of_orders_is_placed_and_no_more() {
    for coordination in Coordination::ALL {
        let shared = run(&loads(&users("fixed-orders", "users = 7\norders = 25")), 5, coordination);
        let each = loads(&users("fixed-orders", "users = 3\norders_per_user = 4"));
        let each = run(&each, 5, coordination);
        for (run, orders) in [(shared, 25), (each, 12)] {
            assert_sound(&run, "a fixed number");
            assert_eq!((run.started, run.loads[0].offered), (orders, orders));
        }
    }
}

#[test]
fn orders_for_which_there_was_no_time_are_reported_as_dropped() {
    let load = users("fixed-orders", "users = 2\norders = 1_000\nduration = \"10s\"");
    let plan = planned(&loads(&load));
    let run = run_plan(&plan, &[]);
    let orders = summary(&plan, &run).orders;
    assert_eq!(orders.offered, 1_000);
    assert!(orders.started > 5 && orders.started < 20, "{orders:?}");
    assert_eq!(orders.dropped, 1_000 - orders.started);
}

#[test]
fn all_executors_run_beside_each_other_and_the_books_balance() {
    let text = [
        rate("rate = \"30/s\"\nname = \"baseline\""),
        ramp("start = \"5s\"\nstages = [{ target = \"60/s\", duration = \"5s\" }]"),
        users("constant-users", "users = 4\nduration = \"15s\""),
        users("ramping-users", "stages = [{ target = 9, duration = \"12s\" }]\nstart = \"2s\""),
        users("fixed-orders", "users = 3\norders = 10"),
    ];
    let scenario = loads(&format!(
        "{}[users]\ncount = 50\n[[coupon]]\nname = \"c\"\ndiscount = {{ percent = 5 }}\nquantity = 30\n\
         [basket]\ncoupon_rate = 0.5\n",
        text.concat()
    ));
    for coordination in Coordination::ALL {
        let run = run(&scenario, 11, coordination);
        assert_sound(&run, coordination.name());
        let started: Vec<u64> = run.loads.iter().map(|load| load.started).collect();
        assert!(started.iter().all(|orders| *orders >= 10), "{started:?}");
        assert_eq!(started.iter().sum::<u64>(), run.started);
        assert!(run.proof.coupons.1 > 0);
        let again = crate::harness::run(&scenario, 11, coordination);
        assert_eq!(again.digest, run.digest);
    }
}

#[test]
fn a_peak_counts_in_full_when_plans_are_certified() {
    let of = |peak: &str| {
        let jump = format!("{{ target = \"{peak}\", duration = \"0s\" }}");
        let stages = format!(
            "start_rate = \"1/s\"\nstages = [{{ target = \"1/s\", duration = \"19s\" }}, {jump}, \
             {{ target = \"{peak}\", duration = \"1s\" }}]"
        );
        let load = ramp(&stages);
        let mut scenario = made_of(&format!(
            "{RUN}[products]\ncount = 100_000\n[users]\ncount = 1_000_000\n\
             [protection]\ntimeout = false\n{load}"
        ));
        scenario.services.iter_mut().for_each(|service| service.workers = 8);
        certify(&planned(&scenario))
    };
    assert_eq!(of("20/s"), Confluence::Confluent);
    let Confluence::Contended(reasons) = of("900/s") else { panic!("certified") };
    assert!(reasons[0].contains("may not keep up"), "{reasons:?}");
}
