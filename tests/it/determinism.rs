//! Same scenario, same seed: the same run, event by event. Another seed: another run.

use crate::world::{MS, all, plan, rush, small};
use sagasim::domain::{Coordination, RequestId, Service, Step};
use sagasim::sim::engine::{self, Driver, Finished, Options, Watch};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::{Dist, Scenario, load};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;

const SAGASIM: &str = env!("CARGO_BIN_EXE_sagasim");

fn checkout_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/checkout.toml")
}

fn checkout(coordination: Coordination) -> Scenario {
    let (mut scenario, _) = load(&checkout_file()).expect("a valid scenario");
    scenario.flow.coordination = coordination;
    scenario.run.duration_ns = Some(30_000 * MS);
    scenario
}

/// Every kind of luck there is: times, hops, intents, faults, retries.
fn lively(coordination: Coordination) -> Scenario {
    let mut scenario = rush(coordination, 60);
    scenario.customers.intents = all("pay-then-refund");
    scenario.customers.intents.pay_then_refund = 0.5;
    scenario.customers.intents.cancel_while_paying = 0.25;
    scenario.customers.intents.abandon = 0.25;
    scenario.network_latency = Dist::Exponential { mean: 3e6 };
    for (settings, service) in scenario.services.iter_mut().zip(Service::ALL) {
        settings.service_time = Dist::Lognormal { median: 2e6, p99: 2e7 };
        settings.queue_capacity = (service == Service::Payment).then_some(2);
        settings.workers = 2;
    }
    let mut fault = crate::world::refused(Step::SetFinalAmount);
    fault.trigger = sagasim::sim::scenario::Trigger::Probability {
        probability: 0.2,
        from_ns: 0,
        until_ns: u64::MAX,
    };
    scenario.faults.push(fault);
    scenario.protection.timeout_ns = Some(15 * MS);
    scenario
}

fn drive(scenario: &Scenario, seed: u64, options: Options, driver: Driver) -> Finished {
    let plan = Arc::new(Plan::new(scenario.clone(), seed).expect("no order log to read"));
    let cast = engine::cast(&plan);
    engine::run(plan, cast, options, driver).expect("no handler panics")
}

fn digest(scenario: &Scenario, seed: u64, driver: Driver) -> u64 {
    drive(scenario, seed, Options::default(), driver).digest
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    for coordination in Coordination::ALL {
        for scenario in [small(coordination), lively(coordination)] {
            let first = digest(&scenario, 1, Driver::Direct);
            assert_eq!(first, digest(&scenario, 1, Driver::Direct), "{coordination:?}");
        }
        let scenario = lively(coordination);
        let mut digests: Vec<u64> =
            (0..20).map(|seed| digest(&scenario, seed, Driver::Direct)).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 20, "{coordination:?}");
    }
}

#[test]
fn the_coordinations_of_one_plan_are_different_runs() {
    let digests = Coordination::ALL.map(|one| digest(&lively(one), 1, Driver::Direct));
    assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2]);
}

#[test]
fn actix_and_direct_calls_of_the_same_handlers_are_the_same_run() {
    for coordination in Coordination::ALL {
        for scenario in [small(coordination), lively(coordination), checkout(coordination)] {
            let through_actix = drive(&scenario, 5, Options::default(), Driver::Actix);
            let direct = drive(&scenario, 5, Options::default(), Driver::Direct);
            assert_eq!(through_actix.digest, direct.digest, "{coordination:?}");
            assert_eq!(through_actix.events, direct.events);
            assert_eq!(through_actix.end_ns, direct.end_ns);
            assert_eq!(through_actix.proof.orders, direct.proof.orders);
            assert_eq!(through_actix.proof.findings, direct.proof.findings);
        }
    }
}

#[test]
fn whoever_looks_on_or_listens_changes_nothing() {
    for coordination in Coordination::ALL {
        let scenario = lively(coordination);
        let alone = digest(&scenario, 3, Driver::Direct);
        let sales = Rc::new(Cell::new(0));
        let counted = Rc::clone(&sales);
        let visits = Rc::new(Cell::new(0));
        let visited = Rc::clone(&visits);
        let watch = Watch {
            progress: Box::new(|_, _| false),
            sale: Some(Box::new(move |_, _| counted.set(counted.get() + 1))),
            visit: Some(Box::new(move |_| visited.set(visited.get() + 1))),
        };
        let tell = (0..60).map(RequestId).collect();
        let options = Options { watch, tell, ..Options::default() };
        let seen = drive(&scenario, 3, options, Driver::Direct);
        assert_eq!(seen.digest, alone, "{coordination:?}");
        let handled = seen.stations.iter().map(|station| station.handled).sum::<u64>();
        assert_eq!(visits.get(), handled);
        assert!(sales.get() > 0 && seen.stories.values().all(|story| !story.is_empty()));
    }
    // Long enough for progress to be shown.
    let scenario = checkout(Coordination::Choreography);
    let alone = digest(&scenario, 3, Driver::Direct);
    let shown = Rc::new(Cell::new(0));
    let counted = Rc::clone(&shown);
    let progress = Box::new(move |_, _| {
        counted.set(counted.get() + 1);
        false
    });
    let options = Options { watch: Watch { progress, ..Watch::default() }, ..Options::default() };
    assert_eq!(drive(&scenario, 3, options, Driver::Direct).digest, alone);
    assert!(shown.get() > 0);
}

#[test]
fn a_run_that_is_stopped_is_not_blamed_for_what_it_had_no_time_to_finish() {
    for driver in [Driver::Direct, Driver::Actix] {
        let watch = Watch { progress: Box::new(|_, _| true), ..Watch::default() };
        let options = Options { watch, ..Options::default() };
        let run = drive(&checkout(Coordination::Choreography), 3, options, driver);
        assert!(run.aborted && run.started > 0);
        assert_eq!(run.proof.findings.kept(), [], "{driver:?}");
        assert!(run.proof.findings.clean());
    }
}

/// Profiles, processors and compilers must agree on these. A change that is meant to change what
/// happens, or when, changes them too, and says so.
#[test]
fn the_digests_of_a_lively_world_are_the_committed_ones() {
    let digests = Coordination::ALL.map(|one| digest(&lively(one), 424_242, Driver::Direct));
    let digests = digests.map(|digest| format!("{digest:016x}"));
    assert_eq!(digests, ["e63b04f22be95a86", "14ceb727bd165364", "b1ac4085bab54858"]);
}

#[test]
fn a_plan_without_luck_needs_no_seed_to_agree_with_itself() {
    let scenario = small(Coordination::Orchestration);
    let ends = [1, 2].map(|seed| drive(&scenario, seed, Options::default(), Driver::Direct));
    assert_eq!(ends[0].proof.outcomes, ends[1].proof.outcomes);
    assert_eq!(plan(&scenario).duration_ns, 1_000 * MS);
}

/// Runs the program and gives what it says of the run, without what the wall clock says.
fn in_a_process(
    command: &mut Command,
    coordination: Coordination,
    seed: &str,
) -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = command
        .arg("run")
        .arg(checkout_file())
        .args(["--coordination", coordination.name(), "--seed", seed, "--format", "json"])
        .arg("--quiet")
        .arg("--out")
        .arg(folder.path())
        .env_remove("RUST_LOG")
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{out}");
    let mut summary: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("a summary in JSON");
    let time = summary["time"].as_object_mut().expect("times");
    time.remove("wall_ns");
    time.remove("events_per_s");
    summary
}

#[test]
fn another_process_pinned_to_one_core_reports_the_same_run() {
    for coordination in Coordination::ALL {
        let first = in_a_process(&mut Command::new(SAGASIM), coordination, "11");
        assert_eq!(first["verdict"], "passed");
        let pinned = Command::new("taskset").args(["-c", "0", "true"]).status();
        let mut second = if pinned.is_ok_and(|status| status.success()) {
            let mut command = Command::new("taskset");
            command.args(["-c", "0", SAGASIM]);
            command
        } else {
            Command::new(SAGASIM)
        };
        assert_eq!(in_a_process(&mut second, coordination, "11"), first);
        let other = in_a_process(&mut Command::new(SAGASIM), coordination, "12");
        assert_ne!(other["digest"], first["digest"]);
    }
}
