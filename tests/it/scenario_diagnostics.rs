//! What a person reads when a scenario file is wrong.

use sagasim::sim::scenario::{Paint, load, parse};
use std::path::Path;

const TINY: &str = "version = 1
name = \"tiny\"
question = \"Does it hold?\"

[run]
duration = \"1m\"

[[load]]
executor = \"constant-arrival-rate\"
rate = \"40/s\"
";

/// The complaints about the tiny scenario with `from` replaced by `to`.
fn complaints(from: &str, to: &str) -> String {
    assert!(TINY.contains(from), "{from} is in the tiny scenario");
    let text = TINY.replace(from, to);
    parse(Path::new("scenarios/tiny.toml"), &text).expect_err("the text is wrong").to_string()
}

#[test]
fn five_big_m_is_not_read_as_months() {
    insta::assert_snapshot!(complaints("\"1m\"", "\"5M\""), @r#"
    error: `M` is not a unit of time
     --> scenarios/tiny.toml:6:12
      |
    6 | duration = "5M"
      |            ^^^^
      |
    help: did you mean `5m`?
    "#);
}

#[test]
fn a_bare_number_is_no_duration() {
    insta::assert_snapshot!(complaints("\"1m\"", "60"), @r#"
    error: 60 is not a duration
     --> scenarios/tiny.toml:6:12
      |
    6 | duration = 60
      |            ^^
      |
    help: write it in quotes with its unit, such as "250ms", "2s" or "5m"
    "#);
}

#[test]
fn a_probability_of_five_was_meant_as_percent() {
    insta::assert_snapshot!(
        complaints("[[load]]", "[basket]\ncoupon_rate = 5\n\n[[load]]"), @r"
    error: 5 is not between 0 and 1
     --> scenarios/tiny.toml:9:15
      |
    9 | coupon_rate = 5
      |               ^
      |
    help: did you mean 0.05?
    ");
}

#[test]
fn an_unknown_key_gets_a_suggestion() {
    insta::assert_snapshot!(complaints("duration =", "duratoin ="), @r#"
    error: unknown key `duratoin`
     --> scenarios/tiny.toml:6:1
      |
    6 | duratoin = "1m"
      | ^^^^^^^^
      |
    help: did you mean `duration`?
    "#);
}

#[test]
fn a_wrong_type_names_what_was_expected() {
    insta::assert_snapshot!(complaints("version = 1", "version = \"one\""), @r#"
    error: expected a whole number, found string "one"
     --> scenarios/tiny.toml:1:11
      |
    1 | version = "one"
      |           ^^^^^
    "#);
}

#[test]
fn a_negative_rate_is_refused() {
    insta::assert_snapshot!(complaints("\"40/s\"", "\"-40/s\""), @r#"
    error: a rate cannot be negative
      --> scenarios/tiny.toml:10:8
       |
    10 | rate = "-40/s"
       |        ^^^^^^^
       |
    help: write a number per unit of time, such as "40/s", "36k/h" or "1.5/m"
    "#);
}

#[test]
fn a_rate_without_a_unit_gets_one_suggested() {
    insta::assert_snapshot!(complaints("\"40/s\"", "40"), @r#"
    error: 40 does not say per what
      --> scenarios/tiny.toml:10:8
       |
    10 | rate = 40
       |        ^^
       |
    help: did you mean "40/s"?
    "#);
}

#[test]
fn a_shop_without_users_is_refused() {
    insta::assert_snapshot!(complaints("[[load]]", "[users]\ncount = 0\n\n[[load]]"), @r"
    error: number of users: 0 is too small
     --> scenarios/tiny.toml:9:9
      |
    9 | count = 0
      |         ^ at least 1
    ");
}

#[test]
fn an_unknown_service_gets_a_suggestion() {
    insta::assert_snapshot!(
        complaints("[[load]]", "[service.paymnet]\nworkers = 4\n\n[[load]]"), @r"
    error: unknown service `paymnet`
     --> scenarios/tiny.toml:8:10
      |
    8 | [service.paymnet]
      |          ^^^^^^^
      |
    help: did you mean `payment`?
    ");
}

#[test]
fn a_fault_on_an_unknown_step_gets_a_suggestion() {
    let fault =
        "[[fault]]\nname = \"x\"\ntarget = { step = \"create-ordr\" }\nerror = {}\n\n[[load]]";
    insta::assert_snapshot!(complaints("[[load]]", fault), @r#"
    error: unknown step `create-ordr`
      --> scenarios/tiny.toml:10:19
       |
    10 | target = { step = "create-ordr" }
       |                   ^^^^^^^^^^^^^
       |
    help: did you mean `create-order`?
    "#);
}

#[test]
fn a_misspelled_invariant_gets_a_suggestion() {
    let expect = "[expect]\nviolated = [\"stock-conservd\"]\n\n[[load]]";
    insta::assert_snapshot!(complaints("[[load]]", expect), @r#"
    error: unknown invariant `stock-conservd`
     --> scenarios/tiny.toml:9:13
      |
    9 | violated = ["stock-conservd"]
      |             ^^^^^^^^^^^^^^^^
      |
    help: did you mean `stock-conserved`?
    "#);
}

#[test]
fn a_single_load_table_is_pointed_to_double_brackets() {
    insta::assert_snapshot!(complaints("[[load]]", "[load]"), @r"
    error: expected a list, found a table
     --> scenarios/tiny.toml:8:1
      |
    8 | [load]
      | ^^^^^^
      |
    help: a list of tables has double brackets: `[[load]]`
    ");
}

#[test]
fn a_name_that_is_no_folder_gets_a_suggestion() {
    insta::assert_snapshot!(complaints("\"tiny\"", "\"Flash sale / 11.11\""), @r#"
    error: the name is also a folder: letters, digits, `-`, `_` and inner `.` only
     --> scenarios/tiny.toml:2:8
      |
    2 | name = "Flash sale / 11.11"
      |        ^^^^^^^^^^^^^^^^^^^^
      |
    help: did you mean `flash-sale-11-11`?
    "#);
}

#[test]
fn a_broken_header_hides_what_follows_it() {
    insta::assert_snapshot!(complaints("[run]", "[run"), @r"
    error: unclosed table, expected `]`
     --> scenarios/tiny.toml:5:5
      |
    5 | [run
      |     ^
    ");
}

#[test]
fn two_names_alike_show_both_places() {
    let coupons = "[[coupon]]\nname = \"a\"\ndiscount = { percent = 10 }\nquantity = 5\n\n\
                   [[coupon]]\nname = \"a\"\ndiscount = { amount = 10 }\nquantity = 5\n\n[[load]]";
    insta::assert_snapshot!(complaints("[[load]]", coupons), @r#"
    error: two coupons are called `a`
      --> scenarios/tiny.toml:14:8
       |
     9 | name = "a"
       |        --- first here
    ...
    14 | name = "a"
       |        ^^^ again here
    "#);
}

#[test]
fn a_drain_that_is_too_short_says_what_it_must_hold() {
    insta::assert_snapshot!(complaints("\"1m\"", "\"1m\"\ndrain = \"30s\""), @r#"
    error: the drain of 30s is too short: after the load the last order may take 7m 2s
     --> scenarios/tiny.toml:7:9
      |
    7 | drain = "30s"
      |         ^^^^^ 1m 2s for the last customer, 5m payment window, 1m to settle
      |
    help: write `drain = "7m 2s"`
    "#);
}

#[test]
fn seven_mistakes_are_seven_complaints_each_at_its_place() {
    let text = "version = 1
name = \"flash-sale\"

[run]
duration = \"5M\"
sed = 42

[customers]
intents = { pay = 0.9, abandon = 0.05 }

[users]
count = 0

[service.order]
service_time = { uniform = { min = \"9ms\", max = \"3ms\" } }

[[load]]
executor = \"constant-arrival-rate\"
rate = \"-1/s\"
";
    let path = Path::new("scenarios/flash-sale.toml");
    let found = parse(path, text).expect_err("there are seven mistakes");
    assert_eq!(found.items().len(), 7);
    insta::assert_snapshot!(found, @r#"
    error: `question` is missing
     --> scenarios/flash-sale.toml:1:1
      |
    1 | version = 1
      | ^
      |
    help: write for example: question = "Does a payment outage during a flash sale ever oversell?"

    error: `M` is not a unit of time
     --> scenarios/flash-sale.toml:5:12
      |
    5 | duration = "5M"
      |            ^^^^
      |
    help: did you mean `5m`?

    error: unknown key `sed`
     --> scenarios/flash-sale.toml:6:1
      |
    6 | sed = 42
      | ^^^
      |
    help: did you mean `seed`?

    error: the shares of the intents sum to 0.95, not to 1
     --> scenarios/flash-sale.toml:9:11
      |
    9 | intents = { pay = 0.9, abandon = 0.05 }
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    help: with `pay = 0.95` they would

    error: number of users: 0 is too small
      --> scenarios/flash-sale.toml:12:9
       |
    12 | count = 0
       |         ^ at least 1

    error: min is above max
      --> scenarios/flash-sale.toml:15:49
       |
    15 | service_time = { uniform = { min = "9ms", max = "3ms" } }
       |                                    -----        ^^^^^ below "9ms"

    error: a rate cannot be negative
      --> scenarios/flash-sale.toml:19:8
       |
    19 | rate = "-1/s"
       |        ^^^^^^
       |
    help: write a number per unit of time, such as "40/s", "36k/h" or "1.5/m"
    "#);
}

#[test]
fn a_slip_of_syntax_hides_no_other_mistake() {
    let text = "version  = 1
name     = \"flash sale\"
question = \"Does it hold?\"

[run]
seed     =
duration = \"5M\"

[customers]
patience     = 30
pay_atempts  = 2

[[load]]
executor = \"constant-arrival-rate\"
rate     = \"40/s\"

[[fault]]
name        = \"payments refused\"
target      = { step = \"create-paymnet\" }
probability = 5
error       = {}
";
    let found = parse(Path::new("scenarios/seven.toml"), text).expect_err("seven mistakes");
    assert_eq!(found.items().len(), 7);
    insta::assert_snapshot!(found, @r#"
    error: the name is also a folder: letters, digits, `-`, `_` and inner `.` only
     --> scenarios/seven.toml:2:12
      |
    2 | name     = "flash sale"
      |            ^^^^^^^^^^^^
      |
    help: did you mean `flash-sale`?

    error: string values must be quoted, expected literal string
     --> scenarios/seven.toml:6:11
      |
    6 | seed     =
      |           ^

    error: `M` is not a unit of time
     --> scenarios/seven.toml:7:12
      |
    7 | duration = "5M"
      |            ^^^^
      |
    help: did you mean `5m`?

    error: 30 is not a duration
      --> scenarios/seven.toml:10:16
       |
    10 | patience     = 30
       |                ^^
       |
    help: write it in quotes with its unit, such as "250ms", "2s" or "5m"

    error: unknown key `pay_atempts`
      --> scenarios/seven.toml:11:1
       |
    11 | pay_atempts  = 2
       | ^^^^^^^^^^^
       |
    help: did you mean `pay_attempts`?

    error: unknown step `create-paymnet`
      --> scenarios/seven.toml:19:24
       |
    19 | target      = { step = "create-paymnet" }
       |                        ^^^^^^^^^^^^^^^^
       |
    help: did you mean `create-payment`?

    error: 5 is not between 0 and 1
      --> scenarios/seven.toml:20:15
       |
    20 | probability = 5
       |               ^
       |
    help: did you mean 0.05?
    "#);
}

#[test]
fn an_empty_file_says_what_it_needs() {
    let found = parse(Path::new("scenarios/tiny.toml"), "").expect_err("it is empty");
    insta::assert_snapshot!(found, @r"
    error: the file is empty
     --> scenarios/tiny.toml:1:1
      |
    1 |
      | ^
      |
    help: a scenario needs at least version, name, question, [run] and [[load]]
    ");
}

#[test]
fn a_missing_file_is_named() {
    let found = load(Path::new("scenarios/no-such.toml")).expect_err("it does not exist");
    insta::assert_snapshot!(found, @r"
    error: there is no such file
    --> scenarios/no-such.toml
    ");
}

#[test]
fn a_directory_is_not_a_scenario() {
    let found = load(Path::new("src")).expect_err("it is a directory");
    insta::assert_snapshot!(found, @r"
    error: this is a directory, not a scenario file
    --> src
     |
    help: name a file in it, such as `NAME.toml`
    ");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("binary.toml");
    std::fs::write(&path, b"version = 1\nname = \"\xff\"\n").expect("the file is written");
    let found = load(&path).expect_err("it is not UTF-8");
    assert_eq!(found.items()[0].title, "the file is not UTF-8 text (line 2)");
}

#[test]
fn colours_change_nothing_but_colours() {
    let text = TINY.replace("\"1m\"", "\"5M\"");
    let found = parse(Path::new("tiny.toml"), &text).expect_err("the text is wrong");
    let coloured = found.render(Paint::Coloured);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').expect("an escape ends").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, found.render(Paint::Plain));
}
