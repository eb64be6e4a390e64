//! `run` with a matrix or several seeds.

use super::{Pretend, Shell, names};
use crate::sample::{failing, passing};
use sagasim::cli::ExitCode;
use sagasim::cli::engine::RunError;
use sagasim::cli::virtual_engine::VirtualEngine;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::{TempDir, tempdir};

pub(super) const SHOP: &str = "version = 1
name = \"shop\"
question = \"Does it hold?\"

[run]
seed = 7
duration = \"10s\"

[customers]
intents = { pay = 0.9, abandon = 0.1 }

[service.payment]
workers = 16
service_time = { uniform = { min = \"18ms\", max = \"22ms\" } }

[[load]]
executor = \"constant-arrival-rate\"
rate = \"200/s\"
spacing = \"even\"
";

/// What the folder of a campaign holds.
const WHOLE: [&str; 5] = ["campaign.json", "campaign.md", "junit.xml", "runs", "scenario.toml"];
/// What the folder of a run holds, also of one of many.
const RUN: [&str; 8] = [
    "junit.xml",
    "latency.hgrm",
    "latency.hlog",
    "resolved.toml",
    "scenario.toml",
    "series.csv",
    "summary.json",
    "summary.md",
];

/// A folder with the shop in it, and where its reports go.
pub(super) fn shop() -> (TempDir, String, String) {
    let folder = tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (file, out) = (path("shop.toml"), path("reports"));
    fs::write(&file, SHOP).expect("a file");
    (folder, file, out)
}

fn campaign_json(out: &str) -> Value {
    let text = fs::read_to_string(format!("{out}/latest/campaign.json")).expect("a campaign");
    serde_json::from_str(&text).expect("JSON")
}

/// Without what depends on the machine.
fn timeless(mut campaign: Value) -> Value {
    for cell in campaign["cells"].as_array_mut().expect("cells") {
        for run in cell["runs"].as_array_mut().expect("runs") {
            run["summary"]["time"]["wall_ns"] = Value::Null;
            run["summary"]["time"]["events_per_s"] = Value::Null;
        }
    }
    campaign
}

#[test]
fn a_matrix_with_seeds_is_one_table_and_a_folder_of_runs() {
    let (folder, file, out) = shop();
    let words = [
        "run",
        &file,
        "--matrix",
        "flow.coordination=choreography,orchestration",
        "--matrix",
        "service.payment.workers=16,8",
        "--repeat",
        "3",
        "--out",
        &out,
    ];
    let did = Shell::new().does(&words, &VirtualEngine);
    assert_eq!(did.code, ExitCode::Passed, "{}{}", did.out, did.err);
    let place = folder.path().to_str().expect("UTF-8");
    insta::assert_snapshot!(did.out.replace(place, "PLACE"));
    let mut table = did.out.lines().take_while(|line| !line.starts_with("report"));
    assert!(table.all(|line| line.chars().count() <= 80), "{}", did.out);
    let campaign = format!("{out}/shop/20261122T081502Z-7-campaign");
    assert_eq!(names(campaign.as_ref()), WHOLE);
    assert_eq!(names(format!("{campaign}/runs").as_ref()).len(), 12);
    assert_eq!(names(format!("{campaign}/runs/1-7").as_ref()), RUN);
    let read = |name: &str| fs::read_to_string(format!("{campaign}/{name}")).expect("a file");
    assert_eq!(read("runs/1-7/scenario.toml"), SHOP);
    let again = format!(
        "sagasim run {file} --seed 7 --set flow.coordination=orchestration \
         --set service.payment.workers=8\n"
    );
    let page = read("runs/4-7/summary.md");
    assert!(page.contains(&again) && !page.contains("--out"), "{page}");
    assert!(read("runs/4-7/series.csv").lines().count() > 5);
    let resolved = fs::read_to_string(format!("{campaign}/runs/4-7/resolved.toml")).expect("4");
    assert!(resolved.contains("coordination = \"orchestration\""), "{resolved}");
    assert!(resolved.contains("[service.payment]\nworkers = 8"), "{resolved}");
    assert!(resolved.contains("seed = 7\n"), "{resolved}");
}

#[test]
fn however_many_run_at_once_the_result_is_the_same() {
    let (_folder, file, out) = shop();
    let run = |jobs: &str| {
        let words = [
            "run",
            &file,
            "--matrix",
            "service.payment.workers=1,16",
            "--repeat",
            "4",
            "--out",
            &out,
            "--jobs",
            jobs,
        ];
        let text = Shell::new().does(&words, &VirtualEngine).out;
        let text = text.replace("campaign-2\n", "campaign\n").replace("campaign-3\n", "campaign\n");
        (text, timeless(campaign_json(&out)))
    };
    let one = run("1");
    assert_eq!(run("2"), one);
    assert_eq!(run("7"), one);
}

#[test]
fn a_run_of_a_campaign_is_the_run_of_its_seed_alone() {
    let (_folder, file, out) = shop();
    let words = ["run", &file, "--repeat", "2", "--out", &out];
    assert_eq!(Shell::new().does(&words, &VirtualEngine).code, ExitCode::Passed);
    let campaign = campaign_json(&out);
    let second = &campaign["cells"][0]["runs"][1];
    let seed = second["seed"].to_string();
    let words = ["run", &file, "--seed", &seed, "--format", "json", "--out", &out];
    let alone = Shell::new().does(&words, &VirtualEngine).out;
    let alone: Value = serde_json::from_str(&alone).expect("JSON");
    assert_eq!(alone["digest"], second["summary"]["digest"]);
    assert_eq!(alone["scenario"]["digest"], second["summary"]["scenario"]["digest"]);
}

#[test]
fn json_holds_all_runs_and_equals_the_file() {
    let (_folder, file, out) = shop();
    let words = ["run", &file, "--repeat", "2", "--format", "json", "--quiet", "--out", &out];
    let did = Shell::new().does(&words, &VirtualEngine);
    let json: Value = serde_json::from_str(&did.out).expect("JSON");
    assert_eq!((json.clone(), did.err.as_str()), (campaign_json(&out), ""));
    let runs = json["cells"][0]["runs"].as_array().expect("runs");
    assert!(runs.iter().all(|run| run["summary"]["verdict"] == "passed"), "{runs:?}");
    let figure = &json["cells"][0]["figures"][0];
    assert_eq!((&figure["metric"], &figure["runs"]), (&"orders completed".into(), &2.into()));
    assert!(figure["half_width"].is_number(), "{figure}");
}

#[test]
fn the_files_of_a_run_are_the_same_alone_and_in_a_campaign() {
    let (_folder, file, out) = shop();
    let read = |place: &str| {
        let read = |name| fs::read_to_string(format!("{out}/latest/{place}{name}")).expect(name);
        RUN.map(read)
    };
    Shell::new().does(&["run", &file, "--repeat", "2", "--out", &out], &VirtualEngine);
    let of_many = read("runs/1-7/");
    Shell::new().does(&["run", &file, "--seed", "7", "--out", &out], &VirtualEngine);
    for (name, (alone, of_many)) in RUN.iter().zip(read("").into_iter().zip(of_many)) {
        assert!(alone == of_many, "{name} differs");
    }
}

#[test]
fn build_servers_get_a_suite_for_each_run_and_an_error_for_each_that_is_missing() {
    let (_folder, file, out) = shop();
    let matrix = ["--matrix", "flow.omit=[\"expiry\"],[]", "--repeat", "2", "--format", "junit"];
    let words = [&["run", &file, "--out", &out][..], &matrix].concat();
    let did = Shell::new().does(&words, &VirtualEngine);
    let written = fs::read_to_string(format!("{out}/latest/junit.xml")).expect("a file");
    assert_eq!(did.out, written);
    let document = roxmltree::Document::parse(&did.out).expect("XML");
    let suites: Vec<_> = document.descendants().filter(|n| n.has_tag_name("testsuite")).collect();
    let failed: Vec<bool> =
        suites.iter().map(|one| one.attribute("failures") != Some("0")).collect();
    assert_eq!(failed, [true, true, false, false], "{}", did.out);
    let name = suites[2].attribute("name").expect("a name");
    assert_eq!(name, "shop (choreography) flow.omit=[] seed 7");
    assert!(
        did.out.contains("--seed 7 --set &apos;flow.omit=[]&apos;")
            || did.out.contains("--seed 7 --set 'flow.omit=[]'"),
        "{}",
        did.out
    );
    let engine = Pretend::new(Err(RunError::Environment("Redis is unreachable".to_owned())));
    let words = ["run", "a.toml", "--repeat", "3", "--format", "junit", "--out", &out];
    let xml = Shell::new().does(&words, &engine).out;
    assert_eq!(
        xml.matches("<error message=\"Redis is unreachable\" type=\"run\">").count(),
        3,
        "{xml}"
    );
}

#[test]
fn a_page_of_a_campaign_is_its_table_without_colours_and_places() {
    let (_folder, file, out) = shop();
    let words = ["run", &file, "--repeat", "2", "--format", "markdown", "--out", &out];
    let did = Shell::new().does(&words, &VirtualEngine);
    let written = fs::read_to_string(format!("{out}/latest/campaign.md")).expect("a file");
    assert_eq!(did.out, written);
    assert!(did.out.starts_with("## PASSED (exit 0)  shop\n\n```text\n"), "{}", did.out);
    assert!(did.out.ends_with("```\n") && !did.out.contains('\u{1b}'), "{}", did.out);
    assert!(!did.out.contains(&out) && did.out.contains("--repeat 2\n"), "{}", did.out);
}

#[test]
fn a_dry_run_shows_each_cell_with_its_seeds_and_runs_nothing() {
    let (_folder, file, out) = shop();
    let matrix = ["--matrix", "service.payment.workers=16,8", "--repeat", "3", "--dry-run"];
    let words = [&["run", &file, "--out", &out][..], &matrix].concat();
    let did = Shell::new().does(&words, &VirtualEngine);
    assert_eq!(did.code, ExitCode::Passed, "{}", did.err);
    let cells: Vec<&str> = did.out.split("\n\nCELL ").collect();
    assert_eq!(cells.len(), 2, "{}", did.out);
    assert!(did.out.starts_with("CELL        service.payment.workers=16\nSEEDS       7 "));
    assert!(cells[1].contains("service.payment.workers=8\nSEEDS       7 "), "{}", did.out);
    assert_eq!(did.out.matches("\nDRY RUN  shop").count(), 2, "{}", did.out);
    let busy = |cell: &str| {
        let line = cell.lines().find(|line| line.trim_start().starts_with("payment")).expect("it");
        line.split_whitespace().nth(1).map(str::to_owned)
    };
    assert_eq!([busy(cells[0]), busy(cells[1])], [Some("16".into()), Some("8".into())]);
    assert!(!Path::new(&out).exists());
}

#[test]
fn what_is_odd_is_said_once_for_all_cells_and_points_at_the_setting() {
    let (_folder, file, out) = shop();
    let set = ["--set", "service.payment.workers=1", "--repeat", "2", "--dry-run", "--out", &out];
    let did = Shell::new().does(&[&["run", &file], &set[..]].concat(), &VirtualEngine);
    let begin = "warning[overload]: --set service.payment.workers=1: `payment` is offered";
    assert!(did.err.starts_with(begin), "{}", did.err);
    let more = format!("more: sagasim check {file} --set service.payment.workers=1\n");
    assert!(did.err.ends_with(&more) && did.err.lines().count() == 2, "{}", did.err);
    let words = ["check", &file, "--set", "service.payment.workers=1", "--deny", "overload"];
    let did = Shell::new().does(&words, &VirtualEngine);
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.contains("--> --set:1:25"), "{}", did.err);
    let did = Shell::new().does(&[&words[..], &["--format", "json"]].concat(), &VirtualEngine);
    let json: Value = serde_json::from_str(&did.out).expect("JSON");
    assert_eq!(json["files"][0]["warnings"][0]["setting"], "service.payment.workers=1");
    let did = Shell::new().does(&["check", &file, "--set", "run.sed=1"], &VirtualEngine);
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.contains("did you mean `seed`?"), "{}", did.err);
}

#[test]
fn a_cell_that_fails_does_not_stop_the_others_and_the_worst_code_wins() {
    let (_folder, file, out) = shop();
    let words = ["run", &file, "--matrix", "flow.omit=[\"expiry\"],[]", "--out", &out];
    let did = Shell::new().does(&words, &VirtualEngine);
    assert_eq!(did.code, ExitCode::InvariantViolated, "{}", did.out);
    let campaign = campaign_json(&out);
    let codes = [0, 1].map(|cell| campaign["cells"][cell]["runs"][0]["exit_code"].clone());
    assert_eq!(codes, [3, 0]);
    assert!(did.out.starts_with("FAILED (exit 3)  shop"), "{}", did.out);
    assert!(did.out.contains("NOT PASSED  exit 3 | seed 7 | [\"expiry\"]"), "{}", did.out);
}

#[test]
fn a_run_without_a_summary_is_named_and_the_others_go_on() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let engine = Pretend::new(Err(RunError::Environment("Redis is unreachable".to_owned())));
    let did = Shell::new().does(&["run", "a.toml", "--repeat", "3", "--out", out], &engine);
    assert_eq!((did.code, engine.ran().len()), (ExitCode::Environment, 3));
    assert_eq!(did.out.matches("exit 7 | seed ").count(), 3, "{}", did.out);
    assert_eq!(did.out.matches("Redis is unreachable").count(), 3, "{}", did.out);
}

#[test]
fn a_signal_stops_a_campaign_and_leaves_what_there_is() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let shell = Shell::new();
    let (mut engine, stop) = (Pretend::passing(), shell.stop.clone());
    engine.meanwhile = Box::new(move || {
        stop.ask(ExitCode::Interrupted);
    });
    let words =
        ["run", "a.toml", "--repeat", "5", "--jobs", "1", "--save-baseline", "b", "--out", out];
    let did = shell.does(&words, &engine);
    assert_eq!((did.code, engine.ran().len()), (ExitCode::Interrupted, 1));
    assert!(did.out.starts_with("STOPPED (exit 130, aborted)"), "{}", did.out);
    assert!(did.out.contains("4 never begun"), "{}", did.out);
    let campaign = campaign_json(out);
    assert_eq!(campaign["aborted"], true);
    assert_eq!(campaign["cells"][0]["runs"][0]["summary"]["aborted"], true);
    assert_eq!(campaign["cells"][0]["figures"], Value::Array(vec![]));
    assert!(!Path::new(out).join("baselines").exists(), "half a result is no baseline");
}

#[test]
fn no_more_runs_go_on_at_once_than_asked_for() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let mut engine = Pretend::passing();
    engine.meanwhile = Box::new(|| {
        MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        (0..1_000).for_each(|_| std::thread::yield_now());
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
    });
    let words = ["run", "a.toml", "--repeat", "40", "--jobs", "3", "--out", out];
    assert_eq!(Shell::new().does(&words, &engine).code, ExitCode::Passed);
    let most = MOST.load(Ordering::SeqCst);
    assert!((1..=3).contains(&most), "{most}");
    assert_eq!(engine.ran().len(), 40);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_runs() {
    let (_folder, file, out) = shop();
    for (words, said) in [
        (&["--matrix", "run.sed=1,2"][..], "did you mean `seed`?"),
        (&["--matrix", "run.seed"], "expected key=value,value"),
        (&["--matrix", "run.seed=1", "--matrix", "run.seed=2"], "is there already"),
        (&["--matrix", "service.payment.workers=4,many"], "--set:1:25"),
        (&["--save-baseline", "../evil"], "cannot be the name of a baseline"),
        (&[file.as_str(), "--save-baseline", "b"], "of one scenario, not of several"),
        (&[file.as_str(), "--format", "junit"], "one document, so it takes one file"),
    ] {
        let words = [&["run", &file, "--out", &out], words].concat();
        let did = Shell::new().does(&words, &VirtualEngine);
        assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""), "{words:?}");
        assert!(did.err.contains(said), "{words:?}: {}", did.err);
        assert!(!Path::new(&out).exists(), "{words:?}");
    }
    let both = ["run", &file, "--matrix", "run.sed=1,1", "--out", &out];
    let did = Shell::new().does(&both, &VirtualEngine);
    assert_eq!(did.err.matches("unknown key").count(), 1, "said once: {}", did.err);
}

#[test]
fn a_matrix_of_seeds_is_given_again_as_such() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let (_folder, file, _) = shop();
    let run = |more: &[&str]| {
        let words = ["run", &file, "--matrix", "run.seed=1,2", "--format", "json", "--out", out];
        Shell::new().does(&[&words[..], more].concat(), &VirtualEngine)
    };
    let did = run(&[]);
    let json: Value = serde_json::from_str(&did.out).expect("JSON");
    let seeds = [0, 1].map(|cell| json["cells"][cell]["runs"][0]["seed"].clone());
    assert_eq!(seeds, [1, 2]);
    let again = format!("run {file} --matrix run.seed=1,2 --out {out}\n");
    assert!(did.err.ends_with(&again), "{}", did.err);
    // What is typed wins over what is set.
    assert!(run(&["--seed", "5"]).err.contains("--seed 5 --matrix run.seed=1,2"));
}

#[test]
fn a_baseline_is_kept_and_replaced_whole() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let save = |repeat: &str, answer| {
        let words = ["run", "a.toml", "--repeat", repeat, "--save-baseline", "main", "--out", out];
        Shell::new().does(&words, &Pretend::new(Ok(answer)));
        names(&folder.path().join("baselines/main"))
    };
    assert_eq!(save("1", passing()), ["resolved.toml", "scenario.toml", "summary.json"]);
    assert_eq!(save("2", failing()), ["campaign.json", "scenario.toml"]);
    assert_eq!(names(&folder.path().join("baselines")), ["main"]);
}

#[test]
fn one_run_in_twenty_is_run_twice_and_is_the_same_again() {
    let (_folder, file, out) = shop();
    let twice = |repeat: &str, jobs: &str| {
        let brief = ["run", &file, "--set", "run.duration=100ms", "--quiet", "--out", &out];
        let words = [&brief[..], &["--repeat", repeat, "--jobs", jobs]].concat();
        let did = Shell::new().does(&words, &VirtualEngine);
        assert_eq!(did.code, ExitCode::Passed, "{}{}", did.out, did.err);
        let campaign = campaign_json(&out);
        let runs = campaign["cells"][0]["runs"].as_array().expect("runs").clone();
        let chosen = runs.iter().filter(|run| !run["summary"]["determinism"].is_null());
        let seed = |run: &Value| {
            assert_eq!(run["summary"]["determinism"]["verdict"], "reproducible");
            run["seed"].as_u64().expect("a seed")
        };
        (chosen.map(seed).collect::<Vec<u64>>(), did.out)
    };
    assert!(twice("19", "2").0.is_empty());
    let (chosen, text) = twice("40", "3");
    assert_eq!(chosen.len(), 2);
    assert!(text.contains("2 run twice"), "{text}");
    assert_eq!(twice("40", "1").0, chosen);
}
