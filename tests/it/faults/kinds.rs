//! What each kind of fault does, and does not.

use super::{FIRST, at, between, busy, fault, step};
use crate::world::{MS, SECOND, Seen, all, key, run, small, struck, watched, wrong};
use sagasim::domain::{Coordination, Process, Service, Step, Transport, Turn};
use sagasim::sim::engine::{Finished, Position, Strike};
use sagasim::sim::scenario::{
    Direction, Dist, Fault, FaultKind, FaultPosition, Repeat, Scenario, Services, Target, Trigger,
};

const CRASH: FaultKind = FaultKind::Crash { restart_ns: None };
const CUT: FaultKind = FaultKind::Partition { direction: Direction::Both };

/// The window of these tests: from 1 s to 3 s.
const WINDOW: Trigger = between(SECOND, 3 * SECOND);

fn with(coordination: Coordination, fault: Fault) -> Scenario {
    let mut scenario = busy(coordination);
    scenario.faults.push(fault);
    scenario
}

/// Runs it under the eyes of a spy: nothing is wrong, and the fault struck.
fn sound(scenario: &Scenario) -> (Finished, Vec<Seen>) {
    let (run, seen) = watched(scenario, &[]);
    let who = scenario.flow.coordination;
    assert_eq!(wrong(&run), None, "{who:?} {:?}", scenario.faults);
    assert!(run.faults.iter().all(|(_, hits)| *hits > 0), "{who:?} {:?}", run.faults);
    (run, seen)
}

/// How many messages a service handled in the window, and after it.
fn handled(seen: &[Seen], service: Service) -> (usize, usize) {
    let at = |from_ns: u64, until_ns: u64| {
        let there = seen.iter().filter(|seen| seen.heard.to == service);
        there.filter(|seen| (from_ns..until_ns).contains(&seen.now_ns)).count()
    };
    // What begins before the window may end in it.
    (at(SECOND + 5 * MS, 3 * SECOND), at(3 * SECOND, u64::MAX))
}

/// The services that keep a coordination going.
fn hearts(coordination: Coordination) -> &'static [Service] {
    match coordination {
        Coordination::Choreography => &[Service::Order, Service::Payment, Service::Ranking],
        Coordination::Orchestration => &[Service::Orchestrator, Service::Coupon],
        Coordination::Monolith => &[Service::Monolith, Service::Platform],
    }
}

#[test]
fn a_crashed_service_handles_nothing_until_it_is_up_again() {
    for coordination in Coordination::ALL {
        for service in hearts(coordination) {
            let (run, seen) = sound(&with(coordination, fault(CRASH, at(*service), WINDOW)));
            assert_eq!(run.faults[0].1, 1);
            let (during, after) = handled(&seen, *service);
            assert!(during == 0 && after > 0, "{coordination:?} {service:?}: {during} {after}");
            assert!(run.messages.dropped > 0);
        }
    }
}

#[test]
fn a_paused_service_goes_on_where_it_stopped() {
    for coordination in Coordination::ALL {
        for service in hearts(coordination) {
            let mut scenario = with(coordination, fault(FaultKind::Pause, at(*service), WINDOW));
            scenario.protection.lease_ns = None;
            let (run, seen) = sound(&scenario);
            let (during, after) = handled(&seen, *service);
            assert!(during == 0 && after > 0, "{coordination:?} {service:?}: {during} {after}");
            assert_eq!(run.messages.dropped, 0);
        }
    }
}

#[test]
fn a_slow_service_takes_ten_times_as_long() {
    for coordination in Coordination::ALL {
        let service = hearts(coordination)[0];
        let slow = fault(FaultKind::Slow { factor: 10.0 }, at(service), between(0, u64::MAX));
        let mut scenario = with(coordination, slow);
        scenario.customers.intents = all("abandon");
        let (slow, _) = sound(&scenario);
        scenario.faults.clear();
        let figures = |run: &Finished| {
            let station = run.stations[service as usize];
            let load_ends = station.handled;
            (station.service_ns, load_ends)
        };
        let (plain_ns, plain) = figures(&run(&scenario));
        let (slow_ns, handled) = figures(&slow);
        assert_eq!(handled, plain, "{coordination:?}");
        // What expires after the load is fast again.
        assert!(slow_ns > plain_ns * 4 && slow_ns <= plain_ns * 10, "{slow_ns} {plain_ns}");
    }
}

#[test]
fn a_slow_step_leaves_the_others_alone() {
    let slow = FaultKind::Slow { factor: 50.0 };
    let target = step(Step::CreatePayment, false, FaultPosition::BeforeCommit);
    for coordination in Coordination::ALL {
        let mut scenario = with(coordination, fault(slow, target, Trigger::Nth(2)));
        let (slow, _) = sound(&scenario);
        scenario.faults.clear();
        let plain = run(&scenario);
        let sum = |run: &Finished| run.stations.iter().map(|s| s.service_ns).sum::<u128>();
        // 2 ms became 100 ms; in a monolith the whole transaction of 6 ms became 300 ms.
        let expected = if coordination == Coordination::Monolith { 49 * 6 } else { 49 * 2 };
        assert_eq!(sum(&slow) - sum(&plain), u128::from(expected * MS), "{coordination:?}");
    }
}

#[test]
fn latency_is_added_in_one_direction() {
    let add = FaultKind::Latency { add_ns: 400 * MS, jitter_ns: 0 };
    let link = Target::Link { from: Service::Payment, to: Service::Order, both: false };
    let scenario = with(Coordination::Choreography, fault(add, link, between(0, u64::MAX)));
    let (slow, _) = sound(&scenario);
    let plain = run(&busy(Coordination::Choreography));
    let at = |run: &Finished, service: Service| run.stations[service as usize].network_ns;
    let late = u128::from(slow.faults[0].1) * u128::from(400 * MS);
    assert_eq!(at(&slow, Service::Order) - at(&plain, Service::Order), late);
    assert_eq!(at(&slow, Service::User), at(&plain, Service::User));
}

#[test]
fn latencies_of_two_faults_add_up_and_a_loss_wins() {
    let add = FaultKind::Latency { add_ns: 30 * MS, jitter_ns: 0 };
    let target = step(Step::CreatePayment, false, FaultPosition::Request);
    let mut scenario = with(Coordination::Choreography, fault(add, target, FIRST));
    scenario.faults.push(fault(add, target, FIRST));
    let (run, seen) = sound(&scenario);
    let first = key(Process::Payment, 1, Step::CreatePayment, Turn::Do);
    let when = |seen: &[Seen], key| seen.iter().find(|s| s.heard.key == key).map(|s| s.now_ns);
    let (_, plain) = watched(&busy(Coordination::Choreography), &[]);
    assert_eq!(when(&seen, first), when(&plain, first).map(|ns| ns + 60 * MS));
    assert_eq!(run.faults.iter().map(|fault| fault.1).collect::<Vec<_>>(), [1, 1]);
    scenario.faults.push(fault(FaultKind::Drop, target, FIRST));
    let (run, _) = watched(&scenario, &[]);
    assert_eq!(wrong(&run), None);
    assert_eq!(run.faults.iter().map(|fault| fault.1).collect::<Vec<_>>(), [0, 0, 1]);
}

#[test]
fn nothing_crosses_a_partition_in_the_direction_it_cuts() {
    let cut = |direction| FaultKind::Partition { direction };
    let crossing = |seen: &[Seen], into: bool| {
        let within = |seen: &&Seen| (SECOND + 5 * MS..3 * SECOND).contains(&seen.now_ns);
        let crosses = |seen: &&Seen| match into {
            true => seen.heard.to == Service::Coupon && seen.heard.from != Service::Coupon,
            false => seen.heard.from == Service::Coupon && seen.heard.to != Service::Coupon,
        };
        seen.iter().filter(within).filter(crosses).count()
    };
    for coordination in [Coordination::Choreography, Coordination::Orchestration] {
        for direction in [Direction::In, Direction::Out, Direction::Both] {
            let fault = fault(cut(direction), at(Service::Coupon), WINDOW);
            let (run, seen) = sound(&with(coordination, fault));
            // The answers of lost requests are missing as well.
            assert_eq!(crossing(&seen, false), 0, "{coordination:?} {direction:?}");
            let into = crossing(&seen, true);
            assert_eq!(into > 0, direction == Direction::Out, "{coordination:?} {direction:?}");
            assert!(run.messages.dropped > 0);
        }
    }
}

#[test]
fn what_a_partition_holds_up_comes_when_it_heals() {
    let link = Target::Link { from: Service::Payment, to: Service::Order, both: true };
    let (run, seen) = sound(&with(Coordination::Choreography, fault(CUT, link, WINDOW)));
    let crossing = seen
        .iter()
        .filter(|seen| seen.heard.from == Service::Payment && seen.heard.to == Service::Order);
    let (during, after): (Vec<&Seen>, Vec<&Seen>) =
        crossing.partition(|seen| seen.now_ns < 3 * SECOND);
    assert!(during.is_empty() && after.len() >= 20, "{} {}", during.len(), after.len());
    // An event that finds the link cut waits for the relay, again and again.
    assert!(run.messages.redelivered > run.messages.dropped / 2);
}

#[test]
fn what_is_delivered_twice_is_absorbed() {
    let everything = Service::ALL[..Service::STATIONS].iter();
    let services = everything.fold(Services::default(), |set, service| set.with(*service));
    let twice = FaultKind::Duplicate { delay_ns: 30 * MS };
    for coordination in Coordination::ALL {
        let target = Target::Services(services);
        let (run, _) = sound(&with(coordination, fault(twice, target, between(0, u64::MAX))));
        assert!(run.messages.duplicated > 100 && run.messages.absorbed > 40, "{:?}", run.messages);
    }
}

#[test]
fn messages_that_are_held_back_may_be_overtaken() {
    let mix = FaultKind::Reorder { within_ns: 500 * MS };
    let link = Target::Link { from: Service::Order, to: Service::Customer, both: false };
    let (run, _) = sound(&with(Coordination::Choreography, fault(mix, link, between(0, u64::MAX))));
    assert!(run.faults[0].1 > 20);
}

#[test]
fn a_full_queue_refuses_and_what_was_refused_comes_again() {
    let sinks =
        [(FaultKind::RedisDown, Service::Ranking), (FaultKind::PlatformDown, Service::Platform)];
    for coordination in Coordination::ALL {
        let heart = (FaultKind::QueueFull, hearts(coordination)[0]);
        for (kind, service) in sinks.into_iter().chain([heart]) {
            let (run, seen) = sound(&with(coordination, fault(kind, at(service), WINDOW)));
            let (during, after) = handled(&seen, service);
            let answers = kind == FaultKind::QueueFull;
            assert!((during == 0 || answers) && after > 0, "{coordination:?} {kind:?} {during}");
            assert_eq!(run.messages.refused, run.faults[0].1);
        }
    }
}

/// The same exchange broken by a planted strike and by a declared fault.
fn alike(scenario: &Scenario, strike: Strike, target: Target) {
    let kind = match strike.position {
        Position::RequestLost | Position::ReplyLost => FaultKind::Drop,
        _ => FaultKind::Crash { restart_ns: Some(SECOND) },
    };
    let planted = struck(scenario, &[strike]);
    let mut scenario = scenario.clone();
    scenario.faults.push(fault(kind, target, FIRST));
    let declared = run(&scenario);
    assert_eq!(wrong(&declared), None, "{strike:?}");
    assert_eq!((planted.strikes[0].1, declared.faults[0].1), (1, 1), "{strike:?}");
    assert_eq!(planted.digest, declared.digest, "{strike:?}");
}

#[test]
fn a_declared_fault_of_one_exchange_is_the_planted_strike() {
    let steps = [
        (Process::Order, 0, Step::UseCoupon, Turn::Do),
        (Process::Order, 0, Step::CreateOrder, Turn::Do),
        (Process::Payment, 1, Step::CreatePayment, Turn::Do),
        (Process::Refund, 1, Step::UseCoupon, Turn::Undo),
    ];
    let positions = [
        (Position::RequestLost, FaultPosition::Request),
        (Position::BeforeCommit, FaultPosition::BeforeCommit),
        (Position::AfterCommit, FaultPosition::AfterCommit),
        (Position::ReplyLost, FaultPosition::Reply),
    ];
    for coordination in [Coordination::Choreography, Coordination::Orchestration] {
        let mut scenario = small(coordination);
        scenario.customers.intents = all("pay-then-refund");
        for (process, n, name, turn) in steps {
            let call = coordination == Coordination::Orchestration || name == Step::UseCoupon;
            for (position, declared) in positions {
                if declared == FaultPosition::Reply && !call {
                    continue;
                }
                let key = key(process, n, name, turn);
                let strike = Strike { key, position, every_attempt: false, answer: false };
                alike(&scenario, strike, step(name, turn == Turn::Undo, declared));
            }
        }
    }
}

#[test]
fn a_crash_after_the_commit_of_a_transaction_commits_it_all() {
    let target = step(Step::UseCoupon, false, FaultPosition::AfterCommit);
    let crash = FaultKind::Crash { restart_ns: Some(SECOND) };
    let (run, _) = sound(&with(Coordination::Monolith, fault(crash, target, FIRST)));
    // The customer's retry is answered from the stored answer.
    assert!(run.messages.absorbed >= 1 && run.messages.retried >= 1);
}

#[test]
fn all_attempts_share_one_decision_if_the_fault_says_so() {
    let target = step(Step::UseCoupon, false, FaultPosition::Reply);
    let trigger = Trigger::Probability { probability: 0.3, from_ns: 0, until_ns: u64::MAX };
    let mut scenario = busy(Coordination::Orchestration);
    scenario.faults.push(Fault { every_attempt: true, ..fault(FaultKind::Drop, target, trigger) });
    let (run, seen) = sound(&scenario);
    let attempts = scenario.protection.retry.expect("on by default").max_attempts;
    // Heard at the first attempt, or told by its own transport after the last one.
    let heard = seen.iter().filter(|seen| {
        let Seen { heard, now_ns, .. } = seen;
        let reply = heard.transport == Transport::Reply && heard.key.turn() == Turn::Do;
        reply && heard.key.step() == Step::UseCoupon && *now_ns < 5 * SECOND
    });
    let tries: Vec<u8> = heard.map(|seen| seen.heard.key.attempt()).collect();
    assert!(tries.iter().all(|attempt| *attempt == 0 || attempt + 1 == attempts), "{tries:?}");
    assert!(tries.contains(&(attempts - 1)) && run.messages.retried > 0);
}

#[test]
fn the_nth_message_is_counted_without_retries() {
    let target = step(Step::UseCoupon, false, FaultPosition::Request);
    for coordination in [Coordination::Choreography, Coordination::Orchestration] {
        let mut scenario = busy(coordination);
        scenario.faults.push(fault(FaultKind::Drop, target, Trigger::Nth(3)));
        scenario.faults.push(fault(FaultKind::Drop, target, Trigger::Nth(20)));
        let (run, _) = sound(&scenario);
        assert_eq!(run.faults.iter().map(|fault| fault.1).collect::<Vec<_>>(), [1, 1]);
        scenario.faults[1].trigger = Trigger::Nth(21);
        let hits: Vec<u64> = run_hits(&scenario);
        assert_eq!(hits, [1, 0], "there are twenty orders");
    }
}

fn run_hits(scenario: &Scenario) -> Vec<u64> {
    run(scenario).faults.iter().map(|fault| fault.1).collect()
}

#[test]
fn a_window_comes_again_as_often_as_it_says() {
    let trigger = between(500 * MS, 600 * MS);
    let mut crash = fault(CRASH, at(Service::Order), trigger);
    crash.repeat = Some(Repeat { every_ns: SECOND, times: Some(3) });
    let mut scenario = with(Coordination::Choreography, crash);
    let (run, seen) = sound(&scenario);
    assert_eq!(run.faults[0].1, 3);
    let down = |seen: &&Seen| {
        let since_ns = seen.now_ns % SECOND;
        seen.heard.to == Service::Order && (500 * MS..600 * MS).contains(&since_ns)
    };
    let when: Vec<u64> = seen.iter().filter(down).map(|seen| seen.now_ns / SECOND).collect();
    assert!(when.iter().all(|second| *second >= 3), "{when:?}");
    scenario.faults[0].repeat = Some(Repeat { every_ns: SECOND, times: None });
    assert_eq!(sound(&scenario).0.faults[0].1, 5, "the load lasts for five seconds");
}

#[test]
fn taking_one_fault_away_redraws_no_other() {
    let trigger = Trigger::Probability { probability: 0.4, from_ns: 0, until_ns: u64::MAX };
    let target = |name| step(name, false, FaultPosition::Request);
    let mut scenario = busy(Coordination::Choreography);
    scenario.customers.think_time = Dist::Fixed(0);
    scenario.protection.relay_interval_ns = 10 * MS;
    scenario.faults.push(fault(FaultKind::Drop, target(Step::CreateOrder), trigger));
    scenario.faults.push(fault(FaultKind::Drop, target(Step::PublishOrder), trigger));
    // How long each sale was on its way to the platform.
    let ways = |scenario: &Scenario| {
        let (_, seen) = watched(scenario, &[]);
        let when = |step: Step, order: u32| {
            let mine =
                |seen: &&Seen| (seen.heard.key.step(), seen.heard.key.request().0) == (step, order);
            seen.iter().find(mine).map_or(0, |seen| seen.now_ns)
        };
        let way = |order| when(Step::PublishOrder, order) - when(Step::CompleteOrder, order);
        (0..20).map(way).collect::<Vec<u64>>()
    };
    let both = run_hits(&scenario);
    assert!(both[0] > 0 && both[1] > 0);
    let taken = ways(&scenario);
    // The first one can strike no more, but is still the first.
    scenario.faults[0].trigger = Trigger::Nth(u64::MAX);
    assert_eq!((run_hits(&scenario)[1], ways(&scenario)), (both[1], taken));
}

#[test]
fn a_fault_that_the_coordination_does_not_have_changes_nothing() {
    for coordination in Coordination::ALL {
        let strangers: Vec<Service> = Service::ALL[..Service::STATIONS]
            .iter()
            .copied()
            .filter(|one| !one.takes_part(coordination))
            .collect();
        let plain = run(&busy(coordination));
        for service in strangers {
            let fault = fault(CRASH, at(service), WINDOW);
            assert!(!fault.applies(coordination));
            let run = run(&with(coordination, fault));
            assert_eq!((run.digest, run.faults[0].1), (plain.digest, 0), "{service:?}");
        }
    }
}

#[test]
fn after_the_last_window_everything_heals_and_settles() {
    for coordination in Coordination::ALL {
        let mut scenario = busy(coordination);
        for service in hearts(coordination) {
            scenario.faults.push(fault(CUT, at(*service), between(SECOND, u64::MAX)));
            scenario.faults.push(fault(CRASH, at(*service), between(4 * SECOND, u64::MAX)));
        }
        let run = run(&scenario);
        assert_eq!(wrong(&run), None, "{coordination:?}");
        let window_ns = scenario.flow.payment_window_ns;
        assert!(run.end_ns < 5 * SECOND + window_ns + 60 * SECOND, "{} ns", run.end_ns);
    }
}
