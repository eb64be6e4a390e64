//! Random mixes of faults: with every protection on, no invariant breaks.

use super::fault;
use crate::harness::{assert_sound, made_of, run};
use crate::world::{MS, SECOND};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sagasim::domain::route::routes;
use sagasim::domain::{Coordination, Service, Step, UndoPolicy, saga};
use sagasim::sim::scenario::{
    Direction, Fault, FaultKind, FaultPosition, Repeat, Scenario, Services, Target, Trigger,
};
use std::cell::Cell;

/// Mixes tried; each in three coordinations, with about sixty orders.
const MIXES: u32 = 300;

const LOAD_NS: u64 = 3 * SECOND;

const SHOP: &str = r#"
[run]
duration = "3s"
drain = "30m"
[flow]
payment_window = "1m"
[customers]
think_time = { exponential = { mean = "300ms" } }
intents = { pay = 0.4, abandon = 0.1, cancel = 0.15, cancel_while_paying = 0.15, pay_then_refund = 0.2 }
refund_delay = { uniform = { min = "0ms", max = "1s" } }
pay_attempts = 2
top_up = true
[users]
count = 40
balance = { uniform = { min = 0, max = 60_000 } }
[products]
count = 20
stock = { uniform = { min = 0, max = 30 } }
price = { uniform = { min = 0, max = 20_000 } }
[basket]
lines = { uniform = { min = 1, max = 2 } }
coupon_rate = 0.7
[[coupon]]
name = "few"
discount = { percent = 50 }
quantity = 30
issue = "before"
[[coupon]]
name = "rush"
discount = { amount = 3_000 }
quantity = 5
issue = "on-demand"
[[load]]
executor = "constant-arrival-rate"
rate = "20/s"
"#;

fn services() -> impl Strategy<Value = Target> {
    subsequence(Service::ALL[..Service::STATIONS].to_vec(), 1..=3).prop_map(|services| {
        let add = |set: Services, service: &Service| set.with(*service);
        Target::Services(services.iter().fold(Services::default(), add))
    })
}

fn links() -> impl Strategy<Value = Target> {
    let all = Coordination::ALL.iter().flat_map(|coordination| routes(*coordination));
    let apart = all.filter(|route| route.from != route.to).map(|route| (route.from, route.to));
    let link = |((from, to), both)| Target::Link { from, to, both };
    (select(apart.collect::<Vec<_>>()), any::<bool>()).prop_map(link)
}

fn steps(positions: &'static [FaultPosition]) -> impl Strategy<Value = Target> {
    let rows = saga::table().map(|row| (row.step, row.turn == sagasim::domain::Turn::Undo));
    let step = |((step, undo), position)| Target::Step { step, undo, position };
    (select(rows.collect::<Vec<(Step, bool)>>()), select(positions)).prop_map(step)
}

fn window(probability: f64) -> impl Strategy<Value = Trigger> {
    (0..LOAD_NS, 1..2 * SECOND, any::<bool>()).prop_map(move |(from_ns, lasting_ns, to_the_end)| {
        let until_ns = if to_the_end { u64::MAX } else { from_ns + lasting_ns };
        Trigger::Probability { probability, from_ns, until_ns }
    })
}

fn trigger() -> impl Strategy<Value = Trigger> {
    prop_oneof![
        4 => (1..90_u32).prop_flat_map(|percent| window(f64::from(percent) / 100.0)),
        1 => window(1.0),
        1 => (1..40_u64).prop_map(Trigger::Nth),
        2 => (0..40_u32).prop_map(|order| Trigger::Exact { order, n: None }),
    ]
}

fn message() -> impl Strategy<Value = FaultKind> {
    prop_oneof![
        3 => Just(FaultKind::Drop),
        // Also past the last timeout of a call.
        2 => (1..40_000_u64, 0..2_000_u64).prop_map(|(add, jitter)| FaultKind::Latency {
            add_ns: add * MS,
            jitter_ns: jitter * MS,
        }),
        2 => (0..5_000_u64).prop_map(|delay| FaultKind::Duplicate { delay_ns: delay * MS }),
        1 => (1..5_000_u64).prop_map(|within| FaultKind::Reorder { within_ns: within * MS }),
    ]
}

fn any_fault() -> impl Strategy<Value = Fault> {
    use FaultPosition::{AfterCommit, BeforeCommit, Reply, Request};
    let crash = || (1..8_000_u64).prop_map(|ms| FaultKind::Crash { restart_ns: Some(ms * MS) });
    let lasting = prop_oneof![
        Just(FaultKind::Crash { restart_ns: None }),
        Just(FaultKind::Pause),
        select(&[Direction::In, Direction::Out, Direction::Both][..])
            .prop_map(|direction| FaultKind::Partition { direction }),
        Just(FaultKind::QueueFull),
    ];
    let way = prop_oneof![services(), links(), steps(&[Request, Reply])];
    let slow = (2..200_u32).prop_map(|factor| FaultKind::Slow { factor: f64::from(factor) });
    let slowed = prop_oneof![services(), steps(&[BeforeCommit])];
    let cut = FaultKind::Partition { direction: Direction::Both };
    prop_oneof![
        4 => (message(), way, trigger()).prop_map(|(kind, to, when)| fault(kind, to, when)),
        3 => (crash(), steps(&[BeforeCommit, AfterCommit]), trigger())
            .prop_map(|(kind, to, when)| fault(kind, to, when)),
        3 => (lasting, services(), window(1.0)).prop_map(|(kind, to, when)| fault(kind, to, when)),
        1 => (links(), window(1.0)).prop_map(move |(to, when)| fault(cut, to, when)),
        1 => (slow, slowed, trigger()).prop_map(|(kind, to, when)| fault(kind, to, when)),
        1 => (crash(), services(), (1..200_u64).prop_map(Trigger::Nth))
            .prop_map(|(kind, to, when)| fault(kind, to, when)),
    ]
}

/// A fault that may come again, and may strike all attempts alike.
fn episode() -> impl Strategy<Value = Fault> {
    let repeat = option::of((1..500_u64, option::of(1..4_u32)));
    (any_fault(), repeat, any::<bool>()).prop_map(|(mut fault, repeat, every_attempt)| {
        if let Trigger::Probability { from_ns, until_ns, .. } = fault.trigger
            && until_ns < u64::MAX
        {
            let every = |pause_ms: u64| until_ns - from_ns + pause_ms * MS;
            fault.repeat = repeat.map(|(ms, times)| Repeat { every_ns: every(ms), times });
        }
        // Of one order, and for all attempts, a loss would never end.
        let ends = matches!(fault.trigger, Trigger::Probability { .. })
            || matches!(fault.kind, FaultKind::Latency { .. });
        fault.every_attempt = every_attempt && ends;
        fault
    })
}

#[test]
fn no_mix_of_faults_breaks_an_invariant_while_every_protection_is_on() {
    let config = Config { cases: MIXES, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let (hits, orders) = (Cell::new(0), Cell::new(0));
    let policy = select(&[UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore][..]);
    let leases = option::of((200..3_000_u64).prop_map(|ms| ms * MS));
    let mix = (vec(episode(), 1..6), policy, leases, 0..1_000_u64);
    let tried = runner.run(&mix, |(faults, policy, lease_ns, seed)| {
        let mut scenario: Scenario = made_of(SHOP);
        scenario.faults = faults;
        scenario.protection.compensate = policy;
        scenario.protection.lease_ns = lease_ns;
        for coordination in Coordination::ALL {
            let run = run(&scenario, seed, coordination);
            assert_sound(&run, coordination.name());
            hits.set(hits.get() + run.faults.iter().map(|fault| fault.1).sum::<u64>());
            orders.set(orders.get() + run.started);
        }
        Ok(())
    });
    if let Err(found) = tried {
        panic!("{found}");
    }
    assert!(hits.get() > 10_000 && orders.get() > 5_000, "{hits:?} {orders:?}");
}
