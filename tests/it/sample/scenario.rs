//! The smallest scenario there is.

use sagasim::domain::{Coordination, Omitted, Protection, Service, UndoPolicy};
use sagasim::sim::scenario::{
    BasketShape, Customers, Dist, Expect, Flow, Intents, Load, Popularity, Products,
    ProtectionSettings, Run, Scenario, ServiceSettings, Spacing, Traffic, Users, Verdict,
};

/// A scenario that asks for the seed 424242 and choreography.
pub(crate) fn scenario() -> Scenario {
    let service =
        ServiceSettings { workers: 1, queue_capacity: None, service_time: Dist::Fixed(1_000_000) };
    Scenario {
        name: "flash-sale".to_owned(),
        question: "Does a payment outage ever oversell?".to_owned(),
        answer: "No.".to_owned(),
        expect: Expect { verdict: Verdict::Passed, violated: vec![], sometimes: vec![] },
        allowed: vec![],
        run: Run {
            seed: Some(424_242),
            duration_ns: Some(1_000_000_000),
            warmup_ns: 0,
            drain_ns: 600_000_000_000,
            epoch_local_ns: 0,
            epoch_offset_s: 0,
            anomalies: false,
        },
        flow: Flow {
            coordination: Coordination::Choreography,
            payment_window_ns: 300_000_000_000,
            omit: Omitted::default(),
        },
        customers: Customers {
            think_time: Dist::Fixed(0),
            intents: Intents {
                pay: 1.0,
                abandon: 0.0,
                cancel: 0.0,
                cancel_while_paying: 0.0,
                pay_then_refund: 0.0,
            },
            refund_delay: Dist::Fixed(0),
            pay_attempts: 1,
            top_up: false,
            patience_ns: 30_000_000_000,
        },
        traffic: Traffic::default(),
        users: Users { count: 1, balance: Dist::Fixed(1) },
        products: Products {
            count: 1,
            stock: Dist::Fixed(1),
            price: Dist::Fixed(1),
            popularity: Popularity::Uniform,
        },
        coupons: vec![],
        basket: BasketShape { lines: Dist::Fixed(1), quantity: Dist::Fixed(1), coupon_rate: 0.0 },
        services: std::array::from_fn::<_, { Service::STATIONS }, _>(|_| service.clone()),
        network_latency: Dist::Fixed(0),
        loads: vec![Load::ConstantArrivalRate { rate_per_s: 1.0, spacing: Spacing::Even }.into()],
        protection: ProtectionSettings {
            switches: Protection::ALL,
            compensate: UndoPolicy::UnknownToo,
            timeout_ns: None,
            retry: None,
            relay_interval_ns: 1,
            mark_retention_ns: 1,
            lease_ns: None,
            circuit_breaker: None,
        },
        faults: vec![],
        thresholds: vec![],
    }
}
