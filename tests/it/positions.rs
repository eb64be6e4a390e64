//! The seven fault positions are in the stages of the bus: every exchange that occurs is broken at
//! every position it has, in every coordination, and with all protections on nothing is lost.

use crate::world::{Hop, SECOND, all, key, refused, small, struck, violated, watched, wrong};
use sagasim::domain::{
    Coordination, Exchange, Process, RequestId, Service, Step, Transport, Turn, UndoPolicy,
};
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::{Position, Strike};
use sagasim::sim::scenario::{Dist, Issue, Scenario};
use std::collections::{BTreeMap, BTreeSet};

use Position::{
    AckLost, AfterCommit, BeforeCommit, LateReply, LateRequest, ReplyLost, RequestLost,
};

const ALL: [Position; 7] =
    [RequestLost, BeforeCommit, AfterCommit, ReplyLost, LateReply, AckLost, LateRequest];

/// Pairs of strikes tried in each world.
const PAIRS: usize = 400;

/// The positions that a message has. A customer has no commit, a timer no way to go.
fn positions(hop: &Hop) -> &'static [Position] {
    match (hop.transport, hop.to) {
        (Transport::Event, Service::Customer) => &[RequestLost, ReplyLost],
        (Transport::Event, _) => &[RequestLost, BeforeCommit, AfterCommit, ReplyLost, AckLost],
        (Transport::Call | Transport::HeldCall, _) => &ALL,
        (Transport::Reply, Service::Customer) => &[],
        (Transport::Timer | Transport::Reply, _) => &[BeforeCommit, AfterCommit, AckLost],
    }
}

/// Small worlds that reach every branch of the flow, by name.
pub(crate) fn worlds(coordination: Coordination) -> Vec<(&'static str, Scenario)> {
    let mut worlds = Vec::new();
    for intent in ["pay-then-refund", "abandon", "cancel", "cancel-while-paying"] {
        let mut scenario = small(coordination);
        scenario.customers.intents = all(intent);
        worlds.push((intent, scenario));
    }
    for step in [
        Step::DeductStock,
        Step::CreateOrder,
        Step::UseCoupon,
        Step::SetFinalAmount,
        Step::DeductBalance,
        Step::CreatePayment,
        Step::CompleteOrder,
        Step::StartRefund,
    ] {
        let mut scenario = small(coordination);
        scenario.customers.intents = all("pay-then-refund");
        scenario.customers.pay_attempts = 2;
        scenario.faults.push(refused(step));
        worlds.push((step.name(), scenario));
    }
    let mut poor = small(coordination);
    poor.users.balance = Dist::Fixed(1);
    (poor.customers.top_up, poor.customers.pay_attempts) = (true, 2);
    worlds.push(("top-up", poor));
    let mut on_demand = small(coordination);
    on_demand.coupons[0].issue = Issue::OnDemand;
    worlds.push(("issue-coupon", on_demand));
    let mut plain = small(coordination);
    plain.basket.coupon_rate = 0.0;
    worlds.push(("no coupon", plain));
    worlds
}

/// The exchanges of order 0, with the positions each has.
fn exchanges(scenario: &Scenario) -> BTreeSet<Strike> {
    let (run, seen) = watched(scenario, &[]);
    assert_eq!(wrong(&run), None);
    let hops = seen.iter().flat_map(|seen| std::iter::once(&seen.heard).chain(&seen.sent));
    hops.filter(|hop| hop.key.request() == RequestId(0))
        .flat_map(|hop| {
            let answer = hop.transport == Transport::Reply;
            let strike =
                move |&position| Strike { key: hop.key, position, every_attempt: false, answer };
            positions(hop).iter().map(strike)
        })
        .collect()
}

fn break_everything(coordination: Coordination, policy: UndoPolicy) -> BTreeMap<Position, u32> {
    let mut broken: BTreeMap<Position, u32> = BTreeMap::new();
    let mut failures = Vec::new();
    for (name, mut scenario) in worlds(coordination) {
        scenario.protection.compensate = policy;
        for once in exchanges(&scenario) {
            for every_attempt in [false, true] {
                // An exchange that is repeated without limit would break without end.
                if every_attempt && !matches!(once.position, LateRequest | LateReply | AckLost) {
                    continue;
                }
                let strike = Strike { every_attempt, ..once };
                let run = struck(&scenario, &[strike]);
                *broken.entry(once.position).or_default() += 1;
                let missed = run.strikes.iter().any(|(_, hits)| *hits == 0);
                let missed = missed.then(|| "never hit".to_owned());
                if let Some(what) = wrong(&run).or(missed) {
                    failures.push(format!("{name}: {strike:?}: {what}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    broken
}

#[test]
fn whatever_exchange_of_a_choreography_breaks_wherever_nothing_is_lost() {
    let broken = break_everything(Coordination::Choreography, UndoPolicy::UnknownToo);
    assert!(ALL.iter().all(|position| broken[position] > 30), "{broken:?}");
}

#[test]
fn whatever_exchange_of_an_orchestration_breaks_wherever_nothing_is_lost() {
    let broken = break_everything(Coordination::Orchestration, UndoPolicy::UnknownToo);
    assert!(ALL.iter().all(|position| broken[position] > 100), "{broken:?}");
}

#[test]
fn whatever_exchange_of_a_monolith_breaks_wherever_nothing_is_lost() {
    let broken = break_everything(Coordination::Monolith, UndoPolicy::UnknownToo);
    assert!(ALL.iter().all(|position| broken[position] > 10), "{broken:?}");
}

#[test]
fn undos_registered_before_their_steps_lose_nothing_either() {
    for coordination in [Coordination::Choreography, Coordination::Orchestration] {
        break_everything(coordination, UndoPolicy::RegisterBefore);
    }
}

#[test]
fn two_exchanges_of_one_order_may_break_and_nothing_is_lost() {
    let mut failures = Vec::new();
    for coordination in Coordination::ALL {
        for (name, mut scenario) in worlds(coordination) {
            // Whatever comes late meets the end of the window, and a customer who has given up.
            scenario.flow.payment_window_ns = 4 * SECOND;
            scenario.customers.patience_ns = 3 * SECOND;
            let all: Vec<Strike> = exchanges(&scenario).into_iter().map(for_good).collect();
            // A spread over all pairs.
            let pairs = all.len() * all.len();
            for at in (0..pairs).step_by((pairs / PAIRS).max(1) | 1) {
                let strikes = [all[at / all.len()], all[at % all.len()]];
                let run = struck(&scenario, &strikes);
                if let Some(what) = wrong(&run) {
                    failures.push(format!("{coordination:?} {name}: {strikes:?}: {what}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// A late request is late on every attempt: otherwise the next attempt makes up for it.
fn for_good(strike: Strike) -> Strike {
    Strike { every_attempt: strike.position == LateRequest, ..strike }
}

/// The smallest fault of a protection, and the invariant that it breaks once the switch is off.
struct Absence {
    scenario: Scenario,
    strike: Strike,
    breaks: &'static str,
}

fn absence(scenario: Scenario, key: Exchange, position: Position, breaks: &'static str) -> Absence {
    Absence {
        scenario,
        strike: Strike { key, position, every_attempt: false, answer: false },
        breaks,
    }
}

impl Absence {
    fn on_every_attempt(mut self) -> Self {
        self.strike.every_attempt = true;
        self
    }

    /// Harmless with everything on; with the switch off it breaks what the table says.
    fn shows(mut self, switch_off: impl FnOnce(&mut Scenario)) {
        let strikes = [self.strike];
        let run = struck(&self.scenario, &strikes);
        assert_eq!(wrong(&run), None, "with everything on: {strikes:?}");
        assert!(run.strikes[0].1 > 0);
        switch_off(&mut self.scenario);
        let run = struck(&self.scenario, &strikes);
        assert!(run.strikes[0].1 > 0, "{strikes:?}");
        let violated = violated(&run);
        assert!(violated.contains(&self.breaks), "{strikes:?}: {violated:?}");
        assert_eq!(wrong(&struck(&self.scenario, &[])), None, "without the fault nothing breaks");
    }
}

const SAGAS: [Coordination; 2] = [Coordination::Choreography, Coordination::Orchestration];

#[test]
fn without_an_outbox_a_crash_after_the_commit_leaves_stock_held() {
    let key = key(Process::Order, 0, Step::DeductStock, Turn::Do);
    absence(small(Coordination::Choreography), key, AfterCommit, "nothing-held")
        .shows(|scenario| scenario.protection.switches.outbox = false);
}

#[test]
fn without_an_outbox_a_lost_event_is_lost_for_good() {
    let key = key(Process::Order, 0, Step::CreateOrder, Turn::Do);
    absence(small(Coordination::Choreography), key, RequestLost, "nothing-held")
        .shows(|scenario| scenario.protection.switches.outbox = false);
}

#[test]
fn without_an_inbox_a_duplicate_rollback_gives_stock_back_twice() {
    let mut scenario = small(Coordination::Choreography);
    scenario.customers.intents = all("cancel");
    let key = key(Process::Cancel, 0, Step::DeductStock, Turn::Undo);
    absence(scenario, key, AckLost, "stock-conserved")
        .shows(|scenario| scenario.protection.switches.inbox = false);
}

#[test]
fn without_idempotency_keys_a_lost_reply_costs_the_customer_the_coupon() {
    for coordination in SAGAS {
        let key = key(Process::Order, 0, Step::UseCoupon, Turn::Do);
        absence(small(coordination), key, ReplyLost, "coupon-used-iff-completed")
            .shows(|scenario| scenario.protection.switches.idempotency_key = false);
    }
}

#[test]
fn without_tombstones_a_late_request_uses_the_coupon_of_a_failed_order() {
    for coordination in SAGAS {
        let key = key(Process::Order, 0, Step::UseCoupon, Turn::Do);
        absence(small(coordination), key, LateRequest, "coupon-used-iff-completed")
            .on_every_attempt()
            .shows(|scenario| scenario.protection.switches.tombstone = false);
    }
}

#[test]
fn without_the_semantic_lock_an_order_is_completed_after_its_window() {
    // The event waits for its relay, the call is held back: both past the payment window.
    let complete = key(Process::Payment, 1, Step::CompleteOrder, Turn::Do);
    for (coordination, position) in SAGAS.into_iter().zip([RequestLost, LateRequest]) {
        let mut scenario = small(coordination);
        scenario.flow.payment_window_ns = 5 * SECOND;
        scenario.protection.relay_interval_ns = 10 * SECOND;
        absence(scenario, complete, position, "order-state-machine")
            .on_every_attempt()
            .shows(|scenario| scenario.protection.switches.semantic_lock = false);
    }
}

#[test]
fn without_a_timeout_one_lost_request_leaves_the_order_open_for_ever() {
    for coordination in SAGAS {
        let key = key(Process::Order, 0, Step::UseCoupon, Turn::Do);
        absence(small(coordination), key, RequestLost, "every-order-terminal")
            .shows(|scenario| scenario.protection.timeout_ns = None);
    }
}

#[test]
fn without_retries_one_lost_undo_leaves_the_order_open_for_ever() {
    for coordination in SAGAS {
        let mut scenario = small(coordination);
        scenario.customers.intents = all("cancel");
        let key = key(Process::Cancel, 0, Step::UseCoupon, Turn::Undo);
        absence(scenario, key, RequestLost, "every-order-terminal")
            .shows(|scenario| scenario.protection.retry = None);
    }
}

#[test]
fn without_a_saga_log_a_crash_of_the_orchestrator_leaves_stock_held() {
    let key = key(Process::Order, 0, Step::DeductStock, Turn::Do);
    for position in [BeforeCommit, AfterCommit] {
        let mut absence =
            absence(small(Coordination::Orchestration), key, position, "nothing-held");
        // The answer of deduct-stock is in the orchestrator's hands when it crashes.
        absence.strike.answer = true;
        absence.shows(|scenario| scenario.protection.switches.saga_log = false);
    }
}

#[test]
fn a_saga_log_is_of_no_use_to_services_without_an_orchestrator() {
    let key = key(Process::Order, 0, Step::CreateOrder, Turn::Do);
    for position in [BeforeCommit, AfterCommit] {
        let strike = Strike { key, position, every_attempt: false, answer: false };
        let mut scenario = small(Coordination::Choreography);
        scenario.protection.switches.saga_log = false;
        let run = struck(&scenario, &[strike]);
        assert_eq!((run.strikes[0].1, wrong(&run)), (1, None));
    }
}

#[test]
fn an_order_that_leaves_its_coupon_used_is_compensated_and_not_stuck() {
    for coordination in SAGAS {
        let mut scenario = small(coordination);
        scenario.faults.push(refused(Step::SetFinalAmount));
        scenario.flow.omit.restore_coupon = true;
        let run = struck(&scenario, &[]);
        assert_eq!(run.proof.outcomes.of(Outcome::Compensated), run.started, "{coordination:?}");
        let violated = violated(&run);
        assert!(violated.contains(&"coupon-used-iff-completed"), "{violated:?}");
        assert!(!violated.contains(&"every-order-terminal"), "{violated:?}");
    }
}
