//! What is valid and probably not meant.

use crate::harness::{folder, made_of, scenario};
use sagasim::sim::lint::{Lint, lint};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::{Diagnostics, Scenario, load, parse};
use std::fs;
use std::path::Path;

const RUN: &str = "[run]\nduration = \"100s\"\n";
const LOAD: &str = "[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"10/s\"\n";

fn whole(tables: &str) -> String {
    format!("version = 1\nname = \"made-up\"\nquestion = \"Does it hold?\"\n{tables}")
}

fn found(text: &str, scenario: Scenario) -> Diagnostics {
    let plan = Plan::new(scenario, 7).expect("no order log");
    lint(Path::new("made-up.toml"), text, &plan)
}

/// The warnings of a scenario made of tables.
fn warned(tables: &str) -> Diagnostics {
    let text = whole(tables);
    let scenario =
        parse(Path::new("made-up.toml"), &text).unwrap_or_else(|found| panic!("{found}"));
    found(&text, scenario)
}

fn names(found: &Diagnostics) -> Vec<&'static str> {
    found.items().iter().filter_map(|item| item.lint).map(Lint::name).collect()
}

/// The first tables give this warning, at this text; the second give none.
#[track_caller]
fn fires(lint: Lint, bad: &str, at: &str, good: &str) {
    let (bad, good) = (format!("{RUN}{bad}"), format!("{RUN}{good}"));
    let found = warned(&bad);
    assert_eq!(names(&found), [lint.name()], "{found}");
    let span = found.items()[0].span.clone().expect("a place");
    assert_eq!(&whole(&bad)[span], at, "{found}");
    assert!(found.items()[0].help.is_some(), "{found}");
    let silent = warned(&good);
    assert!(silent.items().is_empty(), "{silent}");
    let meant = format!("[lint]\nallow = [\"{}\"]\n{bad}", lint.name());
    assert!(warned(&meant).items().is_empty(), "it can be silenced");
}

#[test]
fn a_service_that_is_offered_too_much_is_named_with_what_to_change() {
    let service = "[service.payment]\nworkers = 2\nservice_time = \"250ms\"\n";
    fires(
        Lint::Overload,
        &format!("{service}{LOAD}"),
        "2",
        &format!("{}{LOAD}", service.replace("workers = 2", "workers = 4")),
    );
    let text =
        warned(&format!("{RUN}{service}{}", LOAD.replace("10/s\"", "10/s\"\nspacing = \"even\"")));
    insta::assert_snapshot!(text, @r#"
    warning[overload]: `payment` is offered 1.23 times what its 2 workers can do
     --> made-up.toml:7:11
      |
    7 | workers = 2
      |           ^
      |
    help: write `workers = 3` or more under `[service.payment]`, or a rate below
          "8.16/s", or a mean service time below 204ms; visits per order: 1
    "#);
}

#[test]
fn a_service_without_a_table_is_shown_where_it_can_be() {
    let found = warned(&format!("{RUN}{}", LOAD.replace("10/s", "2000/s")));
    assert_eq!(names(&found), ["overload"], "{found}");
    assert_eq!(found.position(&found.items()[0]), Some((1, 1)));
    assert!(found.items()[0].title.starts_with("`order` is offered"), "{found}");
}

#[test]
fn the_coordination_decides_who_is_overloaded() {
    let tables =
        format!("{RUN}[service.orchestrator]\nworkers = 1\nservice_time = \"20ms\"\n{LOAD}");
    assert!(warned(&tables).items().is_empty());
    let led = format!("{tables}[flow]\ncoordination = \"orchestration\"\n");
    assert_eq!(names(&warned(&led)), ["overload"]);
}

#[test]
fn chance_is_no_overload() {
    // Half busy, at random: some parts of the load are above 1.
    let tables = format!("{RUN}[service.payment]\nworkers = 1\nservice_time = \"50ms\"\n{LOAD}");
    assert!(warned(&tables).items().is_empty());
}

#[test]
fn a_queue_that_is_full_when_the_load_ends_needs_a_longer_drain() {
    let meant = "[lint]\nallow = [\"overload\"]\n";
    let slow = "[service.payment]\nworkers = 1\nservice_time = \"1s\"\n";
    let tables = |drain: &str| {
        format!(
            "{meant}[run]\nduration = \"100s\"\ndrain = \"{drain}\"\n{slow}{LOAD}\
                 [protection]\nmark_retention = \"1h\"\n"
        )
    };
    let found = warned(&tables("10m"));
    assert_eq!(names(&found), ["short-drain"], "{found}");
    assert!(
        found.items()[0].help.as_deref().is_some_and(|help| help.contains("in the longest queue"))
    );
    assert!(warned(&tables("1h")).items().is_empty());
}

#[test]
fn marks_must_outlive_the_longest_queue() {
    let meant = "[lint]\nallow = [\"overload\"]\n";
    let slow = "[service.payment]\nworkers = 1\nservice_time = \"1s\"\n";
    let tables = |retention: &str| {
        format!(
            "{meant}[run]\nduration = \"100s\"\ndrain = \"2h\"\n{slow}{LOAD}\
                 [protection]\nmark_retention = \"{retention}\"\n"
        )
    };
    assert_eq!(names(&warned(&tables("10m"))), ["short-marks"]);
    assert!(warned(&tables("1h")).items().is_empty());
    // A queue with a limit is never long.
    let limited = tables("10m").replace("\"1s\"\n", "\"1s\"\nqueue = { capacity = 10 }\n");
    assert!(warned(&limited).items().is_empty());
}

#[test]
fn a_timeout_below_the_round_trip_repeats_everything() {
    let network = "[network]\nlatency = \"100ms\"\n[protection]\n";
    let short = "timeout = \"150ms\"\n";
    fires(
        Lint::RetryStorm,
        &format!("{LOAD}{network}{short}"),
        "\"150ms\"",
        &format!("{LOAD}{network}timeout = \"1s\"\n"),
    );
    let patient = "retry = { backoff = { initial = \"1s\" } }\n";
    let long_pause = warned(&format!("{RUN}{LOAD}{network}{short}{patient}"));
    assert!(long_pause.items().is_empty(), "{long_pause}");
}

#[test]
fn patience_must_last_for_a_mean_answer() {
    let slow = "[service.order]\nservice_time = \"400ms\"\nworkers = 100\n[customers]\n";
    fires(
        Lint::ShortPatience,
        &format!("{LOAD}{slow}patience = \"500ms\"\n"),
        "\"500ms\"",
        &format!("{LOAD}{slow}patience = \"10s\"\n"),
    );
}

fn fault(name: &str, rest: &str) -> String {
    format!(
        "[[fault]]\nname = \"{name}\"\ntarget = {{ step = \"create-order\" }}\nerror = {{}}\n{rest}\n"
    )
}

#[test]
fn faults_on_one_target_must_not_overlap() {
    let early = fault("early", "probability = 0.5\nfor = \"20s\"");
    fires(
        Lint::OverlappingFaults,
        &format!("{LOAD}{early}{}", fault("late", "probability = 0.5\nat = \"10s\"")),
        "{ step = \"create-order\" }",
        &format!("{LOAD}{early}{}", fault("late", "probability = 0.5\nat = \"20s\"")),
    );
    let exact = fault("always", "probability = 1").replace("probability = 1", "");
    let both = warned(&format!("{RUN}{LOAD}{exact}{}", fault("third", "nth = 3")));
    assert_eq!(names(&both), ["overlapping-faults"]);
}

#[test]
fn a_fault_that_hardly_ever_strikes_is_found() {
    fires(
        Lint::IdleFault,
        &format!("{LOAD}{}", fault("rare", "probability = 0.0001")),
        "0.0001",
        &format!("{LOAD}{}", fault("rare", "probability = 0.01")),
    );
    fires(
        Lint::IdleFault,
        &format!("{LOAD}{}", fault("beyond", "order = 5_000")),
        "5_000",
        &format!("{LOAD}{}", fault("within", "order = 500")),
    );
    fires(
        Lint::IdleFault,
        &format!("{LOAD}{}", fault("beyond", "nth = 5_000")),
        "5_000",
        &format!("{LOAD}{}", fault("within", "nth = 500")),
    );
}

#[test]
fn who_asks_for_a_percentile_must_have_its_samples() {
    let warm =
        |warmup: &str| whole(&format!("[run]\nduration = \"100s\"\nwarmup = \"{warmup}\"\n{LOAD}"));
    let even = |text: String| text.replace("10/s\"", "20/s\"\nspacing = \"even\"");
    let read = |text: &str| parse(Path::new("made-up.toml"), text).expect("valid");
    let short = even(warm("60s"));
    let warned = found(&short, read(&short));
    assert_eq!(names(&warned), ["few-samples"], "{warned}");
    assert_eq!(
        warned.items()[0].title,
        "the 99th percentile needs 1000 samples, and about 799 orders are to be measured"
    );
    let enough = even(warm("50s"));
    assert!(found(&enough, read(&enough)).items().is_empty());
}

#[test]
fn a_threshold_on_a_percentile_asks_for_it() {
    let scenario =
        made_of(&format!("{RUN}{}", LOAD.replace("10/s\"", "10/s\"\nspacing = \"even\"")));
    for (expr, fires) in [("p(99) < 3s", false), ("p(99.9) < 3s", true), ("mean < 3s", false)] {
        let text = whole(&format!("[[threshold]]\nmetric = \"checkout\"\nexpr = \"{expr}\"\n"));
        let warned = found(&text, scenario.clone());
        assert_eq!(names(&warned) == ["few-samples"], fires, "{expr}: {warned}");
    }
}

#[test]
fn intents_that_nobody_can_carry_out_are_found() {
    fires(
        Lint::IdleIntent,
        &format!("{LOAD}[customers]\nintents = {{ pay = 0.9999, cancel = 0.0001 }}\n"),
        "0.0001",
        &format!("{LOAD}[customers]\nintents = {{ pay = 0.9, cancel = 0.1 }}\n"),
    );
    fires(
        Lint::IdleIntent,
        &format!("{LOAD}[customers]\nthink_time = \"2m\"\n[flow]\npayment_window = \"1m\"\n"),
        "\"2m\"",
        &format!("{LOAD}[customers]\nthink_time = \"2s\"\n[flow]\npayment_window = \"1m\"\n"),
    );
    fires(
        Lint::IdleIntent,
        &format!("{LOAD}[users]\nbalance = 10\n[products]\nprice = 11\n"),
        "10",
        &format!("{LOAD}[users]\nbalance = 11\n[products]\nprice = 11\n"),
    );
}

#[test]
fn coupons_that_never_run_out_are_found() {
    let coupon = |quantity: &str, rate: &str| {
        format!(
            "{LOAD}[[coupon]]\nname = \"c\"\ndiscount = {{ percent = 1 }}\nquantity = {quantity}\n\
             [basket]\ncoupon_rate = {rate}\n"
        )
    };
    fires(Lint::IdleCoupon, &coupon("2_000", "0.5"), "2_000", &coupon("200", "0.5"));
    fires(Lint::IdleCoupon, &coupon("200", "0"), "\"c\"", &coupon("200", "0.1"));
}

#[test]
fn what_must_happen_must_be_possible() {
    for name in [
        "refunded",
        "cancelled",
        "use-coupon",
        "restore-coupon",
        "issue-coupon",
        "top-up",
        "list-coupons",
        "list-products",
        "popular-products",
        "change-price",
        "queue-full",
    ] {
        let bad = format!("{LOAD}[expect]\nsometimes = [\"completed\", \"{name}\"]\n");
        let good = format!("{LOAD}[expect]\nsometimes = [\"completed\", \"expired\"]\n");
        fires(Lint::VainExpectation, &bad, &format!("\"{name}\""), &good);
    }
}

#[test]
fn none_of_our_own_scenarios_gives_a_warning_that_is_not_meant() {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    for folder in [folder(), benches] {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.extension() != Some("toml".as_ref()) {
                continue;
            }
            let (scenario, text) = load(&path).unwrap_or_else(|found| panic!("{found}"));
            let seed = scenario.run.seed.unwrap_or(0);
            // What is meant must be there, and say why.
            for lint in &scenario.allowed {
                let mut bare = scenario.clone();
                bare.allowed.clear();
                let warned = found(&text, bare);
                assert!(names(&warned).contains(&lint.name()), "{}", path.display());
                assert!(text.lines().any(|line| line.starts_with("allow") && line.contains(" # ")));
            }
            let plan = Plan::new(scenario, seed).expect("its log is there");
            let warned = lint(&path, &text, &plan);
            assert!(warned.items().is_empty(), "{warned}");
        }
    }
}

#[test]
fn a_warning_that_does_not_exist_cannot_be_allowed() {
    let text = whole(&format!("[lint]\nallow = [\"over-load\"]\n{RUN}{LOAD}"));
    let found = parse(Path::new("made-up.toml"), &text).expect_err("no such warning");
    insta::assert_snapshot!(found, @r#"
    error: unknown warning `over-load`
     --> made-up.toml:5:10
      |
    5 | allow = ["over-load"]
      |          ^^^^^^^^^^^
      |
    help: did you mean `overload`?
    "#);
}

#[test]
fn settings_that_were_changed_since_count_as_they_are() {
    let text = whole(&format!("{RUN}{LOAD}"));
    let mut scenario = parse(Path::new("made-up.toml"), &text).expect("valid");
    scenario.run.drain_ns = 1;
    assert_eq!(names(&found(&text, scenario)), ["short-drain"]);
}

#[test]
fn what_is_allowed_reads_back() {
    let scenario = scenario("busy-hour");
    assert_eq!(scenario.allowed, [Lint::Overload]);
}
