//! The stations against queueing theory.
//!
//! Every wait is what Lindley's recursion (one worker) and Kiefer and Wolfowitz' (several) say, to
//! the nanosecond; mean waits are those of the closed forms. Teeth: what another discipline or
//! another number of workers would have done is told from what a station did.

use crate::harness::{assert_littles_law, made_of, plan};
use sagasim::domain::{Coordination, Service};
use sagasim::sim::engine::{self, Driver, Finished, Options, Visit, Watch};
use sagasim::sim::scenario::Scenario;
use std::cell::RefCell;
use std::rc::Rc;

/// Product lists alone: one station, Poisson arrivals. The order of the load comes first, alone.
fn lists(rate: &str, workers: usize, service_time: &str, duration: &str) -> Scenario {
    made_of(&format!(
        "[run]\nduration = \"{duration}\"\n[traffic]\nlist_products = \"{rate}\"\n\
         [products]\nstock = 0\n\
         [service.product]\nworkers = {workers}\nservice_time = {service_time}\n\
         [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"0.001/s\"\nspacing = \"even\"\n"
    ))
}

/// Runs a scenario, and tells each visit of these stations.
fn visits<const N: usize>(
    scenario: &Scenario,
    services: [Service; N],
) -> (Finished, [Vec<Visit>; N]) {
    let plan = plan(scenario, 7, Coordination::Choreography);
    let seen = Rc::new(RefCell::new(services.map(|_| Vec::new())));
    let told = Rc::clone(&seen);
    let visit = Box::new(move |visit: &Visit| {
        if let Some(at) = services.iter().position(|service| *service == visit.service) {
            told.borrow_mut()[at].push(*visit);
        }
    });
    let watch = Watch { visit: Some(visit), ..Watch::default() };
    let options = Options { watch, ..Options::default() };
    let cast = engine::cast(&plan);
    let run = engine::run(plan, cast, options, Driver::Direct).expect("no actor panics");
    assert_littles_law(&run);
    let mut visits = seen.replace(services.map(|_| Vec::new()));
    for visits in &mut visits {
        // Who comes at the same instant is served in the order of coming.
        visits.sort_by_key(|visit| (visit.arrived_ns, visit.begun_ns));
    }
    (run, visits)
}

/// Lindley: a customer waits for what the one before still has to wait and to be served.
fn lindley(visits: &[Visit]) -> Vec<u64> {
    let (mut waits, mut free_ns) = (Vec::new(), 0_u64);
    for visit in visits {
        // W' = max(0, W + S - T), with W + S counted from the arrival before.
        let wait_ns = free_ns.saturating_sub(visit.arrived_ns);
        waits.push(wait_ns);
        free_ns = visit.arrived_ns + wait_ns + (visit.done_ns - visit.begun_ns);
    }
    waits
}

/// Kiefer and Wolfowitz: a customer goes to the worker who is free first.
fn kiefer_wolfowitz(visits: &[Visit], workers: usize) -> Vec<u64> {
    let mut free_ns = vec![0_u64; workers];
    let mut wait = |visit: &Visit| {
        let first = free_ns.iter_mut().min().expect("a worker");
        let wait_ns = first.saturating_sub(visit.arrived_ns);
        *first = visit.arrived_ns + wait_ns + (visit.done_ns - visit.begun_ns);
        wait_ns
    };
    visits.iter().map(&mut wait).collect()
}

/// The first visit whose wait is not the one of so many workers who serve whoever came first.
fn wrong(visits: &[Visit], workers: usize) -> Option<String> {
    let waits = kiefer_wolfowitz(visits, workers);
    if workers == 1 {
        assert_eq!(waits, lindley(visits));
    }
    let waited = |visit: &Visit| visit.begun_ns - visit.arrived_ns;
    let differs = |(visit, wait): &(&Visit, &u64)| waited(visit) != **wait;
    let found = visits.iter().zip(&waits).find(differs);
    found.map(|(visit, wait_ns)| format!("{visit:?} should have waited {wait_ns} ns"))
}

fn mean_wait_ns(visits: &[Visit]) -> f64 {
    let sum: u64 = visits.iter().map(|visit| visit.begun_ns - visit.arrived_ns).sum();
    sum as f64 / visits.len() as f64
}

#[track_caller]
fn assert_within_2_percent(got: f64, theory: f64) {
    let off = (got / theory - 1.0).abs();
    assert!(off <= 0.02, "{got} is {:.2} % off {theory}", off * 100.0);
}

/// Erlang's C: the mean wait in M/M/c, in units of the mean service time, at a load of `offered`.
fn mmc_wait(workers: u32, offered: f64) -> f64 {
    let servers = f64::from(workers);
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..workers {
        sum += term;
        term *= offered / f64::from(k + 1);
    }
    let queued = term * servers / (servers - offered);
    queued / (sum + queued) / (servers - offered)
}

#[test]
fn every_wait_is_the_one_of_the_recursion_to_the_nanosecond() {
    let times = [
        "\"1ms\"",
        "{ exponential = { mean = \"1ms\" } }",
        "{ uniform = { min = \"0s\", max = \"2ms\" } }",
        "{ lognormal = { median = \"500us\", p99 = \"10ms\" } }",
        "{ pareto = { scale = \"400us\", shape = 1.6 } }",
        "{ empirical = { percentiles = { p0 = \"0s\", p50 = \"500us\", p99 = \"5ms\", p100 = \"60ms\" } } }",
    ];
    for service_time in times {
        for (workers, rate) in [(1, "800/s"), (1, "1200/s"), (2, "1500/s"), (7, "6500/s")] {
            let scenario = lists(rate, workers, service_time, "3s");
            let (run, [product]) = visits(&scenario, [Service::Product]);
            assert_eq!(product.len() as u64, run.stations[Service::Product as usize].handled);
            assert!(product.len() > 2_000, "{}", product.len());
            assert_eq!(wrong(&product, workers), None, "{service_time} {workers}");
        }
    }
}

#[test]
fn orders_wait_like_everybody_else() {
    // Out of stock: each order has one message at Product, among the lists.
    let mut scenario = lists("400/s", 2, "{ exponential = { mean = \"2ms\" } }", "10s");
    let load = made_of(
        "[run]\nduration = \"10s\"\n[[load]]\nexecutor = \"ramping-arrival-rate\"\n\
         stages = [{ target = \"900/s\", duration = \"5s\" }, { target = \"0/s\", duration = \"5s\" }]\n",
    );
    scenario.loads = load.loads;
    let (run, [product]) = visits(&scenario, [Service::Product]);
    assert!(run.started > 4_000 && product.len() as u64 > run.started + 3_000);
    assert_eq!(wrong(&product, 2), None);
}

/// What one worker who takes the last in line would have done.
fn last_in_first_out(visits: &[Visit]) -> Vec<Visit> {
    let mut line: Vec<Visit> = Vec::new();
    let mut coming = visits.iter().copied().peekable();
    let (mut done, mut now_ns) = (Vec::new(), 0);
    loop {
        while let Some(next) = coming.next_if(|next| next.arrived_ns <= now_ns) {
            line.push(next);
        }
        if let Some(visit) = line.pop() {
            let done_ns = now_ns + (visit.done_ns - visit.begun_ns);
            done.push(Visit { begun_ns: now_ns, done_ns, ..visit });
            now_ns = done_ns;
        } else if let Some(next) = coming.peek() {
            now_ns = next.arrived_ns;
        } else {
            break;
        }
    }
    done.sort_by_key(|visit| (visit.arrived_ns, visit.begun_ns));
    done
}

#[test]
fn a_wrong_station_is_noticed() {
    let scenario = lists("800/s", 1, "{ exponential = { mean = \"1ms\" } }", "3s");
    let (_, [product]) = visits(&scenario, [Service::Product]);
    let stack = last_in_first_out(&product);
    assert_eq!(stack.len(), product.len());
    // It works just as long: only the single waits betray it.
    let last = |visits: &[Visit]| visits.iter().map(|visit| visit.done_ns).max();
    assert_eq!(last(&stack), last(&product));
    assert!(wrong(&stack, 1).is_some());
    // One worker too many, one too few.
    for hired in [1, 3] {
        let scenario = lists("1500/s", hired, "{ exponential = { mean = \"1ms\" } }", "3s");
        let (_, [product]) = visits(&scenario, [Service::Product]);
        assert_eq!(wrong(&product, hired), None);
        assert!(wrong(&product, 2).is_some(), "{hired}");
    }
    // One wait that is one nanosecond too long.
    let mut late = product.clone();
    let waiting = late.iter().position(|visit| visit.begun_ns > visit.arrived_ns);
    let visit = &mut late[waiting.expect("somebody waits")];
    (visit.begun_ns, visit.done_ns) = (visit.begun_ns + 1, visit.done_ns + 1);
    assert!(wrong(&late, 1).is_some());
}

#[test]
fn mean_waits_are_those_of_one_and_of_four_workers() {
    // rho / (1 - rho) services at one worker; Erlang's C at four.
    for (rate, workers, offered) in [("10k/s", 1, 0.5), ("16k/s", 1, 0.8), ("40k/s", 4, 3.2)] {
        let mean_ns = 1e9 * offered / f64::from(rate[..2].parse::<u16>().expect("10k/s")) / 1e3;
        let service_time = format!("{{ exponential = {{ mean = \"{mean_ns}ns\" }} }}");
        let count = workers as usize;
        let scenario = lists(rate, count, &service_time, "100s");
        let (_, [product]) = visits(&scenario, [Service::Product]);
        let theory = mmc_wait(workers, offered);
        if workers == 1 {
            assert!((theory - offered / (1.0 - offered)).abs() < 1e-12);
        }
        assert_within_2_percent(mean_wait_ns(&product) / mean_ns, theory);
        assert_eq!(wrong(&product, count), None);
    }
}

#[test]
fn mean_waits_in_a_tandem_are_those_of_its_stations_alone() {
    // Paying goes through User and Payment; everything before takes a constant time, so that
    // arrivals at User are Poisson, and by Burke's theorem those at Payment as well.
    let mut scenario = made_of(
        "[run]\nduration = \"300s\"\n[customers]\nthink_time = \"1s\"\n\
         [users]\ncount = 50_000\nbalance = 1_000_000_000\n[products]\nstock = 100_000_000\n\
         [service.user]\nworkers = 1\nservice_time = { exponential = { mean = \"500us\" } }\n\
         [service.payment]\nworkers = 1\nservice_time = { exponential = { mean = \"600us\" } }\n\
         [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"1000/s\"\n",
    );
    for service in [Service::Product, Service::Order, Service::Coupon] {
        scenario.services[service as usize].workers = 100;
    }
    let (run, [user, payment]) = visits(&scenario, [Service::User, Service::Payment]);
    assert_eq!((user.len() as u64, payment.len() as u64), (run.started, run.started));
    for (visits, mean_ns, offered) in [(user, 5e5, 0.5), (payment, 6e5, 0.6)] {
        assert_eq!(wrong(&visits, 1), None);
        assert_within_2_percent(mean_wait_ns(&visits) / mean_ns, offered / (1.0 - offered));
    }
}
