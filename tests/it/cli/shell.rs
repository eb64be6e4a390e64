//! `schema`, `completions` and `man`.

use super::{Pretend, Shell, names};
use sagasim::cli::ExitCode;
use sagasim::report::schema::{scenario_schema, summary_schema};
use tempfile::tempdir;

/// Every verb there is, but `help`.
const VERBS: [&str; 14] = [
    "run",
    "compare",
    "claims",
    "explore",
    "ablate",
    "replay",
    "inspect",
    "check",
    "list",
    "explain",
    "init",
    "schema",
    "completions",
    "man",
];

#[test]
fn every_shell_can_complete_every_verb() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let did = Shell::new().does(&["completions", shell], &Pretend::passing());
        assert_eq!((did.code, did.err.as_str()), (ExitCode::Passed, ""), "{shell}");
        for word in
            VERBS.iter().chain(&["coordination", "dry-run", "matrix", "save-baseline", "fail-on"])
        {
            assert!(did.out.contains(word), "{shell} does not know {word}");
        }
        // These complete values, too.
        let values = ["bash", "zsh", "fish"].contains(&shell);
        assert_eq!(did.out.contains("orchestration"), values, "{shell}");
    }
}

#[test]
fn the_manual_has_a_page_for_every_verb() {
    let did = Shell::new().does(&["man"], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Passed);
    assert!(did.out.contains(".TH sagasim 1"), "{}", did.out);
    for verb in VERBS {
        assert!(did.out.contains(&format!("sagasim\\-{verb}(1)")), "{verb}: {}", did.out);
    }
    let folder = tempdir().expect("a folder");
    let pages = folder.path().join("deep").join("man1");
    let did =
        Shell::new().does(&["man", "--out", pages.to_str().expect("UTF-8")], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Passed);
    let mut expected: Vec<String> = VERBS.iter().map(|verb| format!("sagasim-{verb}.1")).collect();
    expected.push("sagasim.1".to_owned());
    expected.sort();
    assert_eq!(names(&pages), expected);
    let run = std::fs::read_to_string(pages.join("sagasim-run.1")).expect("a page");
    assert!(run.contains("dry\\-run") && run.contains("What goes to stdout"), "{run}");
}

#[test]
fn pages_that_cannot_be_written_are_an_error_with_the_place() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let did =
        Shell::new().does(&["man", "--out", file.to_str().expect("UTF-8")], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.contains("cannot write into") && did.err.contains("file"), "{}", did.err);
}

#[test]
fn schemas_are_printed_as_they_are() {
    let does = |words: &[&str]| Shell::new().does(words, &Pretend::passing()).out;
    assert_eq!(does(&["schema"]), scenario_schema());
    assert_eq!(does(&["schema", "scenario"]), scenario_schema());
    assert_eq!(does(&["schema", "summary"]), summary_schema());
}
