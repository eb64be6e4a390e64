//! `junit.xml` and `summary.md`: what build servers read.

use crate::sample::{failing, passing, widest};
use roxmltree::{Document, Node};
use sagasim::report::summary::{FaultVerdict, Summary};
use sagasim::report::{render_junit, render_markdown};
use sagasim::sim::scenario::Verdict;
use sagasim::sim::threshold::Severity;

const AGAIN: &str = "sagasim run scenarios/flash-sale.toml --seed 424242";

fn junit(summary: &Summary) -> String {
    render_junit(summary, AGAIN)
}

/// The rules of the JUnit schema that Jenkins' plugin and GitLab read: which elements stand where,
/// in which order, with which attributes.
fn breaches(xml: &str) -> Vec<String> {
    let document = match Document::parse(xml) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let mut found = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        let (inside, must, may): (&[&str], &[&str], &[&str]) = match node.tag_name().name() {
            "testsuites" => (
                &["testsuite"],
                &["tests", "failures", "errors"],
                &["name", "time", "disabled", "skipped"],
            ),
            "testsuite" => (
                &["properties", "testcase", "system-out", "system-err"],
                &["name", "tests", "failures", "errors"],
                &["time", "disabled", "skipped", "timestamp", "hostname", "id", "package"],
            ),
            "testcase" => (
                &["skipped", "error", "failure", "system-out", "system-err"],
                &["name", "classname"],
                &["time", "assertions", "status"],
            ),
            "properties" => (&["property"], &[], &[]),
            "property" => (&[], &["name", "value"], &[]),
            "failure" | "error" => (&[], &["message", "type"], &[]),
            "skipped" => (&[], &[], &["message", "type"]),
            "system-out" | "system-err" => (&[], &[], &[]),
            name => {
                found.push(format!("there is no element {name}"));
                continue;
            }
        };
        let name = node.tag_name().name();
        let places = node
            .children()
            .filter(Node::is_element)
            .map(|child| inside.iter().position(|&known| known == child.tag_name().name()));
        let places: Vec<_> = places.collect();
        if places.contains(&None) || !places.is_sorted() {
            found.push(format!("{name}: children {places:?}"));
        }
        let missing = must.iter().filter(|&&key| node.attribute(key).is_none());
        found.extend(missing.map(|key| format!("{name}: no attribute {key}")));
        let odd = node.attributes().map(|one| one.name().to_owned());
        let odd = odd.filter(|key| !must.contains(&key.as_str()) && !may.contains(&key.as_str()));
        found.extend(odd.map(|key| format!("{name}: attribute {key}")));
        if matches!(name, "testsuite" | "testsuites") {
            found.extend(miscounts(node));
        }
    }
    if document.root_element().tag_name().name() != "testsuites" {
        found.push("the root is not testsuites".to_owned());
    }
    found
}

/// Counts that are not those of the cases inside.
fn miscounts(suite: Node<'_, '_>) -> Vec<String> {
    let inside = |name: &str| suite.descendants().filter(|node| node.has_tag_name(name)).count();
    let counts = [
        ("tests", inside("testcase")),
        ("failures", inside("failure")),
        ("errors", inside("error")),
        ("skipped", inside("skipped")),
    ];
    let said = |key: &str| suite.attribute(key).and_then(|text| text.parse::<usize>().ok());
    let wrong = counts.into_iter().filter(|(key, count)| said(key) != Some(*count));
    wrong.map(|(key, count)| format!("{key} should be {count}")).collect()
}

/// All the ways a run can be wrong, each alone.
fn wrong_in_one_way() -> Vec<Summary> {
    let edit = |edit: fn(&mut Summary)| {
        let mut summary = passing();
        edit(&mut summary);
        summary
    };
    let thresholds = |verdict, severity| {
        let mut summary = passing();
        summary.thresholds = failing().thresholds;
        summary.thresholds.retain(|one| one.verdict == verdict);
        summary.thresholds.iter_mut().for_each(|one| one.severity = severity);
        summary.exit_code = match (verdict, severity) {
            (Verdict::Failed, Severity::Fail) => 4,
            (Verdict::Inconclusive, Severity::Fail) => 6,
            (_, _) => 0,
        };
        summary
    };
    vec![
        passing(),
        failing(),
        widest(),
        thresholds(Verdict::Failed, Severity::Fail),
        thresholds(Verdict::Failed, Severity::Warn),
        thresholds(Verdict::Inconclusive, Severity::Fail),
        thresholds(Verdict::Inconclusive, Severity::Warn),
        thresholds(Verdict::Passed, Severity::Fail),
        edit(|one| (one.exit_code, one.aborted) = (130, true)),
        edit(|one| (one.exit_code, one.orders.started) = (6, 0)),
        edit(|one| (one.exit_code, one.faults[0].verdict) = (6, FaultVerdict::NoHit)),
        edit(|one| (one.exit_code, one.sometimes[0].verdict) = (6, Verdict::Inconclusive)),
        edit(|one| (one.exit_code, one.redis) = (6, widest().redis)),
    ]
}

#[test]
fn junit_is_what_build_servers_expect() {
    for summary in wrong_in_one_way() {
        let xml = junit(&summary);
        assert_eq!(breaches(&xml), [] as [String; 0], "{xml}");
    }
}

#[test]
fn the_check_of_junit_has_teeth() {
    let xml = junit(&failing());
    for (from, to) in [
        ("</testsuites>", ""),
        (" classname=", " class="),
        ("<failure ", "<fail "),
        ("</failure>", "</failure><skipped/>"),
        (" type=", " kind="),
        ("<properties>", "<system-out/><properties>"),
        ("errors=\"", "errors=\"1"),
    ] {
        assert!(xml.contains(from), "{from}");
        assert!(!breaches(&xml.replace(from, to)).is_empty(), "{from} became {to}");
    }
}

#[test]
fn a_build_server_is_green_exactly_if_the_program_exits_with_0() {
    for summary in wrong_in_one_way() {
        let xml = junit(&summary);
        let document = Document::parse(&xml).expect("XML");
        let bad = |node: &Node<'_, '_>| node.has_tag_name("failure") || node.has_tag_name("error");
        let green = !document.descendants().any(|node| bad(&node));
        assert_eq!(green, summary.exit_code == 0, "exit {}: {xml}", summary.exit_code);
    }
}

#[test]
fn every_case_has_a_name_of_its_own_and_every_bad_one_says_how_to_see_it_again() {
    let xml = junit(&failing());
    let document = Document::parse(&xml).expect("XML");
    let cases = || document.descendants().filter(|node| node.has_tag_name("testcase"));
    let mut names: Vec<_> =
        cases().map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    let figures = failing();
    let judged = figures.invariants.len() + figures.thresholds.len() + figures.sometimes.len();
    assert_eq!((names.len(), count), (count, judged + figures.faults.len() + 2));
    let bad = |node: &Node<'_, '_>| node.has_tag_name("failure") || node.has_tag_name("error");
    for node in document.descendants().filter(bad) {
        assert!(node.text().is_some_and(|text| text.ends_with(AGAIN)), "{node:?}");
    }
}

#[test]
fn a_failing_run_as_junit() {
    // The invariants that held are like each other.
    let mut summary = failing();
    summary.invariants.retain(|one| one.violations > 0 || one.name == "money-conserved");
    insta::assert_snapshot!(junit(&summary));
}

#[test]
fn a_failing_run_as_markdown() {
    insta::assert_snapshot!(render_markdown(&failing(), AGAIN).replace('\u{202f}', " "));
}

#[test]
fn a_passing_run_as_markdown() {
    insta::assert_snapshot!(render_markdown(&passing(), AGAIN).replace('\u{202f}', " "));
}

#[test]
fn names_cannot_become_markup_and_pages_stay_small() {
    let mut summary = failing();
    let name = "a|b `c` <img src=x> [x](y) *z* @all\n\n# big";
    summary.scenario.question = name.to_owned();
    summary.faults[1].name = name.to_owned();
    summary.thresholds[1].name = Some(name.to_owned());
    let page = render_markdown(&summary, "sagasim run '```.toml' --seed 1");
    let shown = "a\\|b \\`c\\` &lt;img src=x&gt; \\[x\\](y) \\*z\\* &#64;all  \\# big";
    assert_eq!(page.matches(shown).count(), 4, "{page}");
    assert!(!page.contains("<img") && !page.contains("\n# big"), "{page}");
    assert!(page.contains("\n````sh\nsagasim run '```.toml' --seed 1\n````\n"), "{page}");
    for row in page.lines().filter(|line| line.starts_with('|')) {
        assert!(row.ends_with('|'), "{row}");
    }
    summary.faults = (0..5_000)
        .map(|n| {
            let mut fault = summary.faults[1].clone();
            fault.name = format!("{n} {}", "long ".repeat(40));
            fault
        })
        .collect();
    let page = render_markdown(&summary, AGAIN);
    assert!(page.len() < 100_000 && page.contains("more in `summary.json`"), "{}", page.len());
}
