//! `check`.

use super::{Pretend, Shell};
use sagasim::cli::ExitCode;

#[test]
fn check_says_what_is_wrong_with_each_file_and_which_plans_are_confluent() {
    let words = ["check", "a.toml", "bad.toml", "seedless.toml", "logless.toml"];
    let did = Shell::new().does(&words, &Pretend::passing());
    assert_eq!(did.code, ExitCode::Usage);
    insta::assert_snapshot!(did.out, @r"
    ok       a.toml: Does a payment outage ever oversell?
             not confluent with seed 424242: outcomes may differ between coordinations, because
             - calls time out
             - customers top up
    invalid  bad.toml: 1 mistake
    ok       seedless.toml: Does a payment outage ever oversell?
             confluent with seed 0: every coordination ends with the same books and outcomes
    invalid  logless.toml: 1 mistake
    ");
    insta::assert_snapshot!(did.err, @r"
    error: unknown key `sed`
     --> bad.toml:7:1

    error: logless.toml: cannot open the order log a.csv
    ");
}

#[test]
fn check_tells_programs_the_same() {
    let words =
        ["check", "a.toml", "bad.toml", "seedless.toml", "logless.toml", "--format", "json"];
    let did = Shell::new().does(&words, &Pretend::passing());
    assert_eq!((did.code, did.err.as_str()), (ExitCode::Usage, ""));
    insta::assert_snapshot!(did.out, @r#"
    {
      "schema_version": 1,
      "exit_code": 2,
      "files": [
        {
          "file": "a.toml",
          "valid": true,
          "name": "flash-sale",
          "question": "Does a payment outage ever oversell?",
          "confluence": {
            "seed": 424242,
            "confluent": false,
            "reasons": [
              "calls time out",
              "customers top up"
            ]
          },
          "errors": [],
          "warnings": []
        },
        {
          "file": "bad.toml",
          "valid": false,
          "name": null,
          "question": null,
          "confluence": null,
          "errors": [
            {
              "line": 7,
              "column": 1,
              "message": "unknown key `sed`",
              "help": "did you mean `seed`?"
            }
          ],
          "warnings": []
        },
        {
          "file": "seedless.toml",
          "valid": true,
          "name": "flash-sale",
          "question": "Does a payment outage ever oversell?",
          "confluence": {
            "seed": 0,
            "confluent": true,
            "reasons": []
          },
          "errors": [],
          "warnings": []
        },
        {
          "file": "logless.toml",
          "valid": false,
          "name": null,
          "question": null,
          "confluence": null,
          "errors": [
            {
              "line": null,
              "column": null,
              "message": "cannot open the order log a.csv",
              "help": null
            }
          ],
          "warnings": []
        }
      ]
    }
    "#);
}

#[test]
fn a_plan_that_is_not_confluent_is_no_mistake() {
    for file in ["a.toml", "seedless.toml"] {
        let did = Shell::new().does(&["check", file], &Pretend::passing());
        assert_eq!((did.code, did.err.as_str()), (ExitCode::Passed, ""));
    }
}

#[test]
fn a_warning_is_shown_and_fails_only_where_it_is_denied() {
    let did = Shell::new().does(&["check", "odd.toml"], &Pretend::passing());
    assert_eq!(did.code, ExitCode::Passed);
    assert!(did.err.starts_with("warning[overload]: too much\n --> odd.toml:3:5\n"), "{}", did.err);
    assert!(did.out.ends_with("         1 warning\n"), "{}", did.out);
    for (deny, code) in [
        ("warnings", ExitCode::Usage),
        ("overload", ExitCode::Usage),
        ("idle-fault", ExitCode::Passed),
    ] {
        let did = Shell::new().does(&["check", "odd.toml", "--deny", deny], &Pretend::passing());
        assert_eq!(did.code, code, "{deny}");
        let fine = Shell::new().does(&["check", "a.toml", "--deny", deny], &Pretend::passing());
        assert_eq!(fine.code, ExitCode::Passed, "{deny}");
    }
    let words = ["check", "odd.toml", "--format", "json", "--deny", "warnings"];
    let did = Shell::new().does(&words, &Pretend::passing());
    let said: serde_json::Value = serde_json::from_str(&did.out).expect("JSON");
    assert_eq!((&said["exit_code"], &said["files"][0]["valid"]), (&2.into(), &true.into()));
    assert_eq!(said["files"][0]["warnings"][0]["lint"], "overload");
}
