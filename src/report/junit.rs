//! `junit.xml`: what build servers read. One suite a run; each invariant, threshold, required
//! event and fault is a case, so that there are always cases, and their history can be followed.
//!
//! A *failure* did not hold. An *error* could not be judged, because it was not exercised. The
//! names are the same for every seed, but where several seeds are in one document.

use super::Summary;
use super::campaign::{Campaign, Cell, Run};
use super::cases::{Case, Group, State, cases};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Deserialize;
use std::time::Duration;

/// The summary as JUnit XML. `again` is the command that gives the same run again.
#[must_use]
pub fn render_junit(summary: &Summary, again: &str) -> String {
    let class = format!("{}.{}", summary.scenario.name, summary.coordination.name());
    let mut report = Report::new("sagasim");
    report.set_time(Duration::from_nanos(summary.time.wall_ns));
    report.add_test_suite(suite(summary, "", &class, again));
    report.to_string().expect("XML is written into memory")
}

/// All runs of a campaign as JUnit XML: a suite for each, with what the matrix set and the seed in
/// its name. A run without a summary is a suite with one error. `again` gives the command of a run.
#[must_use]
pub fn render_campaign_junit(campaign: &Campaign, again: &dyn Fn(&Cell, &Run) -> String) -> String {
    let mut report = Report::new("sagasim");
    let mut wall = Duration::ZERO;
    for (cell, run) in
        campaign.cells.iter().flat_map(|cell| cell.runs.iter().map(move |run| (cell, run)))
    {
        let seed = format!("seed {}", run.seed);
        let words: Vec<&str> = cell.settings.iter().map(String::as_str).chain([&*seed]).collect();
        let label = words.join(" ");
        // A dot would part what belongs together.
        let part = label.replace('.', "_");
        let again = again(cell, run);
        let whole = run.summary.as_ref().and_then(|summary| Summary::deserialize(summary).ok());
        report.add_test_suite(match whole {
            Some(summary) => {
                wall += Duration::from_nanos(summary.time.wall_ns);
                let coordination = summary.coordination.name();
                let class = format!("{}.{coordination}.{part}", campaign.scenario);
                suite(&summary, &format!(" {label}"), &class, &again)
            }
            None => {
                let class = format!("{}.{part}", campaign.scenario);
                let error = run.error.as_deref().unwrap_or("it was never begun");
                missing(&format!("{} {label}", campaign.scenario), &class, error, &again)
            }
        });
    }
    report.set_time(wall);
    report.to_string().expect("XML is written into memory")
}

fn suite(summary: &Summary, label: &str, class: &str, again: &str) -> TestSuite {
    let coordination = summary.coordination.name();
    let mut suite = TestSuite::new(format!("{} ({coordination}){label}", summary.scenario.name));
    suite.set_time(Duration::from_nanos(summary.time.wall_ns));
    let seed = summary.seed.to_string();
    let exit_code = summary.exit_code.to_string();
    suite.add_properties([
        ("question", summary.scenario.question.as_str()),
        ("scenario_digest", &summary.scenario.digest),
        ("coordination", coordination),
        ("clock", &summary.clock),
        ("seed", &seed),
        ("digest", &summary.digest),
        ("verdict", summary.verdict.name()),
        ("exit_code", &exit_code),
        ("again", again),
    ]);
    suite.add_test_cases(cases(summary).iter().map(|one| case(one, class, again)));
    suite
}

/// The suite of a run that has no summary.
fn missing(name: &str, class: &str, error: &str, again: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(error);
    status.set_type("run");
    status.set_description(format!("again  {again}"));
    let mut case = TestCase::new("run", status);
    case.set_classname(class);
    let mut suite = TestSuite::new(name);
    suite.add_test_case(case);
    suite
}

fn case(one: &Case, class: &str, again: &str) -> TestCase {
    let group = one.group.name();
    let status = match one.state {
        State::Passed | State::Warned => TestCaseStatus::success(),
        State::Failed => bad(NonSuccessKind::Failure, one, again),
        State::Unsure => bad(NonSuccessKind::Error, one, again),
        State::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one.message.as_str());
            status
        }
    };
    let mut case = TestCase::new(one.name.as_str(), status);
    case.set_classname(format!("{class}.{group}"));
    match one.state {
        State::Warned => {
            case.set_system_out(format!("WARN {}: {}", one.name, one.message));
        }
        State::Passed if !one.message.is_empty() => {
            case.set_system_out(one.message.as_str());
        }
        State::Passed | State::Failed | State::Unsure | State::Skipped => {}
    }
    case
}

fn bad(kind: NonSuccessKind, one: &Case, again: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(format!("{}: {}", one.name, one.message));
    status.set_type(one.group.name());
    let mut text = one.detail.clone();
    if one.group == Group::Invariant {
        text.push(format!("why    sagasim explain {}", one.name));
    }
    text.push(format!("again  {again}"));
    status.set_description(text.join("\n"));
    status
}
