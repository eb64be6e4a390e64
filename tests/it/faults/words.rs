//! What is refused, and how it is said.

use sagasim::report::explain::{FAULT_KINDS, explain_fault, explain_faults};
use sagasim::sim::scenario::{Diagnostics, Fault, Scenario, parse, resolved_toml};
use std::path::Path;

const TINY: &str = "version = 1\nname = \"tiny\"\nquestion = \"Does it hold?\"\n\
    [run]\nduration = \"1m\"\n[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"40/s\"\n";

fn read(fault: &str) -> Result<Scenario, Diagnostics> {
    let text = format!("{TINY}[[fault]]\nname = \"x\"\n{fault}");
    parse(Path::new("scenarios/tiny.toml"), &text)
}

fn titles(fault: &str) -> Vec<String> {
    let found = read(fault).expect_err(fault);
    found.items().iter().map(|item| item.title.clone()).collect()
}

#[test]
fn faults_that_make_no_sense_are_refused() {
    let payment = "target = { service = \"payment\" }\n";
    let link = "target = { link = \"payment -> order\" }\n";
    let step = "target = { step = \"use-coupon\" }\n";
    let cases = [
        (payment.to_owned(), "the fault does not say what happens"),
        (
            format!("{payment}crash = {{}}\npause = {{}}\n"),
            "a fault is of one kind, not both `crash` and `pause`",
        ),
        (format!("{link}crash = {{}}\n"), "a `crash` hits a step or a service, it has no `link`"),
        (format!("{step}pause = {{}}\n"), "a `pause` hits a service, it has no `step`"),
        (
            format!("{step}partition = {{}}\n"),
            "a `partition` hits a link or a service, it has no `step`",
        ),
        (format!("{payment}error = {{}}\n"), "an `error` hits a step, it has no `service`"),
        ("target = { service = \"paymnt\" }\npause = {}\n".to_owned(), "unknown service `paymnt`"),
        (
            "target = { services = [\"user\", \"user\"] }\npause = {}\n".to_owned(),
            "`user` is named twice",
        ),
        ("target = { link = \"payment\" }\ndrop = {}\n".to_owned(), "`payment` is not a link"),
        (
            "target = { link = \"payment -> ordr\" }\ndrop = {}\n".to_owned(),
            "unknown service `ordr`",
        ),
        (
            "target = { link = \"order -> order\" }\ndrop = {}\n".to_owned(),
            "`order` has no link to itself",
        ),
        (
            "target = { link = \"platform -> ranking\" }\ndrop = {}\n".to_owned(),
            "nothing goes from `platform` to `ranking` in any coordination",
        ),
        (
            "target = { step = \"use-coupon\", position = \"after-commit\" }\ndrop = {}\n"
                .to_owned(),
            "a `drop` does not happen at `after-commit`",
        ),
        (
            "target = { step = \"use-coupon\", position = \"reply\" }\ncrash = {}\n".to_owned(),
            "a `crash` does not happen at `reply`",
        ),
        (
            "target = { step = \"use-coupon\", position = \"middle\" }\ncrash = {}\n".to_owned(),
            "unknown position `middle`",
        ),
        (
            "target = { link = \"payment -> order\", step = \"use-coupon\" }\ndrop = {}\n"
                .to_owned(),
            "a target is one of `step`, `link` and `service`",
        ),
        (format!("{payment}redis-down = {{}}\n"), "a `redis-down` has no target"),
        (
            format!("{payment}slow = {{ factor = -2.0 }}\n"),
            "a service that takes -2 times as long is not slow",
        ),
        (format!("{payment}slow = {{}}\n"), "`factor` is missing"),
        (format!("{link}latency = {{}}\n"), "`add` is missing"),
        (format!("{link}latency = {{ add = \"0s\" }}\n"), "nothing is added to the latency"),
        (format!("{link}latency = {{ add = \"5M\" }}\n"), "`M` is not a unit of time"),
        (format!("{link}drop = {{}}\nprobability = 5\n"), "5 is not between 0 and 1"),
        (
            format!("{link}drop = {{}}\nat = \"2m\"\n"),
            "the fault would begin after the load has ended",
        ),
        (format!("{link}drop = {{}}\nfor = \"0s\"\n"), "a fault cannot last 0 s"),
        (format!("{link}drop = {{}}\nrepeat = 3\n"), "`repeat` goes with `every`"),
        (
            format!("{link}drop = {{}}\nfor = \"5s\"\nevery = \"4s\"\n"),
            "the next window begins before the first ends: it lasts 5s",
        ),
        (
            format!("{link}drop = {{}}\nevery = \"4s\"\n"),
            "a window that lasts to the end cannot come again",
        ),
        (
            format!("{link}drop = {{}}\nnth = 2\nevery = \"4s\"\n"),
            "`every` goes with `probability`",
        ),
        (format!("{payment}pause = {{}}\nnth = 2\n"), "a `pause` lasts for a window of time"),
        (
            format!("{link}partition = {{}}\nprobability = 0.5\n"),
            "a `partition` lasts for a window of time",
        ),
        (
            format!("{payment}crash = {{ restart = \"1s\" }}\nfor = \"8s\"\n"),
            "a service that is down for a window is up again when the window ends",
        ),
        (format!("{step}drop = {{}}\norder = 1\nattempt = 2\n"), "2 is not an attempt"),
        (
            format!("{step}drop = {{}}\nattempt = \"*\"\n"),
            "every attempt is struck anyway: `attempt` says nothing",
        ),
        (
            "target = { step = \"restore-coupon\" }\ndrop = {}\norder = 1\nattempt = \"*\"\n"
                .to_owned(),
            "this never ends: the step is tried until it is done",
        ),
        (
            format!("{link}drop = {{}}\n[protection]\nmark_retention = \"30s\"\n"),
            "marks are dropped after 30s, but a message may be 1m 6s late",
        ),
    ];
    for (fault, title) in cases {
        assert_eq!(titles(&fault), [title], "{fault}");
    }
}

#[test]
fn a_link_that_does_not_exist_is_told_which_do() {
    let fault = "target = { link = \"payment -> product\" }\ndrop = {}\n";
    insta::assert_snapshot!(read(fault).expect_err("no such link"), @r#"
    error: nothing goes from `payment` to `product` in any coordination
      --> scenarios/tiny.toml:11:19
       |
    11 | target = { link = "payment -> product" }
       |                   ^^^^^^^^^^^^^^^^^^^^
       |
    help: there is `payment -> order`, `payment -> user`, `payment -> orchestrator`
    "#);
}

#[test]
fn more_faults_than_can_be_told_apart_are_refused() {
    let one = "target = { step = \"use-coupon\" }\nerror = {}\n";
    let more: String = (0..64).map(|n| format!("[[fault]]\nname = \"y{n}\"\n{one}")).collect();
    assert_eq!(titles(&format!("{one}{more}")), ["more than 64 faults"]);
}

#[test]
fn every_example_of_the_explanation_is_a_valid_fault_that_reads_back() {
    for kind in FAULT_KINDS {
        let scenario = read(kind.example).unwrap_or_else(|wrong| panic!("{}: {wrong}", kind.name));
        let faults: Vec<&Fault> = scenario.faults.iter().collect();
        assert_eq!(faults.len(), 1, "{}", kind.name);
        assert_eq!(faults[0].kind.name(), kind.name);
        let again = parse(Path::new("resolved.toml"), &resolved_toml(&scenario));
        assert_eq!(again.expect("it reads back").faults, scenario.faults, "{}", kind.name);
        assert!(explain_faults().contains(kind.name));
        let text = explain_fault(kind.name).expect("it is explained");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn the_kinds_of_faults_are_explained_with_positions_and_keys() {
    insta::assert_snapshot!(explain_faults());
}
