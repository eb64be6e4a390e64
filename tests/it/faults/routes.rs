//! The map of messages against what a spy sees.

use crate::positions::worlds;
use crate::world::{Hop, all, small, watched};
use sagasim::domain::route::{Route, routes};
use sagasim::domain::{Coordination, Step, Transport, Turn};
use sagasim::sim::scenario::Scenario;
use std::collections::BTreeSet;

/// What the spy sees in every small world, timers and answers left out.
fn seen(coordination: Coordination) -> BTreeSet<Route> {
    let mut found = BTreeSet::new();
    let mut worlds: Vec<Scenario> =
        worlds(coordination).into_iter().map(|(_, scenario)| scenario).collect();
    let mut plain = small(coordination);
    (plain.basket.coupon_rate, plain.customers.intents) = (0.0, all("pay-then-refund"));
    worlds.push(plain);
    for scenario in worlds {
        let (_, seen) = watched(&scenario, &[]);
        let hops = seen.iter().flat_map(|seen| std::iter::once(&seen.heard).chain(&seen.sent));
        let sent = hops.filter(|hop| !matches!(hop.transport, Transport::Reply | Transport::Timer));
        found.extend(sent.map(|hop: &Hop| Route {
            from: hop.from,
            to: hop.to,
            step: hop.key.step(),
            turn: hop.key.turn(),
            transport: hop.transport,
        }));
    }
    found
}

#[test]
fn every_message_of_a_run_is_on_the_map() {
    for coordination in Coordination::ALL {
        let map: BTreeSet<Route> = routes(coordination).into_iter().collect();
        let off: Vec<Route> = seen(coordination).difference(&map).copied().collect();
        assert_eq!(off, [], "{coordination:?}");
    }
}

#[test]
fn every_message_of_the_checkout_on_the_map_is_sent() {
    let duty = |route: &Route| {
        matches!(
            route.step,
            Step::TopUp
                | Step::IssueCoupon
                | Step::ListCoupons
                | Step::ListProducts
                | Step::ChangePrice
                | Step::PopularProducts
        )
    };
    for coordination in Coordination::ALL {
        let seen = seen(coordination);
        let missing: Vec<Route> = routes(coordination)
            .into_iter()
            .filter(|route| !duty(route) && !seen.contains(route))
            // Words are known by the step their process begins with.
            .filter(|route| route.turn != Turn::Said)
            .collect();
        assert_eq!(missing, [], "{coordination:?}");
    }
}
