//! `explore` and `replay` as they are typed: what is shown, what is written, what is refused.

use crate::harness::folder;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::{TempDir, tempdir};

pub(super) fn sagasim(words: &[&str], out: &TempDir) -> Output {
    let program = env!("CARGO_BIN_EXE_sagasim");
    let mut command = Command::new(program);
    command.args(words).arg("--quiet").arg("--out").arg(out.path());
    command.env("LC_ALL", "C.UTF-8").output().expect("the program starts")
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

pub(super) fn file() -> String {
    folder().join("one-order.toml").to_str().expect("UTF-8").to_owned()
}

pub(super) fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The JSON of an exploration without a tombstone, and its folder.
fn broken(out: &TempDir) -> serde_json::Value {
    let words = ["explore", &file(), "--faults", "1", "--without", "tombstone", "--format", "json"];
    let did = sagasim(&words, out);
    assert_eq!(did.status.code(), Some(3), "{}", text(&did.stderr));
    json(&did)
}

#[test]
fn a_token_replays_verdict_and_digest_in_another_process() {
    let out = tempdir().expect("a folder");
    let explored = broken(&out);
    let found = explored["violations"].as_array().expect("a list");
    assert!(!found.is_empty());
    for one in found {
        let token = one["token"].as_str().expect("a token");
        let did = sagasim(&["replay", token, &file(), "--format", "json"], &out);
        let again = json(&did);
        assert_eq!(did.status.code(), Some(3));
        assert_eq!((&again["digest"], &again["token"]), (&one["digest"], &one["token"]));
        assert_eq!(again["violations"][0]["invariant"], one["invariant"]);
        assert!(!again["violations"][0]["chain"].as_array().expect("a list").is_empty());
    }
}

#[test]
fn the_folder_of_an_exploration_replays_by_itself() {
    let out = tempdir().expect("a folder");
    let explored = broken(&out);
    let repro = out.path().join("latest/repro.toml");
    let said = fs::read_to_string(&repro).expect("a file");
    assert!(said.contains(explored["violations"][0]["token"].as_str().expect("a token")));
    let did = sagasim(&["replay", repro.to_str().expect("UTF-8"), "--format", "json"], &out);
    assert_eq!(did.status.code(), Some(3), "{}", text(&did.stderr));
    assert_eq!(json(&did)["digest"], explored["violations"][0]["digest"]);
}

#[test]
fn a_token_of_a_scenario_that_changed_is_stale() {
    let out = tempdir().expect("a folder");
    let token = broken(&out)["violations"][0]["token"].as_str().expect("a token").to_owned();
    let changed = out.path().join("changed.toml");
    let with = fs::read_to_string(file()).expect("a file").replace("\"5s\"", "\"6s\"");
    fs::write(&changed, with).expect("a file");
    let before = fs::read_dir(out.path()).expect("a folder").count();
    let did = sagasim(&["replay", &token, changed.to_str().expect("UTF-8")], &out);
    assert_eq!((did.status.code(), text(&did.stdout).as_str()), (Some(2), ""));
    assert!(text(&did.stderr).contains("stale"), "{}", text(&did.stderr));
    assert_eq!(fs::read_dir(out.path()).expect("a folder").count(), before);
}

#[test]
fn a_token_of_another_version_or_another_run_is_stale() {
    use sagasim::sim::explore::Token;
    let out = tempdir().expect("a folder");
    let token = broken(&out)["violations"][0]["token"].as_str().expect("a token").to_owned();
    let token: Token = token.parse().expect("a token");
    let older = Token { version: token.version ^ 1, ..token.clone() };
    let other = Token { digest: token.digest ^ 1, ..token };
    for (stale, why) in [(older, "was not made by sagasim"), (other, "the run has digest")] {
        let did = sagasim(&["replay", &stale.to_string(), &file()], &out);
        assert_eq!((did.status.code(), text(&did.stdout).as_str()), (Some(2), ""));
        assert!(text(&did.stderr).contains(why), "{}", text(&did.stderr));
    }
}

#[test]
fn what_cannot_be_explored_or_replayed_is_said() {
    let out = tempdir().expect("a folder");
    for (words, why) in [
        (&["explore", "nowhere.toml"][..], "nowhere.toml"),
        (&["explore", "a.toml", "--faults", "9"], "9"),
        (&["explore", "a.toml", "--without", "luck"], "luck"),
        (&["explore", "a.toml", "--jobs", "0"], "0"),
        (&["replay", "SG1-00"], "TOKEN FILE"),
        (&["replay", "SG1-00", "a.toml"], "damaged"),
        (&["replay", "hello", "a.toml"], "SG1-"),
        (&["replay", "nowhere.toml"], "nowhere.toml"),
        (&["replay", "repro.toml", "a.toml"], "names its scenario"),
    ] {
        let did = sagasim(words, &out);
        assert_eq!((did.status.code(), text(&did.stdout).as_str()), (Some(2), ""), "{words:?}");
        assert!(text(&did.stderr).contains(why), "{words:?}: {}", text(&did.stderr));
    }
    assert_eq!(fs::read_dir(out.path()).expect("a folder").count(), 0, "something was written");
}

#[test]
fn a_counterexample_is_told_with_the_nearest_run_that_passes_and_what_is_missing() {
    let out = tempdir().expect("a folder");
    let explored = broken(&out);
    for one in explored["violations"].as_array().expect("a list") {
        let token = one["token"].as_str().expect("a token");
        let told = |format: &str| {
            let program = env!("CARGO_BIN_EXE_sagasim");
            let words = ["inspect", token, &file(), "--format", format];
            Command::new(program).args(words).env("LC_ALL", "C.UTF-8").output().expect("starts")
        };
        let story = json(&told("json"));
        assert_eq!(
            (&story["invariant"], &story["cures"], &story["passing"]["without"]),
            (
                &one["invariant"],
                &one["cures"],
                &story["decisions"].as_array().expect("a list").last().expect("a decision").clone()
            )
        );
        assert_ne!(story["story"], story["passing"]["story"]);
        let faults = |told: &serde_json::Value| told.to_string().matches(" FAULT ").count();
        assert!(faults(&story["story"]) > faults(&story["passing"]["story"]), "{story}");
        assert!(story["story"].to_string().contains("[stock 57 -> held 1]"), "{story}");
        let did = told("text");
        let text = text(&did.stdout);
        assert_eq!(did.status.code(), Some(0), "{text}");
        assert!(text.contains("the nearest run that passes goes on, without"), "{text}");
        assert!(text.contains("MISSING     tombstone"), "{text}");
        let short = |line: &str| line.chars().count() <= 80 || line.starts_with("again");
        assert!(text.lines().all(short), "{text}");
    }
}

/// The text of an exploration, without what depends on the machine.
pub(super) fn shown(words: &[&str]) -> String {
    let out = tempdir().expect("a folder");
    let did = sagasim(words, &out);
    let said = text(&did.stdout);
    assert!(said.lines().all(|line| line.chars().count() <= 80 || line.contains("sagasim")));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_str().expect("UTF-8");
    let to = format!(" --out {}", out.path().display());
    let line = |line: &str| match line {
        line if line.starts_with("report ") => "report  FOLDER".to_owned(),
        line if line.starts_with("EXPLORED") => {
            let (_, rest) = line.split_once("/s) · ").unwrap_or(("", line));
            format!("EXPLORED    {rest}")
        }
        line if line.starts_with("ABLATED") => {
            let (head, _) = line.split_once(" in ").unwrap_or((line, ""));
            head.to_owned()
        }
        line => line.replace(&format!("{folder}/"), "").replace(&to, ""),
    };
    said.lines().map(|one| line(one) + "\n").collect()
}

#[test]
fn the_map_of_a_sound_choreography() {
    insta::assert_snapshot!(shown(&["explore", &file(), "--faults", "1"]));
}

#[test]
fn the_map_of_an_orchestration_without_idempotency_keys() {
    insta::assert_snapshot!(shown(&[
        "explore",
        &file(),
        "--faults",
        "1",
        "--coordination",
        "orchestration",
        "--without",
        "idempotency_key",
    ]));
}

#[test]
fn several_orders_are_sampled_and_said_to_be() {
    let out = tempdir().expect("a folder");
    let race = folder().join("last-unit.toml");
    let race = race.to_str().expect("UTF-8");
    let words = ["explore", race, "--samples", "20", "--format", "json"];
    let did = sagasim(&words, &out);
    let found = json(&did);
    assert_eq!((did.status.code(), &found["exhaustive"]), (Some(0), &false.into()));
    assert_eq!(found["sample"]["walks"], 20);
    assert!(found["runs"]["sampled"].as_u64() >= Some(20));
    let did = sagasim(&["explore", race, "--samples", "20", "--without", "outbox"], &out);
    assert!(text(&did.stdout).contains("a sample"), "{}", text(&did.stdout));
}
