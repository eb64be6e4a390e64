//! What a scenario file means: defaults, shorthands, contradictions.

use sagasim::domain::{Coordination, Service, Step};
use sagasim::sim::scenario::{
    Diagnostics, Discount, Dist, Issue, Load, LogAmount, Popularity, Scenario, Spacing, Trigger,
    Verdict, load, parse, parse_duration, parse_rate, resolved_toml,
};
use std::path::Path;

/// As small as a scenario gets, without its load.
const HEAD: &str = "version = 1\nname = \"tiny\"\nquestion = \"Does it hold?\"\n";
const RUN: &str = "[run]\nduration = \"1m\"\n";
const LOAD: &str = "[[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"40/s\"\n";
const LOG: &str = "[[load]]\nexecutor = \"order-log\"\nspeed = 100.0\n[load.log]\nfile = \"o.csv\"\n\
                   order = \"id\"\nuser = \"who\"\nproduct = \"what\"\nquantity = \"many\"\n\
                   line_amount = \"total\"\ntime = \"when\"\ncancel_prefix = \"C\"\n";

fn read(text: &str) -> Result<Scenario, Diagnostics> {
    parse(Path::new("scenarios/tiny.toml"), text)
}

/// The tiny scenario with more tables.
fn with(tables: &str) -> Result<Scenario, Diagnostics> {
    read(&format!("{HEAD}{RUN}{tables}\n{LOAD}"))
}

fn tiny(tables: &str) -> Scenario {
    with(tables).unwrap_or_else(|found| panic!("{found}"))
}

/// The titles of what is wrong with the tiny scenario plus more tables.
fn titles(tables: &str) -> Vec<String> {
    titles_of(with(tables))
}

fn titles_of(read: Result<Scenario, Diagnostics>) -> Vec<String> {
    let found = read.expect_err("something is wrong");
    found.items().iter().map(|item| item.title.clone()).collect()
}

#[test]
fn everything_but_the_question_has_a_default() {
    let scenario = tiny("");
    assert_eq!(scenario.run.seed, None);
    assert_eq!(scenario.run.duration_ns, Some(60_000_000_000));
    assert_eq!(scenario.run.drain_ns, 600_000_000_000);
    assert_eq!(scenario.flow.coordination, Coordination::Choreography);
    assert_eq!(scenario.expect.verdict, Verdict::Passed);
    assert_eq!(scenario.services[Service::Payment as usize].workers, 8);
    assert_eq!(scenario.services[Service::Payment as usize].queue_capacity, None);
    assert_eq!(scenario.protection.timeout_ns, Some(1_000_000_000));
    assert_eq!(scenario.protection.retry.map(|retry| retry.max_attempts), Some(4));
    let spacing = Spacing::Poisson;
    let load = Load::ConstantArrivalRate { rate_per_s: 40.0, spacing };
    assert_eq!(scenario.loads, [load.into()]);
}

#[test]
fn a_bare_value_is_a_fixed_distribution() {
    let scenario = tiny("[products]\nstock = 100\n[service.order]\nservice_time = \"5ms\"\n");
    assert_eq!(scenario.products.stock, Dist::Fixed(100));
    assert_eq!(scenario.services[Service::Order as usize].service_time, Dist::Fixed(5_000_000));
}

#[test]
fn every_kind_of_distribution_is_read() {
    let scenario = tiny(
        "[customers]\nthink_time = { exponential = { mean = \"2s\" } }\n\
         [users]\nbalance = { uniform = { min = 0, max = 200_000 } }\n\
         [products]\npopularity = { zipf = { exponent = 1.1 } }\n\
         [network]\nlatency = { normal = { mean = \"1ms\", stddev = \"250us\" } }\n\
         [service.payment]\nservice_time = { lognormal = { median = \"40ms\", p99 = \"250ms\" } }\n",
    );
    assert_eq!(scenario.customers.think_time, Dist::Exponential { mean: 2e9 });
    assert_eq!(scenario.users.balance, Dist::Uniform { min: 0, max: 200_000 });
    assert_eq!(scenario.products.popularity, Popularity::Zipf { exponent: 1.1 });
    assert_eq!(scenario.network_latency, Dist::Normal { mean: 1e6, stddev: 250e3 });
    let payment = &scenario.services[Service::Payment as usize];
    assert_eq!(payment.service_time, Dist::Lognormal { median: 40e6, p99: 250e6 });
}

#[test]
fn a_protection_is_switched_off_by_false() {
    let protection =
        tiny("[protection]\ninbox = false\nretry = false\ntimeout = false\n").protection;
    assert!(!protection.switches.inbox);
    assert!(protection.switches.outbox);
    assert_eq!(protection.retry, None);
    assert_eq!(protection.timeout_ns, None);
}

#[test]
fn coupons_are_campaigns_in_the_order_of_the_file() {
    let scenario = tiny(
        "[[coupon]]\nname = \"ten\"\ndiscount = { percent = 10 }\nquantity = 1_000\n\
         [[coupon]]\nname = \"won\"\ndiscount = { amount = 3_000 }\nquantity = 5\nissue = \"on-demand\"\n",
    );
    assert_eq!(scenario.coupons[0].discount, Discount::Percent(10));
    assert_eq!(scenario.coupons[1].discount, Discount::Amount(3_000));
    assert_eq!(scenario.coupons[1].issue, Issue::OnDemand);
}

#[test]
fn a_fault_strikes_by_probability_in_a_window_by_count_or_by_key() {
    let scenario = tiny(
        "[[fault]]\nname = \"a\"\ntarget = { step = \"create-payment\" }\nerror = {}\n\
         at = \"10s\"\nfor = \"8s\"\nprobability = 0.5\n\
         [[fault]]\nname = \"b\"\ntarget = { step = \"restore-stock\" }\nerror = {}\nnth = 5\n\
         [[fault]]\nname = \"c\"\ntarget = { step = \"deduct-balance\" }\nerror = {}\norder = 3\nn = 1\n\
         [[fault]]\nname = \"d\"\ntarget = { step = \"use-coupon\" }\nerror = {}\nfor = \"end\"\n",
    );
    let window = (10_000_000_000, 18_000_000_000);
    let half = Trigger::Probability { probability: 0.5, from_ns: window.0, until_ns: window.1 };
    let always = Trigger::Probability { probability: 1.0, from_ns: 0, until_ns: u64::MAX };
    let triggers: Vec<Trigger> = scenario.faults.iter().map(|fault| fault.trigger).collect();
    let exact = Trigger::Exact { order: 3, n: Some(1) };
    assert_eq!(triggers, [half, Trigger::Nth(5), exact, always]);
    assert_eq!(scenario.faults[1].step(), Some((Step::DeductStock, true)));
}

#[test]
fn an_order_log_brings_its_own_users_products_and_baskets() {
    let scenario = read(&format!("{HEAD}{LOG}")).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(scenario.run.duration_ns, None);
    assert_eq!((scenario.users.count, scenario.products.count), (0, 0));
    let log = scenario.order_log().expect("it is an order log");
    assert!(log.file.is_absolute());
    assert!(log.file.ends_with("scenarios/o.csv"));
    assert_eq!(log.amount, LogAmount::LineAmount("total".to_owned()));

    let both = format!("{HEAD}[users]\ncount = 5\n[basket]\nlines = 1\n{LOG}");
    let expected = [
        "the number of users is taken from the order log",
        "the baskets are taken from the order log",
    ];
    assert_eq!(titles_of(read(&both)), expected);
}

#[test]
fn local_time_at_the_start_is_the_epoch() {
    let text = format!("{HEAD}{RUN}epoch = \"1970-01-02T03:00:00+09:00\"\n{LOAD}");
    let run = read(&text).unwrap_or_else(|found| panic!("{found}")).run;
    assert_eq!(run.epoch_local_ns, 27 * 3_600 * 1_000_000_000);
    assert_eq!(run.epoch_offset_s, 9 * 3_600);
}

#[test]
fn contradictions_are_found() {
    let cases = [
        ("[basket]\ncoupon_rate = 0.3\n", "customers want coupons, but there is no `[[coupon]]`"),
        (
            "[basket]\nlines = 3\n[products]\ncount = 2\n",
            "up to 3 lines, but there are only 2 products",
        ),
        (
            "[protection]\nmark_retention = \"2s\"\n",
            "marks are dropped after 2s, but a message may be 6s late",
        ),
        (
            "[flow]\npayment_window = \"1h\"\n",
            "the drain of 10m is too short: after the load the last order may take 1h 2m 2s",
        ),
        (
            "[customers]\nintents = { pay = 0.5, abandon = 0.2 }\n",
            "the shares of the intents sum to 0.7, not to 1",
        ),
        (
            "[users]\ncount = 100_000_000\nbalance = 1_000_000_000_000\n",
            "all balances together may exceed 2^60, the largest sum this tool adds up",
        ),
        (
            "[[threshold]]\nmetric = \"pay\"\nexpr = \"max < 1s\"\nabort_on_fail = true\ndelay_abort = \"9m\"\n",
            "the threshold could stop the run only after the load has ended",
        ),
        (
            "[[fault]]\nname = \"x\"\ntarget = { step = \"use-coupon\" }\nerror = {}\nat = \"2m\"\n",
            "the fault would begin after the load has ended",
        ),
        (
            "[[fault]]\nname = \"x\"\ntarget = { step = \"deduct-balance\" }\nerror = {}\norder = 1\nn = 2\n",
            "payment 2 never happens: `pay_attempts` is 1",
        ),
        (
            "[[fault]]\nname = \"x\"\ntarget = { step = \"rank-products\" }\nerror = {}\n",
            "`rank-products` cannot be refused: it is done until it is done",
        ),
        (LOG, "an order log is the only load: it brings its users, products and calendar"),
        (
            "[[load]]\nexecutor = \"constant-users\"\nusers = 2\nstart = \"30s\"\nduration = \"31s\"\n",
            "the load would last until 1m 1s",
        ),
        (
            "[[load]]\nexecutor = \"constant-users\"\nusers = 2\nstart = \"4m\"\n",
            "the load would begin after the run",
        ),
    ];
    for (tables, title) in cases {
        assert_eq!(titles(tables), [title], "{tables}");
    }
}

#[test]
fn more_active_users_than_users_are_refused() {
    let load = "[[load]]\nexecutor = \"constant-users\"\nusers = 20\n";
    let text = format!("{HEAD}{RUN}[users]\ncount = 10\n{load}");
    let expected = ["20 active users, but there are only 10 in `[users] count`"];
    assert_eq!(titles_of(read(&text)), expected);
}

/// A load with these keys, in a short run with a thousand users.
fn load_titles(keys: &str) -> Vec<String> {
    titles_of(read(&format!("{HEAD}{RUN}[[load]]\n{keys}")))
}

#[test]
fn loads_that_make_no_sense_are_refused() {
    let ramp = "executor = \"ramping-arrival-rate\"\n";
    let users = "executor = \"ramping-users\"\n";
    let fixed = "executor = \"fixed-orders\"\nusers = 2\n";
    let cases = [
        (ramp.to_owned(), "`stages` is missing"),
        (format!("{ramp}stages = []\n"), "these stages take no time"),
        (
            format!("{ramp}stages = [{{ target = \"9/s\", duration = \"0s\" }}]\n"),
            "these stages take no time",
        ),
        (
            format!("{ramp}stages = [{{ target = \"0/s\", duration = \"5s\" }}]\n"),
            "nothing would ever arrive",
        ),
        (format!("{ramp}stages = [{{ duration = \"5s\" }}]\n"), "`target` is missing"),
        (format!("{ramp}stages = [{{ target = \"5/s\" }}]\n"), "`duration` is missing"),
        (
            format!("{ramp}stages = [{{ target = 5, duration = \"5s\" }}]\n"),
            "5 does not say per what",
        ),
        (
            format!("{ramp}stages = [{{ target = \"5/s\", duration = \"5m\" }}]\n"),
            "the load would last until 5m",
        ),
        (
            format!(
                "{ramp}duration = \"5s\"\nstages = [{{ target = \"5/s\", duration = \"5s\" }}]\n"
            ),
            "`duration` does not belong to ramping-arrival-rate",
        ),
        (
            format!("{users}stages = [{{ target = \"5/s\", duration = \"5s\" }}]\n"),
            "expected a number of users, found \"5/s\"",
        ),
        (
            format!("{users}stages = [{{ target = 0, duration = \"5s\" }}]\n"),
            "there would never be a user",
        ),
        (
            format!("{users}stages = [{{ target = 2_000, duration = \"5s\" }}]\n"),
            "2000 active users, but there are only 1000 in `[users] count`",
        ),
        (fixed.to_owned(), "`orders` is missing"),
        (
            format!("{fixed}orders = 5\norders_per_user = 5\n"),
            "orders are shared by all users, or each has its own",
        ),
        (format!("{fixed}orders = 0\n"), "number of orders: 0 is too small"),
        (format!("{fixed}orders = 5\nname = \" \"\n"), "`name` is blank"),
    ];
    for (keys, title) in cases {
        assert_eq!(load_titles(&keys), [title], "{keys}");
    }
    let twins = "executor = \"fixed-orders\"\nname = \"a\"\nusers = 1\norders = 1\n";
    assert_eq!(load_titles(&format!("{twins}[[load]]\n{twins}")), ["two loads are called `a`"]);
}

#[test]
fn a_run_needs_no_duration_if_its_loads_end_by_themselves() {
    let ramp = "[[load]]\nexecutor = \"ramping-arrival-rate\"\nstart = \"10s\"\n\
                stages = [{ target = \"9/s\", duration = \"20s\" }]\n";
    let users = "[[load]]\nexecutor = \"constant-users\"\nusers = 3\nduration = \"5s\"\n";
    let scenario = read(&format!("{HEAD}{ramp}{users}")).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(scenario.run.duration_ns, None);
    assert_eq!(scenario.arrivals_end_ns(), Some(30_000_000_000));
    let endless = users.replace("duration", "start");
    let missing = titles_of(read(&format!("{HEAD}{ramp}{endless}")));
    assert_eq!(missing, ["`run` is missing"]);
}

#[test]
fn what_this_version_does_not_have_is_refused_by_name() {
    for clock in ["live", "streams"] {
        let text = format!("{HEAD}{RUN}clock = \"{clock}\"\n{LOAD}");
        let title = format!("the clock `{clock}` does not exist in this version");
        assert_eq!(titles_of(read(&text)), [title]);
    }
}

#[test]
fn every_missing_part_is_named() {
    let expected = ["version", "name", "question", "load", "duration"];
    let expected = expected.map(|key| format!("`{key}` is missing"));
    assert_eq!(titles_of(read("[run]\nseed = 1\n")), expected);
}

#[test]
fn durations_have_units_and_no_more() {
    let good = [
        ("250ms", 250_000_000),
        ("1.5s", 1_500_000_000),
        ("1m30s", 90_000_000_000),
        ("1h 5m", 3_900_000_000_000),
        ("2 min", 120_000_000_000),
        ("10us", 10_000),
        ("10µs", 10_000),
        ("7ns", 7),
        ("0s", 0),
        ("1_000ms", 1_000_000_000),
    ];
    for (text, ns) in good {
        assert_eq!(parse_duration(text), Ok(ns), "{text}");
    }
    let bad = [
        "",
        "5",
        "5M",
        "-5s",
        "s",
        "1.2.3s",
        "0.1ns",
        "40000d",
        "99999999999999999999d",
        "1y",
        "5 s!",
    ];
    for text in bad {
        assert!(parse_duration(text).is_err(), "{text}");
    }
}

#[test]
fn rates_are_per_second_minute_hour_or_day() {
    for (text, per_s) in [("40/s", 40.0), ("36k/h", 10.0), ("1.5/m", 0.025), ("86_400/d", 1.0)] {
        assert_eq!(parse_rate(text), Ok(per_s), "{text}");
    }
    for text in ["", "40", "-1/s", "NaN/s", "inf/s", "1e3/s", "/s", "40/", "40/ms", "2000000k/s"] {
        assert!(parse_rate(text).is_err(), "{text}");
    }
}

#[test]
fn a_resolved_scenario_reads_back_as_itself() {
    let scenario = tiny("[protection]\nretry = false\n");
    let text = resolved_toml(&scenario);
    assert_eq!(read(&text).unwrap_or_else(|found| panic!("{found}\n{text}")), scenario);
}

#[test]
fn loading_gives_the_scenario_and_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tiny.toml");
    let text = format!("{HEAD}{RUN}{LOAD}");
    std::fs::write(&path, &text).expect("the file is written");
    let (scenario, read_text) = load(&path).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!((scenario, read_text), (tiny(""), text));
}
