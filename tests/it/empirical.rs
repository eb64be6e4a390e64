//! What production measured: percentiles, and HdrHistogram logs.
//!
//! `data/hiccup.hlog` was written by the Java implementation (jHiccup; it comes with the
//! `hdrhistogram` crate, MIT or Apache-2.0): each interval twice, without a tag and with the tag A.

use sagasim::sim::dist::Sampler;
use sagasim::sim::scenario::{Dist, Empirical, HdrLog, Scenario, load, parse};
use std::fs;
use std::path::{Path, PathBuf};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data").join(name)
}

/// A scenario in the folder of the data, with these tables.
fn text(tables: &str) -> String {
    format!(
        "version = 1\nname = \"measured\"\nquestion = \"?\"\n[run]\nduration = \"1s\"\n{tables}\n\
         [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"1/s\"\n"
    )
}

fn read(tables: &str) -> Scenario {
    parse(&data("made-up.toml"), &text(tables)).unwrap_or_else(|found| panic!("{found}"))
}

/// Each complaint with the text it points at.
fn complaints(tables: &str) -> Vec<(String, String)> {
    let text = text(tables);
    let found = parse(&data("made-up.toml"), &text).expect_err("it is refused");
    let pointed = |span: &Option<std::ops::Range<usize>>| match span {
        Some(span) => text[span.clone()].to_owned(),
        None => String::new(),
    };
    found.items().iter().map(|item| (item.title.clone(), pointed(&item.span))).collect()
}

fn latency(value: &str) -> String {
    format!("[network]\nlatency = {{ empirical = {value} }}\n")
}

fn hdr_log(dist: &Dist) -> &HdrLog {
    let Dist::Empirical(empirical) = dist else { panic!("{dist:?}") };
    let Empirical::Log(log) = &**empirical else { panic!("{empirical:?}") };
    log
}

#[test]
fn a_log_of_another_implementation_has_the_values_it_says() {
    let scenario = read(&latency(r#"{ file = "hiccup.hlog", tag = "A" }"#));
    let log = hdr_log(&scenario.network_latency);
    let written = fs::read_to_string(data("hiccup.hlog")).expect("the log is there");
    let column = |line: &str| line.split(',').nth(3).and_then(|max| max.parse::<f64>().ok());
    let tagged = written.lines().filter(|line| line.starts_with("Tag=A"));
    let maxima_ms: Vec<f64> = tagged.filter_map(column).collect();
    assert_eq!(maxima_ms.len(), 21);
    let largest_ms = maxima_ms.iter().copied().fold(0.0, f64::max);
    let last = log.buckets.last().expect("something was recorded");
    // Both say the largest value with the histogram's two digits.
    assert_eq!(format!("{:.3}", last.high as f64 / 1e6), format!("{largest_ms:.3}"));
    assert!(log.buckets.is_sorted_by(|a, b| a.high < b.low));
    // Each interval's maximum is one of the recorded values.
    for max_ms in maxima_ms {
        let known = |bucket: &&sagasim::sim::scenario::Bucket| {
            (bucket.low as f64 / 1e6..=bucket.high as f64 / 1e6 + 0.001).contains(&max_ms)
        };
        assert!(log.buckets.iter().any(|bucket| known(&bucket)), "{max_ms}");
    }
    // The tag is all that tells the two halves apart.
    let untagged = read(&latency(r#"{ file = "hiccup.hlog", tag = "" }"#));
    assert_eq!(hdr_log(&untagged.network_latency).buckets, log.buckets);
}

#[test]
fn draws_of_a_log_have_the_logs_quantiles() {
    let scenario = read(&latency(r#"{ file = "hiccup.hlog", tag = "A" }"#));
    let log = hdr_log(&scenario.network_latency);
    let total: u64 = log.buckets.iter().map(|bucket| bucket.count).sum();
    let sampler = Sampler::new(&scenario.network_latency);
    let mut below = 0;
    for bucket in &log.buckets {
        // In the middle of what this bucket counts.
        let rank = u128::from(2 * below + bucket.count);
        let draw = sampler.at(((rank << 63) / u128::from(total)) as u64);
        assert!((bucket.low..=bucket.high).contains(&draw), "{draw} of {bucket:?}");
        below += bucket.count;
    }
    assert_eq!(sampler.at(0), log.buckets[0].low);
    assert_eq!(sampler.at(u64::MAX), log.buckets[log.buckets.len() - 1].high);
}

#[test]
fn recorded_values_have_the_unit_that_is_named() {
    let [one, thousand] = [r#""1ns""#, r#""1us""#].map(|unit| {
        let value = format!(r#"{{ file = "hiccup.hlog", tag = "A", unit = {unit} }}"#);
        Sampler::new(&read(&latency(&value)).network_latency)
    });
    assert_eq!(thousand.at(0), 1_000 * one.at(0));
    assert_eq!(thousand.at(u64::MAX), 1_000 * one.at(u64::MAX));
}

#[test]
fn percentiles_are_read_by_the_names_that_summaries_use() {
    let table = r#"{ percentiles = { p0 = "1ms", p50 = "4ms", p999 = "80ms", "p99.99" = "90ms", p100 = "1s" } }"#;
    let scenario = read(&latency(table));
    let ms = 1_000_000;
    let points =
        [(0.0, ms), (50.0, 4 * ms), (99.9, 80 * ms), (99.99, 90 * ms), (100.0, 1_000 * ms)];
    let Dist::Empirical(empirical) = &scenario.network_latency else { panic!("{scenario:?}") };
    assert_eq!(**empirical, Empirical::Percentiles(points.to_vec()));
}

#[test]
fn percentiles_that_make_no_sense_are_refused_at_their_place() {
    let cases = [
        (r#"{ p0 = "1ms", p50 = "4ms" }"#, "`p100` is missing", None),
        (r#"{ p50 = "4ms", p100 = "5ms" }"#, "`p0` is missing", None),
        (r#"{ p0 = "1ms", p50 = "9ms", p100 = "5ms" }"#, "p100 is below p50", Some("\"5ms\"")),
        (r#"{ p0 = "1ms", p101 = "1ms" }"#, "`p101` is not a percentile", Some("p101")),
        (r#"{ p0 = "1ms", median = "1ms" }"#, "`median` is not a percentile", Some("median")),
        (
            r#"{ p0 = "1ms", p999 = "2ms", "p99.9" = "2ms", p100 = "1s" }"#,
            "p99.9 stands here twice",
            None,
        ),
        (r#"{ p0 = 1, p100 = "1s" }"#, "1 is not a duration", Some("1")),
    ];
    for (table, title, place) in cases {
        let found = complaints(&latency(&format!("{{ percentiles = {table} }}")));
        assert_eq!(found.len(), 1, "{table}: {found:?}");
        assert_eq!(found[0].0, title, "{table}");
        assert!(place.is_none_or(|place| found[0].1 == place), "{table}: {found:?}");
    }
}

#[test]
fn other_new_distributions_that_make_no_sense_are_refused_at_their_place() {
    let network = |value: &str| format!("[network]\nlatency = {value}\n");
    let basket = |value: &str| format!("[basket]\nquantity = {value}\n");
    let cases = [
        (
            network(r#"{ pareto = { scale = "1ms", shape = 1.0 } }"#),
            "the shape must be a number above 1",
            "1.0",
        ),
        (
            network(r#"{ pareto = { scale = "0s", shape = 2.0 } }"#),
            "the scale must be above 0",
            "\"0s\"",
        ),
        (
            network("{ zipf = { exponent = 1.1, max = 9 } }"),
            "zipf draws ranks 1, 2, 3, …, not durations",
            "{ exponent = 1.1, max = 9 }",
        ),
        (
            basket("{ zipf = { exponent = -1.0, max = 9 } }"),
            "the exponent must be a number from 0",
            "-1.0",
        ),
        (basket("{ zipf = { exponent = 1.0, max = 0 } }"), "largest number: 0 is too small", "0"),
        (
            "[products]\nprice = { pareto = { scale = 1_000_000, shape = 1.1 } }\n".to_owned(),
            "a basket may exceed 2^60, the largest sum this tool adds up",
            "{ pareto = { scale = 1_000_000, shape = 1.1 } }",
        ),
    ];
    for (tables, title, place) in cases {
        assert_eq!(complaints(&tables), [(title.to_owned(), place.to_owned())], "{tables}");
    }
}

#[test]
fn a_log_that_cannot_be_used_is_refused_at_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = fs::read_to_string(data("hiccup.hlog")).expect("the log is there");
    let header: String = whole.lines().take(4).flat_map(|line| [line, "\n"]).collect();
    let logs = [
        ("empty.hlog", String::new(), "nothing was recorded in it"),
        ("header.hlog", header.clone(), "nothing was recorded in it"),
        (
            "text.hlog",
            format!("{header}once upon a time\n"),
            "line 5 is not one of an HdrHistogram interval log",
        ),
        ("cut.hlog", format!("{header}0.127,1.007,2.769,HISTFAAAAEV42p\n"), "interval 1: "),
        ("odd.hlog", format!("{header}0.127,1.007,2.769,!!!!\n"), "interval 1: "),
        ("mixed.hlog", whole, "its intervals are of several kinds: say which, tag = \"\" or tag"),
    ];
    let path = folder.path().join("made-up.toml");
    for (name, content, why) in logs {
        fs::write(folder.path().join(name), content).expect("the log is written");
        let value = latency(&format!("{{ file = \"{name}\" }}"));
        fs::write(&path, text(&value)).expect("the scenario is written");
        let found = load(&path).expect_err("it is refused");
        let [item] = found.items() else { panic!("{found}") };
        let begins = format!("`{name}` cannot be used: {why}");
        assert!(item.title.starts_with(&begins), "{name}: {}", item.title);
        assert_eq!(found.position(item).map(|at| at.0), Some(7), "{name}");
    }
    let found = complaints(&latency("{ file = \"nowhere.hlog\" }"));
    assert!(found[0].0.starts_with("`nowhere.hlog` cannot be used: No such file"), "{found:?}");
    let found = complaints(&latency("{ file = \"hiccup.hlog\", tag = \"B\" }"));
    assert!(found[0].0.contains("no interval has the tag \"B\""), "{found:?}");
    let price =
        "[products]\nstock = { empirical = { file = \"hiccup.hlog\", tag = \"A\", unit = 2 } }";
    assert_eq!(complaints(price)[0].0, "only durations are recorded in a unit");
    let lines = "[basket]\nlines = { empirical = { file = \"hiccup.hlog\", tag = \"A\" } }";
    assert!(
        complaints(lines)[0].0.ends_with("it holds values that are too small or too large here")
    );
    let both = latency("{ file = \"hiccup.hlog\", percentiles = { p0 = \"0s\", p100 = \"1s\" } }");
    assert_eq!(complaints(&both)[0].0, "what was measured stands in one place");
    let stray = latency("{ percentiles = { p0 = \"0s\", p100 = \"1s\" }, tag = \"A\" }");
    assert_eq!(complaints(&stray)[0].0, "this belongs to a `file`, not to `percentiles`");
}

/// Whatever happens to a log on its way: it is read or refused, never more.
#[test]
fn a_damaged_log_is_read_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made-up.toml");
    fs::write(&path, text(&latency(r#"{ file = "damaged.hlog", tag = "A" }"#))).expect("written");
    let whole = fs::read(data("hiccup.hlog")).expect("the log is there");
    for at in (0..whole.len()).step_by(37) {
        let mut damaged = whole.clone();
        damaged[at] = damaged[at].wrapping_add(1 + (at % 250) as u8);
        fs::write(folder.path().join("damaged.hlog"), damaged).expect("the log is written");
        if let Err(found) = load(&path) {
            assert!(found.items().iter().all(|item| found.position(item).is_some()), "{found}");
        }
    }
}
