//! What is read, what is refused, and how that is said.

use super::{SHOP, threshold};
use crate::scenario_generator::judged;
use proptest::prelude::*;
use sagasim::report::explain::{explain_metric, explain_metrics};
use sagasim::sim::engine::Metric;
use sagasim::sim::scenario::{Diagnostics, Scenario, parse};
use sagasim::sim::threshold::catalogue::{METRICS, Values, metric};
use sagasim::sim::threshold::{Condition, Operator, Selector, Wrong};
use std::path::Path;

const HEAD: &str = "version = 1\nname = \"limits\"\nquestion = \"Is it quick?\"\n";

fn read(tables: &str) -> Result<Scenario, Diagnostics> {
    parse(Path::new("limits.toml"), &format!("{HEAD}{SHOP}{tables}"))
}

/// The complaint about a condition on a metric, with the part it points at.
fn complaint(metric: &str, expr: &str) -> String {
    let selector = Selector::parse(metric, &[]).expect("a selector");
    let wrong = Condition::parse(expr, &selector).expect_err("a mistake");
    said(expr, wrong)
}

fn said(text: &str, wrong: Wrong) -> String {
    let help = wrong.help.map_or_else(String::new, |help| format!(" | {help}"));
    format!("[{}] {}{help}", &text[wrong.place], wrong.reason)
}

#[test]
fn everything_that_is_wrong_with_thresholds_is_said_at_once_with_its_place() {
    let tables = [
        threshold("chekout", "p(99) < 3s", ""),
        threshold("checkout{outcom=completed}", "p(99) < 3s", ""),
        threshold("place{outcome=plased}", "p(99) < 3s", ""),
        threshold("faults{fault=none}", "count > 0", ""),
        threshold("checkout", "p(99) < 3", ""),
        threshold("checkout", "p(99) < 5M", ""),
        threshold("checkout", "rate < 0.5", ""),
        threshold("orders{outcome=completed}", "rate > 80", ""),
        threshold("orders{outcome=expired}", "count < 1s", "abort_on_fail = true"),
        threshold("pay", "p(99) < 1s", "severity = \"warning\"\ndelay_abort = \"5s\""),
        threshold("pay", "p(99) < 2s", "severity = \"warn\"\nabort_on_fail = true"),
        threshold("pay", "p(99) < 4s", "abort_on_fial = true"),
        threshold("cancel", "max < 4s", ""),
        threshold("cancel", "max<4s", ""),
        "[[threshold]]\nmetric = \"pay\"\n".to_owned(),
        "[[threshold]]\nexpr = \"p(99) < 3s\"\n".to_owned(),
    ];
    let found = read(&tables.concat()).expect_err("there are mistakes");
    insta::assert_snapshot!(found);
}

#[test]
fn a_part_of_a_text_is_underlined_in_quotes_of_every_kind() {
    // With three quotes, or escapes, the whole text is underlined.
    for (quotes, column) in [("\"", 17), ("'", 17), ("\"\"\"", 8)] {
        let table =
            format!("[[threshold]]\nmetric = \"pay\"\nexpr = {quotes}p(99) < 3 years{quotes}\n");
        let found = read(&table).expect_err("years are no unit");
        let place = found.position(&found.items()[0]);
        assert_eq!(place, Some((12, column)), "{found}");
    }
}

#[test]
fn a_condition_that_is_not_one_gets_a_suggestion() {
    for (metric, expr, expected) in [
        ("pay", "p99 < 3s", "[p99] unknown aggregation `p99` | did you mean `p(99)`?"),
        ("pay", "median < 3s", "[median] unknown aggregation `median` | did you mean `med`?"),
        ("pay", "maxx < 3s", "[maxx] unknown aggregation `maxx` | did you mean `max`?"),
        (
            "pay",
            "p(0.99) < 3s",
            "[0.99] 0.99 is not a percentage from 1 to below 100 | did you mean `p(99)`?",
        ),
        (
            "pay",
            "p(100) < 3s",
            "[100] 100 is not a percentage from 1 to below 100 | did you mean `max`?",
        ),
        ("pay", "p(99 < 3s", "[p(99 ] a percentile is written `p(99)`"),
        ("pay", "max = 3s", "[=] unknown operator `=` | did you mean `==`?"),
        ("pay", "max =< 3s", "[=<] unknown operator `=<` | did you mean `<=`?"),
        (
            "pay",
            "max 3s",
            "[3s] an operator is missing: < <= > >= == != | write for example: expr = \"p(99) < 3s\"",
        ),
        ("pay", "max <", "[] the limit is missing | write for example: expr = \"p(99) < 3s\""),
        ("pay", "max < 3", "[3] `3` has no unit | did you mean `3s` or `3ms`?"),
        ("pay", "max < 5M", "[5M] `M` is not a unit of time | did you mean `5m`?"),
        ("orders", "rate > 80%", "[80%] `80%` is not between 0 and 1 | did you mean 0.8?"),
        ("orders", "rate > 5", "[5] `5` is not between 0 and 1 | did you mean 0.05?"),
        (
            "orders",
            "rate > 3s",
            "[3s] `3s` is not a share, a number from 0 to 1 | write for example: expr = \"rate > 0.8\"",
        ),
        (
            "orders",
            "count > -1",
            "[-1] `-1` is not a number, 0 or more, without a unit | write for example: expr = \"count < 100\"",
        ),
        ("orders", "p(99) < 3s", "[p(99)] `orders` has no `p(x)` | it has count, rate"),
        ("throughput", "value > 40", "[40] `40` does not say per what | did you mean `40/s`?"),
        (
            "utilization",
            "value < 0.8",
            "[value] `value` is that of one service, and none is named | \
             add a tag, `utilization{service=…}`, or ask for `max`",
        ),
        (
            "orders",
            "rate >= 0",
            "[rate >= 0] `rate >= 0` always holds: nothing is below 0 | \
             a threshold must be able to hold and to fail",
        ),
        (
            "orders",
            "rate > 1",
            "[rate > 1] `rate > 1` can never hold: no share is above 1 | \
             a threshold must be able to hold and to fail",
        ),
        (
            "pay",
            "max < 0s",
            "[max < 0s] `max < 0s` can never hold: nothing is below 0 | \
             a threshold must be able to hold and to fail",
        ),
    ] {
        assert_eq!(complaint(metric, expr), expected);
    }
}

#[test]
fn a_selector_that_is_not_one_gets_a_suggestion() {
    let faults = ["payments refused"];
    for (text, expected) in [
        ("", "[] no metric is named | write for example: metric = \"checkout{outcome=completed}\""),
        ("chekout", "[chekout] unknown metric `chekout` | did you mean `checkout`?"),
        ("wait{servce=order}", "[servce] `wait` has no tag `servce` | did you mean `service`?"),
        (
            "throughput{service=order}",
            "[service] `throughput` has no tag `service` | it has no tags",
        ),
        ("wait{service=oder}", "[oder] unknown service `oder` | did you mean `order`?"),
        ("wait{service}", "[service] the tag `service` has no value | write `service=…`"),
        ("wait{service=order,service=user}", "[service] the tag `service` stands here twice"),
        (
            "wait{service=order",
            "[] the tags end with `}`, and `,` stands between them | \
             write for example: metric = \"checkout{outcome=completed}\"",
        ),
        (
            "wait{service=order} max",
            "[max] nothing was expected after the metric, found `max` | \
             write for example: metric = \"checkout{outcome=completed}\"",
        ),
        (
            "faults{fault=payment refused}",
            "[payment refused] unknown fault `payment refused` | did you mean `payments refused`?",
        ),
        ("faults{fault=\"pay", "[\"pay] the value has no closing quote"),
    ] {
        assert_eq!(said(text, Selector::parse(text, &faults).expect_err("a mistake")), expected);
    }
}

#[test]
fn names_of_faults_are_read_whatever_they_contain() {
    let names = ["plain", "two words", "a,b", "{x=\"y\"}", "back\\slash", "끝", " edge "];
    for name in names {
        let quoted = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        let selector = Selector::parse(&format!("faults{{fault={quoted}}}"), &names);
        let selector = selector.expect("a name");
        assert_eq!(selector.of("fault"), Some(name));
        assert_eq!(Selector::parse(&selector.to_string(), &names), Ok(selector));
    }
}

#[test]
fn an_operator_says_what_its_sign_says() {
    let selector = Selector::parse("orders", &[]).expect("a selector");
    for (sign, expected) in [
        ("<", [true, false, false]),
        ("<=", [true, true, false]),
        (">", [false, false, true]),
        (">=", [false, true, true]),
        ("==", [false, true, false]),
        ("!=", [true, false, true]),
    ] {
        let condition = Condition::parse(&format!("count {sign} 5"), &selector).expect("one");
        assert_eq!([4.0, 5.0, 6.0].map(|value| condition.holds(value)), expected, "{sign}");
        assert_eq!(condition.operator.sign(), sign);
    }
    assert_eq!(Operator::ALL.len(), 6);
}

#[test]
fn spaces_do_not_matter_and_mean_is_another_word_for_avg() {
    let selector = Selector::parse(" pay { outcome = paid } ", &[]).expect("a selector");
    assert_eq!(selector.to_string(), "pay{outcome=paid}");
    for (text, tidy) in [
        ("p(99)<3s", "p(99) < 3s"),
        (" p( 99.9 )  <=  1.5s ", "p(99.9) <= 1s 500ms"),
        ("mean != 2ms", "avg != 2ms"),
        ("count >= 1_000", "count >= 1000"),
    ] {
        assert_eq!(Condition::parse(text, &selector).expect("one").to_string(), tidy);
    }
}

#[test]
fn the_catalogue_has_every_latency_that_the_engine_measures_and_names_nothing_twice() {
    for one in Metric::ALL {
        let (name, outcome) = one.name();
        let text = format!("{name}{{outcome={outcome}}}");
        assert!(Selector::parse(&text, &[]).is_ok(), "{text}");
    }
    for one in &METRICS {
        assert_eq!(METRICS.iter().filter(|other| other.name == one.name).count(), 1);
        assert_eq!(metric(one.name), Some(one));
        assert!(one.meaning.ends_with('.') && !one.kind.forms().is_empty(), "{}", one.name);
        for tag in one.tags {
            if let Values::Known(values) = tag.values {
                assert!(!values(one.name).is_empty(), "{} {}", one.name, tag.name);
            }
        }
    }
}

#[test]
fn the_catalogue_is_explained() {
    insta::assert_snapshot!(explain_metrics());
    for one in &METRICS {
        let text = explain_metric(one.name).expect("it is in the catalogue");
        assert!(text.starts_with(&format!("{} (metric)", one.name)), "{text}");
    }
}

proptest! {
    #[test]
    fn a_written_threshold_reads_back_as_itself((selector, condition) in judged()) {
        let text = selector.to_string();
        prop_assert_eq!(Selector::parse(&text, &[]), Ok(selector.clone()), "{}", text);
        let text = condition.to_string();
        prop_assert_eq!(Condition::parse(&text, &selector), Ok(condition), "{}", text);
    }

    #[test]
    fn no_text_breaks_the_readers_and_mistakes_lie_inside_it(
        any in ".{0,40}",
        near in "(p|max|rate|count|value) ?\\(?[0-9.é]{0,5}\\)? ?[<>=!≤]{0,3} ?[0-9._%-]{0,6}(s|ms|M|/s|日)?",
        tags in "(pay|orders|wait|faults)\\{?(outcome|service|fault)?=?[a-z\"\\\\{},= ]{0,9}\\}?",
    ) {
        for text in [&any, &near, &tags] {
            if let Err(wrong) = Selector::parse(text, &["f"]) {
                prop_assert!(text.get(wrong.place.clone()).is_some(), "{:?} {:?}", text, wrong);
            }
            for metric in ["pay", "orders", "throughput", "utilization", "wait{service=order}"] {
                let selector = Selector::parse(metric, &[]).expect("a selector");
                match Condition::parse(text, &selector) {
                    Ok(condition) => prop_assert!(condition.limit >= 0.0),
                    Err(wrong) => prop_assert!(text.get(wrong.place.clone()).is_some()),
                }
            }
        }
    }
}
