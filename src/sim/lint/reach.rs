//! What is declared, and cannot happen or hardly ever will.

use super::load::{counted, short};
use super::{Finder, Lint};
use crate::domain::Step;
use crate::sim::dist::Sampler;
use crate::sim::scenario::{Fault, FaultKind, Issue, Scenario, Settling, Trigger, format_duration};

/// Two faults on one target whose strikes cannot be told apart.
pub(super) fn overlapping_faults(finder: &mut Finder<'_>) {
    let plan = finder.plan;
    let faults = &plan.scenario.faults;
    for (at, fault) in faults.iter().enumerate() {
        let earlier = faults[..at].iter().find(|other| overlap(other, fault));
        let Some(other) = earlier else { continue };
        let title = format!(
            "the faults `{}` and `{}` hit the same step at the same time",
            other.name, fault.name
        );
        let help = "one refusal counts for both: give them windows of their own, or make them one";
        let place = format!("fault.{at}.target");
        finder.warn(Lint::OverlappingFaults, &place, title, help.to_owned());
    }
}

fn overlap(a: &Fault, b: &Fault) -> bool {
    // Other kinds meet as they are told to: latencies add up, a loss wins, a crash over both.
    let refusals = (a.kind, b.kind) == (FaultKind::Error, FaultKind::Error);
    refusals && a.target == b.target && meet(a.trigger, b.trigger)
}

fn meet(a: Trigger, b: Trigger) -> bool {
    match (a, b) {
        (
            Trigger::Probability { probability: p, from_ns: a, until_ns: b },
            Trigger::Probability { probability: q, from_ns: c, until_ns: d },
        ) => p > 0.0 && q > 0.0 && a < d && c < b,
        (Trigger::Exact { order: a, n }, Trigger::Exact { order: b, n: m }) => {
            a == b && (n.is_none() || m.is_none() || n == m)
        }
        (Trigger::Nth(a), Trigger::Nth(b)) => a == b,
        // Chance decides whether these meet, but for a fault that always strikes.
        (Trigger::Probability { probability, from_ns: 0, until_ns: u64::MAX }, _)
        | (_, Trigger::Probability { probability, from_ns: 0, until_ns: u64::MAX }) => {
            probability >= 1.0
        }
        (Trigger::Probability { .. } | Trigger::Nth(_) | Trigger::Exact { .. }, _) => false,
    }
}

/// How often a mean order comes to this step, at most.
fn times(scenario: &Scenario, step: Step, undo: bool) -> f64 {
    let customers = &scenario.customers;
    let intents = &customers.intents;
    let paying = intents.pay + intents.pay_then_refund + intents.cancel_while_paying;
    if undo {
        return f64::from(customers.pay_attempts).max(2.0);
    }
    match step {
        Step::UseCoupon if scenario.coupons.is_empty() => 0.0,
        Step::UseCoupon => scenario.basket.coupon_rate,
        Step::DeductBalance | Step::CreatePayment | Step::CompleteOrder => {
            paying * f64::from(customers.pay_attempts)
        }
        // The log says which orders are taken back.
        Step::StartRefund if scenario.order_log().is_some() => 1.0,
        Step::StartRefund => intents.pay_then_refund,
        // At most once: a step of the order process, or the end of the order.
        _ => 1.0,
    }
}

/// Faults that are expected to strike less than once.
pub(super) fn idle_faults(finder: &mut Finder<'_>) {
    let (plan, arrivals) = (finder.plan, &finder.forecast.arrivals);
    let scenario = &plan.scenario;
    let orders = arrivals.orders();
    let Settling { customers_ns, window_ns, .. } = Settling::of(scenario);
    let later_ns = customers_ns as f64 + window_ns as f64;
    let (mut found, mut strangers) = (Vec::new(), Vec::new());
    for (at, fault) in scenario.faults.iter().enumerate() {
        if !fault.applies(scenario.flow.coordination) {
            let coordination = scenario.flow.coordination.name();
            let title = format!(
                "the fault `{}` has nothing to hit: no {coordination} has its target",
                fault.name
            );
            strangers.push((format!("fault.{at}.target"), title));
            continue;
        }
        // How many messages a link or a service sees, only the run knows.
        let Some((step, undo)) = fault.step().filter(|_| fault.repeat.is_none()) else { continue };
        let often = times(scenario, step, undo);
        let (key, why) = match fault.trigger {
            Trigger::Probability { probability, from_ns, until_ns } => {
                let until_ns = until_ns.min(plan.duration_ns.saturating_add(later_ns as u64));
                let reached = arrivals.expected(from_ns as f64 - later_ns, until_ns as f64);
                let hits = reached * often * probability;
                if hits >= 1.0 {
                    continue;
                }
                ("probability", format!("is expected to strike {} times", short(hits)))
            }
            Trigger::Nth(nth) if nth as f64 > (orders * often).ceil() => {
                let most = counted((orders * often).ceil() as u64, "time");
                ("nth", format!("waits for time {nth}, but its step comes at most {most}"))
            }
            Trigger::Exact { order, .. }
                if arrivals.most.is_some_and(|most| u64::from(order) >= most) =>
            {
                let planned = counted(arrivals.most.unwrap_or(0), "order");
                ("order", format!("waits for order {order}, but {planned} are planned, from 0"))
            }
            Trigger::Nth(_) | Trigger::Exact { .. } => continue,
        };
        found.push((format!("fault.{at}.{key}"), format!("the fault `{}` {why}", fault.name)));
    }
    for (place, title) in found {
        let help = "a fault that never struck makes the run inconclusive: raise its chance, the \
                    load or `duration`";
        finder.warn(Lint::IdleFault, &place, title, help.to_owned());
    }
    for (place, title) in strangers {
        let help = "it is listed as not applicable: another coordination may have it".to_owned();
        finder.warn(Lint::IdleFault, &place, title, help);
    }
}

/// What customers mean to do, and cannot or hardly ever do.
pub(super) fn idle_intents(finder: &mut Finder<'_>) {
    let plan = finder.plan;
    let scenario = &plan.scenario;
    let (customers, flow) = (&scenario.customers, &scenario.flow);
    let intents = &customers.intents;
    let orders = finder.forecast.arrivals.orders();
    let shares = [
        ("pay", intents.pay),
        ("abandon", intents.abandon),
        ("cancel", intents.cancel),
        ("cancel_while_paying", intents.cancel_while_paying),
        ("pay_then_refund", intents.pay_then_refund),
    ];
    for (name, share) in shares {
        let expected = share * orders;
        // One order that arrives at the very beginning is one order.
        if share > 0.0 && expected < 0.999 {
            let title = format!(
                "of {} only {} can be expected to mean `{name}`",
                counted(orders.round() as u64, "order"),
                short(expected),
            );
            let help = "raise its share, the load or `duration`".to_owned();
            finder.warn(Lint::IdleIntent, &format!("customers.intents.{name}"), title, help);
        }
    }
    if intents.abandon >= 1.0 {
        return;
    }
    let think_ns = Sampler::new(&customers.think_time).mean();
    if !flow.omit.expiry && think_ns >= flow.payment_window_ns as f64 {
        let title = format!(
            "customers think for {} on average, but the payment window closes after {}",
            format_duration(think_ns as u64),
            format_duration(flow.payment_window_ns),
        );
        let help = "most orders expire before anybody pays: raise `payment_window`".to_owned();
        finder.warn(Lint::IdleIntent, "customers.think_time", title, help);
    }
    let paying = intents.pay + intents.pay_then_refund + intents.cancel_while_paying;
    if paying > 0.0 && penniless(scenario) {
        let title = "nobody has the money for any order, so no payment can go through".to_owned();
        let help = "raise `[users] balance`, lower `[products] price`, or write `top_up = true` \
                    under `[customers]`";
        finder.warn(Lint::IdleIntent, "users.balance", title, help.to_owned());
    }
}

/// Whether the richest customer that can be drawn cannot buy the cheapest unit that can.
fn penniless(scenario: &Scenario) -> bool {
    let richest = Sampler::new(&scenario.users.balance).at(u64::MAX);
    let cheapest = Sampler::new(&scenario.products.price).at(0);
    let gifts = scenario.customers.top_up || scenario.traffic.top_up_per_s > 0.0;
    let log = scenario.order_log().is_some();
    !log && !gifts && scenario.coupons.is_empty() && richest < cheapest
}

/// Campaigns that never run out.
pub(super) fn idle_coupons(finder: &mut Finder<'_>) {
    let plan = finder.plan;
    let users = u64::from(plan.users());
    let orders = finder.forecast.arrivals.most.unwrap_or(u64::MAX);
    for (at, campaign) in plan.scenario.coupons.iter().enumerate() {
        let name = &campaign.name;
        if plan.scenario.basket.coupon_rate <= 0.0 {
            let title = format!("nobody presents a coupon of `{name}`");
            let help = "write for example `coupon_rate = 0.3` under `[basket]`".to_owned();
            finder.warn(Lint::IdleCoupon, &format!("coupon.{at}.name"), title, help);
            continue;
        }
        let most = users.min(orders);
        if u64::from(campaign.quantity) <= most {
            continue;
        }
        let whom = match users <= orders {
            true => counted(users, "customer"),
            false => counted(orders, "order"),
        };
        let title =
            format!("{} coupons of `{name}` are more than {whom} can use", campaign.quantity);
        let help = format!("one goes to a customer, one to an order: {most} or fewer can run out");
        finder.warn(Lint::IdleCoupon, &format!("coupon.{at}.quantity"), title, help);
    }
}

/// What `[expect] sometimes` requires and these settings exclude.
pub(super) fn vain_expectations(finder: &mut Finder<'_>) {
    let plan = finder.plan;
    for (at, name) in plan.scenario.expect.sometimes.iter().enumerate() {
        if let Some(why) = excluded(&plan.scenario, name) {
            let title = format!("`{name}` cannot happen: {why}");
            let help = "what is required and never happens makes the run inconclusive".to_owned();
            finder.warn(Lint::VainExpectation, &format!("expect.sometimes.{at}"), title, help);
        }
    }
}

/// Why something cannot happen; none: it may.
fn excluded(scenario: &Scenario, name: &str) -> Option<&'static str> {
    let Scenario { customers, traffic, flow, .. } = scenario;
    let intents = &customers.intents;
    let replay = scenario.order_log().is_some();
    let paying = intents.pay + intents.pay_then_refund + intents.cancel_while_paying > 0.0;
    let coupons = !scenario.coupons.is_empty() && scenario.basket.coupon_rate > 0.0;
    let on_demand = scenario.coupons.iter().any(|one| one.issue == Issue::OnDemand) && coupons;
    let queues = scenario.services.iter().any(|service| service.queue_capacity.is_some());
    let (possible, why) = match name {
        "refunded" | "start-refund" | "finish-refund" | "publish-refund" | "unrank-products" => {
            (replay || intents.pay_then_refund > 0.0, "nobody means to `pay_then_refund`")
        }
        "completed" | "deduct-balance" | "create-payment" | "complete-order" | "payment-failed"
        | "publish-order" | "rank-products" | "restore-balance" | "cancel-payment" => {
            (replay || paying, "nobody means to pay")
        }
        "cancelled" => {
            (intents.cancel + intents.cancel_while_paying > 0.0, "nobody means to `cancel`")
        }
        "expired" => (!flow.omit.expiry, "`[flow] omit` names `expiry`"),
        "restore-coupon" if flow.omit.restore_coupon => {
            (false, "`[flow] omit` names `restore-coupon`")
        }
        "use-coupon" | "restore-coupon" => (coupons, "nobody presents a coupon"),
        "issue-coupon" => (on_demand, "no coupon is issued `on-demand`"),
        "top-up" => (customers.top_up || traffic.top_up_per_s > 0.0, "nobody may charge a balance"),
        "list-coupons" => (traffic.list_coupons_per_s > 0.0, "its rate in `[traffic]` is 0"),
        "list-products" => (traffic.list_products_per_s > 0.0, "its rate in `[traffic]` is 0"),
        "popular-products" => {
            (traffic.popular_products_per_s > 0.0, "its rate in `[traffic]` is 0")
        }
        "change-price" => {
            (traffic.change_price_per_s > 0.0, "the rate `price_change` in `[traffic]` is 0")
        }
        "queue-full" => (queues, "no queue has a limit"),
        "retry" => (scenario.protection.retry.is_some(), "`[protection] retry` is `false`"),
        _ => (true, ""),
    };
    (!possible).then_some(why)
}
