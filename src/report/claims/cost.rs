//! Claims about what splitting costs, and what it spares.

use super::{
    Claim, Experiment, Finding, Judgement, Summary, experiment, in_each, latency, p99_ns,
    per_coordination, row,
};
use crate::domain::Service;
use crate::report::summary::{ServiceFigures, StepFigures, UndoLag};
use crate::report::text::units::{NONE, count, duration, percent, signed, significant};

const EQUAL_LUCK: &str = "choreography-versus-orchestration";

/// A cell for each run.
fn each(runs: &[&Summary], cell: impl Fn(&Summary) -> String) -> [String; 3] {
    std::array::from_fn(|at| runs.get(at).map_or_else(String::new, |run| cell(run)))
}

fn mean_ns(summary: &Summary, metric: &str, outcome: &str) -> u64 {
    latency(&summary.latency, metric, outcome).map_or(0, |row| row.mean_ns)
}

fn share(value: f64) -> String {
    format!("{}%", significant(value * 100.0))
}

/// The same customers, the same luck: the same books.
pub(super) fn equal_luck() -> Claim {
    Claim {
        name: "equal-luck",
        sentence: "Who coordinates the flow changes what it costs, not how it ends.",
        metric: "Orders by outcome and the books at the end, on equal luck: the same customers, \
                 baskets, refusals, network and service times, by key. Confirmed if all three are \
                 equal and nothing is violated.",
        experiments: in_each(EQUAL_LUCK),
        judge: |runs| {
            let books = |run: &Summary| (run.orders.clone(), run.books.clone());
            let equal = runs.iter().all(|run| books(run) == books(runs[0]));
            let sound = runs.iter().all(|run| run.violations.is_empty());
            let orders = &runs[0].orders;
            let ended = |of: fn(&Summary) -> u64| each(runs, |run| count(of(run)));
            Finding {
                result: Judgement::of(&[equal, sound]),
                figures: format!(
                    "Of {} orders {} are completed in choreography, {} in orchestration and {} in the \
                     monolith; outcomes, stock, money and coupons are {}.",
                    count(orders.started),
                    count(orders.completed),
                    count(runs[1].orders.completed),
                    count(runs[2].orders.completed),
                    if equal { "equal in all three" } else { "not equal" },
                ),
                head: per_coordination(""),
                rows: vec![
                    row("completed", ended(|run| run.orders.completed)),
                    row("… refunded later", ended(|run| run.orders.refunded)),
                    row("compensated", ended(|run| run.orders.compensated)),
                    row("cancelled", ended(|run| run.orders.cancelled)),
                    row("expired", ended(|run| run.orders.expired)),
                    row("units sold", each(runs, |run| signed(run.books.stock.sold))),
                    row("revenue", each(runs, |run| signed(run.books.money.revenue))),
                    row("coupons used", each(runs, |run| signed(run.books.coupons.used))),
                    row(
                        "checkout p50",
                        each(runs, |run| {
                            let checkout = latency(&run.latency, "checkout", "completed");
                            checkout.and_then(|row| row.p50_ns).map_or(NONE.to_owned(), duration)
                        }),
                    ),
                    row(
                        "checkout p99",
                        each(runs, |run| duration(p99_ns(run, "checkout", "completed"))),
                    ),
                ],
            }
        },
    }
}

/// The services of the flow, without the sinks.
fn inner(run: &Summary) -> impl Iterator<Item = &ServiceFigures> {
    let sinks = [Service::Platform, Service::Ranking].map(Service::name);
    run.services.iter().filter(move |one| !sinks.contains(&one.name.as_str()))
}

/// Only the hot service has to be scaled.
pub(super) fn scale_out() -> Claim {
    let run = |settings: &[&str]| experiment("scale-out", settings);
    Claim {
        name: "scale-out",
        sentence: "Only the hot service has to be scaled, not the whole.",
        metric: "p99 of the checkout before and after 6 workers more: at Payment alone, or in a \
                 monolith, where each worker carries all five domains. Confirmed if Payment's are \
                 enough (a tenth of the p99, and nobody else waits longer than 5 ms), and a monolith \
                 with as many workers is no faster.",
        experiments: vec![
            run(&["service.payment.workers=4"]),
            run(&[]),
            run(&["flow.coordination=monolith", "service.monolith.workers=10"]),
            run(&["flow.coordination=monolith"]),
        ],
        judge: |runs| {
            let p99 = |at: usize| p99_ns(runs[at], "checkout", "completed");
            let workers =
                |at: usize| inner(runs[at]).map(|one| u64::from(one.workers)).sum::<u64>();
            let cool = inner(runs[1]).filter(|one| one.name != "payment");
            let others_ns = cool.map(|one| one.wait_mean_ns).max().unwrap_or(0);
            let enough = p99(1) * 10 <= p99(0) && others_ns <= 5_000_000;
            let line = |name: &str, at: usize, hot: &str, domains: u64| {
                let (many, hot) = (workers(at), inner(runs[at]).find(|one| one.name == hot));
                let wait = hot.map_or(NONE.to_owned(), |one| duration(one.wait_mean_ns));
                row(name, [count(many), count(many * domains), wait, duration(p99(at))])
            };
            Finding {
                result: Judgement::of(&[enough, p99(1) <= p99(3)]),
                figures: format!(
                    "6 workers more at Payment alone bring the p99 from {} to {}; a monolith with 6 \
                     more comes from {} to {}. Each of its workers carries five domains: \
                     {} copies of a domain run instead of {}.",
                    duration(p99(0)),
                    duration(p99(1)),
                    duration(p99(2)),
                    duration(p99(3)),
                    count(workers(3) * 5),
                    count(workers(1)),
                ),
                head: [
                    "",
                    "workers",
                    "copies of a domain",
                    "mean wait where it is hot",
                    "checkout p99",
                ]
                .map(str::to_owned)
                .into(),
                rows: vec![
                    line("split, 4 at Payment", 0, "payment", 1),
                    line("split, 10 at Payment", 1, "payment", 1),
                    line("monolith", 2, "monolith", 5),
                    line("monolith, 6 more", 3, "monolith", 5),
                ],
            }
        },
    }
}

/// What each database does: commits, and the time they take.
struct Traffic {
    name: String,
    commits: f64,
    busy_ns: f64,
}

/// Per started order, without the sinks, which are no database of the flow.
fn traffic(run: &Summary) -> Vec<Traffic> {
    let orders = run.orders.started.max(1) as f64;
    let one = |one: &ServiceFigures| Traffic {
        name: one.name.clone(),
        commits: one.handled as f64 / orders,
        busy_ns: one.handled as f64 * one.service_mean_ns as f64 / orders,
    };
    inner(run).map(one).collect()
}

fn busiest(run: &Summary) -> f64 {
    traffic(run).iter().map(|one| one.busy_ns).fold(0.0, f64::max)
}

/// A database for each service.
pub(super) fn database_traffic() -> Claim {
    Claim {
        name: "database-traffic",
        sentence: "Each service has its own database, so that the traffic is spread.",
        metric: "Commits per order of each database, and the time it works for them; the data \
                 platform and the ranking are the same everywhere and left out. Confirmed if the \
                 busiest of the split databases works less per order than the one of the monolith.",
        experiments: in_each(EQUAL_LUCK),
        judge: |runs| {
            let commits = |run: &Summary| traffic(run).iter().map(|one| one.commits).sum::<f64>();
            let cell = |run: &Summary, name: &str| {
                let found = traffic(run).into_iter().find(|one| one.name == name);
                found.map_or(NONE.to_owned(), |one| {
                    format!("{}, {}", significant(one.commits), duration(one.busy_ns as u64))
                })
            };
            let parts = Service::ALL.into_iter().filter(|service| {
                runs.iter().any(|run| traffic(run).iter().any(|one| one.name == service.name()))
            });
            let mut rows: Vec<Vec<String>> = parts
                .map(|service| row(service.name(), each(runs, |run| cell(run, service.name()))))
                .collect();
            rows.push(row("all, commits", each(runs, |run| significant(commits(run)))));
            rows.push(row("busiest", each(runs, |run| duration(busiest(run) as u64))));
            Finding {
                result: Judgement::of(&[
                    busiest(runs[0]) < busiest(runs[2]),
                    busiest(runs[1]) < busiest(runs[2]),
                ]),
                figures: format!(
                    "The busiest database works {} per order in choreography, {} in orchestration, \
                     and {} in the monolith; it takes {} commits an order instead of {}, in \
                     orchestration {} with the saga log.",
                    duration(busiest(runs[0]) as u64),
                    duration(busiest(runs[1]) as u64),
                    duration(busiest(runs[2]) as u64),
                    significant(commits(runs[0])),
                    significant(commits(runs[2])),
                    significant(commits(runs[1])),
                ),
                head: per_coordination("commits, time per order"),
                rows,
            }
        },
    }
}

/// What is paid in messages.
pub(super) fn messages() -> Claim {
    Claim {
        name: "messages",
        sentence: "The price of splitting, in messages: calls become traffic on a network.",
        metric: "Messages per order, and the share of a completed checkout's latency that is spent on \
                 the network, on equal luck. Confirmed if both are more than in the monolith, in both \
                 coordinations.",
        experiments: in_each(EQUAL_LUCK),
        judge: |runs| {
            let checkout = |run: &Summary| latency(&run.latency, "checkout", "completed").cloned();
            let network = |run: &Summary| checkout(run).map_or(0.0, |row| row.parts.network.share);
            let sent = |run: &Summary| run.messages.per_order;
            let more =
                |at: usize| [sent(runs[at]) > sent(runs[2]), network(runs[at]) > network(runs[2])];
            let [c, o] = [more(0), more(1)];
            let part = |run: &Summary| {
                checkout(run).map_or(NONE.to_owned(), |row| duration(row.parts.network.mean_ns))
            };
            Finding {
                result: Judgement::of(&[c[0], c[1], o[0], o[1]]),
                figures: format!(
                    "{} messages an order in choreography and {} in orchestration instead of {}; \
                     {} and {} of a checkout's time go to the network instead of {}.",
                    significant(sent(runs[0])),
                    significant(sent(runs[1])),
                    significant(sent(runs[2])),
                    share(network(runs[0])),
                    share(network(runs[1])),
                    share(network(runs[2])),
                ),
                head: per_coordination(""),
                rows: vec![
                    row("messages per order", each(runs, |run| significant(sent(run)))),
                    row("network, share of a checkout", each(runs, |run| share(network(run)))),
                    row("network, mean", each(runs, part)),
                    row(
                        "checkout, mean",
                        each(runs, |run| duration(mean_ns(run, "checkout", "completed"))),
                    ),
                ],
            }
        },
    }
}

/// The commit that takes stock: of Product alone, or the whole order of a monolith.
fn takes_stock(run: &Summary) -> Option<&StepFigures> {
    run.steps.iter().find(|one| {
        one.process == "order"
            && one.step == "deduct-stock"
            && matches!(one.direction.as_str(), "do" | "ask")
            && one.service != "orchestrator"
    })
}

/// Undos of what failed on the way, not of what customers took back.
fn undone(run: &Summary) -> Vec<&UndoLag> {
    let own = |lag: &&UndoLag| matches!(lag.undo.as_str(), "order" | "payment");
    run.inconsistency.undo_lag.iter().filter(own).collect()
}

/// No transaction and no lock spans databases.
pub(super) fn locks() -> Claim {
    let hot = |settings: &[&str]| experiment("hot-row", settings);
    let spread = "products.count=1000";
    let monolith = "flow.coordination=monolith";
    let mut experiments =
        vec![hot(&[]), hot(&[spread]), hot(&[monolith]), hot(&[monolith, spread])];
    experiments.extend(in_each(EQUAL_LUCK));
    Claim {
        name: "locks",
        sentence: "Transactions, rollbacks and locks no longer span databases.",
        metric: "How long the commit that takes stock keeps its row, and how long it waits for it when \
                 everybody wants the same product; and, on equal luck, how often something was taken, \
                 seen by others, and given back, because its own process failed. Confirmed if the \
                 split flow waits less for the row; it depends if that is paid for with visible undos.",
        experiments,
        judge: |runs| {
            let held = |at: usize| takes_stock(runs[at]).map_or(0, |step| step.service_mean_ns);
            // The same times are drawn for both: what the hot one takes longer, it waits.
            let waits = |at: usize| held(at).saturating_sub(held(at + 1));
            let seen = |at: usize| undone(runs[at]).iter().map(|lag| lag.count).sum::<u64>();
            let longest = |at: usize| undone(runs[at]).iter().map(|lag| lag.max_ns).max();
            let line = |name: &str, at: usize| {
                row(
                    name,
                    [
                        duration(held(at + 1)),
                        duration(waits(at)),
                        duration(p99_ns(runs[at], "place", "placed")),
                        duration(p99_ns(runs[at + 1], "place", "placed")),
                    ],
                )
            };
            let lag = |name: &str, at: usize| {
                let lag = longest(at).map_or(NONE.to_owned(), duration);
                row(name, [count(seen(at)), lag, String::new(), String::new()])
            };
            let titles = ["", "row kept", "waits for it", "place p99", "… other rows"];
            let second = ["**on equal luck**", "undone, seen by others", "longest", "", ""];
            Finding {
                result: Judgement::of(&[waits(0) < waits(2), seen(4) + seen(5) <= seen(6)]),
                figures: format!(
                    "A row is kept for {} instead of {}, and waited for {} instead of {} when \
                     everybody wants it. In return {} times something was taken, visible to others, \
                     and given back up to {} later (orchestration: {} times, {}); in the monolith {} \
                     times.",
                    duration(held(1)),
                    duration(held(3)),
                    duration(waits(0)),
                    duration(waits(2)),
                    count(seen(4)),
                    longest(4).map_or(NONE.to_owned(), duration),
                    count(seen(5)),
                    longest(5).map_or(NONE.to_owned(), duration),
                    count(seen(6)),
                ),
                head: titles.map(str::to_owned).into(),
                rows: vec![
                    line("choreography", 0),
                    line("monolith", 2),
                    second.map(str::to_owned).into(),
                    lag("choreography", 4),
                    lag("orchestration", 5),
                    lag("monolith", 6),
                ],
            }
        },
    }
}

/// The design without what it leaves out leaks.
pub(super) fn design_as_written() -> Claim {
    let whole = ["flow.omit=[]", "expect.verdict=passed", "expect.violated=[]"];
    let runs: Vec<Experiment> =
        vec![experiment("design-as-written", &[]), experiment("design-as-written", &whole)];
    Claim {
        name: "design-as-written",
        sentence: "The flow as it was first written undoes everything that fails.",
        metric: "The same customers and luck with the flow as written (the coupon is never given \
                 back, nothing expires, a failed amount undoes nothing), and with all its undos: what \
                 is held or used without a sale at the end. Confirmed if the first leaks nothing.",
        experiments: runs,
        judge: |runs| {
            let violated =
                |run: &Summary| run.invariants.iter().filter(|one| one.violations > 0).count();
            let cells = |of: &dyn Fn(&Summary) -> String| [of(runs[0]), of(runs[1])];
            let leaked = runs[0].books.coupons.used - runs[1].books.coupons.used;
            let clean = runs[0].books.stock.held == 0 && runs[0].orders.stuck == 0 && leaked == 0;
            Finding {
                result: Judgement::of(&[clean]),
                figures: format!(
                    "As written {} invariants break: {} orders are stuck, {} units stay held, and {} \
                     more coupons are used than with all undos. With them {} invariants break.",
                    violated(runs[0]),
                    count(runs[0].orders.stuck),
                    signed(runs[0].books.stock.held),
                    signed(leaked),
                    violated(runs[1]),
                ),
                head: ["", "as written", "with all undos"].map(str::to_owned).into(),
                rows: vec![
                    row("orders", cells(&|run| count(run.orders.started))),
                    row("completed", cells(&|run| count(run.orders.completed))),
                    row("stuck", cells(&|run| percent(run.orders.stuck, run.orders.started))),
                    row("units held at the end", cells(&|run| signed(run.books.stock.held))),
                    row("money held at the end", cells(&|run| signed(run.books.money.held))),
                    row("coupons used", cells(&|run| signed(run.books.coupons.used))),
                    row("invariants violated", cells(&|run| violated(run).to_string())),
                ],
            }
        },
    }
}
