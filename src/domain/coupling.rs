//! How closely services are tied to each other: derived from the routes and the saga table, so that
//! it is true of the flow that runs.

use super::route::{Route, routes};
use super::saga::{self, Row};
use super::{Coordination, Process, Service, Turn};
use std::collections::BTreeSet;

/// Who has to know whom, to send it something unasked. Customers are left out; an answer goes back
/// to whoever asked, so it needs no knowledge.
#[must_use]
pub fn edges(coordination: Coordination) -> BTreeSet<(Service, Service)> {
    let apart = |route: &Route| route.from != Service::Customer && route.to != Service::Customer;
    let routes = routes(coordination).into_iter();
    let pairs = routes.filter(apart).map(|route| (route.from, route.to));
    pairs.filter(|(from, to)| from != to).collect()
}

/// Who decides how a process goes on: whoever tells others, or itself, what to do or to undo next.
#[must_use]
pub fn deciders(coordination: Coordination) -> BTreeSet<Service> {
    let decides = |route: &Route| {
        route.from != Service::Customer && matches!(route.turn, Turn::Do | Turn::Undo)
    };
    routes(coordination).iter().filter(|route| decides(route)).map(|route| route.from).collect()
}

/// A place in a process where a step could be added, and who would have to change for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// Of which process.
    pub process: Process,
    /// The row before.
    pub before: Row,
    /// The row behind.
    pub behind: Row,
    /// Who changes, besides the service that does the new step: whoever asks for the row behind has
    /// to ask for the new step instead, and whoever asks for the undo of the row before has to ask
    /// for the undo of the new step first.
    pub changes: BTreeSet<Service>,
}

/// Every place between two rows of a process, in the order of the table.
#[must_use]
pub fn gaps(coordination: Coordination) -> Vec<Gap> {
    let routes = routes(coordination);
    let asks = |row: &Row, turn: Turn| -> BTreeSet<Service> {
        let mine = |route: &&Route| (route.step, route.turn) == (row.step, turn);
        let from = routes.iter().filter(mine).map(|route| route.from);
        from.filter(|service| *service != Service::Customer).collect()
    };
    let gap = |process: Process, before: Row, behind: Row| {
        let mut changes = asks(&behind, behind.turn);
        if before.undo_name().is_some() {
            changes.extend(asks(&before, Turn::Undo));
        }
        if coordination == Coordination::Monolith {
            changes = BTreeSet::from([Service::Monolith]);
        }
        Gap { process, before, behind, changes }
    };
    let of_process = |process: Process| {
        let pairs = saga::rows(process).windows(2);
        pairs.map(move |pair| (process, pair[0], pair[1]))
    };
    let places = Process::CHECKOUT.into_iter().flat_map(of_process);
    places.map(|(process, before, behind)| gap(process, before, behind)).collect()
}

/// The fewest services that together see every step of the domains: whom one has to ask to know
/// where an order stands. A service sees what it does itself and what it is answered.
#[must_use]
pub fn watchers(coordination: Coordination) -> Vec<Service> {
    let routes = routes(coordination);
    let sees = |service: Service, row: &Row| {
        let answered = |route: &Route| {
            route.answered()
                && (route.from, route.step, route.turn) == (service, row.step, row.turn)
        };
        match coordination {
            Coordination::Monolith => service == Service::Monolith,
            Coordination::Choreography | Coordination::Orchestration => {
                row.service == service || routes.iter().any(answered)
            }
        }
    };
    let sink = |row: &&Row| !matches!(row.service, Service::Platform | Service::Ranking);
    let rows: Vec<&Row> = saga::table().filter(sink).collect();
    let part: Vec<Service> =
        Service::ALL.into_iter().filter(|service| service.takes_part(coordination)).collect();
    let chosen = |mask: u32| -> Vec<Service> {
        let one = |(at, service): (usize, &Service)| (mask >> at & 1 == 1).then_some(*service);
        part.iter().enumerate().filter_map(one).collect()
    };
    let enough =
        |some: &Vec<Service>| rows.iter().all(|row| some.iter().any(|service| sees(*service, row)));
    let sets = (0..1u32 << part.len()).map(chosen).filter(enough);
    sets.min_by_key(Vec::len).unwrap_or_default()
}
