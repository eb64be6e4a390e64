//! Claims about who knows whom.

use super::{Claim, Finding, Judgement, in_each, per_coordination, row};
use crate::domain::coupling::{Gap, deciders, edges, gaps, watchers};
use crate::domain::{Coordination, Service};
use crate::report::text::units::{percent, significant};
use std::collections::BTreeSet;

/// The services that own the state of the flow.
const DOMAINS: [Service; 5] =
    [Service::Product, Service::Order, Service::Coupon, Service::User, Service::Payment];

fn names(services: impl IntoIterator<Item = Service>) -> String {
    let names: Vec<&str> = services.into_iter().map(Service::name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Of the edges those between two domains.
fn between_domains(coordination: Coordination) -> usize {
    let both = |(from, to): &(Service, Service)| DOMAINS.contains(from) && DOMAINS.contains(to);
    edges(coordination).iter().filter(|edge| both(edge)).count()
}

/// How many services the one that knows most has to know.
fn most_known(coordination: Coordination) -> String {
    let edges = edges(coordination);
    let knows = |service: Service| edges.iter().filter(|(from, _)| *from == service).count();
    let most = Service::ALL.into_iter().max_by_key(|service| knows(*service));
    most.map_or(String::new(), |service| format!("{} ({})", knows(service), service.name()))
}

/// Mean number of services that change with a new step.
fn mean_changes(gaps: &[Gap]) -> f64 {
    gaps.iter().map(|gap| gap.changes.len()).sum::<usize>() as f64 / gaps.len().max(1) as f64
}

/// Who changes at one place or another.
fn ever_changed(gaps: &[Gap]) -> BTreeSet<Service> {
    gaps.iter().flat_map(|gap| gap.changes.iter().copied()).collect()
}

/// What is paid in knowledge.
pub(super) fn knowledge() -> Claim {
    Claim {
        name: "knowledge",
        sentence: "The price of splitting, in knowledge: services have to know each other, and a new \
                   step changes more than the service that does it.",
        metric: "From the routes and the saga table, which the runs follow message by message: \
                 ordered pairs of services of which one sends to the other; for each place between \
                 two steps of a process, who has to change for a step that is put there, besides \
                 the service that does it. Confirmed if both are more than in the monolith, in both \
                 coordinations.",
        experiments: in_each("choreography-versus-orchestration"),
        judge: |_| {
            let [choreography, orchestration, monolith] = Coordination::ALL;
            let edge = |one| edges(one).len();
            let change = |one| mean_changes(&gaps(one));
            let each = |of: &dyn Fn(Coordination) -> String| Coordination::ALL.map(of);
            let more =
                |one: Coordination| [edge(one) > edge(monolith), change(one) > change(monolith)];
            let [c, o] = [more(choreography), more(orchestration)];
            Finding {
                result: Judgement::of(&[c[0], c[1], o[0], o[1]]),
                figures: format!(
                    "{} pairs know each other in choreography, {} in orchestration, {} in the \
                     monolith. A new step changes {} services on the average in choreography ({}), and {} \
                     in orchestration ({}).",
                    edge(choreography),
                    edge(orchestration),
                    edge(monolith),
                    significant(change(choreography)),
                    names(ever_changed(&gaps(choreography))),
                    significant(change(orchestration)),
                    names(ever_changed(&gaps(orchestration))),
                ),
                head: per_coordination(""),
                rows: vec![
                    row("who-knows-whom edges", each(&|one| edge(one).to_string())),
                    row("of them between domains", each(&|one| between_domains(one).to_string())),
                    row("most known by one service", each(&most_known)),
                    row("places for a new step", each(&|one| gaps(one).len().to_string())),
                    row("services changed by it, mean", each(&|one| significant(change(one)))),
                    row(
                        "… at most",
                        each(&|one| {
                            let most = gaps(one).iter().map(|gap| gap.changes.len()).max();
                            most.unwrap_or(0).to_string()
                        }),
                    ),
                    row("… at one place or another", each(&|one| names(ever_changed(&gaps(one))))),
                ],
            }
        },
    }
}

/// Choreography is loosely coupled and hard to see.
pub(super) fn hard_to_see() -> Claim {
    Claim {
        name: "hard-to-see",
        sentence: "Choreography couples the services loosely, but the flow is hard to see.",
        metric: "Loose in time: orders completed although each service is down once. Loose in \
                 knowledge: pairs of domains that know each other. Seen: the fewest services that \
                 together see every step, whom one has to ask where an order stands. Confirmed if \
                 choreography is looser than orchestration in both, and more have to be asked.",
        experiments: in_each("one-by-one"),
        judge: |runs| {
            let [choreography, orchestration, _] = Coordination::ALL;
            let share = |at: usize| {
                runs[at].orders.completed as f64 / runs[at].orders.started.max(1) as f64
            };
            let each = |of: &dyn Fn(Coordination) -> String| Coordination::ALL.map(of);
            let asked = |one| watchers(one).len();
            let completed = |at: usize| percent(runs[at].orders.completed, runs[at].orders.started);
            Finding {
                result: Judgement::of(&[
                    share(0) > share(1),
                    between_domains(choreography) < between_domains(orchestration),
                    asked(choreography) > asked(orchestration),
                ]),
                figures: format!(
                    "Seen: {} services have to be asked where an order stands, {} in orchestration. In \
                     time: {} of the orders are completed although each service is down once, \
                     against {}. In knowledge: {} pairs of domains know each other, against {}.",
                    asked(choreography),
                    asked(orchestration),
                    completed(0),
                    completed(1),
                    between_domains(choreography),
                    between_domains(orchestration),
                ),
                head: per_coordination(""),
                rows: vec![
                    row("to ask where an order stands", each(&|one| names(watchers(one)))),
                    row(
                        "services that decide how it goes on",
                        each(&|one| deciders(one).len().to_string()),
                    ),
                    row(
                        "pairs of domains that know each other",
                        each(&|one| between_domains(one).to_string()),
                    ),
                    row(
                        "orders completed, each service down once",
                        [completed(0), completed(1), completed(2)],
                    ),
                ],
            }
        },
    }
}
