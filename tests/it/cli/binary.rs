//! The program itself: what only a process can show.

use std::process::{Command, Output};

fn sagasim(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sagasim"));
    command.args(words).env_remove("SOURCE_DATE_EPOCH").env_remove("RUST_LOG");
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_says_its_version_and_shows_examples() {
    let version = sagasim(&["--version"]);
    let expected = format!("sagasim {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.status.code(), text(&version.stdout)), (Some(0), expected));
    let help = text(&sagasim(&["-h"]).stdout);
    assert_eq!(help.matches("\n  sagasim run ").count(), 2, "{help}");
}

#[test]
fn wrong_usage_exits_with_2_and_says_so_on_stderr() {
    for words in [&["rum"][..], &["run"], &["run", "a.toml", "--coordination", "anarchy"], &[]] {
        let output = sagasim(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{words:?}");
    }
    let output = sagasim(&["explain", "nothing-hold"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `nothing-held`?"));
}

#[test]
fn into_a_pipe_there_are_no_colours() {
    let output = sagasim(&["explain", "invariants"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!output.stdout.contains(&0x1b) && output.stderr.is_empty());
}

#[test]
fn a_wrong_source_date_epoch_is_refused() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sagasim"));
    let output = command.arg("list").env("SOURCE_DATE_EPOCH", "soon").output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("SOURCE_DATE_EPOCH"));
}
