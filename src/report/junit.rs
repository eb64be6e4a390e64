//! `junit.xml`: what build servers read. One suite a run; each invariant, threshold, required
//! event and fault is a case, so that there are always cases, and their history can be followed.
//!
//! A *failure* did not hold. An *error* could not be judged, because it was not exercised. The
//! names are the same for every seed.

use super::Summary;
use super::cases::{Case, Group, State, cases};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The summary as JUnit XML. `again` is the command that gives the same run again.
#[must_use]
pub fn render_junit(summary: &Summary, again: &str) -> String {
    let coordination = summary.coordination.name();
    let name = format!("{} ({coordination})", summary.scenario.name);
    let class = format!("{}.{coordination}", summary.scenario.name);
    let wall = Duration::from_nanos(summary.time.wall_ns);
    let mut suite = TestSuite::new(name);
    suite.set_time(wall);
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
    suite.add_test_cases(cases(summary).iter().map(|one| case(one, &class, again)));
    let mut report = Report::new("sagasim");
    report.set_time(wall);
    report.add_test_suite(suite);
    report.to_string().expect("XML is written into memory")
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
