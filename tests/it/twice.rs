//! Run twice: what is not the same again is said, with the place where it parts.

use crate::harness::{made_of, run_plan};
use sagasim::actors::Role;
use sagasim::actors::choreography::Heard;
use sagasim::actors::gate::Receipt;
use sagasim::actors::host::Cast;
use sagasim::cli::engine::{Job, Ran};
use sagasim::cli::virtual_engine::run_with;
use sagasim::domain::{At, Audited, OrderCommand, Outbox, Step};
use sagasim::report::summary::Reproducibility;
use sagasim::report::{Charset, Summary, TextOptions, render_junit, render_markdown, render_text};
use sagasim::sim::engine::{self, Options, divergence};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::{Scenario, Verdict};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Order, but it refuses to store one order, and in each run another one: all of them runs that
/// the checker has nothing against.
struct Moody {
    sound: Box<dyn Role<OrderCommand>>,
    refuses: u32,
}

impl Role<OrderCommand> for Moody {
    fn receive(&mut self, at: At, heard: &Heard, input: OrderCommand, out: &mut Outbox) -> Receipt {
        let mut at = at;
        if heard.key.request().0 == self.refuses {
            at.refused = at.refused.with(Step::CreateOrder);
        }
        self.sound.receive(at, heard, input, out)
    }

    fn audit(&self, say: &mut dyn FnMut(Audited)) {
        self.sound.audit(say);
    }
}

/// Actors with something that neither scenario nor seed decides.
fn moody(plan: &Plan) -> Cast {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let cast = engine::cast(plan);
    let refuses = 10 + RUNS.fetch_add(1, Ordering::Relaxed) % 20;
    Cast { order: Box::new(Moody { sound: cast.order, refuses }), ..cast }
}

fn shop(rest: &str) -> Scenario {
    let load = "[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"10/s\"";
    made_of(&format!("[run]\nseed = 7\nduration = \"5s\"\n{load}\n{rest}"))
}

fn job(scenario: &Scenario, twice: bool) -> Job<'_> {
    Job {
        scenario,
        seed: scenario.seed(),
        redis: None,
        decisions: &[],
        token: None,
        twice,
        others_follow: true,
    }
}

fn ran(scenario: &Scenario, twice: bool, cast: fn(&Plan) -> Cast) -> Summary {
    let Ran { summary, .. } =
        run_with(&job(scenario, twice), &mut |_| ControlFlow::Continue(()), cast)
            .expect("nothing panics");
    summary
}

#[test]
fn a_run_that_is_not_the_same_again_is_told_with_the_input_where_it_parts() {
    let scenario = shop("");
    let once = ran(&scenario, false, moody);
    assert_eq!((once.verdict, once.exit_code, &once.determinism), (Verdict::Passed, 0, &None));
    let twice = ran(&scenario, true, moody);
    assert_eq!((twice.verdict, twice.exit_code), (Verdict::Failed, 1));
    let found = twice.determinism.clone().expect("it was run twice");
    assert_eq!(found.verdict, Reproducibility::NotReproducible);
    assert_ne!(found.digest_again, twice.digest);
    let parted = found.parted.expect("side by side they part, too");
    assert!(parted.event > 10 && parted.at_ns > 0, "{parted:?}");
    let place = "product -> order, create-order of order ";
    assert!(parted.first.contains(place) && parted.second.contains(place), "{parted:?}");
    assert_ne!(parted.first, parted.second);
    let options = TextOptions { charset: Charset::Utf8, report: None, again: "again" };
    let text = anstream::adapter::strip_str(&render_text(&twice, &options)).to_string();
    assert!(text.starts_with("NOT REPRODUCIBLE (exit 1)"), "{text}");
    assert!(text.contains("TWICE       not the same run again"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(render_markdown(&twice, "again").contains("NOT REPRODUCIBLE"));
    let junit = render_junit(&twice, "again");
    assert!(junit.contains("the same when run again: another run"), "{junit}");
}

#[test]
fn sound_actors_are_the_same_again_and_the_summary_says_so() {
    let scenario = shop("");
    let (once, twice) = (ran(&scenario, false, engine::cast), ran(&scenario, true, engine::cast));
    assert_eq!((twice.verdict, twice.exit_code), (Verdict::Passed, 0));
    let found = twice.determinism.expect("it was run twice");
    assert_eq!(found.verdict, Reproducibility::Reproducible);
    assert_eq!((&found.digest_again, &found.parted), (&once.digest, &None));
}

#[test]
fn whatever_fails_is_run_twice() {
    let slow = "[[threshold]]\nmetric = \"place{outcome=placed}\"\nexpr = \"p(50) < 1ms\"";
    let leaks = "[flow]\nomit = [\"expiry\"]\n[customers]\nintents = { abandon = 1.0 }";
    for (rest, code) in [(slow, 4), (leaks, 3)] {
        let failed = ran(&shop(rest), false, engine::cast);
        assert_eq!((failed.verdict, failed.exit_code), (Verdict::Failed, code));
        let found = failed.determinism.expect("it was run twice");
        assert_eq!(found.verdict, Reproducibility::Reproducible);
        assert_eq!(ran(&shop(rest), false, moody).exit_code, 1);
    }
}

#[test]
fn two_runs_part_where_the_first_handler_says_something_else() {
    let plan = Arc::new(Plan::new(shop(""), 7).expect("no order log"));
    let refusing = |order: u32| {
        let cast = engine::cast(&plan);
        Cast { order: Box::new(Moody { sound: cast.order, refuses: order }), ..cast }
    };
    let mut orders = [3, 5].into_iter();
    let cast = || refusing(orders.next().expect("two runs"));
    let found = divergence(&plan, cast, Options::default).expect("they part");
    assert!(found.first.contains("create-order of order 3"), "{found:?}");
    let nothing = divergence(&plan, || refusing(3), Options::default);
    assert_eq!(nothing, None);
    let run = run_plan(&plan, &[]);
    assert!(found.event > 3 && found.at_ns < run.end_ns, "{found:?}");
}
