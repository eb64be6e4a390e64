//! `compare`.

use super::campaign::{SHOP, shop};
use super::{Did, Pretend, Shell};
use sagasim::cli::ExitCode;
use sagasim::cli::engine::RunError;
use sagasim::cli::virtual_engine::VirtualEngine;
use serde_json::Value;
use std::fs;

fn does(words: &[&str]) -> Did {
    Shell::new().does(words, &VirtualEngine)
}

/// The shop with one line in place of another, in a file beside it.
fn other(file: &str, line: &str, instead: &str) -> String {
    assert!(SHOP.contains(line), "{line}");
    let path = file.replace("shop.toml", "other.toml");
    fs::write(&path, SHOP.replace(line, instead)).expect("a file");
    path
}

const FAST: &str = "{ min = \"18ms\", max = \"22ms\" }";
const SLOW: &str = "{ min = \"21600us\", max = \"26400us\" }";

#[test]
fn a_payment_service_that_is_a_fifth_slower_is_worse_and_can_fail_a_build() {
    let (folder, file, _) = shop();
    let slow = other(&file, FAST, SLOW);
    let words = ["compare", &file, &slow];
    let did = does(&words);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    let place = folder.path().to_str().expect("UTF-8");
    let said = did.out.replace(&format!("{place}/"), "");
    insta::assert_snapshot!(said);
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let did = does(&[&words[..], &["--fail-on", "regression"]].concat());
    assert_eq!(did.code, ExitCode::Regression);
    // And the other way round.
    let did = does(&["compare", &slow, &file, "--fail-on", "regression,inconclusive"]);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.out);
    assert!(did.out.starts_with("BETTER"), "{}", did.out);
}

#[test]
fn the_noise_between_seeds_is_no_difference() {
    let (_folder, file, out) = shop();
    let base = |seed: &str, name: &str| {
        let words = [
            "run",
            &file,
            "--seed",
            seed,
            "--repeat",
            "10",
            "--save-baseline",
            name,
            "--out",
            &out,
        ];
        assert_eq!(does(&words).code, ExitCode::Passed);
    };
    base("1", "one");
    base("2", "two");
    let words = ["compare", "one", "two", "--fail-on", "regression,inconclusive", "--out", &out];
    let did = does(&words);
    assert_eq!(did.code, ExitCode::Passed, "{}{}", did.out, did.err);
    assert!(did.out.starts_with("NO DIFFERENCE"), "{}", did.out);
    assert!(did.out.contains("no seeds in common"), "{}", did.out);
}

#[test]
fn a_scenario_meets_its_baseline_with_the_same_seeds() {
    let (_folder, file, out) = shop();
    let words = ["run", &file, "--repeat", "4", "--save-baseline", "main", "--out", &out];
    assert_eq!(does(&words).code, ExitCode::Passed);
    let words = ["compare", "--baseline", "main", &file, "--out", &out, "--fail-on", "regression"];
    let did = does(&words);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    assert!(did.out.starts_with("NO DIFFERENCE"), "{}", did.out);
    assert!(did.out.contains("4 pairs of runs, each the same event by event"), "{}", did.out);
    assert!(did.out.contains("UNDER TEST  the same scenario"), "{}", did.out);
    let slow = other(&file, FAST, SLOW);
    let did = does(&["compare", "main", &slow, "--out", &out, "--fail-on", "regression"]);
    assert_eq!(did.code, ExitCode::Regression, "{}{}", did.out, did.err);
    assert!(did.out.contains("4 pairs of runs with the same seeds"), "{}", did.out);
}

#[test]
fn the_first_value_of_a_matrix_is_the_reference() {
    let (_folder, file, out) = shop();
    let axis = "flow.coordination=choreography,orchestration,monolith";
    let words = ["--matrix", axis, "--repeat", "3"];
    let did = does(&[&["compare", &file, "--format", "json"], &words[..]].concat());
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    let fresh: Value = serde_json::from_str(&did.out).expect("JSON");
    assert_eq!(fresh["reference"]["name"], format!("{file} flow.coordination=choreography"));
    let candidates = fresh["candidates"].as_array().expect("candidates");
    let keys = candidates.iter().map(|one| one["differs"][0]["key"].clone());
    assert_eq!(keys.collect::<Vec<_>>(), ["flow.coordination", "flow.coordination"]);
    let price = |candidate: &Value| {
        let metrics = candidate["metrics"].as_array().expect("metrics").clone();
        let named = metrics.into_iter().find(|one| one["metric"] == "messages per order");
        named.expect("a judged figure")["finding"].clone()
    };
    assert_eq!([price(&candidates[0]), price(&candidates[1])], ["worse", "better"]);
    // The cells of a stored campaign say the same.
    assert_eq!(does(&[&["run", &file, "--out", &out], &words[..]].concat()).code, ExitCode::Passed);
    let did = does(&["compare", &format!("{out}/latest"), "--format", "json"]);
    let stored: Value = serde_json::from_str(&did.out).expect("JSON");
    let metrics = |one: &Value| [0, 1].map(|at| one["candidates"][at]["metrics"].clone());
    assert_eq!(metrics(&stored), metrics(&fresh));
}

#[test]
fn different_work_is_refused_by_its_keys_before_anything_runs() {
    let (_folder, file, _) = shop();
    let busy = other(&file, "200/s", "220/s");
    let did = does(&["compare", &file, &busy]);
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""));
    assert!(did.err.contains("\n  load.0.rate: \"200/s\" / \"220/s\"\n"), "{}", did.err);
    assert!(did.err.contains("help: --allow-different load.0.rate"), "{}", did.err);
    let allowed = ["compare", &file, &busy, "--repeat", "2", "--allow-different", "load[0]"];
    assert_eq!(does(&allowed).code, ExitCode::Passed);
    // What a matrix sets is under test.
    let matrix = ["compare", &file, "--matrix", "load[0].rate=200/s,220/s", "--repeat", "2"];
    let did = does(&matrix);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    assert!(did.out.contains("UNDER TEST  load.0.rate: \"200/s\" to \"220/s\""), "{}", did.out);
}

#[test]
fn stored_runs_of_different_work_version_or_clock_are_refused() {
    let (_folder, file, out) = shop();
    let run = |more: &[&str]| {
        let did = does(&[&["run", &file, "--out", &out], more].concat());
        let report = did.out.lines().find_map(|line| line.strip_prefix("report  "));
        report.expect("a folder").to_owned()
    };
    let one = run(&[]);
    let busy = run(&["--set", "load[0].rate=220/s"]);
    let refuses = |sides: [&str; 2], said: &str| {
        let did = does(&["compare", sides[0], sides[1]]);
        assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""), "{said}");
        assert!(did.err.contains(said), "{said}: {}", did.err);
    };
    refuses([&one, &busy], "load.0.rate: \"200/s\" / \"220/s\"");
    let summary = fs::read_to_string(format!("{busy}/summary.json")).expect("a summary");
    let bent = |from: &str, to: &str| {
        assert!(summary.contains(from), "{from}");
        let path = format!("{out}/bent.json");
        fs::write(&path, summary.replacen(from, to, 1)).expect("a file");
        path
    };
    refuses(
        [&one, &bent("\"schema_version\": 1", "\"schema_version\": 2")],
        "schema_version differs",
    );
    refuses(
        [&one, &bent("\"clock\": \"virtual\"", "\"clock\": \"live\"")],
        "run.clock: virtual / live",
    );
    refuses([&one, &bent("\"aborted\": false", "\"aborted\": true")], "the run was stopped");
    refuses([&one, &bent("", "")], "\n  scenario: ");
    refuses([&one, &bent("{", "")], "bent.json: ");
    let mine = format!("{one}/summary.json");
    let did = does(&["compare", &one, &mine]);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    assert!(did.out.starts_with("NO DIFFERENCE"), "{}", did.out);
}

#[test]
fn one_pair_of_runs_is_too_few_to_tell() {
    let (_folder, file, _) = shop();
    let slow = other(&file, FAST, SLOW);
    let words = ["compare", &file, &slow, "--repeat", "1", "--fail-on", "inconclusive"];
    let did = does(&words);
    assert_eq!(did.code, ExitCode::Inconclusive, "{}", did.err);
    assert!(did.out.starts_with("INCONCLUSIVE"), "{}", did.out);
    assert!(did.out.contains("too few runs to tell"), "{}", did.out);
}

#[test]
fn a_violation_that_the_reference_has_not_is_worse_without_any_threshold() {
    let (_folder, file, _) = shop();
    let words = ["compare", &file, "--matrix", "flow.omit=[],[\"expiry\"]", "--repeat", "2"];
    let did = does(&[&words[..], &["--noise", "90%", "--fail-on", "regression"]].concat());
    assert_eq!(did.code, ExitCode::Regression, "{}", did.out);
    let row = did.out.lines().find(|line| line.starts_with("invariant violations"));
    let row = row.expect("a row");
    assert!(row.contains("from 0") && row.ends_with("worse"), "{row}");
}

#[test]
fn the_figures_that_judge_can_be_chosen() {
    let (_folder, file, _) = shop();
    let slow = other(&file, FAST, SLOW);
    let words = ["compare", &file, &slow, "--repeat", "4", "--metric", "place placed p50"];
    let did = does(&words);
    assert!(did.out.starts_with("NO DIFFERENCE"), "{}", did.out);
    assert!(did.out.contains("not judged, but changed:\npay paid p99"), "{}", did.out);
    let did = does(&["compare", &file, &slow, "--metric", "place placd p50"]);
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.contains("did you mean `place placed p50`?"), "{}", did.err);
}

#[test]
fn figures_are_listed_with_the_way_that_is_better() {
    let listed = does(&["list", "figures"]).out;
    assert!(listed.starts_with("orders completed                  higher is better, judged\n"));
    assert!(
        listed.contains("\ncheckout completed p99            lower is better, judged\n"),
        "{listed}"
    );
    assert!(listed.contains("\nplace refused p50                 lower is better\n"), "{listed}");
}

#[test]
fn a_signal_stops_the_runs_and_nothing_is_compared() {
    let shell = Shell::new();
    let (mut engine, stop) = (Pretend::passing(), shell.stop.clone());
    engine.meanwhile = Box::new(move || {
        stop.ask(ExitCode::Interrupted);
    });
    let did = shell.does(&["compare", "a.toml", "b.toml", "--jobs", "1"], &engine);
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Interrupted, ""));
    assert!(did.err.contains("nothing is compared") && engine.ran().len() == 1, "{}", did.err);
}

#[test]
fn a_run_that_fails_ends_the_comparison_with_its_code() {
    let engine = Pretend::new(Err(RunError::Input("cannot open the order log a.csv".to_owned())));
    let did = Shell::new().does(&["compare", "a.toml", "b.toml", "--repeat", "2"], &engine);
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""));
    assert!(did.err.contains("error: a.toml: cannot open the order log"), "{}", did.err);
}

#[test]
fn what_cannot_be_found_or_makes_no_sense_is_refused() {
    let (folder, file, out) = shop();
    fs::create_dir_all(format!("{out}/baselines/main")).expect("a folder");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let empty = empty.to_str().expect("UTF-8");
    for (words, said) in [
        (&[file.as_str()][..], "one side alone"),
        (&[file.as_str(), "mian"], "no folder of a run"),
        (&[file.as_str(), "none.toml"], "there is no such file"),
        (&[file.as_str(), empty], "no summary.json and no campaign.json"),
        (&["--baseline", "mian", file.as_str()], "there are: main"),
        (&[file.as_str(), "--set", "run.sed=1"], "did you mean `seed`?"),
    ] {
        let did = does(&[&["compare", "--out", &out], words].concat());
        assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""), "{words:?}");
        assert!(did.err.contains(said), "{words:?}: {}", did.err);
    }
}

#[test]
fn what_is_judged_and_expected_may_differ_because_the_work_is_the_same() {
    let (_folder, file, _) = shop();
    let judged = "\n[lint]\nallow = [\"few-samples\"]\n\n[[threshold]]\nmetric = \"checkout\"\n\
                  expr = \"p(50) < 1s\"\n";
    let path = file.replace("shop.toml", "judged.toml");
    fs::write(&path, format!("{SHOP}{judged}")).expect("a file");
    let did = does(&["compare", &file, &path, "--repeat", "2"]);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    assert!(did.out.starts_with("NO DIFFERENCE"), "{}", did.out);
    assert!(!did.out.contains("threshold"), "{}", did.out);
}
