//! `ablate`, `inspect` and `--set` as they are typed.

use super::typed::{file, json, sagasim, shown, text};
use crate::harness::folder;
use serde_json::Value;
use std::fs;
use std::process::Command;
use tempfile::{TempDir, tempdir};

fn scenario(name: &str) -> String {
    folder().join(format!("{name}.toml")).to_str().expect("UTF-8").to_owned()
}

/// What `inspect` prints.
fn told(words: &[&str]) -> String {
    let program = env!("CARGO_BIN_EXE_sagasim");
    let mut command = Command::new(program);
    let did = command.arg("inspect").args(words).env("LC_ALL", "C.UTF-8").output();
    let did = did.expect("the program starts");
    assert_eq!(did.status.code(), Some(0), "{}", text(&did.stderr));
    text(&did.stdout)
}

/// The token of the smallest counterexample without a protection, and its settings.
fn token(table: &Value, name: &str) -> String {
    let variants = table["coordinations"][0]["variants"].as_array().expect("a list");
    let row = variants.iter().find(|row| row["name"] == name).expect("a row");
    row["violations"][0]["token"].as_str().expect("a token").to_owned()
}

fn ablated(words: &[&str], out: &TempDir) -> Value {
    let did = sagasim(&[&["ablate"], words, &["--format", "json"]].concat(), out);
    assert_eq!(did.status.code(), Some(0), "{}", text(&did.stderr));
    json(&did)
}

#[test]
fn the_table_of_one_order() {
    insta::assert_snapshot!(shown(&["ablate", &file()]));
}

#[test]
fn a_table_with_a_declared_fault_and_a_price_under_it() {
    let storm = scenario("retry-storm");
    let words = ["ablate", &scenario("replaced-orchestrator"), "--price", &storm];
    insta::assert_snapshot!(shown(&words));
}

#[test]
fn every_token_of_the_table_breaks_again_what_it_says() {
    let out = tempdir().expect("a folder");
    let table = ablated(&[&file(), "--coordination", "choreography,orchestration"], &out);
    let mut replayed = 0;
    for of in table["coordinations"].as_array().expect("a list") {
        for row in of["variants"].as_array().expect("a list") {
            let Some(found) = row["violations"].as_array().expect("a list").first() else {
                continue;
            };
            let token = found["token"].as_str().expect("a token");
            let mut words = vec!["replay", token];
            let (file, setting) = (file(), row["setting"].as_str().expect("a setting"));
            words.push(&file);
            if row["kind"] == "undo-policy" {
                words.extend(["--set", setting]);
            }
            words.extend(["--format", "json"]);
            let again = json(&sagasim(&words, &out));
            assert_eq!(again["violations"][0]["invariant"], found["invariant"], "{row}");
            assert_eq!(again["digest"], found["digest"], "{row}");
            replayed += 1;
        }
    }
    assert!(replayed >= 14, "{replayed}");
}

#[test]
fn the_folder_holds_what_was_printed_whatever_the_threads() {
    let out = tempdir().expect("a folder");
    let quick = |jobs| {
        let mut table = ablated(&[&file(), "--jobs", jobs], &out);
        table["wall_ns"] = Value::from(0);
        table
    };
    let one = quick("1");
    assert_eq!(one, quick("2"));
    let written = fs::read_to_string(out.path().join("latest/ablate.json")).expect("a file");
    let mut written: Value = serde_json::from_str(&written).expect("JSON");
    written["wall_ns"] = Value::from(0);
    assert_eq!(written, one);
    for name in ["scenario.toml", "resolved.toml"] {
        assert!(out.path().join("latest").join(name).exists(), "{name}");
    }
}

#[test]
fn what_breaks_with_everything_on_fails() {
    let out = tempdir().expect("a folder");
    let omit = "flow.omit=[\"restore-coupon\"]";
    let did = sagasim(&["ablate", &file(), "--set", omit], &out);
    let said = text(&did.stdout);
    assert_eq!(did.status.code(), Some(3), "{said}");
    assert!(said.starts_with("FAILED (exit 3)"), "{said}");
    assert!(said.contains("EVERYTHING ON · fault 1"), "{said}");
    assert!(said.contains("restore-coupon"), "{said}");
}

#[test]
fn the_price_is_the_difference_between_runs_on_and_off() {
    let out = tempdir().expect("a folder");
    let storm = scenario("retry-storm");
    let table = ablated(&[&file(), "--price", &storm], &out);
    let rows = table["price"]["variants"].as_array().expect("a list");
    let cost = |name: &str, of: &str, what: &str| {
        let row = rows.iter().find(|row| row["name"] == name).expect("a row");
        row[of][what].as_f64().expect("a number")
    };
    let messages = |name: &str, of: &str| cost(name, of, "messages_per_order");
    // Nothing calls for it without a fault; a slow service does.
    assert_eq!(messages("whole", "calm"), messages("circuit_breaker", "calm"));
    assert!(messages("whole", "faulty") + 1.0 < messages("circuit_breaker", "faulty"));
    assert!(cost("whole", "faulty", "checkout_p99_ns") > 0.0);
    // The same figures as those of the runs themselves.
    let run =
        |set: &[&str]| json(&sagasim(&[&["run", &storm, "--format", "json"], set].concat(), &out));
    let bare = run(&["--set", "protection.circuit_breaker=false"]);
    assert_eq!(bare["messages"]["per_order"], messages("circuit_breaker", "faulty"));
    assert_eq!(run(&[])["messages"]["per_order"], messages("whole", "faulty"));
}

#[test]
fn what_a_circuit_breaker_is_for_is_judged_by_a_threshold() {
    let out = tempdir().expect("a folder");
    let storm = scenario("retry-storm");
    for coordination in ["choreography", "orchestration"] {
        let words = ["run", &storm, "--coordination", coordination];
        assert_eq!(sagasim(&words, &out).status.code(), Some(0), "{coordination}");
        let bare = [&words[..], &["--set", "protection.circuit_breaker=false"]].concat();
        assert_eq!(sagasim(&bare, &out).status.code(), Some(4), "{coordination}");
    }
}

#[test]
fn a_counterexample_is_told_from_the_first_message_to_what_is_missing() {
    let out = tempdir().expect("a folder");
    let table = ablated(&[&file()], &out);
    let story = told(&[&token(&table, "tombstone"), &file()]);
    assert!(story.lines().all(|line| line.chars().count() <= 80 || line.contains("sagasim")));
    insta::assert_snapshot!(story.replace(&file(), "scenarios/one-order.toml"));
    let lost = told(&[&token(&table, "timeout"), &file()]);
    assert!(lost.contains("lost: deduct-stock, to product"), "{lost}");
    let unsent = told(&[&token(&table, "outbox"), &file()]);
    assert!(unsent.contains("product: crashes before it sends create-order to order"), "{unsent}");
}

#[test]
fn any_order_of_a_plain_run_is_told() {
    let refund = scenario("refund");
    let story = told(&[&refund, "--order", "0", "--coordination", "orchestration"]);
    assert!(story.contains("orchestration · seed 1 · order 0"), "{story}");
    for says in ["passes", "asks product to deduct-stock", "start-refund", "[paid -", "told Paid"] {
        assert!(story.contains(says), "{says}: {story}");
    }
    let none = told_badly(&[&refund, "--order", "4000000"]);
    assert!(none.contains("there is no order 4000000"), "{none}");
    let both = told_badly(&["SG1-00", &refund, "--order", "1"]);
    assert!(both.contains("no token"), "{both}");
    // The same words as in the violation that the run itself reports.
    let broken = told(&[&scenario("design-as-written"), "--order", "8"]);
    assert!(broken.contains("breaks undo-in-reverse-order"), "{broken}");
    assert!(broken.contains("MISSING     every protection is on"), "{broken}");
}

/// What `inspect` says of words that it does not take.
fn told_badly(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sagasim"));
    let did = command.arg("inspect").args(words).output().expect("the program starts");
    assert_eq!((did.status.code(), text(&did.stdout).as_str()), (Some(2), ""), "{words:?}");
    text(&did.stderr)
}

#[test]
fn what_was_set_is_set_again() {
    let out = tempdir().expect("a folder");
    let set = "flow.payment_window=6s";
    let words = ["explore", &file(), "--set", set, "--without", "tombstone", "--faults", "1"];
    let did = sagasim(&words, &out);
    assert_eq!(did.status.code(), Some(3), "{}", text(&did.stderr));
    let said = text(&did.stdout);
    let again = said.lines().find(|line| line.starts_with("again")).expect("a line");
    assert!(again.ends_with(&format!("--set {set}")), "{again}");
    let token = again.split_whitespace().nth(3).expect("a token");
    let code = |words: &[&str]| sagasim(words, &out).status.code();
    assert_eq!(code(&["replay", token, &file(), "--set", set]), Some(3));
    assert_eq!(code(&["replay", token, &file()]), Some(2), "it is another scenario");
    let latest = fs::read_dir(out.path().join("one-order")).expect("a folder");
    let repro =
        latest.flatten().map(|one| one.path().join("repro.toml")).find(|path| path.exists());
    let repro = repro.expect("written by the exploration");
    assert_eq!(code(&["replay", repro.to_str().expect("UTF-8")]), Some(3));
    let story = told(&[token, &file(), "--set", set]);
    assert!(story.contains("MISSING     tombstone"), "{story}");
}

#[test]
fn what_cannot_be_ablated_is_said_and_nothing_is_written() {
    let out = tempdir().expect("a folder");
    for (words, why) in [
        (&["ablate", "nowhere.toml"][..], "nowhere.toml"),
        (&["ablate", &file(), "--price", "nowhere.toml"], "nowhere.toml"),
        (&["ablate", &file(), "--set", "protection.outbx=false"], "outbox"),
        (&["ablate", &file(), "--coordination", "anarchy"], "anarchy"),
        (&["ablate", &file(), "--faults", "0"], "0"),
    ] {
        let did = sagasim(words, &out);
        assert_eq!((did.status.code(), text(&did.stdout).as_str()), (Some(2), ""), "{words:?}");
        assert!(text(&did.stderr).contains(why), "{words:?}: {}", text(&did.stderr));
    }
    assert_eq!(fs::read_dir(out.path()).expect("a folder").count(), 0, "something was written");
}
