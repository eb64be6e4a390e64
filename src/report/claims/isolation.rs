//! The claim about isolation: what orders see of each other, and what a countermeasure costs.

use super::{Claim, Experiment, Finding, Judgement, Summary, experiment, p99_ns, row};
use crate::domain::Coordination;
use crate::report::text::units::{count, duration, significant};

/// An anomaly that is counted, and the title of its column.
const SHOWN: [(&str, &str); 6] = [
    ("dirty-read", "dirty reads"),
    ("refused-by-dirty-read", "… and refused"),
    ("fuzzy-read", "fuzzy reads"),
    ("lost-update", "lost updates"),
    ("premature-publication", "premature publications"),
    ("foreign-undo", "foreign undos"),
];
/// What else is shown: the price.
const PRICE: [&str; 4] = ["messages per order", "checkout p99", "requests refused", "violations"];

fn times(run: &Summary, anomaly: &str) -> u64 {
    run.anomalies.get(anomaly).copied().unwrap_or(0)
}

/// Orders and payments that were told no at their first step.
fn refused(run: &Summary) -> u64 {
    let asked = run.processes.iter().filter(|one| matches!(one.name.as_str(), "order" | "payment"));
    asked.map(|one| one.rejected).sum()
}

fn line(name: &str, run: &Summary) -> Vec<String> {
    let orders = run.orders.started.max(1) as f64;
    let per_thousand =
        |(anomaly, _): (&str, &str)| significant(times(run, anomaly) as f64 * 1_000.0 / orders);
    let violations: u64 = run.invariants.iter().map(|one| one.violations).sum();
    let price = [
        significant(run.messages.per_order),
        duration(p99_ns(run, "checkout", "completed")),
        count(refused(run)),
        count(violations),
    ];
    let cells = SHOWN.map(per_thousand).into_iter().chain(price);
    row(name, []).into_iter().chain(cells).collect()
}

fn experiments() -> Vec<Experiment> {
    let pair = |one: Coordination| {
        let coordination = format!("flow.coordination={}", one.name());
        let bare = [&coordination, "protection.semantic_lock=false", "expect.verdict=failed"];
        [experiment("isolation", &[&coordination]), experiment("isolation", &bare)]
    };
    Coordination::ALL.into_iter().flat_map(pair).collect()
}

/// Between services orders see what others take back.
pub(super) fn isolation() -> Claim {
    Claim {
        name: "isolation",
        sentence: "Without transactions that span databases orders see what others take back, and \
                   countermeasures have a price.",
        metric: "Isolation anomalies per 1000 orders, from the rows that handlers note to have read, \
                 under contention: little stock, few balances, refusals late in the flow; each \
                 coordination with the semantic lock (Order reads its state again before it writes) \
                 and without. Confirmed if dirty reads are there in both split flows and not in the \
                 monolith, and if the lock takes all lost updates away.",
        experiments: experiments(),
        judge: |runs| {
            let dirty = |at: usize| times(runs[at], "dirty-read");
            let lost = |at: usize| times(runs[at], "lost-update");
            let cured = [0, 2, 4].into_iter().all(|at| lost(at) == 0);
            let needed = [1, 3, 5].into_iter().any(|at| lost(at) > 0);
            let turned_away = |at: usize| times(runs[at], "refused-by-dirty-read");
            let names = Coordination::ALL.into_iter().flat_map(|one| {
                [one.name().to_owned(), format!("{}, no semantic lock", one.name())]
            });
            Finding {
                result: Judgement::of(&[
                    dirty(0) > 0 && dirty(2) > 0,
                    dirty(4) == 0 && dirty(5) == 0,
                    cured && needed,
                ]),
                figures: format!(
                    "{} dirty reads in choreography, {} in orchestration, {} in the monolith; on {}, \
                     {} and {} of them somebody was refused. Without the semantic lock {}, {} and {} \
                     updates get lost, with it {}. In choreography {} requests are refused with it, and \
                     {} without.",
                    count(dirty(0)),
                    count(dirty(2)),
                    count(dirty(4)),
                    count(turned_away(0)),
                    count(turned_away(2)),
                    count(turned_away(4)),
                    count(lost(1)),
                    count(lost(3)),
                    count(lost(5)),
                    count(lost(0) + lost(2) + lost(4)),
                    count(refused(runs[0])),
                    count(refused(runs[1])),
                ),
                head: ["per 1000 orders"]
                    .into_iter()
                    .chain(SHOWN.map(|(_, title)| title))
                    .chain(PRICE)
                    .map(str::to_owned)
                    .collect(),
                rows: names.zip(runs).map(|(name, run)| line(&name, run)).collect(),
            }
        },
    }
}
