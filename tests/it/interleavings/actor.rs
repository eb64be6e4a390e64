//! The actors as values, so that two moments can be compared: the very participants that the
//! engine hosts, called directly.

use sagasim::actors::choreography::Heard;
use sagasim::actors::{
    Coupons, Orchestrator, Orders, Participant, Payments, Platform, Products, Ranking, Role, Users,
};
use sagasim::domain::{At, Audited, Body, Envelope, Outbox, Service};
use sagasim::sim::engine;
use sagasim::sim::plan::Plan;

/// One actor, as it is at a moment.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Actor {
    Product(Participant<Products>),
    Order(Participant<Orders>),
    Coupon(Participant<Coupons>),
    User(Participant<Users>),
    Payment(Participant<Payments>),
    Orchestrator(Orchestrator),
    Platform(Participant<Platform>),
    Ranking(Participant<Ranking>),
}

/// The same for whichever actor it is.
macro_rules! whichever {
    ($actor:expr, $role:ident => $then:expr) => {
        match $actor {
            Actor::Product($role) => $then,
            Actor::Order($role) => $then,
            Actor::Coupon($role) => $then,
            Actor::User($role) => $then,
            Actor::Payment($role) => $then,
            Actor::Orchestrator($role) => $then,
            Actor::Platform($role) => $then,
            Actor::Ranking($role) => $then,
        }
    };
}

impl Actor {
    /// How many there are.
    pub(super) const COUNT: usize = 8;

    /// Where a service stands among all actors.
    pub(super) fn seat(service: Service) -> usize {
        match service {
            Service::Product => 0,
            Service::Order => 1,
            Service::Coupon => 2,
            Service::User => 3,
            Service::Payment => 4,
            Service::Orchestrator => 5,
            Service::Platform => 6,
            Service::Ranking => 7,
            Service::Monolith | Service::Customer => panic!("{service:?} is no actor here"),
        }
    }

    /// All of them in their opening state, by seat.
    pub(super) fn cast(plan: &Plan) -> [Actor; Actor::COUNT] {
        let (domains, rules) = (engine::open(plan), engine::rules(plan));
        [
            Actor::Product(Participant::new(domains.products, rules)),
            Actor::Order(Participant::new(domains.orders, rules)),
            Actor::Coupon(Participant::new(domains.coupons, rules)),
            Actor::User(Participant::new(domains.users, rules)),
            Actor::Payment(Participant::new(domains.payments, rules)),
            Actor::Orchestrator(Orchestrator::new(rules)),
            Actor::Platform(Participant::new(Platform::default(), rules)),
            Actor::Ranking(Participant::new(Ranking::default(), rules)),
        ]
    }

    /// Hands it a message.
    pub(super) fn receive(&mut self, at: At, envelope: Envelope, out: &mut Outbox) {
        let Envelope { key, from, transport, body } = envelope;
        let heard = Heard { from, key, transport };
        match (self, body) {
            (Actor::Product(actor), Body::Product(input)) => actor.receive(at, &heard, input, out),
            (Actor::Order(actor), Body::Order(input)) => actor.receive(at, &heard, input, out),
            (Actor::Coupon(actor), Body::Coupon(input)) => actor.receive(at, &heard, input, out),
            (Actor::User(actor), Body::User(input)) => actor.receive(at, &heard, input, out),
            (Actor::Payment(actor), Body::Payment(input)) => actor.receive(at, &heard, input, out),
            (Actor::Orchestrator(actor), Body::Orchestrator(input)) => {
                actor.receive(at, &heard, input, out)
            }
            (Actor::Platform(actor), Body::Platform(input)) => {
                actor.receive(at, &heard, input, out)
            }
            (Actor::Ranking(actor), Body::Ranking(input)) => actor.receive(at, &heard, input, out),
            (_, body) => panic!("{body:?} went to the wrong actor"),
        };
    }

    /// It crashes: what is not durable is gone.
    pub(super) fn crash(&mut self) {
        whichever!(self, actor => actor.crash());
    }

    /// Its own books.
    pub(super) fn audit(&self, say: &mut dyn FnMut(Audited)) {
        whichever!(self, actor => actor.audit(say));
    }
}
