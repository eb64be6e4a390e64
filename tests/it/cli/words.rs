//! `list`, `explain`, and what the environment says about characters.

use super::{Pretend, Shell};
use sagasim::cli::ExitCode;
use sagasim::cli::terminal::charset_of;
use sagasim::report::Charset;
use std::fs;
use tempfile::tempdir;

#[test]
fn scenarios_are_listed_with_their_questions() {
    let folder = tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("b.toml", "name = \"second\"\nquestion = \"Why?\"\n");
    write("a.toml", "name = \"first\"\nquestion = \"How?\"\n");
    write("broken.toml", "name = ");
    write("notes.md", "not a scenario");
    let mut shell = Shell::new();
    shell.scenarios = folder.path().to_owned();
    let did = shell.does(&["list"], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Passed);
    let at = |text: &str| did.out.find(text).unwrap_or_else(|| panic!("{text} in {}", did.out));
    assert!(at("first") < at("How?") && at("How?") < at("second") && at("second") < at("Why?"));
    assert!(at("broken.toml") < at("cannot be read") && !did.out.contains("notes"));
    shell.scenarios = folder.path().join("nowhere");
    let did = shell.does(&["list", "scenarios"], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Usage);
    assert!(did.err.contains("nowhere"), "{}", did.err);
}

#[test]
fn every_name_that_is_listed_is_explained() {
    let (shell, engine) = (Shell::new(), Pretend::passing());
    for kind in ["invariants", "steps", "protections", "lints"] {
        let listed = shell.does(&["list", kind], &engine).out;
        let named: Vec<&str> = listed
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert!(named.len() >= 8, "{listed}");
        for name in named {
            let did = shell.does(&["explain", name], &engine);
            assert_eq!(did.code, ExitCode::Passed, "{name}: {}", did.err);
            assert!(did.out.starts_with(&format!("{name} (")), "{}", did.out);
            assert!(did.out.lines().all(|line| line.chars().count() <= 80), "{}", did.out);
        }
    }
    for topic in ["flow", "invariants", "metrics", "protections", "faults", "lints", "exit-codes"] {
        let did = shell.does(&["explain", topic], &engine);
        assert_eq!(did.code, ExitCode::Passed);
        assert!(did.out.lines().all(|line| line.chars().count() <= 80), "{}", did.out);
    }
    let codes = shell.does(&["list", "exit-codes"], &engine).out;
    assert_eq!(codes, shell.does(&["explain", "exit-codes"], &engine).out);
}

#[test]
fn a_step_is_explained_with_its_place_in_the_flow() {
    let did = Shell::new().does(&["explain", "deduct-balance"], &Pretend::passing());
    insta::assert_snapshot!(did.out, @r"
    deduct-balance (step)

      User takes the money off the balance, or refuses.
      Undone by restore-balance.

    In the flow:
      payment process: a compensatable step of user
    ");
    let did = Shell::new().does(&["explain", "cancel-payment"], &Pretend::passing());
    insta::assert_snapshot!(did.out, @r"
    cancel-payment (compensation)

      Undoes create-payment: Payment stores the payment.

    In the flow:
      payment process: undoes create-payment in payment
    ");
}

#[test]
fn an_invariant_is_explained_in_words_of_a_shop() {
    let did = Shell::new().does(&["explain", "charged-at-most-once"], &Pretend::passing());
    insta::assert_snapshot!(did.out, @r"
    charged-at-most-once (invariant, always)

    Judged after every commit.

      The money an order holds or has earned is nothing or exactly its final amount,
      at all times.

    Broken, it means for a shop:
      A customer is charged twice for one order, or charged a wrong amount.
    ");
}

#[test]
fn exit_codes_are_explained_from_their_own_table() {
    let did = Shell::new().does(&["explain", "exit-codes"], &Pretend::passing());
    insta::assert_snapshot!(did.out, @r"
       0  passed: ran, and everything held
       1  internal error, a run that is not the same when it is run again, or a file
          that could not be written after the run
       2  wrong usage, an invalid scenario, a denied warning, or a report folder
          that cannot be written: nothing ran
       3  an invariant was violated
       4  a threshold failed, and no invariant was violated
       5  a comparison found a regression, and `--fail-on regression` was asked for
       6  inconclusive: nothing failed, but what had to be exercised was not: a
          required event never happened, a fault never struck, a threshold had too
          few samples, or a comparison (`--fail-on inconclusive`) too few runs
       7  the environment: Redis unreachable, a port taken
     130  stopped by SIGINT (Ctrl-C): the report is partial and marked aborted
     143  stopped by SIGTERM: the report is partial and marked aborted

    When several apply, it is the first of 130, 143, 1, 2, 7, 3, 4, 5, 6, 0.
    ");
}

#[test]
fn a_misspelt_topic_gets_a_suggestion() {
    let did = Shell::new().does(&["explain", "deduct-stok"], &Pretend::passing());
    assert_eq!((did.code, did.out.as_str()), (ExitCode::Usage, ""));
    assert!(did.err.contains("did you mean `deduct-stock`?"), "{}", did.err);
    let did = Shell::new().does(&["explain", "zzz"], &Pretend::passing());
    assert!(!did.err.contains("did you mean"), "{}", did.err);
}

#[test]
fn characters_follow_the_locale() {
    let with = |pairs: &'static [(&str, &str)]| {
        charset_of(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(with(&[]), Charset::Utf8);
    assert_eq!(with(&[("LANG", "ko_KR.UTF-8")]), Charset::Utf8);
    assert_eq!(with(&[("LANG", "en_US.utf8"), ("LC_ALL", "C")]), Charset::Ascii);
    assert_eq!(with(&[("LANG", "C.UTF-8"), ("LC_ALL", "")]), Charset::Utf8);
    assert_eq!(with(&[("LC_CTYPE", "POSIX")]), Charset::Ascii);
}
