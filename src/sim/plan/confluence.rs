//! Whether a plan is confluent: whether every coordination must end with the same books.

use super::arrivals::Stream;
use super::{Intent, Plan};
use crate::domain::{Discount, Omitted, Protection, Service, Step, Turn, saga};
use crate::sim::dist::Sampler;
use crate::sim::scenario::{Fault, FaultKind, Issue, Trigger};
use std::collections::BTreeMap;

/// The certificate, or why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confluence {
    /// Every coordination ends with the same books and outcomes, order by order.
    Confluent,
    /// It may matter who comes first, for these reasons.
    Contended(Vec<String>),
}

/// Certifies a plan, by the conditions of the protocol.
#[must_use]
pub fn certify(plan: &Plan) -> Confluence {
    let mut reasons = settings(plan);
    if plan.crowds.is_empty() {
        reasons.extend(demand(plan));
    }
    if reasons.is_empty() { Confluence::Confluent } else { Confluence::Contended(reasons) }
}

fn settings(plan: &Plan) -> Vec<String> {
    let scenario = &plan.scenario;
    // Where a refusal only means "not now", it is a matter of time.
    let by_key = |fault: &Fault| {
        let refusable = |(step, undo): (Step, bool)| !undo && saga::refusable(step, Turn::Do);
        let always = match fault.trigger {
            Trigger::Probability { from_ns, until_ns, .. } => {
                from_ns == 0 && until_ns == u64::MAX && fault.repeat.is_none()
            }
            Trigger::Exact { .. } => true,
            Trigger::Nth(_) => false,
        };
        fault.kind == FaultKind::Error && fault.step().is_some_and(refusable) && always
    };
    let protection = &scenario.protection;
    let bare = protection.switches != Protection::ALL || protection.retry.is_none();
    let paying = scenario.customers.intents.cancel_while_paying;
    let on_demand = scenario.coupons.iter().any(|campaign| campaign.issue == Issue::OnDemand);
    let limited = scenario.services.iter().any(|service| service.queue_capacity.is_some());
    let closed = !plan.crowds.is_empty();
    [
        (closed, "users order again: when they do depends on how fast they are served"),
        (on_demand, "coupons are issued on demand"),
        (scenario.customers.top_up, "customers top up"),
        (scenario.traffic.top_up_per_s > 0.0, "background top-ups"),
        (limited, "a queue has a limit"),
        (protection.timeout_ns.is_some(), "calls time out"),
        (bare, "a protection is off"),
        (scenario.flow.omit != Omitted::default(), "the flow leaves something out"),
        (scenario.flow.defect.is_some(), "a defect is planted"),
        (paying > 0.0, "customers cancel while paying"),
        (!scenario.faults.iter().all(by_key), "a fault depends on when it strikes"),
        (
            midnight(plan),
            "midnight falls into the run: a sale's day depends on how fast it is served",
        ),
        (slow(plan), "thinking and ten times the mean latencies do not fit the payment window"),
    ]
    .into_iter()
    .filter(|(applies, _)| *applies)
    .map(|(_, reason)| reason.to_owned())
    .collect()
}

/// think + 10 × summed mean latencies against the window, and against the customers' patience.
fn slow(plan: &Plan) -> bool {
    let flow = &plan.scenario.flow;
    let sum = plan.service.iter().take(Service::STATIONS).map(Sampler::mean).sum::<f64>();
    let latencies_ns = 10.0 * (sum + 12.0 * plan.network.mean());
    let think_ns = Sampler::new(&plan.scenario.customers.think_time).high() as f64;
    let acts = f64::from(plan.scenario.customers.pay_attempts);
    think_ns * acts + latencies_ns >= flow.payment_window_ns as f64
        || latencies_ns >= plan.scenario.customers.patience_ns as f64
}

/// Whether sales of one run may fall on two days that time tells apart, not the log.
fn midnight(plan: &Plan) -> bool {
    let last_ns = plan.duration_ns.saturating_add(plan.scenario.flow.payment_window_ns);
    plan.replay.is_none() && plan.calendar.today(0) != plan.calendar.today(last_ns)
}

/// The time in which so many orders would arrive if they all did at the highest rate: nothing can
/// be more crowded.
fn busiest_ns(plan: &Plan, orders: u32) -> f64 {
    let load_ns = plan.duration_ns.max(1) as f64;
    if plan.streams.iter().all(|stream| stream.steady(plan.duration_ns)) {
        return load_ns;
    }
    let peak_per_s: f64 = plan.streams.iter().filter_map(Stream::peak_per_s).sum();
    load_ns.min(f64::from(orders) / peak_per_s * 1e9).max(1.0)
}

/// Whether some service, or some row of the monolith, is busy for more than half of the load's
/// time: then waits are no longer a matter of ten mean latencies.
fn crowded(plan: &Plan, orders: u32, hottest: u32) -> bool {
    let scenario = &plan.scenario;
    let mean = |service: Service| plan.service[service as usize].mean();
    let payments = f64::from(scenario.customers.pay_attempts);
    let traffic = &scenario.traffic;
    let held = if scenario.coupons.is_empty() {
        0.0
    } else {
        mean(Service::Coupon) + 2.0 * plan.network.mean()
    };
    let reads = traffic.list_products_per_s + traffic.change_price_per_s;
    // The most that one order asks of a service in any coordination, and what others ask of it.
    let asked = [
        (Service::Product, 2.0 * mean(Service::Product), reads),
        (Service::Order, (9.0 + payments) * mean(Service::Order) + held, 0.0),
        (Service::Coupon, 2.0 * mean(Service::Coupon), traffic.list_coupons_per_s),
        (Service::User, (2.0 * payments + 1.0) * mean(Service::User), 0.0),
        (Service::Payment, (2.0 * payments + 1.0) * mean(Service::Payment), 0.0),
        (Service::Orchestrator, (17.0 + 6.0 * payments) * mean(Service::Orchestrator), 0.0),
        (Service::Platform, 2.0 * mean(Service::Platform), 0.0),
        (Service::Ranking, 2.0 * mean(Service::Ranking), traffic.popular_products_per_s),
    ];
    let load_ns = busiest_ns(plan, orders);
    let busy = |service: Service, per_order: f64, others_per_s: f64| {
        let others = others_per_s / 1e9 * load_ns * mean(service);
        let workers = f64::from(scenario.services[service as usize].workers);
        (f64::from(orders) * per_order + others) / (workers * load_ns)
    };
    let domains =
        [Service::Product, Service::Order, Service::Coupon, Service::User, Service::Payment];
    // Order has two rows in a transaction, each other domain at most one.
    let transaction = domains.map(mean).iter().sum::<f64>() + mean(Service::Order);
    let locked = (2.0 + payments) * transaction;
    let others_per_s = reads + traffic.list_coupons_per_s;
    asked.iter().any(|(service, per_order, others)| busy(*service, *per_order, *others) > 0.5)
        || busy(Service::Monolith, locked, others_per_s) > 0.5
        || f64::from(hottest) * locked / load_ns > 0.5
}

/// Who wants how much of what.
#[derive(Default)]
struct Demand {
    orders: u32,
    amount: i64,
}

impl Demand {
    fn add(&mut self, amount: i64) {
        self.orders += 1;
        self.amount = self.amount.saturating_add(amount);
    }

    const fn contended(&self, available: i64) -> bool {
        self.orders > 1 && available < self.amount
    }
}

fn demand(plan: &Plan) -> Vec<String> {
    let mut products: BTreeMap<u32, Demand> = BTreeMap::new();
    let mut users: BTreeMap<u32, Demand> = BTreeMap::new();
    let mut coupons: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut orders = 0;
    for source in plan.every_arrival() {
        orders += 1;
        let order = plan.order(source);
        for line in &order.lines {
            products.entry(line.product).or_default().add(i64::from(line.quantity));
        }
        if order.intent != Intent::Abandon && order.intent != Intent::Cancel {
            let gross = order.lines.iter().map(|line| line.line_amount).sum();
            users.entry(order.user).or_default().add(gross);
        }
        if let Some(coupon) = order.wish.filter(|coupon| plan.issued_before(*coupon, order.user)) {
            *coupons.entry((coupon, order.user)).or_default() += 1;
        }
    }
    let mut reasons = Vec::new();
    let hottest = products.values().chain(users.values()).map(|row| row.orders).max();
    if crowded(plan, orders, hottest.unwrap_or(0)) {
        reasons.push("a service, or a row of the monolith, may not keep up".to_owned());
    }
    let short = |(id, demand): (&u32, &Demand)| demand.contended(plan.stock(*id)).then_some(*id);
    if let Some(product) = products.iter().find_map(short) {
        reasons.push(format!("product {product} has less stock than all orders want"));
    }
    let poor = |(id, demand): (&u32, &Demand)| demand.contended(plan.balance(*id)).then_some(*id);
    if let Some(user) = users.iter().find_map(poor) {
        reasons.push(format!("user {user} has less money than all orders cost"));
    }
    if let Some(((coupon, user), _)) = coupons.iter().find(|(_, uses)| **uses > 1) {
        reasons.push(format!("user {user} presents the coupon of campaign {coupon} twice"));
    }
    reasons
}

/// What a coupon takes off, computed by the checker on its own.
#[must_use]
pub(crate) fn takes_off(discount: Discount, subtotal: i64) -> i64 {
    match discount {
        Discount::Percent(percent) => {
            let hundredths = i128::from(subtotal) * i128::from(percent);
            (hundredths - hundredths.rem_euclid(100)).div_euclid(100) as i64
        }
        Discount::Amount(amount) if amount < subtotal => amount,
        Discount::Amount(_) => subtotal,
    }
}
