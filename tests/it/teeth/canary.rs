//! The canary: a defect that no run survives. Planted under the suite and under the program, it
//! turns everything red: otherwise green would mean nothing.

use super::trials::planted;
use super::violated;
use crate::harness::{folder, plan, run_plan, scenario, seed, summary};
use sagasim::domain::Coordination;
use sagasim::sim::check::Law;
use sagasim::sim::defect::Defect;
use sagasim::sim::scenario::Verdict;
use std::process::{Command, Output};
use tempfile::tempdir;

const CANARY: &str = "unit-missing";

/// Tests that say that the program is sound.
const SUITE: &[&str] = &[
    "scenarios::every_scenario_gives_its_stated_answer_in_every_coordination",
    "explore::coverage::no_fault_and_no_pair_of_faults_loses_anything_in_any_coordination",
    "explore::coverage::each_set_is_run_once",
    "positions::two_exchanges_of_one_order_may_break_and_nothing_is_lost",
    "positions::whatever_exchange_of_a_choreography_breaks_wherever_nothing_is_lost",
    "positions::whatever_exchange_of_a_monolith_breaks_wherever_nothing_is_lost",
    "differential::on_any_plan_all_three_coordinations_keep_the_same_invariants",
    "differential::on_a_confluent_plan_all_three_coordinations_end_with_the_same_books",
    "faults::mixes::no_mix_of_faults_breaks_an_invariant_while_every_protection_is_on",
    "teeth::hectic::an_order_worth_nothing_is_paid_and_taken_back",
    "teeth::hectic::the_sound_build_passes_however_hectic_it_gets",
    "teeth::trials::the_sound_build_passes_in_the_world_of_each_defect",
];

#[test]
fn with_the_canary_every_test_of_soundness_fails() {
    let suite = std::env::current_exe().expect("this is a program");
    let mut command = Command::new(suite);
    command.arg("--exact").args(SUITE).env("CANARY", CANARY).env("INSTA_UPDATE", "no");
    let did = command.output().expect("the suite starts");
    let said = String::from_utf8_lossy(&did.stdout);
    assert!(!did.status.success());
    for test in SUITE {
        assert!(said.contains(&format!("test {test} ... FAILED")), "{test} survives:\n{said}");
    }
}

#[test]
fn with_the_canary_no_run_passes_in_any_coordination() {
    let canary = Defect::named(CANARY).expect("it is in the catalogue");
    for name in ["checkout-single", "expiry", "refund", "out-of-stock", "last-unit", "cancel"] {
        for coordination in Coordination::ALL {
            let scenario = planted(scenario(name), canary);
            let plan = plan(&scenario, seed(&scenario), coordination);
            let run = run_plan(&plan, &[]);
            assert_eq!(violated(&run), [Law::StockConserved], "{name} {coordination:?}");
            assert_eq!(summary(&plan, &run).verdict, Verdict::Failed);
        }
    }
}

fn typed(words: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_sagasim");
    Command::new(program).args(words).arg("--quiet").output().expect("the program starts")
}

#[test]
fn with_the_canary_everything_that_is_typed_says_failed() {
    let out = tempdir().expect("a folder");
    let out = out.path().to_str().expect("UTF-8");
    let file = folder().join("checkout-single.toml");
    let text = std::fs::read_to_string(&file).expect("readable");
    let planted = format!("{text}\n[flow]\ndefect = \"{CANARY}\"\n");
    let ill = std::path::Path::new(out).join("ill.toml");
    std::fs::write(&ill, planted).expect("a file");
    let (file, ill) = (file.to_str().expect("UTF-8"), ill.to_str().expect("UTF-8"));
    let set = ["--set", "flow.defect=unit-missing"];
    let cases: [(&[&str], &str); 6] = [
        (&["run", file, set[0], set[1]], "FAILED (exit 3)"),
        (&["run", ill, "--format", "json"], "\"verdict\": \"failed\""),
        (&["run", ill, "--format", "junit"], "<failure"),
        (&["run", ill, "--format", "markdown"], "FAILED (exit 3)"),
        (&["run", ill, "--repeat", "2"], "stock-conserved"),
        (&["explore", ill, "--faults", "1"], "FAILED (exit 3)"),
    ];
    for (words, says) in cases {
        let did = typed(&[words, &["--out", out]].concat());
        let said = String::from_utf8_lossy(&did.stdout);
        assert_eq!(did.status.code(), Some(3), "{words:?}: {said}");
        assert!(said.contains(says), "{words:?}: {said}");
    }
    let found = typed(&["explore", ill, "--faults", "1", "--format", "json", "--out", out]);
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).expect("JSON");
    let token = found["violations"][0]["token"].as_str().expect("a token");
    let again = typed(&["replay", token, ill, "--out", out]);
    assert_eq!(again.status.code(), Some(3), "{}", String::from_utf8_lossy(&again.stderr));
}

#[test]
fn a_defect_is_refused_where_it_does_not_play() {
    let file = folder().join("checkout-single.toml");
    let file = file.to_str().expect("UTF-8");
    let set = ["--set", "flow.defect=saga-log-in-memory"];
    let did = typed(&["run", file, set[0], set[1]]);
    assert_eq!(did.status.code(), Some(2));
    let said = String::from_utf8_lossy(&did.stderr);
    let why =
        "the defect `saga-log-in-memory` does not play in choreography, only in orchestration";
    assert!(said.contains(why), "{said}");
    let did = typed(&["run", file, set[0], "flow.defect=saga-log-in-memori"]);
    assert_eq!(did.status.code(), Some(2));
    let said = String::from_utf8_lossy(&did.stderr);
    assert!(said.contains("did you mean `saga-log-in-memory`?"), "{said}");
}
