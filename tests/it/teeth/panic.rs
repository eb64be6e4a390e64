//! An actor that panics ends the run with its name; nothing hangs.

use super::world::{by, paid};
use sagasim::actors::Role;
use sagasim::actors::host::Cast;
use sagasim::domain::{Coordination, Service};
use sagasim::sim::defect::{hears, shows};
use sagasim::sim::engine::{self, Broken, Driver, Options};
use sagasim::sim::plan::Plan;
use std::sync::Arc;

/// Panics at the third thing it hears.
fn panics<I: 'static>(sound: Box<dyn Role<I>>) -> Box<dyn Role<I>> {
    let mut heard_before = 0;
    hears(sound, move |sound, at, heard, input, out| {
        heard_before += 1;
        assert!(heard_before < 3, "a seeded defect");
        sound.receive(at, heard, input, out)
    })
}

fn bend(mut cast: Cast, service: Service) -> Cast {
    match service {
        Service::Product => cast.product = panics(cast.product),
        Service::Order => cast.order = panics(cast.order),
        Service::Coupon => cast.coupon = panics(cast.coupon),
        Service::User => cast.user = panics(cast.user),
        Service::Payment => cast.payment = panics(cast.payment),
        Service::Orchestrator => cast.orchestrator = panics(cast.orchestrator),
        Service::Monolith => cast.monolith = panics(cast.monolith),
        Service::Platform => cast.platform = panics(cast.platform),
        Service::Ranking => cast.ranking = panics(cast.ranking),
        Service::Customer => {}
    }
    cast
}

fn plays(service: Service, coordination: Coordination) -> bool {
    match service {
        Service::Monolith => coordination == Coordination::Monolith,
        Service::Orchestrator => coordination == Coordination::Orchestration,
        Service::Platform | Service::Ranking => true,
        Service::Product | Service::Order | Service::Coupon | Service::User | Service::Payment => {
            coordination != Coordination::Monolith
        }
        Service::Customer => false,
    }
}

#[test]
fn an_actor_that_panics_ends_the_run_and_is_named() {
    for coordination in Coordination::ALL {
        for service in Service::ALL.into_iter().filter(|service| plays(*service, coordination)) {
            let plan = Plan::new(by(coordination, paid()), 7).expect("no file is needed");
            let plan = Arc::new(plan);
            let cast = bend(engine::cast(&plan), service);
            let broken = engine::run(plan, cast, Options::default(), Driver::Actix).map(|_| ());
            let Err(Broken::Panicked { service: named, at_ns }) = broken else {
                panic!("{} panicked, and the run went on", service.name());
            };
            assert_eq!(named, service);
            assert!(at_ns > 0);
        }
    }
}

/// Panics when asked for its books.
fn hides<I: 'static>(sound: Box<dyn Role<I>>) -> Box<dyn Role<I>> {
    shows(sound, |_, _| panic!("a seeded defect"))
}

#[test]
fn an_owner_that_panics_when_audited_is_named() {
    let plan = Arc::new(Plan::new(paid(), 7).expect("no file is needed"));
    let cast = engine::cast(&plan);
    let cast = Cast { user: hides(cast.user), ..cast };
    let broken = engine::run(plan, cast, Options::default(), Driver::Actix).map(|_| ());
    assert!(matches!(broken, Err(Broken::Panicked { service: Service::User, .. })), "{broken:?}");
}
