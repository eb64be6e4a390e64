//! Conformance: what every saga has to do, shown at every step of the saga table.
//!
//! `steps` has the three tests that Oxide's omicron puts every saga to (`test_helpers.rs`): fail at
//! each step; fail at each step and undo everything twice; do every step twice. `sagas` has the
//! list that durable-workflow publishes (`saga-runtime-scenarios.json`).

mod sagas;
mod steps;

use crate::world::{self, SECOND, small, watched, wrong};
use sagasim::domain::{
    Coordination, Exchange, Process, RequestId, Service, Step, Transport, Turn, saga::Row,
};
use sagasim::sim::check::OrderEnd;
use sagasim::sim::engine::{Finished, Position, Strike};
use sagasim::sim::scenario::{Dist, Load, Scenario, Spacing};
use std::collections::BTreeSet;

const SAGAS: [Coordination; 2] = [Coordination::Choreography, Coordination::Orchestration];

/// One order with a coupon, whose customer does what leads into the process. Faults that last are
/// over after 10 s: then the window is still open, unless it is what the process is about.
fn one_order(coordination: Coordination, process: Process) -> Scenario {
    let mut scenario = small(coordination);
    scenario.customers.intents = world::all(match process {
        Process::Expiry => "abandon",
        Process::Cancel => "cancel",
        Process::Refund => "pay-then-refund",
        Process::Order | Process::Payment | Process::Issue | Process::Traffic => "pay",
    });
    let window = if process == Process::Expiry { 5 } else { 60 };
    scenario.flow.payment_window_ns = window * SECOND;
    scenario.customers.refund_delay = Dist::Fixed(SECOND as i64);
    scenario.run.duration_ns = Some(10 * SECOND);
    scenario.loads =
        vec![Load::ConstantArrivalRate { rate_per_s: 0.1, spacing: Spacing::Even }.into()];
    scenario
}

/// The exchange of a row of the table.
fn key(row: &Row) -> Exchange {
    let paying = row.process == Process::Payment;
    world::key(row.process, u8::from(paying), row.step, row.turn)
}

/// What a run leaves behind: how orders ended, units, balances, coupons, sales.
type Trace = (Vec<OrderEnd>, Vec<i64>, Vec<i64>, (u64, i64), Vec<((i32, u32), i64)>);

fn trace(run: &Finished) -> Trace {
    let proof = &run.proof;
    let sold = proof.sold.iter().map(|(place, units)| (*place, *units)).collect();
    (proof.orders.clone(), proof.available.clone(), proof.balances.clone(), proof.coupons, sold)
}

/// A message that a service handles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Handled {
    key: Exchange,
    transport: Transport,
    at: Service,
}

impl Handled {
    /// The step that it asks for, and in which direction. Answers of the coupon service carry
    /// Order's next step with them.
    fn work(&self) -> (Process, Step, Turn) {
        let (process, step, turn) = (self.key.process(), self.key.step(), self.key.turn());
        match (self.at, self.transport, turn) {
            (Service::Order, Transport::Reply, Turn::Do) => (process, Step::SetFinalAmount, turn),
            (Service::Order, Transport::Reply, _) if process == Process::Refund => {
                (process, Step::FinishRefund, Turn::Do)
            }
            (Service::Order, Transport::Reply, _) => (process, Step::CreateOrder, Turn::Undo),
            _ => (process, step, turn),
        }
    }

    /// It is delivered once more, because its acknowledgement is lost.
    fn again(&self) -> Strike {
        let answer = self.transport == Transport::Reply;
        let (key, position) = (self.key.with_attempt(0), Position::AckLost);
        Strike { key, position, every_attempt: false, answer }
    }
}

/// What services handle in a sound run, in the order of handling, and the run.
fn handled(scenario: &Scenario, strikes: &[Strike]) -> (Finished, Vec<Handled>) {
    let (run, seen) = watched(scenario, strikes);
    assert_eq!(wrong(&run), None, "{strikes:?}");
    let heard = seen.into_iter().map(|seen| seen.heard);
    let mine = heard.filter(|hop| hop.key.request() == RequestId(0));
    let of = |hop: world::Hop| Handled { key: hop.key, transport: hop.transport, at: hop.to };
    (run, mine.map(of).collect())
}

/// The undos among what was handled, in that order, each once.
fn undos(handled: &[Handled]) -> Vec<(Process, Step)> {
    let mut undos = Vec::new();
    for one in handled {
        let (process, step, turn) = one.work();
        let asked = turn == Turn::Undo && one.at != Service::Orchestrator;
        if asked && !undos.contains(&(process, step)) {
            undos.push((process, step));
        }
    }
    undos
}

/// Without repetition.
fn distinct(handled: Vec<Handled>) -> BTreeSet<Handled> {
    handled.into_iter().collect()
}
