//! Names a scenario may use for what it expects, and "did you mean …?".

use crate::domain::Step;

/// The invariants a run is judged by, in the order reports show them: first those that hold at
/// every instant, then those that hold at rest.
pub const INVARIANTS: [&str; 22] = [
    "stock-never-negative",
    "stock-conserved",
    "balance-never-negative",
    "money-conserved",
    "coupon-used-at-most-once",
    "coupon-issue-within-limit",
    "charged-at-most-once",
    "refund-within-charge",
    "undo-follows-its-effect",
    "undo-in-reverse-order",
    "order-state-machine",
    "nothing-published-before-pivot",
    "every-order-terminal",
    "nothing-held",
    "completed-means-paid-once",
    "undone-left-no-trace",
    "coupon-used-iff-completed",
    "ranking-equals-sales",
    "platform-got-each-completed-once",
    "no-leaked-lock-timer-call-or-row",
    "client-told-the-truth",
    "amounts-as-planned",
];

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
pub(super) fn advice(name: &str, known: &[&str]) -> String {
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
