//! The bus on crafted scenarios: calls, timers, queues, workers and locks do what the protocol
//! says, to the nanosecond.

use crate::world::{
    MS, SECOND, Seen, all, key, refused, run, rush, small, station, struck, violated, watched,
    wrong,
};
use sagasim::actors::gate::Receipt;
use sagasim::domain::{
    Coordination, Exchange, Process, RequestId, Service, Step, Transport, Turn, UndoPolicy,
};
use sagasim::sim::check::{Law, Outcome};
use sagasim::sim::engine::{Metric, Position, Strike};
use sagasim::sim::scenario::{Dist, Fault, Load, Retry, Scenario, Spacing, Trigger};
use std::collections::BTreeMap;

use Coordination::{Choreography, Monolith, Orchestration};

const USE_COUPON: Exchange = key(Process::Order, 0, Step::UseCoupon, Turn::Do);

/// Retries at fixed pauses, so that instants can be foretold.
fn steady(max_attempts: u8) -> Option<Retry> {
    let pause_ns = 50 * MS;
    Some(Retry {
        max_attempts,
        initial_ns: pause_ns,
        multiplier: 1.0,
        max_ns: pause_ns,
        full_jitter: false,
    })
}

fn strike(key: Exchange, position: Position, every_attempt: bool) -> Strike {
    Strike { key, position, every_attempt, answer: false }
}

/// When a service handled the exchanges that `which` picks, in order.
fn instants(seen: &[Seen], at: Service, which: impl Fn(Exchange) -> bool) -> Vec<u64> {
    let mine = |seen: &&Seen| seen.heard.to == at && which(seen.heard.key);
    seen.iter().filter(mine).map(|seen| seen.now_ns).collect()
}

fn gaps(instants: &[u64]) -> Vec<u64> {
    instants.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

fn restores(seen: &[Seen]) -> Vec<Receipt> {
    let restore = |seen: &&Seen| {
        let key = seen.heard.key;
        let (request, step, turn) = (key.request(), key.step(), key.turn());
        let mine = seen.heard.to == Service::Coupon && request == RequestId(0);
        mine && (step, turn) == (Step::UseCoupon, Turn::Undo)
    };
    seen.iter().filter(restore).map(|seen| seen.receipt).collect()
}

#[test]
fn a_call_without_an_answer_is_sent_again_under_its_key_until_nobody_knows() {
    for coordination in [Choreography, Orchestration] {
        let mut scenario = small(coordination);
        scenario.protection.retry = steady(4);
        let strikes = [strike(USE_COUPON, Position::RequestLost, true)];
        let (run, seen) = watched(&scenario, &strikes);
        assert_eq!(wrong(&run), None);
        assert_eq!((run.strikes[0].1, run.messages.retried), (4, 3));
        // Sent at a commit; then four timeouts and three pauses; then the caller hears Unknown.
        let sent =
            |seen: &&Seen| seen.sent.iter().any(|hop| hop.key.identity() == USE_COUPON.identity());
        let sent_ns = seen.iter().find(sent).expect("the call").now_ns;
        let heard = |seen: &&Seen| {
            seen.heard.transport == Transport::Reply
                && seen.heard.key.identity() == USE_COUPON.identity()
        };
        let heard_ns = seen.iter().find(heard).expect("Unknown").now_ns;
        assert_eq!(heard_ns - sent_ns, 4 * SECOND + 3 * 50 * MS + 2 * MS, "{coordination:?}");
        assert_eq!(run.proof.orders[0].outcome, Outcome::Compensated);
        assert_eq!(run.proof.orders[1].outcome, Outcome::Completed);
    }
}

#[test]
fn the_undo_policy_says_what_becomes_of_an_unclear_coupon() {
    let policies = [UndoPolicy::Completed, UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore];
    for coordination in [Choreography, Orchestration] {
        for policy in policies {
            let mut scenario = small(coordination);
            scenario.protection.compensate = policy;
            // The request never arrives: an undo finds nothing.
            let (run, seen) =
                watched(&scenario, &[strike(USE_COUPON, Position::RequestLost, true)]);
            assert_eq!(wrong(&run), None);
            let owed = policy != UndoPolicy::Completed;
            let expected = if owed { vec![Receipt::Empty] } else { vec![] };
            assert_eq!(restores(&seen), expected, "{coordination:?} {policy:?}");
            assert_eq!(run.proof.harm.empty_undos, u64::from(owed));
            // It arrives, and its answers are lost: an undo finds what it is for.
            let (run, seen) = watched(&scenario, &[strike(USE_COUPON, Position::ReplyLost, true)]);
            if owed {
                assert_eq!(run.proof.orders[0].outcome, Outcome::Compensated);
            }
            let expected = if owed { vec![Receipt::Fresh] } else { vec![] };
            assert_eq!(restores(&seen), expected, "{coordination:?} {policy:?}");
            let broken = violated(&run);
            assert_eq!(broken.contains(&"coupon-used-iff-completed"), !owed, "{broken:?}");
            // It is refused: only what was registered before runs.
            scenario.faults.push(refused(Step::UseCoupon));
            let (run, seen) = watched(&scenario, &[]);
            assert_eq!(wrong(&run), None);
            let registered = policy == UndoPolicy::RegisterBefore;
            assert_eq!(
                restores(&seen).len(),
                usize::from(registered),
                "{coordination:?} {policy:?}"
            );
            assert_eq!(run.proof.harm.empty_undos, 2 * u64::from(registered));
        }
    }
}

#[test]
fn an_answer_after_the_timeout_is_ignored_and_counted() {
    for coordination in [Choreography, Orchestration] {
        let (run, seen) =
            watched(&small(coordination), &[strike(USE_COUPON, Position::LateReply, false)]);
        assert_eq!(wrong(&run), None);
        assert_eq!((run.messages.retried, run.messages.ignored_replies), (1, 1));
        let heard = |seen: &&Seen| {
            seen.heard.to == Service::Coupon && seen.heard.key.identity() == USE_COUPON.identity()
        };
        let receipts: Vec<Receipt> = seen.iter().filter(heard).map(|seen| seen.receipt).collect();
        assert_eq!(receipts, [Receipt::Fresh, Receipt::Again], "the answer was stored");
        assert_eq!(run.proof.orders[0].outcome, Outcome::Completed);
    }
}

#[test]
fn an_unknown_pivot_is_asked_again_for_as_long_as_it_takes() {
    let complete = key(Process::Payment, 1, Step::CompleteOrder, Turn::Do);
    let mut scenario = small(Orchestration);
    scenario.protection.retry = steady(2);
    // Ten attempts are lost one by one, five times more than any other call would be tried.
    let attempts = (0..10).map(|attempt| complete.with_attempt(attempt));
    let strikes: Vec<Strike> =
        attempts.map(|key| strike(key, Position::RequestLost, false)).collect();
    let run = struck(&scenario, &strikes);
    assert_eq!(wrong(&run), None);
    assert!(run.strikes.iter().all(|(_, hits)| *hits == 1));
    assert_eq!(run.proof.orders[0].outcome, Outcome::Completed);
}

#[test]
fn messages_of_one_order_between_two_services_keep_their_order() {
    for coordination in Coordination::ALL {
        let mut scenario = rush(coordination, 100);
        scenario.network_latency = Dist::Exponential { mean: 50e6 };
        scenario.protection.timeout_ns = None;
        scenario.customers.intents = all("pay-then-refund");
        scenario.customers.refund_delay = Dist::Fixed(0);
        for settings in &mut scenario.services {
            settings.service_time = Dist::Exponential { mean: 1e6 };
        }
        let (run, seen) = watched(&scenario, &[]);
        assert_eq!(wrong(&run), None);
        let mut sent: BTreeMap<(Service, Service, RequestId), Vec<Exchange>> = BTreeMap::new();
        let mut handled = sent.clone();
        for hop in seen.iter().flat_map(|seen| &seen.sent) {
            if hop.to != Service::Customer && hop.from != hop.to {
                sent.entry((hop.from, hop.to, hop.key.request())).or_default().push(hop.key);
            }
        }
        for Seen { heard, .. } in &seen {
            if heard.from != Service::Customer && heard.from != heard.to {
                let pair = (heard.from, heard.to, heard.key.request());
                handled.entry(pair).or_default().push(heard.key);
            }
        }
        assert_eq!(sent, handled, "{coordination:?}");
        let busy = sent.values().filter(|keys| keys.len() > 1).count();
        assert!(busy >= 100, "{coordination:?}: only {busy} pairs sent more than one message");
    }
}

#[test]
fn a_station_never_serves_two_messages_of_one_order_at_once() {
    // Pay and cancel leave the customer at the same instant; eight workers are idle.
    for (coordination, at) in
        [(Orchestration, Service::Orchestrator), (Monolith, Service::Monolith)]
    {
        let mut scenario = rush(coordination, 1);
        scenario.customers.intents = all("cancel-while-paying");
        station(&mut scenario, Service::Orchestrator, 8, 40 * MS);
        let (run, seen) = watched(&scenario, &[]);
        assert_eq!(wrong(&run), None);
        let asks =
            instants(&seen, at, |key| key.turn() == Turn::Ask && key.process() != Process::Order);
        assert_eq!(asks.len(), 2);
        assert!(gaps(&asks)[0] >= if at == Service::Orchestrator { 40 * MS } else { 2 * MS });
    }
    // The same between strangers: all at once.
    let mut scenario = rush(Orchestration, 2);
    station(&mut scenario, Service::Orchestrator, 8, 40 * MS);
    let (_, seen) = watched(&scenario, &[]);
    let asks = instants(&seen, Service::Orchestrator, |key| {
        key.turn() == Turn::Ask && key.process() == Process::Order
    });
    assert_eq!(gaps(&asks), [1]);
}

fn crowded(max_attempts: u8) -> Scenario {
    let mut scenario = rush(Choreography, 6);
    station(&mut scenario, Service::Product, 1, 30 * MS);
    scenario.services[Service::Product as usize].queue_capacity = Some(1);
    scenario.protection.retry = steady(max_attempts);
    scenario
}

#[test]
fn a_full_queue_says_busy_and_the_call_comes_again_after_its_pause() {
    let (run, seen) = watched(&crowded(20), &[]);
    assert_eq!(wrong(&run), None);
    assert_eq!(run.proof.outcomes.of(Outcome::Completed), 6);
    assert!(run.messages.refused > 0 && run.messages.retried == run.messages.refused);
    assert_eq!(run.messages.absorbed, 0, "what was refused had no effect");
    // One served at once, one from the line; of the other four the first comes after a hop back,
    // a pause and a hop.
    let deducted = instants(&seen, Service::Product, |key| {
        (key.step(), key.turn()) == (Step::DeductStock, Turn::Do)
    });
    assert_eq!(deducted.len(), 6);
    assert_eq!(gaps(&deducted)[0], 30 * MS);
    let figures = &run.stations[Service::Product as usize];
    assert_eq!((figures.queue_max, figures.refused), (1, run.messages.refused));
}

#[test]
fn a_call_that_was_only_ever_refused_by_a_full_queue_is_definitely_refused() {
    let run = run(&crowded(1));
    assert_eq!(wrong(&run), None);
    assert_eq!(run.proof.outcomes.of(Outcome::Completed), 2);
    assert_eq!(run.proof.outcomes.of(Outcome::Rejected), 4);
    let refused = run.latencies.of(Metric::PlaceRefused).expect("four customers were told");
    assert_eq!((refused.corrected.len(), refused.max_ns), (4, 2 * MS));
    assert!(run.latencies.of(Metric::PlaceUnknown).is_none());
}

#[test]
fn an_event_refused_by_a_full_queue_comes_again_after_the_relay_interval() {
    let mut scenario = rush(Choreography, 2);
    station(&mut scenario, Service::Payment, 1, 40 * MS);
    scenario.services[Service::Payment as usize].queue_capacity = Some(0);
    scenario.protection.relay_interval_ns = 700 * MS;
    let (run, seen) = watched(&scenario, &[]);
    assert_eq!(wrong(&run), None);
    assert_eq!((run.messages.refused, run.messages.redelivered), (1, 1));
    let created = instants(&seen, Service::Payment, |key| key.step() == Step::CreatePayment);
    // The second event arrives a nanosecond after the first; the relay brings it back.
    assert_eq!(gaps(&created), [700 * MS + 1]);
}

#[test]
fn a_synchronous_coupon_call_holds_a_worker_of_order_and_a_command_holds_none() {
    let orders = 10;
    let mut ends = Vec::new();
    for coordination in [Choreography, Orchestration] {
        let mut scenario = rush(coordination, orders);
        station(&mut scenario, Service::Order, 1, 2 * MS);
        station(&mut scenario, Service::Coupon, 16, 100 * MS);
        let (run, seen) = watched(&scenario, &[]);
        assert_eq!(wrong(&run), None);
        let placed = run.proof.orders.iter().filter(|end| end.outcome == Outcome::Completed);
        assert_eq!(placed.count(), orders as usize);
        let used = instants(&seen, Service::Coupon, |key| key.step() == Step::UseCoupon);
        let held_ns = run.stations[Service::Order as usize].held_ns;
        if coordination == Choreography {
            // The only worker: two hops, 100 ms at Coupon, 2 ms to set the amount, 2 ms to create
            // the next order.
            assert!(gaps(&used).iter().all(|gap| *gap == 106 * MS), "{:?}", gaps(&used));
            // Held from the commit that calls until the answer is there; then it serves again.
            assert_eq!(held_ns, u128::from(orders) * u128::from(102 * MS));
        } else {
            assert!(gaps(&used).iter().all(|gap| *gap <= 2 * MS), "{:?}", gaps(&used));
            assert_eq!(held_ns, 0);
        }
        ends.push(run.latencies.of(Metric::PlacePlaced).expect("placed").max_ns);
    }
    assert!(ends[0] > u64::from(orders) * 104 * MS && ends[1] < 200 * MS, "{ends:?}");
}

#[test]
fn a_worker_that_waits_and_then_serves_the_answer_is_busy_once() {
    let mut scenario = small(Choreography);
    scenario.run.duration_ns = Some(4 * SECOND);
    scenario.loads =
        vec![Load::ConstantArrivalRate { rate_per_s: 10.0, spacing: Spacing::Even }.into()];
    station(&mut scenario, Service::Order, 1, 100 * MS);
    let order = run(&scenario).stations[Service::Order as usize];
    let load_ns = u128::from(4 * SECOND);
    assert!(order.loaded_ns <= load_ns && order.loaded_ns > load_ns * 9 / 10, "{order:?}");
}

#[test]
fn the_first_payment_row_is_the_first_that_is_written_in_a_monolith_too() {
    let mut scenario = small(Monolith);
    scenario.users.balance = Dist::Uniform { min: 0, max: 60_000 };
    let trigger = Trigger::Nth(1);
    let name = "first".to_owned();
    scenario.faults.push(Fault::error(name, Step::CreatePayment, false, trigger));
    scenario.run.duration_ns = Some(20 * SECOND);
    for seed in 0..10 {
        scenario.run.seed = Some(seed);
        let run = run(&scenario);
        assert!(run.steps[Step::DeductBalance as usize].done > 0);
        assert_eq!(run.faults, [("first".to_owned(), 1)], "seed {seed}");
    }
}

#[test]
fn no_message_is_delivered_that_was_not_sent() {
    for coordination in Coordination::ALL {
        let mut scenario = small(coordination);
        scenario.customers.intents = all("abandon");
        let run = run(&scenario);
        assert_eq!(run.proof.outcomes.of(Outcome::Expired), run.started);
        assert_eq!(run.messages.delivered, run.messages.sent, "{coordination:?}");
    }
}

#[test]
fn the_payment_window_dies_with_the_state_it_guards() {
    for coordination in Coordination::ALL {
        let ticks = |seen: &[Seen]| {
            seen.iter().filter(|seen| seen.heard.transport == Transport::Timer).count()
        };
        for intent in ["pay", "cancel", "pay-then-refund"] {
            let mut scenario = small(coordination);
            scenario.customers.intents = all(intent);
            let (run, seen) = watched(&scenario, &[]);
            assert_eq!(wrong(&run), None);
            assert_eq!(ticks(&seen), 0, "{coordination:?} {intent}");
            assert!(run.end_ns < 60 * SECOND, "nothing is left to wait for: {}", run.end_ns);
        }
        let mut scenario = small(coordination);
        scenario.customers.intents = all("abandon");
        let (run, seen) = watched(&scenario, &[]);
        assert_eq!(wrong(&run), None);
        assert_eq!(ticks(&seen), 2, "{coordination:?}");
        assert_eq!(run.proof.outcomes.of(Outcome::Expired), 2);
        assert!(run.end_ns > 300 * SECOND);
        assert!(run.proof.findings.checked(Law::NoLeakedLockTimerCallOrRow) > 0);
    }
}

#[test]
fn a_payment_window_opens_with_the_final_amount_and_closes_to_the_nanosecond() {
    let mut scenario = small(Choreography);
    scenario.customers.intents = all("abandon");
    scenario.flow.payment_window_ns = 12_345_678_901;
    let (_, seen) = watched(&scenario, &[]);
    let mine = |key: Exchange| key.request() == RequestId(0);
    let opened = instants(&seen, Service::Order, |key| mine(key) && key.step() == Step::UseCoupon);
    let closed = instants(&seen, Service::Order, |key| mine(key) && key.step() == Step::CloseOrder);
    assert_eq!(closed[0] - opened[0], 12_345_678_901 + 2 * MS, "and one service time");
}

#[test]
fn littles_law_is_exact_whatever_happens() {
    for coordination in Coordination::ALL {
        let mut scenario = rush(coordination, 200);
        scenario.network_latency = Dist::Exponential { mean: 5e6 };
        scenario.protection.timeout_ns = Some(40 * MS);
        scenario.customers.intents = all("cancel-while-paying");
        for settings in &mut scenario.services {
            settings.service_time = Dist::Exponential { mean: 3e6 };
            (settings.workers, settings.queue_capacity) = (2, Some(30));
        }
        let mut calm = scenario.clone();
        for settings in &mut calm.services {
            settings.queue_capacity = None;
        }
        for scenario in [scenario, calm] {
            let run = run(&scenario);
            assert_eq!(wrong(&run), None, "{coordination:?}");
            let busy = run.stations.iter().filter(|station| station.sojourn_ns > 0);
            assert!(busy.count() >= 2);
            for station in &run.stations {
                assert_eq!(station.area_ns, station.sojourn_ns);
                assert_eq!(station.present, 0);
            }
        }
    }
}

#[test]
fn littles_law_is_exact_through_a_crash_in_the_middle_of_a_rush() {
    for (coordination, at) in
        [(Choreography, Turn::Do), (Orchestration, Turn::Do), (Monolith, Turn::Ask)]
    {
        let victim = key(Process::Order, 0, Step::DeductStock, at).with_request(RequestId(20));
        for position in [Position::BeforeCommit, Position::AfterCommit] {
            let run = struck(&rush(coordination, 50), &[strike(victim, position, false)]);
            assert_eq!(run.strikes[0].1, 1);
            assert_eq!(wrong(&run), None, "{coordination:?} {position:?}");
        }
    }
}

#[test]
fn what_a_crash_cut_off_does_not_bar_the_order_from_being_served_again() {
    // Product is up again before the service it was cut off from would have ended; in between the
    // second customer tries for the last time.
    let mut scenario = small(Choreography);
    scenario.run.duration_ns = Some(2 * SECOND);
    scenario.loads =
        vec![Load::ConstantArrivalRate { rate_per_s: 1.0 / 1.95, spacing: Spacing::Even }.into()];
    station(&mut scenario, Service::Product, 8, 3 * SECOND);
    scenario.protection.retry = steady(3);
    let victim = key(Process::Order, 0, Step::DeductStock, Turn::Do);
    let run = struck(&scenario, &[strike(victim, Position::BeforeCommit, false)]);
    assert_eq!((wrong(&run), run.strikes[0].1), (None, 1));
    assert_eq!(run.proof.orders[0].outcome, Outcome::Rejected);
    assert_eq!(run.proof.orders[1].outcome, Outcome::Completed);
}

#[test]
fn a_crash_of_order_during_a_coupon_call_gives_no_worker_away_twice() {
    // Two of three workers are held by calls when the third breaks; afterwards there are three.
    let mut scenario = rush(Choreography, 12);
    station(&mut scenario, Service::Order, 3, 20 * MS);
    station(&mut scenario, Service::Coupon, 16, 200 * MS);
    let create = key(Process::Order, 0, Step::CreateOrder, Turn::Do);
    let victim = create.with_request(RequestId(2));
    let (run, seen) = watched(&scenario, &[strike(victim, Position::BeforeCommit, false)]);
    assert_eq!((wrong(&run), run.strikes[0].1), (None, 1));
    let all = instants(&seen, Service::Order, |_| true);
    for four in all.windows(4) {
        assert!(four[3] - four[0] >= 20 * MS - 2, "four commits of three workers in {four:?}");
    }
}

#[test]
fn a_wait_for_a_row_lock_of_the_monolith_is_time() {
    // One product: placing is serial, though eight workers are idle.
    let mut scenario = rush(Monolith, 3);
    scenario.basket.coupon_rate = 0.0;
    let one_row = run(&scenario);
    assert_eq!(wrong(&one_row), None);
    let place = one_row.latencies.of(Metric::PlacePlaced).expect("placed");
    // deduct-stock, create-order and set-final-amount, 2 ms each; nobody has a coupon.
    let (hops, transaction) = (2 * MS, 6 * MS);
    assert_eq!(place.min_ns, hops + transaction);
    assert_eq!(place.max_ns, hops + 3 * transaction - 2);
    let station = &one_row.stations[Service::Monolith as usize];
    assert_eq!(station.wait_ns, 0, "a worker was free");
    // Rows of their own: all at once.
    scenario.products.count = 1_000_000;
    let rows = run(&scenario);
    let place = rows.latencies.of(Metric::PlacePlaced).expect("placed");
    assert_eq!((place.min_ns, place.max_ns), (hops + transaction, hops + transaction));
    let apart = &rows.stations[Service::Monolith as usize];
    let waited_ns = station.service_ns - apart.service_ns;
    assert_eq!(waited_ns, u128::from((1 + 2) * transaction - 1 - 2));
}
