//! Whole runs with a real Redis beside them: what it holds at rest is what the books say, and when
//! it is away no order fails and the report says what is missing.

use crate::redis_server::RedisServer;
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Never reached when all is well.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts the program on a scenario of its own with a Redis beside it.
fn start(url: &str, folder: &Path, coordination: &str) -> Child {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/checkout.toml");
    Command::new(env!("CARGO_BIN_EXE_sagasim"))
        .arg("run")
        .arg(scenario)
        .args(["--format", "json", "--quiet", "--seed", "424242", "--redis", url])
        .args(["--coordination", coordination])
        .arg("--out")
        .arg(folder)
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn summary(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How many records the data platform holds.
fn records(server: &RedisServer) -> u64 {
    let client = redis::Client::open(server.url()).expect("a URL");
    let mut connection = client.get_connection().expect("the server runs");
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("sagasim:*:platform").query(&mut connection).expect("keys");
    keys.iter()
        .map(|key| redis::cmd("XLEN").arg(key).query::<u64>(&mut connection).expect("a stream"))
        .sum()
}

/// Waits until the platform holds some records, and says how many it saw.
fn wait_for_records(server: &RedisServer, at_least: u64) -> u64 {
    let started = Instant::now();
    loop {
        let held = records(server);
        if held >= at_least {
            return held;
        }
        assert!(started.elapsed() < PATIENCE, "only {held} records ever came");
        std::thread::yield_now();
    }
}

/// The records a run gives: one for each sale, one for each refund.
fn given(summary: &Value) -> u64 {
    let orders = &summary["orders"];
    orders["completed"].as_u64().expect("a count") + orders["refunded"].as_u64().expect("a count")
}

fn assert_agrees(summary: &Value) {
    let redis = &summary["redis"];
    assert_eq!(summary["verdict"], "passed", "{redis}");
    assert_eq!(redis["reachable"], true);
    assert_eq!(redis["ranking_equal"], true, "{redis}");
    assert_eq!(redis["platform_equal"], true, "{redis}");
    assert_eq!(redis["missing"], 0);
    assert_eq!(redis["sent"], given(summary));
    assert_eq!(redis["acknowledged"], given(summary));
}

fn finish(child: Child, code: i32) -> (Value, Output) {
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    (summary(&output), output)
}

#[test]
fn redis_holds_at_rest_what_the_books_of_the_run_say() {
    let server = RedisServer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let mut held = 0;
    for coordination in ["choreography", "orchestration", "monolith"] {
        let (summary, _) = finish(start(&server.url(), folder.path(), coordination), 0);
        assert_agrees(&summary);
        assert!(given(&summary) > 5_000);
        // The runs share the server, and nothing else.
        assert_eq!(records(&server), held + given(&summary), "{coordination}");
        held += given(&summary);
    }
}

#[test]
fn a_run_with_redis_is_the_same_run() {
    let server = RedisServer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (with, _) = finish(start(&server.url(), folder.path(), "choreography"), 0);
    let alone = Command::new(env!("CARGO_BIN_EXE_sagasim"))
        .arg("run")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/checkout.toml"))
        .args(["--format", "json", "--quiet", "--seed", "424242", "--out"])
        .arg(folder.path())
        .output()
        .expect("the program starts");
    let alone = summary(&alone);
    assert_eq!(alone["digest"], with["digest"]);
    assert_eq!(alone["redis"], Value::Null);
}

#[test]
fn redis_killed_in_mid_run_and_restarted_holds_everything_at_rest() {
    let mut server = RedisServer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let run = start(&server.url(), folder.path(), "choreography");
    let seen = wait_for_records(&server, 300);
    server.restart();
    let (summary, _) = finish(run, 0);
    assert!(seen < given(&summary), "killed after all {seen} records");
    assert_agrees(&summary);
    assert_eq!(records(&server), given(&summary));
}

#[test]
fn redis_that_comes_back_empty_in_mid_run_is_told_everything_again() {
    let mut server = RedisServer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let run = start(&server.url(), folder.path(), "orchestration");
    let seen = wait_for_records(&server, 300);
    server.restart_empty();
    let (summary, _) = finish(run, 0);
    assert!(seen < given(&summary), "killed after all {seen} records");
    assert_agrees(&summary);
    assert_eq!(records(&server), given(&summary));
}

#[test]
fn redis_that_stays_down_fails_no_order_and_the_report_says_what_is_missing() {
    let mut server = RedisServer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let run = start(&server.url(), folder.path(), "choreography");
    let seen = wait_for_records(&server, 300);
    server.kill();
    let (summary, output) = finish(run, 6);
    assert_eq!(summary["verdict"], "inconclusive");
    assert_eq!(
        (&summary["orders"]["stuck"], &summary["violations"]),
        (&0.into(), &Value::Array(vec![]))
    );
    let redis = &summary["redis"];
    assert_eq!(redis["reachable"], false);
    let count = |name: &str| redis[name].as_u64().expect("a count");
    assert_eq!(count("sent"), given(&summary));
    assert!(count("missing") > 0 && count("acknowledged") >= seen.min(200), "{redis}");
    assert_eq!(count("acknowledged") + count("missing"), count("sent"));
    let said = text(&output.stderr);
    assert!(said.contains("Redis") && !said.contains("panicked"), "{said}");
}

#[test]
fn redis_that_is_asked_for_and_away_stops_the_run_before_it_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("no-server");
    let url = format!("redis+unix://{}", nowhere.display());
    let reports = folder.path().join("reports");
    let output = start(&url, &reports, "choreography").wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("cannot be reached"), "{}", text(&output.stderr));
    let written = std::fs::read_dir(&reports).map_or(0, Iterator::count);
    assert_eq!(written, 0, "nothing ran, so nothing is reported");
}
