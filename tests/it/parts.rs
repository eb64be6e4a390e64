//! Where the time of requests goes: parts that add up, steps, phases.

use crate::harness;
use crate::world::{MS, SECOND, all, key, plan, run, rush, small, station, struck};
use sagasim::domain::{Coordination, Process, Service, Step, Turn};
use sagasim::sim::engine::{
    self, Driver, Finished, Interval, Latency, Metric, Options, PhaseKind, Position, Strike, Watch,
};
use sagasim::sim::scenario::{Dist, Scenario, Trigger};
use std::cell::RefCell;
use std::rc::Rc;

fn of(run: &Finished, metric: Metric) -> &Latency {
    run.latencies.of(metric).unwrap_or_else(|| panic!("no {:?}", metric.name()))
}

/// What was lost: the latencies without their parts.
fn lost_ns(latency: &Latency) -> u128 {
    latency.sum_ns.checked_sub(latency.parts.total_ns()).expect("parts are parts")
}

/// (wait, service, network, retry) in milliseconds.
fn parts_ms(latency: &Latency) -> [u128; 4] {
    let ms = u128::from(MS);
    let parts = &latency.parts;
    let all = [parts.wait_ns, parts.service_ns, parts.network_ns, lost_ns(latency)];
    assert!(all.iter().all(|part| part % ms == 0), "{all:?}");
    all.map(|part| part / ms)
}

#[test]
fn the_parts_of_a_quiet_order_are_those_one_counts_by_hand() {
    // Two orders, each with a coupon; every service takes 2 ms, every hop 1 ms.
    let run = run(&small(Coordination::Choreography));
    // product, order, coupon (called by order), order: five hops with the word.
    assert_eq!(parts_ms(of(&run, Metric::PlacePlaced)), [0, 2 * 8, 2 * 5, 0]);
    // user, payment, order.
    assert_eq!(parts_ms(of(&run, Metric::PayPaid)), [0, 2 * 6, 2 * 4, 0]);
    assert_eq!(parts_ms(of(&run, Metric::CheckoutCompleted)), [0, 2 * 14, 2 * 9, 0]);
}

#[test]
fn without_retries_and_faults_nothing_is_lost() {
    for coordination in Coordination::ALL {
        let mut scenario = rush(coordination, 60);
        scenario.network_latency = Dist::Exponential { mean: 3e6 };
        for settings in &mut scenario.services {
            settings.service_time = Dist::Lognormal { median: 2e6, p99: 2e7 };
            settings.workers = 2;
        }
        scenario.protection.timeout_ns = None;
        scenario.customers.patience_ns = 3_600 * SECOND;
        let run = run(&scenario);
        assert_eq!(run.messages.retried + run.messages.redelivered, 0);
        for metric in [Metric::PlacePlaced, Metric::PayPaid, Metric::CheckoutCompleted] {
            let latency = of(&run, metric);
            assert_eq!(lost_ns(latency), 0, "{coordination:?} {:?}", metric.name());
            assert!(latency.parts.service_ns > 0 && latency.parts.network_ns > 0);
        }
        assert!(of(&run, Metric::PlacePlaced).parts.wait_ns > 0, "{coordination:?}");
    }
}

#[test]
fn a_line_in_front_of_the_only_worker_is_waiting_and_nothing_else() {
    let mut scenario = rush(Coordination::Choreography, 10);
    station(&mut scenario, Service::Product, 1, 10 * MS);
    scenario.basket.coupon_rate = 0.0;
    scenario.customers.intents = all("abandon");
    let run = run(&scenario);
    let place = of(&run, Metric::PlacePlaced);
    // The k-th of ten waits for the k before it, but for the nanoseconds between their arrivals.
    let waited = u128::from(MS) * 10 * (1..10).sum::<u128>();
    assert!(place.parts.wait_ns.abs_diff(waited) <= 100, "{}", place.parts.wait_ns);
    assert_eq!(place.parts.service_ns, 10 * u128::from((10 + 2 + 2) * MS));
    assert_eq!(lost_ns(place), 0);
}

#[test]
fn a_lost_answer_costs_its_timeout_and_is_lost_time() {
    for (coordination, step, turn) in [
        (Coordination::Choreography, Step::UseCoupon, Turn::Do),
        (Coordination::Orchestration, Step::CreateOrder, Turn::Do),
    ] {
        let quiet = run(&small(coordination));
        let strike = Strike {
            key: key(Process::Order, 0, step, turn),
            position: Position::ReplyLost,
            every_attempt: false,
            answer: false,
        };
        let scenario = small(coordination);
        let timeout_ns = scenario.protection.timeout_ns.expect("calls time out");
        let run = struck(&scenario, &[strike]);
        assert_eq!(run.strikes[0].1, 1, "{coordination:?}");
        let (place, before) = (of(&run, Metric::PlacePlaced), of(&quiet, Metric::PlacePlaced));
        // The attempt whose answer came is counted like any other; the one before it is lost.
        assert_eq!(place.parts, before.parts, "{coordination:?}");
        assert_eq!(lost_ns(before), 0);
        assert!(lost_ns(place) >= u128::from(timeout_ns), "{}", lost_ns(place));
        assert_eq!(lost_ns(place), place.sum_ns - before.sum_ns);
    }
}

#[test]
fn an_event_that_is_delivered_again_was_on_no_network_meanwhile() {
    let scenario = small(Coordination::Choreography);
    let strike = Strike {
        key: key(Process::Payment, 1, Step::CreatePayment, Turn::Do),
        position: Position::ReplyLost,
        every_attempt: false,
        answer: false,
    };
    let run = struck(&scenario, &[strike]);
    let pay = of(&run, Metric::PayPaid);
    // The hop of the event that was lost is no longer there.
    assert_eq!(parts_ms(pay)[..3], [0, 2 * 6, 2 * 4 - 1]);
    assert_eq!(lost_ns(pay), u128::from(scenario.protection.relay_interval_ns));
}

#[test]
fn a_request_that_is_held_by_its_coordinator_lost_that_time() {
    let mut scenario = small(Coordination::Orchestration);
    scenario.customers.intents = all("cancel-while-paying");
    let run = run(&scenario);
    // The cancellation waits until the payment is over, and is then refused.
    let cancel = of(&run, Metric::CancelRefused);
    let ms = u128::from(MS);
    // The coordinator hears it 5 ms after it was sent, and lets it wait until the payment has gone
    // there (3 ms) and through its five rows (6 ms each).
    assert_eq!(lost_ns(cancel), 2 * (3 + 5 * 6 - 5) * ms);
    // Its own way to the coordinator is counted: three services and four hops, and the wait
    // behind the request to pay, which was sent at the same instant.
    let parts = &cancel.parts;
    assert_eq!(parts.service_ns, 2 * 6 * ms);
    assert_eq!(parts.network_ns + parts.wait_ns, 2 * (4 + 2) * ms);
    assert!(parts.wait_ns.abs_diff(2 * 2 * ms) <= 2, "{parts:?}");
}

#[test]
fn a_request_without_a_final_word_lost_all_of_its_time() {
    let mut scenario = small(Coordination::Choreography);
    scenario.customers.patience_ns = MS;
    let run = run(&scenario);
    let place = of(&run, Metric::PlaceUnknown);
    assert_eq!(parts_ms(place), [0, 0, 0, 2]);
}

#[test]
fn the_steps_of_all_services_are_their_messages() {
    for coordination in Coordination::ALL {
        let run = run(&rush(coordination, 20));
        for service in Service::ALL.into_iter().take(Service::STATIONS) {
            let mine = run.times.iter().filter(|times| times.service == service);
            let count: u64 = mine.map(|times| times.count).sum();
            assert_eq!(count, run.stations[service as usize].handled, "{}", service.name());
        }
        let row = |process, step, turn| {
            let found = run
                .times
                .iter()
                .find(|times| (times.process, times.step, times.turn) == (process, step, turn));
            *found.unwrap_or_else(|| panic!("{coordination:?} {step:?} {turn:?}"))
        };
        let deduct = match coordination {
            Coordination::Monolith => row(Process::Order, Step::DeductStock, Turn::Ask),
            Coordination::Choreography | Coordination::Orchestration => {
                row(Process::Order, Step::DeductStock, Turn::Do)
            }
        };
        assert_eq!((deduct.count, deduct.network_ns), (20, 20 * u128::from(MS)));
        let publish = row(Process::Payment, Step::PublishOrder, Turn::Do);
        assert_eq!((publish.service, publish.service_ns), (Service::Platform, publish_ns(20)));
    }
}

const fn publish_ns(times: u128) -> u128 {
    times * 2 * MS as u128
}

/// An ordinary day for ten seconds, with a warm-up of two.
fn ten_seconds() -> Scenario {
    let mut scenario = harness::scenario("checkout");
    scenario.run.duration_ns = Some(10 * SECOND);
    scenario.run.warmup_ns = 2 * SECOND;
    scenario.faults.clear();
    scenario
}

fn refused(name: &str, from_ns: u64, until_ns: u64) -> sagasim::sim::scenario::Fault {
    let trigger = Trigger::Probability { probability: 0.5, from_ns, until_ns };
    let step = Step::CreatePayment;
    sagasim::sim::scenario::Fault::error(name, step, false, trigger)
}

fn named(scenario: &Scenario) -> Vec<(String, u64)> {
    let run = harness::run(scenario, 5, Coordination::Choreography);
    let phases = run.latencies.phases().iter();
    phases.map(|one| (one.phase.name(), one.phase.from_ns / SECOND)).collect()
}

#[test]
fn a_run_of_one_phase_names_none() {
    let mut scenario = ten_seconds();
    scenario.run.warmup_ns = 0;
    assert_eq!(named(&scenario), []);
    // What may strike all along makes no phase.
    scenario.faults = vec![refused("always", 0, u64::MAX)];
    assert_eq!(named(&scenario), []);
}

#[test]
fn phases_follow_from_the_warm_up_and_the_windows_of_faults() {
    let mut scenario = ten_seconds();
    scenario.faults = vec![
        refused("a", 4 * SECOND, 6 * SECOND),
        refused("b", 5 * SECOND, 7 * SECOND),
        refused("c", 9 * SECOND, u64::MAX),
    ];
    let expected = [
        ("warm-up", 0),
        ("steady", 2),
        ("during a", 4),
        ("during a + b", 5),
        ("during b", 6),
        ("after b", 7),
        ("during c", 9),
    ];
    assert_eq!(named(&scenario), expected.map(|(name, from)| (name.to_owned(), from)));
}

#[test]
fn the_warm_up_is_in_its_phase_and_in_no_other_figure() {
    let with = harness::run(&ten_seconds(), 5, Coordination::Choreography);
    let mut scenario = ten_seconds();
    scenario.run.warmup_ns = 0;
    let without = harness::run(&scenario, 5, Coordination::Choreography);
    assert_eq!(with.digest, without.digest);
    let [warm, steady] = with.latencies.phases() else { panic!("two phases") };
    assert_eq!((warm.phase.kind, steady.phase.kind), (PhaseKind::WarmUp, PhaseKind::Steady));
    let metrics = Metric::ALL.into_iter().filter(|metric| without.latencies.of(*metric).is_some());
    let mut warm_ones = 0;
    for metric in metrics {
        let whole = of(&without, metric);
        let count = |latency: Option<&Latency>| latency.map_or(0, |one| one.corrected.len());
        let sum = |latency: Option<&Latency>| latency.map_or(0, |one| one.sum_ns);
        assert_eq!(count(warm.of(metric)) + count(steady.of(metric)), whole.corrected.len());
        assert_eq!(sum(warm.of(metric)) + sum(steady.of(metric)), whole.sum_ns);
        // The main figures are those of the steady phase.
        assert_eq!(count(with.latencies.of(metric)), count(steady.of(metric)));
        assert_eq!(sum(with.latencies.of(metric)), sum(steady.of(metric)));
        warm_ones += count(warm.of(metric));
    }
    assert!(warm_ones > 0, "somebody arrived during the warm-up");
    assert_eq!(with.proof.orders, without.proof.orders);
}

#[test]
fn a_request_belongs_to_the_phase_of_its_intended_start() {
    // One order at 0, paid about 2 s later, inside of the window.
    let mut scenario = small(Coordination::Choreography);
    scenario.run.duration_ns = Some(4 * SECOND);
    let load = sagasim::sim::scenario::Load::ConstantArrivalRate {
        rate_per_s: 0.25,
        spacing: sagasim::sim::scenario::Spacing::Even,
    };
    scenario.loads = vec![load.into()];
    scenario.faults = vec![refused("never", SECOND, 3 * SECOND)];
    scenario.faults[0].trigger =
        Trigger::Probability { probability: 0.0, from_ns: SECOND, until_ns: 3 * SECOND };
    let run = run(&scenario);
    let [steady, during, after] = run.latencies.phases() else { panic!("three phases") };
    assert_eq!(during.phase.kind, PhaseKind::During);
    let counts = |metric| {
        [steady, during, after].map(|one| one.of(metric).map_or(0, |one| one.corrected.len()))
    };
    assert_eq!(counts(Metric::PlacePlaced), [1, 0, 0]);
    assert_eq!(counts(Metric::PayPaid), [0, 1, 0]);
    // A checkout begins with its order.
    assert_eq!(counts(Metric::CheckoutCompleted), [1, 0, 0]);
    assert_eq!(of(&run, Metric::PayPaid).corrected.len(), 1);
}

/// Runs a scenario and collects (from, until, offered, in flight) of each interval.
fn looked_on(scenario: &Scenario, stop: bool) -> (Finished, Vec<[u64; 4]>) {
    let plan = plan(scenario);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let notes = Rc::clone(&seen);
    let note = move |interval: &Interval<'_>| {
        let Interval { from_ns, until_ns, offered, in_flight, .. } = interval;
        notes.borrow_mut().push([*from_ns, *until_ns, *offered, *in_flight]);
    };
    let watch = Watch { progress: Box::new(move |_, _| stop), ..Watch::default() };
    let options = Options { watch, intervals: Some(Box::new(note)), ..Options::default() };
    let cast = engine::cast(&plan);
    let run = engine::run(plan, cast, options, Driver::Direct).expect("no handler panics");
    let intervals = seen.take();
    (run, intervals)
}

#[test]
fn whoever_looks_on_sees_every_interval_and_changes_nothing() {
    for coordination in Coordination::ALL {
        let mut endless = small(coordination);
        // Ends before the payment windows do.
        endless.customers.intents = all("abandon");
        endless.run.drain_ns = 10 * SECOND;
        for scenario in [small(coordination), rush(coordination, 60), endless] {
            let alone = run(&scenario);
            let (seen, intervals) = looked_on(&scenario, false);
            assert_eq!((seen.digest, seen.end_ns), (alone.digest, alone.end_ns));
            assert_eq!(seen.stations, alone.stations, "{coordination:?}");
            assert_eq!((seen.events, seen.times), (alone.events, alone.times));
            assert_eq!(intervals[0][0], 0);
            assert!(intervals.windows(2).all(|pair| pair[0][1] == pair[1][0]), "{intervals:?}");
            let last = intervals[intervals.len() - 1];
            assert!(last[0] <= seen.end_ns && seen.end_ns <= last[1], "{last:?}");
            assert_eq!(intervals.iter().map(|one| one[2]).sum::<u64>(), seen.started);
        }
    }
}

#[test]
fn a_run_that_is_stopped_ends_its_last_interval() {
    let mut scenario = harness::scenario("checkout");
    scenario.run.duration_ns = Some(30 * SECOND);
    let (run, intervals) = looked_on(&scenario, true);
    assert!(run.aborted);
    let last = intervals[intervals.len() - 1];
    assert!(last[0] <= run.end_ns && run.end_ns <= last[1], "{last:?} {}", run.end_ns);
    for station in &run.stations {
        assert_eq!(station.area_ns, station.sojourn_ns, "{station:?}");
    }
}

#[test]
fn percentiles_lie_between_the_exact_extremes_and_need_ten_samples_above() {
    let mut scenario = harness::scenario("checkout");
    scenario.run.duration_ns = Some(30 * SECOND);
    let plan = harness::plan(&scenario, 3, Coordination::Choreography);
    let run = harness::run_plan(&plan, &[]);
    let summary = harness::summary(&plan, &run);
    let phases = summary.phases.iter().flat_map(|phase| &phase.latency);
    let processes = summary.processes.iter().filter_map(|process| process.latency.as_ref());
    let (mut full, mut bare) = (0, 0);
    for row in summary.latency.iter().chain(phases).chain(processes) {
        let name = (&row.metric, &row.outcome);
        assert!(row.min_ns <= row.mean_ns && row.mean_ns <= row.max_ns, "{name:?}");
        let mut last_ns = row.min_ns;
        for (figure, per_10_000) in [
            (row.p50_ns, 5_000),
            (row.p90_ns, 1_000),
            (row.p99_ns, 100),
            (row.p999_ns, 10),
            (row.p9999_ns, 1),
        ] {
            assert_eq!(figure.is_some(), row.count * per_10_000 >= 10 * 10_000, "{name:?}");
            let Some(ns) = figure else {
                bare += 1;
                continue;
            };
            full += 1;
            assert!(last_ns <= ns && ns <= row.max_ns, "{name:?}: {ns}");
            last_ns = ns;
        }
        let parts = &row.parts;
        let sums = [&parts.wait, &parts.service, &parts.network, &parts.retry].map(|p| p.sum_ns);
        assert_eq!(sums.iter().sum::<u64>(), row.sum_ns, "{name:?}");
        assert_eq!(row.mean_ns, row.sum_ns / row.count, "{name:?}");
    }
    assert!(full > 20 && bare > 20, "{full} {bare}");
    // However it ended: the process has the requests of all its outcomes.
    let pays = summary.latency.iter().filter(|row| row.metric == "pay").map(|row| row.count);
    let payment = summary.processes.iter().find(|process| process.name == "payment");
    let all = payment.and_then(|process| process.latency.as_ref()).expect("somebody paid");
    assert_eq!((all.outcome.as_str(), all.count), ("any", pays.sum()));
}
