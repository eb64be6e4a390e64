//! Faults that are valid, and otherwise as odd as possible.

use crate::scenario_generator::{DAY_NS, SECOND_NS, ns, text};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sagasim::domain::{Service, Step};
use sagasim::sim::scenario::*;

/// A fault's kind with its target, and whether it lasts for windows only, or says `attempt`.
type Harm = (FaultKind, Target, bool);

fn services_set() -> impl Strategy<Value = Target> {
    subsequence(Service::ALL[..Service::STATIONS].to_vec(), 1..=3).prop_map(|services| {
        let add = |set: Services, service: &Service| set.with(*service);
        Target::Services(services.iter().fold(Services::default(), add))
    })
}

fn payment_step(position: FaultPosition) -> impl Strategy<Value = Target> {
    let step = select(&[Step::DeductBalance, Step::CreatePayment][..]);
    (step, any::<bool>()).prop_map(move |(step, undo)| Target::Step { step, undo, position })
}

fn link() -> impl Strategy<Value = Target> {
    let ends = [
        (Service::Payment, Service::Order),
        (Service::Orchestrator, Service::Coupon),
        (Service::Customer, Service::Monolith),
        (Service::Coupon, Service::Order),
    ];
    (select(ends.to_vec()), any::<bool>()).prop_map(|((from, to), both)| Target::Link {
        from,
        to,
        both,
    })
}

fn harm() -> impl Strategy<Value = Harm> {
    use FaultPosition::{AfterCommit, BeforeCommit, Reply, Request};
    let hour_ns = 3_600 * SECOND_NS;
    let message = prop_oneof![
        (1..=hour_ns, ns(hour_ns))
            .prop_map(|(add_ns, jitter_ns)| FaultKind::Latency { add_ns, jitter_ns }),
        Just(FaultKind::Drop),
        ns(hour_ns).prop_map(|delay_ns| FaultKind::Duplicate { delay_ns }),
        (1..=hour_ns).prop_map(|within_ns| FaultKind::Reorder { within_ns }),
    ];
    let way = prop_oneof![services_set(), link(), payment_step(Request), payment_step(Reply)];
    let crash = (1..=hour_ns).prop_map(|ns| FaultKind::Crash { restart_ns: Some(ns) });
    let slow = (2.0..100.0_f64).prop_map(|factor| FaultKind::Slow { factor });
    let direction = select(&[Direction::In, Direction::Out, Direction::Both][..]);
    let cut = direction.prop_map(|direction| FaultKind::Partition { direction });
    let both = FaultKind::Partition { direction: Direction::Both };
    let sink = |kind, service| (kind, Target::Services(Services::one(service)), false);
    prop_oneof![
        payment_step(BeforeCommit).prop_map(|target| (FaultKind::Error, target, false)),
        (message, way).prop_map(|(kind, target)| (kind, target, false)),
        (crash, prop_oneof![payment_step(BeforeCommit), payment_step(AfterCommit)])
            .prop_map(|(kind, target)| (kind, target, false)),
        services_set().prop_map(|target| (FaultKind::Crash { restart_ns: None }, target, true)),
        services_set().prop_map(|target| (FaultKind::Pause, target, true)),
        (slow, prop_oneof![services_set(), payment_step(BeforeCommit)])
            .prop_map(|(kind, target)| (kind, target, false)),
        (cut, services_set()).prop_map(|(kind, target)| (kind, target, true)),
        link().prop_map(move |target| (both, target, true)),
        services_set().prop_map(|target| (FaultKind::QueueFull, target, false)),
        Just(sink(FaultKind::RedisDown, Service::Ranking)),
        Just(sink(FaultKind::PlatformDown, Service::Platform)),
    ]
}

/// Faults of every kind, with instants before every duration of at least a second.
pub(crate) fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let until = prop_oneof![1..=DAY_NS, Just(u64::MAX)];
    let window = move |probability| {
        (probability, until.clone()).prop_map(|(probability, until_ns)| Trigger::Probability {
            probability,
            from_ns: 0,
            until_ns,
        })
    };
    let trigger = prop_oneof![
        window((0.0..1.0_f64).boxed()),
        (1..=i64::MAX as u64).prop_map(Trigger::Nth),
        (0..=4_000_000_000_u32, option::of(Just(1)))
            .prop_map(|(order, n)| Trigger::Exact { order, n }),
    ];
    let whole = window(Just(1.0).boxed());
    let repeat = option::of((1..=DAY_NS, option::of(1..=100_u32)));
    let fault = (text(), harm(), trigger, whole, repeat, any::<bool>());
    vec(fault, 0..5).prop_map(|faults| faults.into_iter().enumerate().map(make_fault).collect())
}

type Drawn = (String, Harm, Trigger, Trigger, Option<(u64, Option<u32>)>, bool);

fn make_fault((number, drawn): (usize, Drawn)) -> Fault {
    let (name, (kind, target, lasting), trigger, whole, repeat, every_attempt) = drawn;
    let trigger = if lasting { whole } else { trigger };
    let repeat = match trigger {
        Trigger::Probability { from_ns, until_ns, .. } if until_ns < u64::MAX => {
            let after = |pause_ns: u64| until_ns - from_ns + pause_ns;
            repeat.map(|(pause_ns, times)| Repeat { every_ns: after(pause_ns), times })
        }
        _ => None,
    };
    // A business rule answers all attempts alike, and a loss of them all would have no end.
    let endless = !matches!(trigger, Trigger::Probability { .. });
    let every_attempt = every_attempt && kind != FaultKind::Error && !endless;
    let name = format!("{name}{number}");
    Fault { name, kind, target, trigger, repeat, every_attempt }
}
