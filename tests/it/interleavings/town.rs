//! The small worlds: who orders what, what may go wrong, what is switched off.

use super::actor::Actor;
use super::ledger::{Ledgers, presented};
use super::moment::{Customer, Faults, Moment};
use super::numbers::Numbers;
use crate::harness::{made_of, scenario};
use rustc_hash::FxHashMap;
use sagasim::domain::{
    Body, Coordination, Envelope, Exchange, Process, RequestId, Service, SharedBasket, Step,
    Transport, Turn, Word,
};
use sagasim::sim::explore::Switch;
use sagasim::sim::plan::{Intent, Plan, Source};
use sagasim::sim::scenario::Scenario;
use std::sync::{Arc, Mutex};

/// One way the business may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Branch {
    /// What each customer means to do.
    pub(super) intents: &'static [Intent],
    /// What a rule of the business refuses.
    pub(super) refused: Option<Exchange>,
}

/// The orders of a world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Orders {
    /// One order with a coupon; every intent, and every step that can be refused.
    One,
    /// Two customers want the last unit.
    LastUnit,
    /// A customer presents one coupon with two orders.
    OneCoupon,
}

const TWO: &str = r#"
[run]
seed     = 1
duration = "1s"

[flow]
payment_window = "5s"

[protection]
relay_interval = "10s"

[[load]]
executor = "constant-arrival-rate"
rate     = "2/s"
spacing  = "even"
"#;

const LAST_UNIT: &str = r#"
[users]
count = 2

[products]
count = 1
stock = 1
"#;

const ONE_COUPON: &str = r#"
[users]
count = 1

[[coupon]]
name     = "ten-percent"
discount = { percent = 10 }
quantity = 1
issue    = "before"

[basket]
coupon_rate = 1.0
"#;

/// Attempts of a call that may end unanswered.
pub(super) const ATTEMPTS: u8 = 2;

impl Orders {
    /// What the explorer explores as well.
    pub(super) fn scenario(self, coordination: Coordination, off: Option<Switch>) -> Scenario {
        let mut scenario = match self {
            Orders::One => scenario("one-order"),
            Orders::LastUnit => made_of(&format!("{TWO}{LAST_UNIT}")),
            Orders::OneCoupon => made_of(&format!("{TWO}{ONE_COUPON}")),
        };
        scenario.flow.coordination = coordination;
        if let Some(retry) = &mut scenario.protection.retry {
            retry.max_attempts = ATTEMPTS;
        }
        off.iter().for_each(|switch| switch.set(&mut scenario, false));
        scenario
    }

    const fn count(self) -> u32 {
        match self {
            Orders::One => 1,
            Orders::LastUnit | Orders::OneCoupon => 2,
        }
    }

    fn branches(self, faults: Faults) -> Vec<Branch> {
        use Intent::{Abandon, Cancel, CancelWhilePaying, Pay, PayThenRefund};
        let free = |intents| Branch { intents, refused: None };
        match self {
            Orders::One => {
                let intents: [&'static [Intent]; 5] =
                    [&[Pay], &[Abandon], &[Cancel], &[CancelWhilePaying], &[PayThenRefund]];
                let refused = |(process, n, step)| {
                    let key = Exchange::new(RequestId(0), process, n, step, Turn::Do);
                    let back = process == Process::Refund;
                    let intents: &[Intent] = if back { &[PayThenRefund] } else { &[Pay] };
                    Branch { intents, refused: Some(key) }
                };
                intents.into_iter().map(free).chain(REFUSABLE.map(refused)).collect()
            }
            Orders::LastUnit | Orders::OneCoupon if faults == Faults::NONE => {
                vec![free(&[Pay, Pay]), free(&[Cancel, Pay])]
            }
            Orders::LastUnit | Orders::OneCoupon => vec![free(&[Abandon, Pay])],
        }
    }
}

/// The steps that a rule of the business may refuse.
const REFUSABLE: [(Process, u8, Step); 8] = [
    (Process::Order, 0, Step::DeductStock),
    (Process::Order, 0, Step::CreateOrder),
    (Process::Order, 0, Step::UseCoupon),
    (Process::Order, 0, Step::SetFinalAmount),
    (Process::Payment, 1, Step::DeductBalance),
    (Process::Payment, 1, Step::CreatePayment),
    (Process::Payment, 1, Step::CompleteOrder),
    (Process::Refund, 0, Step::StartRefund),
];

/// What a delivery does to an actor, and what comes of it.
#[derive(Debug)]
pub(super) struct Handled {
    pub(super) actor: u32,
    pub(super) entry: Option<super::ledger::Entry>,
    pub(super) sends: Vec<u32>,
    pub(super) arm: Vec<u32>,
    pub(super) disarm: Vec<Exchange>,
}

/// How a world is at rest: the ledger, the actors, the calls that are open, the messages left.
pub(super) type Rest = (u32, [u32; Actor::COUNT], Vec<u32>, usize);

/// Everything that has a number, and what is known of it already.
pub(super) struct Known {
    pub(super) actors: Numbers<Actor>,
    pub(super) messages: Numbers<Envelope>,
    pub(super) ledgers: Ledgers,
    /// By actor, message and branch: a delivery always does the same.
    pub(super) handled: FxHashMap<(u32, u32, u8), Arc<Handled>>,
    /// What the reckoning finds, and how orders end.
    pub(super) rests: FxHashMap<Rest, (u32, u8)>,
}

/// A world to be searched.
pub(super) struct Town {
    pub(super) plan: Arc<Plan>,
    pub(super) orders: u32,
    pub(super) branches: Vec<Branch>,
    pub(super) faults: Faults,
    /// Sinks take in at once what is sent to them, and customers hear at once that a request is
    /// accepted.
    pub(super) prompt: bool,
    /// Seeded defect: this is answered, but not done.
    pub(super) skipped: Option<(Step, Turn)>,
    pub(super) known: Mutex<Known>,
}

impl Town {
    /// A world with everything on but one protection.
    pub(super) fn new(
        orders: Orders,
        coordination: Coordination,
        faults: Faults,
        off: Option<Switch>,
    ) -> Self {
        let scenario = orders.scenario(coordination, off);
        let plan = Plan::new(scenario, 1).expect("no order log to read");
        let plan = Arc::new(plan.narrowed());
        let known = Known {
            actors: Numbers::default(),
            messages: Numbers::default(),
            ledgers: Ledgers::new(&plan, orders.count()),
            handled: FxHashMap::default(),
            rests: FxHashMap::default(),
        };
        Town {
            plan,
            orders: orders.count(),
            branches: orders.branches(faults),
            faults,
            prompt: orders.count() > 1,
            skipped: None,
            known: Mutex::new(known),
        }
    }

    /// Whether a message arrives before anything else happens.
    pub(super) fn is_prompt(&self, now: &Moment, envelope: &Envelope) -> bool {
        let sink = matches!(envelope.body.to(), Service::Platform | Service::Ranking);
        let accepts = envelope.body == Body::Customer(Word::Accepted);
        let answer = envelope.transport == Transport::Reply;
        let ignored = answer && now.calls.iter().all(|call| call.key != envelope.key);
        self.prompt && (sink || accepts || ignored)
    }

    /// The basket of an order.
    pub(super) fn basket(&self, order: u32) -> SharedBasket {
        let planned = self.plan.order(Source::Arrival(order));
        let coupon = presented(&self.plan, &planned);
        planned.basket(coupon).into()
    }

    /// The moment before anything was sent.
    pub(super) fn dawn(&self, branch: u8, known: &mut Known) -> Moment {
        Moment {
            branch,
            actors: Actor::cast(&self.plan).map(|actor| known.actors.of(actor)),
            ledger: 0,
            way: Vec::new(),
            calls: Vec::new(),
            windows: Vec::new(),
            customers: vec![Customer::default(); self.orders as usize],
            left: self.faults,
            late: None,
            broken: 0,
            ends: 0,
        }
    }
}
