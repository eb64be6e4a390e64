//! Claims about what goes on while something is down.

use super::{Claim, Finding, Judgement, Summary, in_each, latency, per_coordination, row};
use crate::domain::{Coordination, coupling};
use crate::report::summary::{FaultVerdict, PhaseFigures};
use crate::report::text::units::{NONE, duration, percent};

/// What customers want most, and how it ends well.
const WANTED: [(&str, &str); 2] = [("place", "placed"), ("pay", "paid")];
/// What goes on succeeds for so many of those who begin it, …
const MOST: f64 = 0.95;
/// … and takes no longer than so many times as usual.
const USUAL: u64 = 2;

/// What became of the requests of one kind that were begun while something was down.
#[derive(Clone, Copy, Debug)]
struct Meanwhile {
    begun: u64,
    succeeded: u64,
    p50_ns: u64,
    usual_ns: u64,
}

impl Meanwhile {
    fn of(phase: &PhaseFigures, steady: &PhaseFigures, wanted: (&str, &str)) -> Self {
        let (metric, outcome) = wanted;
        let begun = phase.latency.iter().filter(|row| row.metric == metric).map(|row| row.count);
        let median = |phase: &PhaseFigures| {
            latency(&phase.latency, metric, outcome)
                .map_or(0, |row| row.p50_ns.unwrap_or(row.max_ns))
        };
        Meanwhile {
            begun: begun.sum(),
            succeeded: latency(&phase.latency, metric, outcome).map_or(0, |row| row.count),
            p50_ns: median(phase),
            usual_ns: median(steady),
        }
    }

    fn goes_on(&self) -> bool {
        self.begun > 0
            && self.succeeded as f64 >= MOST * self.begun as f64
            && self.p50_ns <= USUAL * self.usual_ns
    }

    fn cell(&self) -> String {
        let share = percent(self.succeeded, self.begun);
        let after = if self.succeeded == 0 { NONE.to_owned() } else { duration(self.p50_ns) };
        if self.goes_on() { format!("**{share}, {after}**") } else { format!("{share}, {after}") }
    }
}

/// Both kinds of requests while this fault lasted; none: the coordination has nothing for it.
fn while_down(summary: &Summary, fault: &str) -> Option<[Meanwhile; 2]> {
    let figures = summary.faults.iter().find(|one| one.name == fault)?;
    if figures.verdict == FaultVerdict::NotApplicable {
        return None;
    }
    let steady = summary.phases.iter().find(|phase| phase.kind == "steady")?;
    let during = |phase: &&PhaseFigures| phase.kind == "during" && phase.faults == [fault];
    let phase = summary.phases.iter().find(during)?;
    Some(WANTED.map(|wanted| Meanwhile::of(phase, steady, wanted)))
}

/// What goes on while this fault lasts.
fn goes_on(summary: &Summary, fault: &str) -> Option<usize> {
    let both = while_down(summary, fault)?;
    Some(both.iter().filter(|one| one.goes_on()).count())
}

fn completed(summary: &Summary) -> String {
    percent(summary.orders.completed, summary.orders.started)
}

/// Services are deployed or killed one by one while the others go on.
pub(super) fn one_by_one() -> Claim {
    Claim {
        name: "one-by-one",
        sentence: "Services can be deployed, or die, one by one while the others go on.",
        metric: "Of the orders and payments that customers begin while one service is down for 5 s: \
                 how many succeed, and their median latency. **Bold** goes on: 95 % or more succeed, \
                 in at most twice the usual median. Confirmed if no service takes everything with it.",
        experiments: in_each("one-by-one"),
        judge: |runs| {
            let faults: Vec<&str> = runs[0].faults.iter().map(|one| one.name.as_str()).collect();
            let outages = |run: &Summary| -> Vec<(usize, String)> {
                let outage = |fault: &&str| {
                    let service = fault.trim_end_matches(" is down").to_owned();
                    goes_on(run, fault).map(|many| (many, service))
                };
                faults.iter().filter_map(outage).collect()
            };
            let unharmed = |run: &Summary| outages(run).iter().all(|(many, _)| *many > 0);
            let harmless = |run: &Summary| outages(run).iter().any(|(many, _)| *many > 0);
            let fatal = |run: &Summary| -> String {
                let all = outages(run);
                let fatal: Vec<&str> = all
                    .iter()
                    .filter(|(many, _)| *many == 0)
                    .map(|(_, service)| service.as_str())
                    .collect();
                if fatal.is_empty() { "nothing".to_owned() } else { fatal.join(", ") }
            };
            let mut rows = Vec::new();
            for fault in &faults {
                let cells = |at: usize| {
                    let cell = |run: &&Summary| {
                        while_down(run, fault).map_or(NONE.to_owned(), |both| both[at].cell())
                    };
                    runs.iter().map(cell).collect::<Vec<_>>()
                };
                for (at, (metric, _)) in WANTED.iter().enumerate() {
                    rows.push([vec![format!("{fault}: {metric}")], cells(at)].concat());
                }
            }
            let all = [
                vec!["orders completed in the end".to_owned()],
                runs.iter().map(|run| completed(run)).collect(),
            ]
            .concat();
            rows.push(all);
            Finding {
                result: Judgement::of(&[unharmed(runs[0]), unharmed(runs[1]), harmless(runs[0])]),
                figures: format!(
                    "Neither placing nor paying goes on without: {} (choreography); {} \
                     (orchestration); {} (monolith). No invariant is violated in any of them.",
                    fatal(runs[0]),
                    fatal(runs[1]),
                    fatal(runs[2]),
                ),
                head: per_coordination("while"),
                rows,
            }
        },
    }
}

/// A central failure stops everything.
pub(super) fn central_failure() -> Claim {
    Claim {
        name: "central-failure",
        sentence: "Orchestration is easy to manage and to see, but a failure of its centre stops \
                   everything, and it couples the services.",
        metric: "Who decides how the flow goes on, and whom one asks where an order stands (from the \
                 routes); what goes on while the centre is down, and how many orders are completed \
                 although each service is down once. Confirmed if one service decides and sees, \
                 nothing goes on without it, and with each service down once, the centre included, \
                 fewer orders are completed than in choreography.",
        experiments: in_each("one-by-one"),
        judge: |runs| {
            let names = |services: Vec<crate::domain::Service>| -> String {
                services.iter().map(|service| service.name()).collect::<Vec<_>>().join(", ")
            };
            let share =
                |run: &Summary| run.orders.completed as f64 / run.orders.started.max(1) as f64;
            let [choreography, orchestration, monolith] = Coordination::ALL;
            let deciders = |one| names(coupling::deciders(one).into_iter().collect());
            let watchers = |one| names(coupling::watchers(one));
            let central = |run: &Summary, fault: &str| {
                goes_on(run, fault).map_or(NONE.to_owned(), |many| format!("{many} of 2"))
            };
            let stops = goes_on(runs[1], "orchestrator is down") == Some(0);
            let sees = coupling::watchers(orchestration).len() == 1
                && coupling::deciders(orchestration).len() == 1;
            let couples = share(runs[1]) < share(runs[0]);
            Finding {
                result: Judgement::of(&[stops, sees, couples]),
                figures: format!(
                    "In orchestration {} decides, and {} sees every step; while it is down {} of \
                     placing and paying go on. With each service down once, {} of the orders are \
                     completed, in choreography {}: a command is given up after its last attempt, an \
                     event waits for its receiver.",
                    deciders(orchestration),
                    watchers(orchestration),
                    central(runs[1], "orchestrator is down"),
                    completed(runs[1]),
                    completed(runs[0]),
                ),
                head: per_coordination(""),
                rows: vec![
                    row(
                        "decide",
                        [deciders(choreography), deciders(orchestration), "monolith".to_owned()],
                    ),
                    row(
                        "to ask",
                        [watchers(choreography), watchers(orchestration), watchers(monolith)],
                    ),
                    row(
                        "goes on without the centre",
                        [
                            format!("{} (order)", central(runs[0], "order is down")),
                            format!("{} (orchestrator)", central(runs[1], "orchestrator is down")),
                            format!("{} (monolith)", central(runs[2], "monolith is down")),
                        ],
                    ),
                    row(
                        "orders completed in the end",
                        [completed(runs[0]), completed(runs[1]), completed(runs[2])],
                    ),
                ],
            }
        },
    }
}
