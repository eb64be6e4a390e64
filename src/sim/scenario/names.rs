//! Names a scenario may use for what it expects, and "did you mean …?".

use crate::domain::Step;
use crate::sim::check::Law;

/// The invariants a run is judged by, in the order reports show them: first those that hold at
/// every instant, then those that hold at rest.
pub const INVARIANTS: [&str; Law::ALL.len()] = {
    let mut names = [""; Law::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Law::ALL[at].name();
        at += 1;
    }
    names
};

/// What `[expect] sometimes` may name besides steps and their undos.
const HAPPENINGS: [&str; 9] = [
    "completed",
    "rejected",
    "compensated",
    "cancelled",
    "expired",
    "refunded",
    "retry",
    "queue-full",
    "payment-failed",
];

/// Everything `[expect] sometimes` may name: steps, undo steps, outcomes, `retry`, `queue-full`,
/// `payment-failed`.
#[must_use]
pub fn sometimes() -> Vec<&'static str> {
    let steps = Step::ALL.iter().map(|step| step.name());
    let undos = Step::ALL.iter().filter_map(|step| step.undo_name());
    steps.chain(undos).chain(HAPPENINGS).collect()
}

/// Advice for a name that is not known: the known name it is nearest to, or all of them.
pub(in crate::sim) fn advice(name: &str, known: &[&str]) -> String {
    match closest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The known name that is so near that it was probably meant.
pub(super) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    known
        .iter()
        .map(|candidate| {
            let plain = candidate.replace('_', "-");
            (strsim::damerau_levenshtein(&name, &plain), *candidate)
        })
        .min()
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .map(|(_, candidate)| candidate)
}
