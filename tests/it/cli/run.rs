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

#[test]
fn a_run_leaves_its_files_and_says_where() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("deep").join("reports");
    let out = out.to_str().expect("UTF-8");
    let did = Shell::new().does(&["run", "my sale.toml", "--out", out], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Passed);
    let run = format!("{out}/flash-sale/20261122T081502Z-424242");
    assert!(did.out.contains(&format!("\nreport  {run}\n")), "{}", did.out);
    assert!(did.out.ends_with("again   sagasim run 'my sale.toml' --seed 424242\n"), "{}", did.out);
    assert!(did.out.starts_with("PASSED (exit 0)  flash-sale"), "{}", did.out);
    assert_eq!(names(run.as_ref()), ["resolved.toml", "scenario.toml", "summary.json"]);
    let read = |name: &str| fs::read_to_string(format!("{run}/{name}")).expect("a file");
    assert_eq!(read("summary.json"), passing().to_json());
    assert_eq!(read("scenario.toml"), "# as written\n");
    assert_eq!(read("resolved.toml"), "coordination = \"choreography\"\n");
    let latest = fs::read_to_string(format!("{out}/latest/summary.json")).expect("a link");
    assert_eq!(latest, passing().to_json());
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
    assert!(
        did.out.ends_with("sagasim run a.toml --seed 7 --coordination orchestration\n"),
        "{}",
        did.out
    );
}

#[test]
fn what_was_set_is_in_what_to_type_again() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let words = ["run", "a.toml", "--set", "run.seed=1", "--set", "load[0].rate=\"5/s\"", "--out"];
    let did = Shell::new().does(&[&words[..], &[out]].concat(), &Pretend::passing());
    let again = "sagasim run a.toml --seed 424242 --set run.seed=1 --set 'load[0].rate=\"5/s\"'\n";
    assert!(did.out.ends_with(again), "{}", did.out);
}

#[test]
fn json_is_the_summary_and_nothing_else() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let words = ["run", "a.toml", "--format", "json", "--out", out];
    let did = Shell::new().does(&words, &Pretend::passing());
    assert_eq!(did.out, passing().to_json());
    assert!(did.err.contains("again   sagasim run a.toml --seed 424242"), "{}", did.err);
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
    assert!(did.out.ends_with(&format!("--seed {seed}\n")), "{}", did.out);
    assert!(did.out.lines().next().unwrap_or_default().ends_with(&format!("seed {seed}")));
}

#[test]
fn a_redis_url_that_makes_no_sense_is_wrong_usage_and_nothing_runs() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("reports");
    let words = ["run", "a.toml", "b.toml", "--out", out.to_str().expect("UTF-8"), "--redis"];
    for url in ["", "nonsense", "http://x", "redis://", "redis://u:secret@h:99999/", "redis://h/x"]
    {
        let engine = Pretend::passing();
        let did = Shell::new().does(&[&words[..], &[url]].concat(), &engine);
        assert_eq!(did.code, ExitCode::Usage, "{url}");
        assert_eq!(did.err.matches("the Redis URL is not usable").count(), 1, "{url}: {}", did.err);
        assert!(!did.err.contains("secret"), "{}", did.err);
        assert!(engine.ran().is_empty() && !out.exists(), "{url}");
    }
}
