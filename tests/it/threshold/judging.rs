//! The verdict, and the values it goes by.

use super::{judged, ran, shop, threshold};
use crate::harness::{plan, run_plan, scenario, summary};
use sagasim::domain::Coordination;
use sagasim::report::Summary;
use sagasim::sim::scenario::{Scenario, Verdict, parse};
use std::path::Path;

/// A fault that strikes the first payments, and refunds.
const LIVELY: &str = "[customers]\nintents = { pay = 0.6, abandon = 0.1, pay_then_refund = 0.3 }\n\
    [[fault]]\nname = \"first payments\"\ntarget = { step = \"create-payment\" }\n\
    probability = 0.2\nfor = \"5s\"\nerror = {}\n";

/// Values of the metrics, by selector and aggregation.
fn values(tables: &str, wanted: &[(&str, &str, f64)]) -> Summary {
    let all: String = wanted.iter().map(|(metric, expr, _)| threshold(metric, expr, "")).collect();
    let (_, summary) = ran(&shop(&format!("{tables}{all}")));
    for (figures, (metric, expr, expected)) in summary.thresholds.iter().zip(wanted) {
        let value = figures.value.unwrap_or(f64::NAN);
        assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{metric} {expr}: {value}");
    }
    assert_eq!(summary.thresholds.len(), wanted.len());
    summary
}

fn of<'a>(
    summary: &'a Summary,
    metric: &str,
    outcome: &str,
) -> &'a sagasim::report::summary::Latency {
    let mut rows = summary.latency.iter();
    rows.find(|row| row.metric == metric && row.outcome == outcome).expect("it happened")
}

#[test]
fn values_are_those_of_the_summary() {
    let (_, known) = ran(&shop(LIVELY));
    let paid = of(&known, "pay", "paid");
    let failed = of(&known, "pay", "failed");
    let (orders, messages) = (&known.orders, &known.messages);
    let service = |name: &str| known.services.iter().find(|s| s.name == name).expect("it is there");
    let busiest = known.services.iter().map(|s| s.utilization).fold(0.0, f64::max);
    let longest = known.services.iter().map(|s| s.queue_max).max().expect("services");
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let payments = known.processes.iter().find(|p| p.name == "payment").expect("it is there");
    let lag = known.inconsistency.undo_lag.iter().find(|l| l.undo == "payment").expect("undone");
    values(
        LIVELY,
        &[
            ("pay{outcome=paid}", "p(90) != 1ns", paid.p90_ns.expect("enough") as f64),
            ("pay{outcome=paid}", "med != 1ns", paid.p50_ns.expect("enough") as f64),
            ("pay{outcome=paid}", "max != 1ns", paid.max_ns as f64),
            ("pay{outcome=paid}", "min != 1ns", paid.min_ns as f64),
            ("pay", "count != 0", (paid.count + failed.count) as f64),
            ("pay", "max != 1ns", paid.max_ns.max(failed.max_ns) as f64),
            ("pay", "min != 1ns", paid.min_ns.min(failed.min_ns) as f64),
            ("undo{process=payment}", "max != 1ns", lag.max_ns as f64),
            ("undo{process=payment}", "count != 0", lag.count as f64),
            ("orders", "count != 0", orders.started as f64),
            ("orders{outcome=completed}", "count != 0", orders.completed as f64),
            ("orders{outcome=completed}", "rate != 0", share(orders.completed, orders.started)),
            ("orders{outcome=refunded}", "count != 0", orders.refunded as f64),
            ("processes{process=payment}", "count != 0", payments.started as f64),
            (
                "processes{process=payment,result=compensated}",
                "rate != 0",
                share(payments.compensated, payments.started),
            ),
            (
                "steps{step=create-payment,result=refused}",
                "count != 0",
                known.faults[0].hits as f64,
            ),
            ("faults{fault=first payments}", "count != 0", known.faults[0].hits as f64),
            ("throughput", "value != 0/s", payments.completed as f64 / 30.0),
            ("messages", "count != 0", messages.sent as f64),
            ("messages{result=delivered}", "rate != 0.5", share(messages.delivered, messages.sent)),
            ("messages_per_order", "value != 0", messages.per_order),
            ("utilization", "max != 0", busiest),
            ("utilization{service=user}", "value != 0", service("user").utilization),
            ("queue_max", "max != 99", longest as f64),
            ("service_time{service=user}", "count != 0", service("user").handled as f64),
            ("service_time{service=user}", "avg != 1ns", service("user").service_mean_ns as f64),
            ("unit_seconds", "value != 0", known.inconsistency.unit_seconds),
            ("money_seconds", "value != 0", known.inconsistency.money_seconds),
            ("anomalies{kind=empty-undo}", "count != 9", known.anomalies["empty-undo"] as f64),
        ],
    );
    assert!(known.faults[0].hits > 0 && orders.refunded > 0 && failed.count > 0 && lag.count > 0);
}

#[test]
fn the_warm_up_is_left_out_of_what_is_counted() {
    let warm = |tables: &str| {
        let text = format!(
            "version = 1\nname = \"warm\"\nquestion = \"?\"\n[run]\nduration = \"30s\"\n\
             warmup = \"10s\"\n[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"50/s\"\n\
             spacing = \"even\"\n{tables}"
        );
        parse(Path::new("warm.toml"), &text).unwrap_or_else(|found| panic!("{found}"))
    };
    let tables = [
        LIVELY.to_owned(),
        threshold("orders", "count == 1000", ""),
        threshold("place", "count == 1000", ""),
        threshold("faults", "count == 0", ""),
        threshold("steps{step=deduct-stock}", "count == 1000", ""),
        threshold("messages", "count != 0", ""),
    ];
    let (_, summary) = ran(&warm(&tables.concat()));
    let verdicts: Vec<Verdict> = summary.thresholds.iter().map(|one| one.verdict).collect();
    // What struck in the first five seconds was undone before the tenth.
    assert_eq!(verdicts, [Verdict::Passed; 5], "{:?}", summary.thresholds);
    assert!(summary.faults[0].hits > 0 && summary.orders.started == 1_500);
    let share = summary.thresholds[4].value.expect("messages") / summary.messages.sent as f64;
    assert!((0.6..0.9).contains(&share), "{share}");
}

#[test]
fn a_slow_shop_fails_its_threshold_with_4() {
    let slow = "[service.payment]\nservice_time = \"400ms\"\nworkers = 100\n";
    let limit = threshold("checkout{outcome=completed}", "p(99) < 300ms", "");
    let (_, quick) = ran(&shop(&limit));
    assert_eq!((quick.verdict, quick.exit_code), (Verdict::Passed, 0));
    let (_, slow) = ran(&shop(&format!("{slow}{limit}")));
    assert_eq!((slow.verdict, slow.exit_code), (Verdict::Failed, 4));
    assert!(slow.thresholds[0].value.is_some_and(|ns| ns > 3e8) && !slow.aborted);
}

#[test]
fn a_warning_changes_neither_verdict_nor_exit_code() {
    for (expr, metric) in [("max < 1ms", "checkout"), ("p(99) < 1s", "refund")] {
        let warn = threshold(metric, expr, "severity = \"warn\"");
        let (_, summary) = ran(&shop(&warn));
        assert_ne!(summary.thresholds[0].verdict, Verdict::Passed, "{metric}");
        assert_eq!((summary.verdict, summary.exit_code), (Verdict::Passed, 0), "{metric}");
    }
}

#[test]
fn a_violated_invariant_wins_over_a_failed_threshold() {
    let mut leaky = scenario("design-as-written");
    leaky.thresholds = shop(&threshold("checkout", "max < 1ns", "")).thresholds;
    let plan = plan(&leaky, 1, Coordination::Choreography);
    let summary = summary(&plan, &run_plan(&plan, &[]));
    assert_eq!(summary.thresholds[0].verdict, Verdict::Failed);
    assert_eq!((summary.verdict, summary.exit_code), (Verdict::Failed, 3));
}

#[test]
fn a_failed_threshold_wins_over_what_never_happened() {
    let expect = "[expect]\nsometimes = [\"refunded\"]\n";
    let limit = threshold("checkout", "max < 1ns", "");
    let (_, summary) = ran(&shop(&format!("{expect}{limit}")));
    assert_eq!((summary.verdict, summary.exit_code), (Verdict::Failed, 4));
}

#[test]
fn what_was_not_measured_has_not_passed() {
    for (metric, expr, reason) in [
        ("refund", "p(99) < 1s", "no samples"),
        ("refund", "max < 1s", "no samples"),
        ("undo", "avg < 1s", "no samples"),
        ("pay", "p(99.9) < 1h", "1500 of 10000 samples"),
        ("utilization{service=monolith}", "value < 1", "no samples"),
        ("wait{service=monolith}", "avg < 1s", "no samples"),
    ] {
        let figures = judged(metric, expr);
        assert_eq!(figures.verdict, Verdict::Inconclusive, "{metric} {expr}");
        assert_eq!((figures.value, figures.reason.as_deref()), (None, Some(reason)), "{metric}");
    }
    let (_, summary) = ran(&shop(&threshold("refund", "max < 1s", "")));
    assert_eq!((summary.verdict, summary.exit_code), (Verdict::Inconclusive, 6));
    // Nothing counted is a count.
    assert_eq!(judged("refund", "count == 0").verdict, Verdict::Passed);
}

#[test]
fn a_percentile_is_given_from_the_sample_on_from_which_reports_print_it() {
    let shop = |orders: u32| -> Scenario {
        let mut shop = shop(&threshold("place", "p(90) < 1h", ""));
        shop.run.duration_ns = Some(u64::from(orders) * 20_000_000);
        shop
    };
    for (orders, verdict) in [(99, Verdict::Inconclusive), (100, Verdict::Passed)] {
        let (_, summary) = ran(&shop(orders));
        assert_eq!(summary.orders.started, u64::from(orders));
        assert_eq!(summary.thresholds[0].verdict, verdict);
        assert_eq!(summary.latency[0].p90_ns.is_some(), verdict == Verdict::Passed);
    }
}
