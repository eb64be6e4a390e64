//! The checker does not cry wolf: where everything happens at once, the sound build passes.

use super::world::{by, free, hectic};
use super::{said, sound};
use sagasim::domain::{Coordination, Step};
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::{self, Driver, Finished, Options};
use sagasim::sim::plan::Plan;
use std::sync::Arc;

const SEEDS: u64 = 20;

fn run(coordination: Coordination, seed: u64) -> Finished {
    let plan = Plan::new(by(coordination, hectic()), seed).expect("no file is needed");
    let plan = Arc::new(plan);
    let cast = engine::cast(&plan);
    engine::run(plan, cast, Options::default(), Driver::Actix).expect("nobody panics")
}

/// What must have happened in a coordination, some time, for its runs to mean anything.
fn reached(run: &Finished) -> Vec<(&'static str, u64)> {
    let outcomes = &run.proof.outcomes;
    let mut reached: Vec<(&str, u64)> =
        Outcome::ALL.iter().map(|it| (it.name(), outcomes.of(*it))).collect();
    reached.push(("refunded", outcomes.refunded));
    reached.push(("top-up", run.steps[Step::TopUp as usize].done));
    reached.push(("issue-coupon refused", run.steps[Step::IssueCoupon as usize].refused));
    reached.push(("use-coupon", run.steps[Step::UseCoupon as usize].done));
    reached.push(("refused by a full queue", run.messages.refused));
    reached.push(("retried", run.messages.retried));
    reached.push(("absorbed", run.messages.absorbed));
    reached
}

#[test]
fn an_order_worth_nothing_is_paid_and_taken_back() {
    for coordination in Coordination::ALL {
        sound(by(coordination, free()));
    }
}

#[test]
fn the_sound_build_passes_however_hectic_it_gets() {
    for coordination in Coordination::ALL {
        let mut seen = Vec::new();
        for seed in 1..=SEEDS {
            let run = run(coordination, seed);
            let name = coordination.name();
            assert!(run.proof.findings.clean(), "{name}, seed {seed}:\n{}", said(&run));
            assert_eq!(run.proof.outcomes.of(Outcome::Stuck), 0, "{name}, seed {seed}");
            assert_eq!(run.proof.outcomes.total(), run.started, "{name}, seed {seed}");
            seen.push(reached(&run));
        }
        for (at, (what, _)) in seen[0].iter().enumerate() {
            let times: u64 = seen.iter().map(|run| run[at].1).sum();
            let wanted = *what != Outcome::Stuck.name();
            assert_eq!(times > 0, wanted, "{}: {what} {times} times", coordination.name());
        }
    }
}
