//! `--set key=value`: what it reaches, and what is said when it is wrong.

use sagasim::sim::scenario::{Load, Scenario, parse, parse_with, resolved_toml};
use std::path::Path;

const TINY: &str = "version = 1
name = \"tiny\"
question = \"Does it hold?\"

[run]
duration = \"1m\"

[service.payment]
workers = 4

[[load]]
executor = \"constant-arrival-rate\"
rate = \"40/s\"
";

fn read(settings: &[&str]) -> Result<Scenario, String> {
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    let path = Path::new("scenarios/tiny.toml");
    parse_with(path, TINY, &settings).map_err(|found| found.to_string())
}

#[track_caller]
fn with(settings: &[&str]) -> Scenario {
    read(settings).unwrap_or_else(|found| panic!("{found}"))
}

#[track_caller]
fn complaints(settings: &[&str]) -> String {
    read(settings).expect_err("the settings are wrong")
}

/// The scenario as if the file had said so.
fn as_written(line: &str, other: &str) -> Scenario {
    assert!(TINY.contains(line), "{line}");
    let text = TINY.replace(line, other);
    parse(Path::new("scenarios/tiny.toml"), &text).unwrap_or_else(|found| panic!("{found}"))
}

#[test]
fn a_setting_is_as_good_as_a_line_of_the_file() {
    for (setting, line, other) in [
        ("service.payment.workers=9", "workers = 4", "workers = 9"),
        ("service.payment.workers = 9 ", "workers = 4", "workers = 9"),
        ("service.\"payment\".workers=0x9", "workers = 4", "workers = 9"),
        ("load[0].rate=50/s", "40/s", "50/s"),
        ("load.0.rate=\"50/s\"", "40/s", "50/s"),
        ("run.duration=2m", "\"1m\"", "\"2m\""),
        ("run.seed=7", "\"1m\"", "\"1m\"\nseed = 7"),
        (
            "run.epoch=2026-11-22T00:00:00+09:00",
            "\"1m\"",
            "\"1m\"\nepoch = \"2026-11-22T00:00:00+09:00\"",
        ),
        ("protection.inbox=false", "[run]", "[protection]\ninbox = false\n[run]"),
        (
            "products.stock={ uniform = { min = 1, max = 9 } }",
            "[run]",
            "[products.stock.uniform]\nmin = 1\nmax = 9\n[run]",
        ),
        (
            "products.stock.uniform={min=1,max=9}",
            "[run]",
            "[products.stock.uniform]\nmin = 1\nmax = 9\n[run]",
        ),
        (
            "expect.sometimes=[\"completed\"]",
            "[run]",
            "[expect]\nsometimes = [\"completed\"]\n[run]",
        ),
        ("question=a=b", "Does it hold?", "a=b"),
        ("question='4 # or so'", "Does it hold?", "4 # or so"),
    ] {
        assert_eq!(with(&[setting]), as_written(line, other), "{setting}");
    }
}

#[test]
fn what_is_set_is_in_the_resolved_scenario() {
    let resolved = resolved_toml(&with(&["service.payment.workers=9", "load[0].rate=50/s"]));
    assert!(resolved.contains("[service.payment]\nworkers = 9\n"), "{resolved}");
    assert!(resolved.contains("rate = \"50/s\""), "{resolved}");
    let again = parse(Path::new("resolved.toml"), &resolved).expect("it is a scenario");
    assert_eq!(again, with(&["service.payment.workers=9", "load.0.rate=50/s"]));
}

#[test]
fn of_two_settings_of_one_key_the_last_wins_and_they_build_on_each_other() {
    let two = with(&["service.payment.workers=5", "service.payment.workers=6"]);
    assert_eq!(two, with(&["service.payment.workers=6"]));
    let built = with(&[
        "fault[0].name=refused",
        "fault[0].target.step=create-payment",
        "fault[0].probability=0.5",
        "fault[0].error={}",
    ]);
    assert_eq!((built.faults.len(), built.faults[0].name.as_str()), (1, "refused"));
}

#[test]
fn a_file_without_its_load_can_be_given_one() {
    let text = TINY.split("[[load]]").next().expect("a beginning");
    let settings = ["load[0].executor=constant-users", "load[0].users=3"].map(str::to_owned);
    let path = Path::new("scenarios/tiny.toml");
    let scenario = parse_with(path, text, &settings).unwrap_or_else(|found| panic!("{found}"));
    assert!(matches!(scenario.loads[0].load, Load::ConstantUsers { users: 3, .. }));
}

#[test]
fn a_misspelt_key_is_shown_in_the_setting_with_a_suggestion() {
    insta::assert_snapshot!(complaints(&["run.seed=1", "service.payment.workrs=4"]), @r"
    error: unknown key `workrs`
     --> --set:1:17
      |
    1 | service.payment.workrs=4
      |                 ^^^^^^
      |
    help: did you mean `workers`?
    ");
    insta::assert_snapshot!(complaints(&["service.paymnet.workers=4"]), @r"
    error: unknown service `paymnet`
     --> --set:1:9
      |
    1 | service.paymnet.workers=4
      |         ^^^^^^^
      |
    help: did you mean `payment`?
    ");
}

#[test]
fn a_wrong_value_is_shown_in_the_setting() {
    insta::assert_snapshot!(complaints(&["run.duration=5M"]), @r"
    error: `M` is not a unit of time
     --> --set:1:14
      |
    1 | run.duration=5M
      |              ^^
      |
    help: did you mean `5m`?
    ");
    insta::assert_snapshot!(complaints(&["products.stock={ uniform = { min = 1 }"]), @r#"
    error: unclosed inline table, expected `}`
     --> --set:1:39
      |
    1 | products.stock={ uniform = { min = 1 }
      |                                       ^
      |
    help: the shell takes quotes away: write --set 'key="value"'
    "#);
}

#[test]
fn mistakes_of_file_and_settings_are_said_at_once() {
    let text = TINY.replace("\"1m\"", "\"5M\"");
    let settings = ["basket.coupon_rate=5".to_owned(), "load[0].rate=40".to_owned()];
    let found = parse_with(Path::new("tiny.toml"), &text, &settings).expect_err("three mistakes");
    let places: Vec<_> = found.items().iter().map(|item| found.position(item)).collect();
    assert_eq!(places, [Some((6, 12)), Some((1, 20)), Some((1, 14))]);
}

#[test]
fn what_contradicts_the_file_shows_both() {
    let found = complaints(&[
        "coupon[0]={ name = \"a\", discount = { percent = 5 }, quantity = 1 }",
        "coupon[1]={ name = \"a\", discount = { percent = 5 }, quantity = 1 }",
    ]);
    assert!(found.contains("two coupons are called `a`"), "{found}");
    assert_eq!(found.matches("--set:1:20").count(), 2, "{found}");
}

#[test]
fn keys_that_lead_nowhere_are_refused_at_their_place() {
    for (setting, title, column) in [
        ("", "a key was expected here", 1),
        ("=4", "a key was expected here", 1),
        ("run.=4", "a key was expected here", 5),
        ("run..seed=4", "a key was expected here", 5),
        ("run.seed", "there is no `=`", 1),
        ("run.seed=", "there is no value", 9),
        ("run seed=4", "a key goes on with", 5),
        ("\"run.seed=4", "this quote is never closed", 1),
        ("load[x].rate=4", "an item of a list is written `[0]`", 5),
        ("load.rate=4", "this is a list", 1),
        ("load[2].rate=4", "there is no item 2: the list has 1", 5),
        ("run[0]=4", "this is a table, not a list", 4),
        ("run.duration.seed=4", "a single value here", 5),
    ] {
        let settings = [setting.to_owned()];
        let found = parse_with(Path::new("tiny.toml"), TINY, &settings).expect_err(setting);
        let item = &found.items()[0];
        assert!(item.title.contains(title), "{setting}: {found}");
        assert_eq!(found.position(item), Some((1, column)), "{setting}: {found}");
        assert!(found.to_string().contains("--set:1:"), "{setting}: {found}");
    }
}

proptest::proptest! {
    /// Whatever is typed, it is read or refused with places inside the texts.
    #[test]
    fn no_setting_is_too_odd_to_be_answered(setting in ".{0,24}", tail in "[a-z.\\[\\]0-9='\"{}, ]{0,24}") {
        for setting in [&setting, &tail, &format!("run.{tail}"), &format!("load[0].rate={setting}")] {
            let settings = [setting.clone(), "service.payment.workers=4".to_owned()];
            if let Err(found) = parse_with(Path::new("tiny.toml"), TINY, &settings) {
                proptest::prop_assert!(!found.to_string().is_empty());
                for item in found.items() {
                    let place = found.position(item);
                    proptest::prop_assert!(place.is_some_and(|(line, column)| line > 0 && column > 0));
                }
            }
        }
    }
}
