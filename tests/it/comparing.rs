//! How often a comparison is wrong.

use crate::harness::{made_of, plan, run_plan, summary};
use sagasim::domain::Coordination;
use sagasim::report::compare::{Candidate, Finding, Rule, Sample, Side, compare};
use sagasim::report::metric::{JUDGED, names};
use sagasim::sim::decide::{mix, unit};
use sagasim::sim::dist::inverse_normal;
use serde_json::json;

fn judged(noise: f64, one: &[Sample], two: &[Sample]) -> Candidate {
    let names = JUDGED.map(str::to_owned);
    let side = Side::new("two".to_owned(), two);
    compare(one, two, side, vec![], Rule { noise, judged: &names })
}

/// A made-up run whose figures spread by 3 % around 1000 times a factor, differently for each
/// experiment, seed and figure.
fn made_up(experiment: u64, seed: u64, factor: f64) -> Sample {
    let around = |figure: u64| {
        let chance = unit(mix(mix(experiment, seed), figure)).clamp(1e-12, 1.0 - 1e-12);
        1_000.0 * factor * (1.0 + 0.03 * inverse_normal(chance))
    };
    let summary = json!({
        "schema_version": 1, "seed": seed, "clock": "virtual", "aborted": false,
        "digest": format!("{experiment}-{seed}"), "verdict": "passed",
        "scenario": { "digest": "x" },
        "orders": { "completed": around(1), "dropped": 0, "stuck": 0 },
        "messages": { "per_order": around(2) },
        "invariants": [{ "violations": 0 }],
        "latency": [{
            "metric": "checkout", "outcome": "completed",
            "p50_ns": around(3), "p99_ns": around(4),
        }],
    });
    Sample::of_summary(&summary).expect("a summary")
}

fn made_up_side(experiment: u64, seeds: std::ops::Range<u64>, factor: f64) -> Vec<Sample> {
    seeds.map(|seed| made_up(experiment, seed, factor)).collect()
}

/// The share of 1000 experiments that come out as `finding`.
fn share_of(finding: Finding, one: impl Fn(u64) -> Candidate) -> f64 {
    let count = (0..1_000).filter(|experiment| one(*experiment).finding == finding).count();
    count as f64 / 1_000.0
}

#[test]
fn without_a_noise_threshold_equal_sides_are_called_different_once_in_twenty() {
    let paired = |experiment: u64| {
        let one = made_up_side(2 * experiment, 0..10, 1.0);
        judged(0.0, &one, &made_up_side(2 * experiment + 1, 0..10, 1.0))
    };
    let apart = |experiment: u64| {
        let one = made_up_side(experiment, 0..10, 1.0);
        judged(0.0, &one, &made_up_side(experiment, 10..20, 1.0))
    };
    assert_eq!((paired(0).pairs, apart(0).pairs), (10, 0));
    for wrong in [
        share_of(Finding::Worse, paired) + share_of(Finding::Better, paired),
        share_of(Finding::Worse, apart) + share_of(Finding::Better, apart),
    ] {
        // 5 % ± 2 %: neither more often nor so seldom that nothing would be found.
        assert!((0.03..=0.07).contains(&wrong), "{wrong}");
    }
}

#[test]
fn with_the_noise_threshold_equal_sides_are_never_called_different() {
    let equal = |experiment: u64| {
        let one = made_up_side(experiment, 0..20, 1.0);
        judged(0.05, &one, &made_up_side(experiment, 20..40, 1.0))
    };
    let wrong = share_of(Finding::Worse, equal) + share_of(Finding::Better, equal);
    assert_eq!(wrong.to_bits(), 0.0_f64.to_bits());
    assert!(share_of(Finding::NoDifference, equal) > 0.9);
}

#[test]
fn a_difference_of_the_threshold_is_seldom_called_one_and_twice_that_always() {
    let by = |factor: f64| {
        move |experiment: u64| {
            let one = made_up_side(experiment, 0..10, 1.0);
            judged(0.05, &one, &made_up_side(experiment, 10..20, factor))
        }
    };
    // At the very threshold the interval lies beyond it in one tail of each figure.
    assert!(share_of(Finding::Worse, by(1.05)) < 0.06);
    // 3 % of spread over ten runs leaves no doubt about 12 %.
    assert!(share_of(Finding::Worse, by(1.12)) > 0.9);
    assert!(share_of(Finding::NoDifference, by(1.12)) < 0.001);
}

#[test]
fn real_runs_of_one_scenario_give_few_false_alarms() {
    let scenario = made_of(
        "[run]\nduration = \"5s\"\n[[load]]\nexecutor = \"constant-arrival-rate\"\n\
         rate = \"100/s\"\n",
    );
    let sample = |seed: u64| {
        let plan = plan(&scenario, seed, Coordination::Choreography);
        Sample::of_summary(&summary(&plan, &run_plan(&plan, &[])).to_value()).expect("a summary")
    };
    let runs: Vec<Sample> = (0..80).map(sample).collect();
    let groups: Vec<&[Sample]> = runs.chunks(10).collect();
    let (mut strict, mut usual) = (0, 0);
    for (at, one) in groups.iter().enumerate() {
        for two in &groups[at + 1..] {
            let alarm = |noise| {
                let finding = judged(noise, one, two).finding;
                u32::from(matches!(finding, Finding::Worse | Finding::Better))
            };
            strict += alarm(0.0);
            usual += alarm(0.05);
        }
    }
    // Of 28: one or two are to be expected without a threshold.
    assert!(strict <= 4 && usual == 0, "{strict} {usual}");
}

#[test]
fn the_same_runs_do_not_differ_and_one_run_says_nothing() {
    let one = made_up_side(1, 0..5, 1.0);
    let same = judged(0.0, &one, &one);
    assert_eq!((same.finding, same.identical), (Finding::NoDifference, true));
    let single = judged(0.05, &one[..1], &made_up_side(2, 0..1, 2.0));
    assert_eq!((single.finding, single.pairs), (Finding::Inconclusive, 1));
    let nothing = judged(0.05, &one, &[]);
    assert_eq!(nothing.finding, Finding::Inconclusive);
}

#[test]
fn everything_that_judges_can_be_read() {
    let known = names();
    assert!(JUDGED.iter().all(|name| known.iter().any(|one| one == name)), "{known:?}");
}
