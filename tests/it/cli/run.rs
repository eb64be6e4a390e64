//! `run`.

use super::{Pretend, Shell, names};
use crate::sample::{failing, passing};
use sagasim::cli::ExitCode;
use sagasim::cli::engine::RunError;
use sagasim::domain::Coordination;
use sagasim::report::Summary;
use std::fs;
use std::sync::atomic::Ordering;
use tempfile::tempdir;

/// What a run directory holds; the pretend engine gives one file of its own.
const FILES: [&str; 6] =
    ["junit.xml", "resolved.toml", "scenario.toml", "series.csv", "summary.json", "summary.md"];

/// The passing summary as it is written where the time of day is fixed.
fn timeless() -> Summary {
    let mut summary = passing();
    (summary.time.wall_ns, summary.time.events_per_s) = (0, 0.0);
    summary
}

#[test]
fn a_run_leaves_its_files_and_says_where() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("deep").join("reports");
    let out = out.to_str().expect("UTF-8");
    let did = Shell::new().does(&["run", "my sale.toml", "--out", out], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Passed);
    let run = format!("{out}/flash-sale/20261122T081502Z-424242");
    assert!(did.out.contains(&format!("\nreport  {run}\n")), "{}", did.out);
    let again = format!("again   sagasim run 'my sale.toml' --seed 424242 --out {out}\n");
    assert!(did.out.ends_with(&again), "{}", did.out);
    assert!(did.out.starts_with("PASSED (exit 0)  flash-sale"), "{}", did.out);
    assert_eq!(names(run.as_ref()), FILES);
    let read = |name: &str| fs::read_to_string(format!("{run}/{name}")).expect("a file");
    assert_eq!(read("summary.json"), timeless().to_json());
    assert_eq!(read("scenario.toml"), "# as written\n");
    assert_eq!(read("series.csv"), "from_ns\n");
    assert_eq!(read("resolved.toml"), "coordination = \"choreography\"\n");
    let latest = fs::read_to_string(format!("{out}/latest/summary.json")).expect("a link");
    assert_eq!(latest, timeless().to_json());
}

#[test]
fn the_command_line_wins_over_the_file_and_is_in_what_to_type_again() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let engine = Pretend::passing();
    let words = ["run", "a.toml", "--seed", "7", "--coordination", "orchestration", "--out", out];
    let did = Shell::new().does(&words, &engine);
    let ran = engine.ran();
    assert_eq!(ran[0].run.seed, Some(7));
    assert_eq!(ran[0].flow.coordination, Coordination::Orchestration);
    let again = format!("sagasim run a.toml --seed 7 --coordination orchestration --out {out}\n");
    assert!(did.out.ends_with(&again), "{}", did.out);
}

#[test]
fn what_to_type_again_publishes_to_the_same_redis_but_never_tells_its_password() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let plain = ["redis://127.0.0.1/", "redis+unix:///run/redis.sock?db=3", "redis://me@h/"];
    for url in plain {
        let did = Shell::new()
            .does(&["run", "a.toml", "--redis", url, "--out", out], &Pretend::passing());
        let redis = if url.contains('?') { format!("'{url}'") } else { url.to_owned() };
        let again = format!("--out {out} --redis {redis}\n");
        assert!(did.out.ends_with(&again), "{}", did.out);
    }
    for url in ["redis://me:sekrit@h:7/2", "redis://:sekrit@h:7/2", "unix:///s.sock?pass=sekrit"] {
        let did = Shell::new()
            .does(&["run", "a.toml", "--redis", url, "--out", out], &Pretend::passing());
        assert!(!did.out.contains("sekrit") && !did.err.contains("sekrit"), "{}", did.out);
        assert!(did.out.contains("--redis ") && did.out.contains("PASSWORD"), "{}", did.out);
    }
}

#[test]
fn what_was_set_is_in_what_to_type_again() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let words = ["run", "a.toml", "--set", "run.seed=1", "--set", "load[0].rate=\"5/s\"", "--out"];
    let did = Shell::new().does(&[&words[..], &[out]].concat(), &Pretend::passing());
    let set = "--set run.seed=1 --set 'load[0].rate=\"5/s\"'";
    let again = format!("sagasim run a.toml --seed 424242 {set} --out {out}\n");
    assert!(did.out.ends_with(&again), "{}", did.out);
    let written = fs::read_to_string(folder.path().join("latest/summary.md")).expect("a page");
    assert!(written.contains(set) && !written.contains("--out"), "{written}");
}

#[test]
fn json_is_the_summary_and_nothing_else() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let words = ["run", "a.toml", "--format", "json", "--out", out];
    let did = Shell::new().does(&words, &Pretend::passing());
    assert_eq!(did.out, timeless().to_json());
    assert!(did.err.contains("again   sagasim run a.toml --seed 424242"), "{}", did.err);
    for (format, begin, file) in
        [("junit", "<?xml", "junit.xml"), ("markdown", "## ✅ PASSED", "summary.md")]
    {
        let words = ["run", "a.toml", "--format", format, "--out", out];
        let did = Shell::new().does(&words, &Pretend::passing());
        let written = fs::read_to_string(folder.path().join("latest").join(file));
        assert_eq!(did.out, written.expect("a file"));
        assert!(did.out.starts_with(begin), "{}", did.out);
        assert!(did.err.contains("again   sagasim run a.toml --seed 424242"), "{}", did.err);
    }
    let two = ["run", "a.toml", "b.toml", "--format", "junit", "--out", out];
    assert_eq!(Shell::new().does(&two, &Pretend::passing()).code, ExitCode::Usage);
    let quiet = ["run", "a.toml", "--format", "json", "--quiet", "--out", out];
    let did = Shell::new().does(&quiet, &Pretend::passing());
    assert_eq!(did.err, "");
}

#[test]
fn the_exit_code_is_the_summarys() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    for code in ExitCode::ALL {
        let summary = Summary { exit_code: code.code(), ..failing() };
        let engine = Pretend::new(Ok(summary));
        assert_eq!(Shell::new().does(&["run", "a.toml", "--out", out], &engine).code, code);
    }
}

#[test]
fn nothing_runs_if_one_file_is_invalid() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let engine = Pretend::passing();
    let words = ["run", "a.toml", "bad.toml", "bad2.toml", "--out", out.to_str().expect("UTF-8")];
    let did = Shell::new().does(&words, &engine);
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""));
    assert!(did.err.contains("bad.toml:7:1") && did.err.contains("bad2.toml:7:1"), "{}", did.err);
    assert!(engine.ran().is_empty() && !out.exists());
}

#[test]
fn a_run_that_fails_leaves_nothing_behind() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    for (error, code) in [
        (RunError::Internal("lost".to_owned()), ExitCode::Internal),
        (RunError::Environment("Redis is unreachable".to_owned()), ExitCode::Environment),
    ] {
        let message = error.to_string();
        let engine = Pretend::new(Err(error));
        let words = ["run", "a.toml", "--out", out.to_str().expect("UTF-8")];
        let did = Shell::new().does(&words, &engine);
        assert_eq!((did.code, did.out.as_str()), (code, ""));
        assert!(did.err.contains(&message), "{}", did.err);
        assert!(!out.exists(), "{:?}", names(folder.path()));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_found_before_anything_runs() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("reports");
    fs::write(&file, "I am a file").expect("a file");
    let engine = Pretend::passing();
    let words = ["run", "a.toml", "--out", file.to_str().expect("UTF-8")];
    let did = Shell::new().does(&words, &engine);
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.starts_with("error: cannot create the report folder"), "{}", did.err);
    assert!(engine.ran().is_empty());
    assert_eq!(fs::read_to_string(&file).expect("still there"), "I am a file");
}

#[test]
fn a_folder_lost_during_the_run_costs_the_files_not_the_result() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let gone = out.clone();
    let mut engine = Pretend::passing();
    engine.meanwhile = Box::new(move || fs::remove_dir_all(&gone).expect("there"));
    let words = ["run", "a.toml", "--out", out.to_str().expect("UTF-8")];
    let did = Shell::new().does(&words, &engine);
    assert_eq!(did.code, ExitCode::Internal);
    assert!(did.out.starts_with("PASSED") && !did.out.contains("\nreport"), "{}", did.out);
    assert!(did.err.contains("error: cannot write"), "{}", did.err);
}

#[test]
fn a_signal_stops_an_ablation_and_nothing_is_claimed() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let shell = Shell::new();
    let (mut engine, stop) = (Pretend::passing(), shell.stop.clone());
    engine.meanwhile = Box::new(move || assert!(stop.ask(ExitCode::Interrupted)));
    let did = shell.does(&["ablate", "a.toml", "--samples", "1", "--out", out], &engine);
    assert_eq!(did.code, ExitCode::Interrupted, "{}", did.err);
    assert!(did.out.contains("(exit 130, aborted)"), "{}", did.out);
    assert!(did.out.contains("nothing is claimed"), "{}", did.out);
    assert!(engine.ran().is_empty(), "no price is measured");
}

#[test]
fn a_signal_stops_the_run_and_still_gives_a_report() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let shell = Shell::new();
    let (mut engine, stop) = (Pretend::passing(), shell.stop.clone());
    engine.meanwhile = Box::new(move || assert!(stop.ask(ExitCode::Interrupted)));
    let did = shell.does(&["run", "a.toml", "b.toml", "--out", out], &engine);
    assert_eq!(did.code, ExitCode::Interrupted);
    assert!(engine.stopped.load(Ordering::Relaxed) && engine.ran().len() == 1);
    assert!(did.out.starts_with("INCONCLUSIVE (exit 130, aborted)"), "{}", did.out);
    let json = fs::read_to_string(folder.path().join("latest/summary.json")).expect("a report");
    let summary: Summary = serde_json::from_str(&json).expect("a summary");
    assert!(summary.aborted && summary.exit_code == 130);
    assert!(!shell.stop.ask(ExitCode::Terminated), "the first signal stands");
}

#[test]
fn several_files_run_one_after_another_and_the_worst_code_wins() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let engine = Pretend::new(Ok(failing()));
    let did = Shell::new().does(&["run", "a.toml", "b.toml", "--out", out], &engine);
    assert_eq!(did.code, ExitCode::InvariantViolated);
    assert_eq!(did.out.matches("FAILED (exit 3)").count(), 2, "{}", did.out);
    let runs = names(&folder.path().join("flash-sale"));
    assert_eq!(runs, ["20261122T081502Z-424242", "20261122T081502Z-424242-2"]);
}

#[test]
fn codes_of_several_runs_become_one() {
    use ExitCode::*;
    assert_eq!(Passed.and(Inconclusive), Inconclusive);
    assert_eq!(Inconclusive.and(InvariantViolated), InvariantViolated);
    assert_eq!(ThresholdFailed.and(Regression), ThresholdFailed);
    assert_eq!(InvariantViolated.and(Environment), Environment);
    assert_eq!(Internal.and(Interrupted), Interrupted);
    for code in ExitCode::ALL {
        assert_eq!(ExitCode::from_code(code.code()), Some(code));
        assert_eq!(Passed.and(code), code);
    }
}

#[test]
fn a_seed_nobody_chose_is_drawn_and_printed() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let engine = Pretend::passing();
    let did = Shell::new().does(&["run", "seedless.toml", "--out", out], &engine);
    let seed = engine.ran()[0].run.seed.expect("drawn");
    assert!(did.out.ends_with(&format!("--seed {seed} --out {out}\n")), "{}", did.out);
    assert!(did.out.lines().next().unwrap_or_default().ends_with(&format!("seed {seed}")));
}

#[test]
fn a_redis_url_that_makes_no_sense_is_wrong_usage_and_nothing_runs() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let words = ["run", "a.toml", "b.toml", "--out", out.to_str().expect("UTF-8"), "--redis"];
    let urls = [
        "",
        "nonsense",
        "http://x",
        "redis://",
        "redis://u:secret@h:99999/",
        "redis://h/x",
        "redis://u:secret@h/-1",
        "unix:///run/redis.sock?db=-1",
    ];
    for url in urls {
        let engine = Pretend::passing();
        let did = Shell::new().does(&[&words[..], &[url]].concat(), &engine);
        assert_eq!(did.code, ExitCode::Usage, "{url}");
        assert_eq!(did.err.matches("the Redis URL is not usable").count(), 1, "{url}: {}", did.err);
        assert!(!did.err.contains("secret"), "{}", did.err);
        assert!(engine.ran().is_empty() && !out.exists(), "{url}");
    }
}

#[test]
fn a_dry_run_says_what_would_run_and_does_nothing() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let engine = Pretend::passing();
    let out_text = out.to_str().expect("UTF-8");
    let words = ["run", "a.toml", "seedless.toml", "--dry-run", "--out", out_text];
    let did = Shell::new().does(&words, &engine);
    assert_eq!((did.code, did.err.as_str()), (ExitCode::Passed, ""));
    assert_eq!(did.out, "DRY RUN  flash-sale Some(424242)\n\nDRY RUN  flash-sale None\n");
    assert!(engine.ran().is_empty() && !out.exists());
    let chosen = Shell::new().does(&["run", "a.toml", "--dry-run", "--seed", "7"], &engine);
    assert_eq!(chosen.out, "DRY RUN  flash-sale Some(7)\n");
}

#[test]
fn a_dry_run_of_what_cannot_run_exits_with_2() {
    let engine = Pretend::passing();
    for (file, reason) in [("bad.toml", "unknown key"), ("logless.toml", "cannot open the order")] {
        let did = Shell::new().does(&["run", file, "--dry-run"], &engine);
        assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""), "{file}");
        assert!(did.err.contains(reason), "{}", did.err);
    }
}

#[test]
fn warnings_are_said_in_a_line_each_and_change_no_exit_code() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let expected = "warning[overload]: odd.toml:3:5: `order` is offered 2 times what its 1 worker \
                    can do\n         more: sagasim check odd.toml\n";
    for more in [&["--dry-run"][..], &[]] {
        let words = [&["run", "odd.toml", "--out", out][..], more].concat();
        let did = Shell::new().does(&words, &Pretend::passing());
        assert_eq!(did.code, ExitCode::Passed);
        assert!(did.err.starts_with(expected), "{}", did.err);
    }
    let words = ["run", "odd.toml", "--out", out, "--quiet"];
    assert_eq!(Shell::new().does(&words, &Pretend::passing()).err, "");
}
