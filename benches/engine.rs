//! What the parts of a run cost: `cargo bench`. Whole runs by coordination, the shortest run, and
//! the parts under them. `cargo test` runs each once, so that they do not rot.
//!
//! Compare figures of one run of `cargo bench` only. Beside other engines: `benches/peers/run`;
//! how the cost grows: `benches/cost`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sagasim::actors::gate::Gate;
use sagasim::domain::{
    Coordination, Exchange, Process, Protection, RequestId, Step, Transport, Turn,
};
use sagasim::sim::decide::mix;
use sagasim::sim::dist::Sampler;
use sagasim::sim::engine::wheel::Wheel;
use sagasim::sim::engine::{Driver, Finished, Options, cast, run};
use sagasim::sim::plan::Plan;
use sagasim::sim::scenario::{Dist, Scenario, load, parse};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn scenario(path: &str) -> Scenario {
    let (scenario, _) = load(&file(path)).unwrap_or_else(|found| panic!("{found}"));
    scenario
}

/// `throughput.toml`, with a five-hundredth of its time and a hundredth of its users.
fn small_load() -> Scenario {
    let mut scenario = scenario("scenarios/throughput.toml");
    scenario.run.duration_ns = Some(200_000_000);
    scenario.users.count = 2_000;
    scenario
}

fn plan(mut scenario: Scenario, coordination: Coordination) -> Arc<Plan> {
    scenario.flow.coordination = coordination;
    let seed = scenario.run.seed.expect("our files name their seed");
    Arc::new(Plan::new(scenario, seed).expect("there is no order log"))
}

/// From an empty world to the verdict.
fn whole(plan: &Arc<Plan>) -> Finished {
    let run = run(Arc::clone(plan), cast(plan), Options::default(), Driver::Actix);
    let run = run.expect("no actor panics");
    assert_eq!(run.proof.findings.kept().len(), 0, "nothing is violated");
    run
}

/// Orders a second, by coordination.
fn orders(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("orders");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for coordination in Coordination::ALL {
        let plan = plan(small_load(), coordination);
        group.throughput(Throughput::Elements(whole(&plan).started));
        group.bench_function(coordination.name(), |bench| bench.iter(|| whole(&plan)));
    }
    group.finish();
}

/// One order, from an empty world to the verdict: what an exploration repeats.
fn one_order(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one order");
    for coordination in Coordination::ALL {
        let plan = plan(scenario("scenarios/checkout-single.toml"), coordination);
        group.bench_function(coordination.name(), |bench| bench.iter(|| whole(&plan)));
    }
    group.finish();
}

/// Takes the first of 10,000 entries and adds one, at distances as in a run: up to 4 ms.
fn wheel(criterion: &mut Criterion) {
    const ENTRIES: u32 = 10_000;
    let ahead_ns = |luck: u64| luck >> 42;
    let mut wheel = Wheel::default();
    (0..ENTRIES).for_each(|slot| wheel.add(ahead_ns(mix(1, u64::from(slot))), slot, slot));
    let mut turn = 0;
    criterion.bench_function("wheel, take and add", |bench| {
        bench.iter(|| {
            let first = wheel.first_until(u64::MAX).expect("it is never empty");
            wheel.take();
            turn += 1;
            let (at_ns, slot) = ((first >> 64) as u64, first as u32);
            wheel.add(at_ns + ahead_ns(mix(2, turn)), slot, slot);
            first
        });
    });
}

/// A draw of each distribution.
fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    let dists = [
        ("fixed", Dist::Fixed(2_000_000)),
        ("uniform", Dist::Uniform { min: 1_000, max: 50_000 }),
        ("exponential", Dist::Exponential { mean: 2e6 }),
        ("normal", Dist::Normal { mean: 2e6, stddev: 5e5 }),
        ("lognormal", Dist::Lognormal { median: 2e6, p99: 1e7 }),
    ];
    for (name, dist) in dists {
        let sampler = Sampler::new(&dist);
        let mut key = 0;
        group.bench_function(name, |bench| {
            bench.iter(|| {
                key += 1;
                sampler.at(mix(3, key))
            });
        });
    }
    group.finish();
}

/// The gate lets in a new exchange, and absorbs one that it knows.
fn gate(criterion: &mut Criterion) {
    let key = Exchange::new(RequestId(7), Process::Order, 0, Step::DeductStock, Turn::Do);
    let admit =
        |gate: &mut Gate| gate.admit(black_box(key), Transport::Event, black_box(Protection::ALL));
    let mut group = criterion.benchmark_group("gate");
    group.bench_function("fresh", |bench| bench.iter(|| admit(&mut black_box(Gate::default()))));
    let mut known = Gate::default();
    admit(&mut known);
    group.bench_function("again", |bench| bench.iter(|| admit(black_box(&mut known))));
    group.finish();
}

/// From the text of a scenario to its meaning, and from there to a plan.
fn scenarios(criterion: &mut Criterion) {
    let path = file("scenarios/checkout.toml");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let mut group = criterion.benchmark_group("scenario");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bench| bench.iter(|| parse(&path, black_box(&text))));
    let small = scenario("scenarios/checkout-single.toml");
    group.throughput(Throughput::Elements(1));
    group.bench_function("plan", |bench| {
        bench.iter_batched(|| small.clone(), |small| Plan::new(small, 1), BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, orders, one_order, wheel, draws, gate, scenarios);
criterion_main!(benches);
