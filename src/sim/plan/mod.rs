//! The plan: what each order asks for, drawn by key before anything runs.
//!
//! A plan is a pure function of (scenario, seed). Nothing of it is stored per order: the engine
//! draws an order when it arrives, and the checker draws it again at rest.

mod arrivals;
mod calendar;
mod confluence;
mod coupons;
mod crowd;
mod narrow;
mod ramp;
mod replay;

pub use arrivals::Arrivals;
pub use calendar::Calendar;
pub(crate) use confluence::takes_off;
pub use confluence::{Confluence, certify};
pub use crowd::Crowd;
pub use replay::Replay;

use crate::domain::{Basket, Line, Service};
use crate::sim::decide::{mix, unit};
use crate::sim::dist::{Popular, Sampler};
use crate::sim::order_log::{LogError, read};
use crate::sim::scenario::{Dist, Intents, Issue, Quota, Scenario};
use arrivals::Stream;
use coupons::Issued;
use narrow::Narrow;

/// Which draw an order is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// The i-th arrival of all open loads together, or of the order log.
    Arrival(u32),
    /// The k-th order of a user in a closed load; no two loads share a user.
    Visit {
        /// Who.
        user: u32,
        /// From 0.
        k: u32,
    },
}

/// What a customer means to do with a placed order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Intent {
    /// Pay.
    Pay,
    /// Never act again.
    Abandon,
    /// Cancel.
    Cancel,
    /// Pay and cancel at the same moment.
    CancelWhilePaying,
    /// Pay, and take it back later.
    PayThenRefund,
}

impl Intent {
    /// Every intent, in declaration order.
    pub const ALL: [Intent; 5] = [
        Intent::Pay,
        Intent::Abandon,
        Intent::Cancel,
        Intent::CancelWhilePaying,
        Intent::PayThenRefund,
    ];

    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Intent::Pay => "pay",
            Intent::Abandon => "abandon",
            Intent::Cancel => "cancel",
            Intent::CancelWhilePaying => "cancel-while-paying",
            Intent::PayThenRefund => "pay-then-refund",
        }
    }
}

/// One order, as planned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderPlan {
    /// Who orders.
    pub user: u32,
    /// What, each product once.
    pub lines: Box<[Line]>,
    /// The campaign whose coupon the customer would like to use.
    pub wish: Option<u32>,
    /// What follows.
    pub intent: Intent,
}

impl OrderPlan {
    /// The basket, with the coupon the customer presents.
    #[must_use]
    pub fn basket(self, coupon: Option<u32>) -> Basket {
        Basket::new(self.user, coupon, self.lines)
    }
}

/// The fields of an order that are drawn, each on its own.
#[repr(u64)]
#[derive(Clone, Copy)]
enum Field {
    User = 1,
    Wish,
    Campaign,
    Intent,
    LineCount,
    Pause,
    RefundDelay,
    Gap,
    Balance,
    Stock,
    Price,
    Think = 32,
    Product = 64,
    Quantity = 4096,
}

/// Scenario and seed, ready to draw from.
#[derive(Debug)]
pub struct Plan {
    /// The question.
    pub scenario: Scenario,
    /// The seed.
    pub seed: u64,
    /// Days.
    pub calendar: Calendar,
    /// The log, if the load is one.
    pub replay: Option<Replay>,
    /// Arrivals stop after this, in nanoseconds.
    pub duration_ns: u64,
    /// The users of closed loads, by their ids.
    pub crowds: Box<[Crowd]>,
    streams: Box<[Stream]>,
    /// Service time per station.
    pub service: [Sampler; Service::STATIONS],
    /// One-way network latency.
    pub network: Sampler,
    draws: Draws,
    issued: Issued,
}

#[derive(Debug)]
struct Draws {
    seed: u64,
    users: u32,
    think: Sampler,
    refund_delay: Sampler,
    lines: Sampler,
    quantity: Sampler,
    price: Sampler,
    stock: Sampler,
    balance: Sampler,
    popular: Popular,
    narrow: Option<Narrow>,
}

impl Draws {
    fn new(scenario: &Scenario, replay: Option<&Replay>, seed: u64) -> Self {
        let sampler = Sampler::new;
        let (customers, products) = (&scenario.customers, &scenario.products);
        Draws {
            seed: mix(seed, 0x0070_6c61_6e00),
            users: replay.map_or(scenario.users.count, |replay| replay.log.users.len() as u32),
            think: sampler(&customers.think_time),
            refund_delay: sampler(&customers.refund_delay),
            lines: sampler(&scenario.basket.lines),
            quantity: sampler(&scenario.basket.quantity),
            price: sampler(&products.price),
            stock: sampler(&products.stock),
            balance: sampler(&scenario.users.balance),
            popular: Popular::new(
                &products.popularity,
                replay.map_or(products.count, |replay| replay.log.products.len() as u32),
            ),
            narrow: None,
        }
    }

    fn of(&self, source: Source, field: Field, index: u64) -> u64 {
        let order = match source {
            Source::Arrival(i) => u64::from(i),
            Source::Visit { user, k } => 1 << 63 | u64::from(user) << 32 | u64::from(k),
        };
        mix(mix(self.seed, order), field as u64 + index)
    }

    fn thing(&self, field: Field, id: u32) -> u64 {
        mix(mix(self.seed, 1 << 62 | u64::from(id)), field as u64)
    }

    fn member(&self, user: u32) -> u32 {
        self.narrow.as_ref().map_or(user, |narrow| narrow.users[user as usize])
    }

    fn article(&self, product: u32) -> u32 {
        self.narrow.as_ref().map_or(product, |narrow| narrow.products[product as usize])
    }
}

/// Service times by station. Services that are alike share one table: what they draw from then
/// stays in the nearest cache.
fn service_times(scenario: &Scenario) -> [Sampler; Service::STATIONS] {
    let mut made: Vec<(&Dist, Sampler)> = Vec::new();
    std::array::from_fn(|i| {
        let dist = &scenario.services[i].service_time;
        if let Some((_, sampler)) = made.iter().find(|(known, _)| *known == dist) {
            return sampler.clone();
        }
        let sampler = Sampler::new(dist);
        made.push((dist, sampler.clone()));
        sampler
    })
}

/// A number below `count`, from 64 uniform bits.
const fn below(h: u64, count: u32) -> u32 {
    ((h as u128 * count as u128) >> 64) as u32
}

impl Plan {
    /// Resolves a scenario with a seed. Reads the order log, if there is one.
    ///
    /// # Errors
    /// The order log cannot be read.
    pub fn new(scenario: Scenario, seed: u64) -> Result<Self, LogError> {
        let replay = match scenario.order_log() {
            Some(settings) => Some(Replay::new(read(settings)?)),
            None => None,
        };
        let draws = Draws::new(&scenario, replay.as_ref(), seed);
        let duration_ns = scenario
            .arrivals_end_ns()
            .or_else(|| replay.as_ref().map(|replay| replay.log.span_ns + 1))
            .unwrap_or(0);
        let blocks = || scenario.loads.iter().enumerate();
        let stream = |(block, settings)| Stream::new(block, settings, duration_ns);
        let mut first = 0;
        let crowd = |(block, settings)| {
            let crowd = Crowd::new(block, first, settings, duration_ns)?;
            first = crowd.users.end;
            Some(crowd)
        };
        let mut plan = Plan {
            streams: blocks().filter_map(stream).collect(),
            crowds: blocks().filter_map(crowd).collect(),
            calendar: Calendar::new(&scenario, replay.as_ref(), duration_ns),
            service: service_times(&scenario),
            network: Sampler::new(&scenario.network_latency),
            issued: Issued::default(),
            scenario,
            seed,
            replay,
            duration_ns,
            draws,
        };
        plan.issued = Issued::before(&plan);
        Ok(plan)
    }

    /// How many users there are.
    #[must_use]
    pub fn users(&self) -> u32 {
        self.draws.narrow.as_ref().map_or(self.draws.users, |narrow| narrow.users.len() as u32)
    }

    /// How many products there are.
    #[must_use]
    pub fn products(&self) -> u32 {
        match (&self.draws.narrow, &self.replay) {
            (Some(narrow), _) => narrow.products.len() as u32,
            (None, Some(replay)) => replay.log.products.len() as u32,
            (None, None) => self.scenario.products.count,
        }
    }

    /// A user's balance at the start.
    #[must_use]
    pub fn balance(&self, user: u32) -> i64 {
        self.draws.balance.at(self.draws.thing(Field::Balance, self.draws.member(user))).max(0)
    }

    /// A product's units at the start.
    #[must_use]
    pub fn stock(&self, product: u32) -> i64 {
        self.draws.stock.at(self.draws.thing(Field::Stock, self.draws.article(product))).max(0)
    }

    /// A product's price at the start.
    #[must_use]
    pub fn price(&self, product: u32) -> i64 {
        self.draws.price.at(self.draws.thing(Field::Price, self.draws.article(product))).max(0)
    }

    /// The arrivals of open loads, from the first on.
    #[must_use]
    pub fn arrivals(&self) -> Arrivals {
        Arrivals::new(self)
    }

    /// Every arrival of the open loads, in order.
    fn every_arrival(&self) -> impl Iterator<Item = Source> {
        let mut arrivals = self.arrivals();
        std::iter::from_fn(move || {
            arrivals.next_ns()?;
            let source = Source::Arrival(arrivals.passed());
            arrivals.pass(self);
            Some(source)
        })
    }

    /// The place among `crowds` of the one a user of a closed load belongs to.
    #[must_use]
    pub fn crowd_of(&self, user: u32) -> usize {
        self.crowds.partition_point(|crowd| crowd.users.end <= user)
    }

    /// When the k-th order of a user who is ready at `ready_ns` may be placed; none: never.
    #[must_use]
    pub fn visit_ns(&self, user: u32, k: u32, ready_ns: u64) -> Option<u64> {
        let crowd = self.crowds.get(self.crowd_of(user))?;
        if let Some(Quota::Each(orders)) = crowd.quota
            && k >= orders
        {
            return None;
        }
        crowd.active_ns(user, ready_ns)
    }

    /// What an order is.
    #[must_use]
    pub fn order(&self, source: Source) -> OrderPlan {
        let draws = &self.draws;
        if let (Some(replay), Source::Arrival(i)) = (&self.replay, source) {
            let (user, lines) = replay.basket(i);
            return OrderPlan {
                user,
                lines: merge(lines.iter().copied()),
                wish: self.wish(source),
                intent: self.intent(source),
            };
        }
        let user = self.user(source);
        let count = draws.lines.at(draws.of(source, Field::LineCount, 0)).max(1) as u64;
        let lines = merge((0..count).map(|line| self.line(source, line)));
        OrderPlan { user, lines, wish: self.wish(source), intent: self.intent(source) }
    }

    /// Who places an order and which coupon is wished for, without drawing the rest.
    #[must_use]
    fn wisher(&self, source: Source) -> Option<(u32, u32)> {
        let wish = self.wish(source)?;
        Some((self.user(source), wish))
    }

    /// Who places an order.
    #[must_use]
    pub fn user(&self, source: Source) -> u32 {
        match (source, &self.replay) {
            (Source::Visit { user, .. }, _) => user,
            (Source::Arrival(i), Some(replay)) => replay.basket(i).0,
            (Source::Arrival(_), None) => {
                let user = below(self.draws.of(source, Field::User, 0), self.draws.users);
                let narrow = self.draws.narrow.as_ref();
                narrow.map_or(user, |narrow| Narrow::place(&narrow.users, user))
            }
        }
    }

    fn line(&self, source: Source, line: u64) -> Line {
        let draws = &self.draws;
        let product = draws.popular.at(draws.of(source, Field::Product, line));
        let narrow = draws.narrow.as_ref();
        let product = narrow.map_or(product, |narrow| Narrow::place(&narrow.products, product));
        let quantity = draws.quantity.at(draws.of(source, Field::Quantity, line)).max(1) as u32;
        let line_amount = self.price(product) * i64::from(quantity);
        Line { product, quantity, line_amount }
    }

    fn wish(&self, source: Source) -> Option<u32> {
        let campaigns = self.scenario.coupons.len() as u32;
        let rate = self.scenario.basket.coupon_rate;
        let wished = campaigns > 0 && unit(self.draws.of(source, Field::Wish, 0)) < rate;
        wished.then(|| below(self.draws.of(source, Field::Campaign, 0), campaigns))
    }

    fn intent(&self, source: Source) -> Intent {
        if self.logged_cancel_ns(source).is_some() {
            return Intent::PayThenRefund;
        }
        let Intents { pay, abandon, cancel, cancel_while_paying, .. } =
            self.scenario.customers.intents;
        let mut luck = unit(self.draws.of(source, Field::Intent, 0));
        let shares = [
            (pay, Intent::Pay),
            (abandon, Intent::Abandon),
            (cancel, Intent::Cancel),
            (cancel_while_paying, Intent::CancelWhilePaying),
        ];
        for (share, intent) in shares {
            if luck < share {
                return intent;
            }
            luck -= share;
        }
        let refunds = self.scenario.customers.intents.pay_then_refund > 0.0;
        if refunds { Intent::PayThenRefund } else { Intent::Pay }
    }

    /// When the order log says this order was cancelled.
    fn logged_cancel_ns(&self, source: Source) -> Option<u64> {
        match (source, &self.replay) {
            (Source::Arrival(i), Some(replay)) => replay.cancelled_ns(i),
            _ => None,
        }
    }

    /// Whether the customer's coupon was issued before the run.
    #[must_use]
    pub fn issued_before(&self, coupon: u32, user: u32) -> bool {
        self.issued.has(coupon, user)
    }

    /// Every coupon issued before the run, as (campaign, user).
    pub fn issued_coupons(&self) -> impl Iterator<Item = (u32, u32)> {
        self.issued.iter()
    }

    /// Whether the customer asks for the coupon right before ordering.
    #[must_use]
    pub fn on_demand(&self, coupon: u32) -> bool {
        self.scenario.coupons[coupon as usize].issue == Issue::OnDemand
    }

    /// Between Placed, or a failed payment, and the customer's next action; `n` counts the acts.
    #[must_use]
    pub fn think_ns(&self, source: Source, n: u8) -> u64 {
        self.draws.think.at(self.draws.of(source, Field::Think, u64::from(n & 31))).max(0) as u64
    }

    /// From Paid at `now_ns` until the refund is asked for.
    #[must_use]
    pub fn refund_delay_ns(&self, source: Source, now_ns: u64) -> u64 {
        if let Some(at_ns) = self.logged_cancel_ns(source) {
            return at_ns.saturating_sub(now_ns);
        }
        self.draws.refund_delay.at(self.draws.of(source, Field::RefundDelay, 0)).max(0) as u64
    }

    /// Between the end of a user's order and the user's next.
    #[must_use]
    pub fn pause_ns(&self, source: Source) -> u64 {
        let Source::Visit { user, .. } = source else { return 0 };
        let Some(crowd) = self.crowds.get(self.crowd_of(user)) else { return 0 };
        crowd.pause.at(self.draws.of(source, Field::Pause, 0)).max(0) as u64
    }
}

/// Lines of the same product become one.
fn merge(lines: impl Iterator<Item = Line>) -> Box<[Line]> {
    let mut merged: Vec<Line> = Vec::with_capacity(lines.size_hint().0);
    for line in lines {
        match merged.iter_mut().find(|known| known.product == line.product) {
            Some(known) => {
                known.quantity += line.quantity;
                known.line_amount += line.line_amount;
            }
            None => merged.push(line),
        }
    }
    merged.into()
}
