//! Thresholds that stop their run: at an instant of virtual time, the same for every run.

use super::{ran, shop, threshold};
use crate::harness::plan;
use sagasim::domain::Coordination;
use sagasim::sim::engine::{self, Driver, Options};
use sagasim::sim::scenario::{Scenario, Verdict};

const SECOND: u64 = 1_000_000_000;
const ABORT: &str = "abort_on_fail = true";

/// From the tenth second on every tenth payment is refused.
fn failing(more: &str) -> Scenario {
    let fault = "[[fault]]\nname = \"outage\"\ntarget = { step = \"create-payment\" }\n\
                 probability = 1\nat = \"10s\"\nerror = {}\n";
    let stops = threshold("processes{process=payment,result=compensated}", "count < 100", more);
    let other = threshold("orders{outcome=completed}", "rate > 0.1", "");
    shop(&format!("{fault}{stops}{other}"))
}

#[test]
fn a_failed_threshold_stops_the_run_and_the_report_says_when() {
    let (run, summary) = ran(&failing(ABORT));
    let stopped = run.stopped.expect("it was stopped");
    // Fifty payments a second are refused from 10 s on: a hundred are reached at about 12 s.
    assert!((11 * SECOND..14 * SECOND).contains(&stopped.at_ns), "{}", stopped.at_ns);
    assert_eq!((stopped.thresholds, stopped.at_ns % (300_000_000)), (vec![0], 0));
    assert!(run.end_ns <= stopped.at_ns && run.started < 700);
    assert_eq!((summary.verdict, summary.exit_code, summary.aborted), (Verdict::Failed, 4, true));
    let [failed, other] = &summary.thresholds[..] else { panic!("two thresholds") };
    assert_eq!((failed.verdict, failed.stopped_at_ns), (Verdict::Failed, Some(stopped.at_ns)));
    assert!(failed.value.is_some_and(|count| count >= 100.0));
    // Half a run says nothing of the others.
    assert_eq!((other.verdict, other.stopped_at_ns), (Verdict::Inconclusive, None));
    assert_eq!(other.reason.as_deref(), Some("the run was stopped"));
    assert!(run.proof.findings.clean());
}

#[test]
fn without_leave_to_stop_the_same_threshold_lets_the_run_go_on() {
    let (run, summary) = ran(&failing(""));
    assert!(run.stopped.is_none() && !summary.aborted && run.started == 1_500);
    assert_eq!((summary.verdict, summary.exit_code), (Verdict::Failed, 4));
}

#[test]
fn a_threshold_does_not_stop_the_run_before_its_delay() {
    let (run, _) = ran(&failing(&format!("{ABORT}\ndelay_abort = \"20s\"")));
    let stopped = run.stopped.expect("it was stopped");
    assert!((20 * SECOND..21 * SECOND).contains(&stopped.at_ns), "{}", stopped.at_ns);
}

#[test]
fn every_run_of_a_seed_stops_at_the_same_event() {
    let scenario = failing(ABORT);
    for coordination in Coordination::ALL {
        let plan = plan(&scenario, 3, coordination);
        let run = |driver| {
            let cast = engine::cast(&plan);
            engine::run(plan.clone(), cast, Options::default(), driver).expect("no panic")
        };
        let (actix, direct) = (run(Driver::Actix), run(Driver::Direct));
        assert!(actix.stopped.is_some(), "{coordination:?}");
        assert_eq!(actix.stopped, direct.stopped);
        assert_eq!((actix.digest, actix.events), (direct.digest, direct.events));
        assert_eq!(actix.end_ns, direct.end_ns);
    }
}

#[test]
fn a_threshold_that_holds_is_looked_at_and_changes_nothing() {
    let holds = threshold("checkout", "max < 1h", ABORT);
    let warm = |tables: &str| {
        let mut scenario = shop(tables);
        scenario.run.warmup_ns = 5 * SECOND;
        scenario
    };
    let (alone, _) = ran(&warm(""));
    let (watched, summary) = ran(&warm(&holds));
    assert_eq!(summary.thresholds[0].verdict, Verdict::Passed);
    assert_eq!((watched.digest, watched.events), (alone.digest, alone.events));
    assert_eq!((watched.end_ns, watched.warm), (alone.end_ns, alone.warm));
}

#[test]
fn nothing_measured_yet_stops_nothing() {
    let (run, summary) = ran(&shop(&threshold("refund", "max < 1ns", ABORT)));
    assert!(run.stopped.is_none());
    assert_eq!(summary.verdict, Verdict::Inconclusive);
}

#[test]
fn the_program_exits_with_4_and_leaves_a_report_that_says_where_it_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("slow.toml");
    let text = format!(
        "version = 1\nname = \"slow\"\nquestion = \"Is it quick?\"\n{}{}",
        super::SHOP,
        threshold("place", "max < 1ms", ABORT)
    );
    std::fs::write(&file, text).expect("a file");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sagasim"));
    command.arg("run").arg(&file).args(["--seed", "1", "--quiet", "--out"]).arg(folder.path());
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.starts_with("FAILED (exit 4, aborted)"), "{said}");
    assert!(said.contains("it stopped the run at 0.300s"), "{said}");
    let read = |name: &str| {
        std::fs::read_to_string(folder.path().join("latest").join(name)).expect("a file")
    };
    assert!(read("summary.md").starts_with("## ❌ FAILED (exit 4, aborted): slow\n"));
    assert!(read("junit.xml").contains("it stopped the run at 0.300s"));
    assert!(read("resolved.toml").contains("abort_on_fail = true\ndelay_abort = \"0s\"\n"));
}
