//! What a run was judged by, case by case, for reports that list cases.

use super::Summary;
use super::summary::{
    Determinism, FaultFigures, FaultVerdict, InvariantFigures, Reproducibility, SometimesFigures,
    ThresholdFigures,
};
use super::text::thresholds::{margin, value};
use super::text::units::{count, instant};
use crate::sim::scenario::Verdict;
use crate::sim::threshold::Severity;

/// One case.
pub(super) struct Case {
    /// What kind of thing was judged.
    pub(super) group: Group,
    /// Which.
    pub(super) name: String,
    /// What became of it.
    pub(super) state: State,
    /// What was found, in one line; empty: nothing to say.
    pub(super) message: String,
    /// What led to it, line by line.
    pub(super) detail: Vec<String>,
}

/// What kinds of things are judged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Group {
    Invariant,
    Threshold,
    Sometimes,
    Fault,
    /// The run as a whole.
    Run,
}

impl Group {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Group::Invariant => "invariant",
            Group::Threshold => "threshold",
            Group::Sometimes => "sometimes",
            Group::Fault => "fault",
            Group::Run => "run",
        }
    }
}

/// What became of a case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum State {
    /// It held.
    Passed,
    /// It did not hold, and only a warning was asked for.
    Warned,
    /// It did not hold.
    Failed,
    /// It was not exercised, so nothing is known.
    Unsure,
    /// It does not count here.
    Skipped,
}

/// All cases, in the order they are declared. A run passed exactly if each passed, was skipped or
/// only warned.
pub(super) fn cases(summary: &Summary) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    cases.extend(summary.invariants.iter().map(|one| invariant(summary, one)));
    cases.extend(summary.thresholds.iter().map(threshold));
    cases.extend(summary.sometimes.iter().map(sometimes));
    cases.extend(summary.faults.iter().map(fault));
    cases.extend(run(summary));
    cases
}

fn invariant(summary: &Summary, one: &InvariantFigures) -> Case {
    let first = summary.violations.iter().find(|violation| violation.invariant == one.name);
    let (state, mut message) = match one.verdict {
        Verdict::Passed => (State::Passed, String::new()),
        Verdict::Failed => (State::Failed, format!("violated {}×", count(one.violations))),
        Verdict::Inconclusive => (State::Skipped, "never judged".to_owned()),
    };
    let mut detail = Vec::new();
    if let Some(first) = first.filter(|_| state == State::Failed) {
        message.push_str(&format!(", first at {}", instant(first.at_ns)));
        message.extend(first.order.map(|order| format!(", order {order}")));
        detail.push(format!("{}: {}", first.key, first.detail));
        detail.extend(first.chain.iter().cloned());
    }
    Case { group: Group::Invariant, name: one.name.clone(), state, message, detail }
}

fn threshold(one: &ThresholdFigures) -> Case {
    let state = match (one.verdict, one.severity) {
        (Verdict::Passed, _) => State::Passed,
        (Verdict::Failed | Verdict::Inconclusive, Severity::Warn) => State::Warned,
        (Verdict::Failed, Severity::Fail) => State::Failed,
        (Verdict::Inconclusive, Severity::Fail) => State::Unsure,
    };
    let mut message = match (&one.reason, margin(one)) {
        (Some(reason), _) => reason.clone(),
        (None, None) => value(one),
        (None, Some(margin)) => format!("{}, {margin}", value(one)),
    };
    if let Some(at_ns) = one.stopped_at_ns {
        message.push_str(&format!("; it stopped the run at {}", instant(at_ns)));
    }
    let condition = vec![format!("{} {}", one.metric, one.expr)];
    let detail = if state == State::Passed { Vec::new() } else { condition };
    Case { group: Group::Threshold, name: one.title(), state, message, detail }
}

fn sometimes(one: &SometimesFigures) -> Case {
    let (state, message) = match one.verdict {
        Verdict::Passed => (State::Passed, format!("{}×", count(one.count))),
        Verdict::Failed | Verdict::Inconclusive => (State::Unsure, "never happened".to_owned()),
    };
    Case { group: Group::Sometimes, name: one.name.clone(), state, message, detail: Vec::new() }
}

fn fault(one: &FaultFigures) -> Case {
    let (state, message) = match one.verdict {
        FaultVerdict::Hit => (State::Passed, format!("struck {}×", count(one.hits))),
        FaultVerdict::NoHit => (State::Unsure, "never struck".to_owned()),
        FaultVerdict::NotApplicable => (State::Skipped, "not applicable".to_owned()),
    };
    Case { group: Group::Fault, name: one.name.clone(), state, message, detail: Vec::new() }
}

/// What else makes a run inconclusive.
fn run(summary: &Summary) -> Vec<Case> {
    let case = |name: &str, fine: bool, message: &str| Case {
        group: Group::Run,
        name: name.to_owned(),
        state: if fine { State::Passed } else { State::Unsure },
        message: if fine { String::new() } else { message.to_owned() },
        detail: Vec::new(),
    };
    let stopped = "it was stopped before its end: everything in here is partial";
    let mut cases = vec![
        case("ran to its end", !summary.aborted, stopped),
        case("orders were started", summary.orders.started > 0, "no order was started"),
    ];
    cases.extend(summary.determinism.as_ref().map(determinism));
    cases.extend(summary.redis.as_ref().map(|redis| {
        let equal = redis.ranking_equal && redis.platform_equal;
        case("Redis holds what was sold", equal, "it holds something else")
    }));
    cases
}

/// Whether the run was the same when it was run again.
fn determinism(found: &Determinism) -> Case {
    let (state, message) = match found.verdict {
        Reproducibility::Reproducible => (State::Passed, String::new()),
        Reproducibility::NotReproducible => {
            (State::Failed, format!("another run: digest {}", found.digest_again))
        }
    };
    let detail = found.parted.as_ref().map_or_else(Vec::new, |parted| {
        let place = format!("input {} at {}", count(parted.event), instant(parted.at_ns));
        vec![place, parted.first.clone(), parted.second.clone()]
    });
    Case { group: Group::Run, name: "the same when run again".to_owned(), state, message, detail }
}
