//! Mistakes that only show when several values are seen together.

use super::diagnostics::Diagnostic;
use super::dist::Tail;
use super::file::{FaultFile, Field, File, LoadFile};
use super::quantity::{format_duration, parse_duration};
use super::sink::Sink;
use super::value::Scalar;
use super::{Block, Dist, Fault, FaultKind, Load, Scenario, Stage, Trigger, defaults, limits};
use std::ops::Range;
use toml::Spanned;

/// Notes every contradiction. Values that are wrong by themselves were replaced by defaults, so
/// what is found here is looked at only where the values involved are right.
pub(super) fn check(file: &File, scenario: &Scenario, sink: &mut Sink) {
    settling(file, scenario, sink);
    retention(file, scenario, sink);
    coupons(file, scenario, sink);
    active_users(file, scenario, sink);
    windows(file, scenario, sink);
    lines(file, scenario, sink);
    sums(file, scenario, sink);
    request_counts(file, scenario, sink);
    calendar(file, scenario, sink);
    for (fault, resolved) in file.fault.iter().zip(&scenario.faults) {
        // Some faults may have been refused; then the pairs do not match, and there are errors
        // already.
        if file.fault.len() == scenario.faults.len() {
            fault_reachable(fault.get_ref(), resolved.trigger, scenario, sink);
        }
    }
    delays(file, scenario, sink);
}

/// Where a value stands, or else its table, or else the beginning.
fn place<T, U>(field: Option<&Field<T>>, table: &Field<U>) -> Range<usize> {
    field
        .and_then(Option::as_ref)
        .map(Spanned::span)
        .or_else(|| table.as_ref().map(Spanned::span))
        .unwrap_or(0..0)
}

/// What happens after the last arrival, at the latest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::sim) struct Settling {
    /// The last customer acts for the last time.
    pub(in crate::sim) customers_ns: u64,
    /// The last payment window closes.
    pub(in crate::sim) window_ns: u64,
    /// Everything comes to rest.
    pub(in crate::sim) settle_ns: u64,
}

impl Settling {
    /// How long each may take.
    pub(in crate::sim) fn of(scenario: &Scenario) -> Self {
        let flow = &scenario.flow;
        Settling {
            customers_ns: latest_action_ns(scenario),
            window_ns: if flow.omit.expiry { 0 } else { flow.payment_window_ns },
            settle_ns: defaults::SETTLE_NS,
        }
    }
}

/// After the load everything must have time to settle.
fn settling(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let drain_ns = scenario.run.drain_ns;
    let Settling { customers_ns, window_ns, settle_ns } = Settling::of(scenario);
    let needed_ns = customers_ns.saturating_add(window_ns).saturating_add(settle_ns);
    if drain_ns >= needed_ns {
        return;
    }
    let title = format!(
        "the drain of {} is too short: after the load the last order may take {}",
        format_duration(drain_ns),
        format_duration(whole_seconds(needed_ns)),
    );
    let label = format!(
        "{} for the last customer, {} payment window, {} to settle",
        format_duration(whole_seconds(customers_ns)),
        format_duration(window_ns),
        format_duration(settle_ns),
    );
    let drain = file.run.as_ref().map(|run| &run.get_ref().drain);
    let problem = Diagnostic::at(place(drain, &file.run), title).label(label);
    let help = format!("write `drain = \"{}\"`", format_duration(whole_seconds(needed_ns)));
    sink.add_once(problem.help(help));
}

/// From the last arrival to the last thing its customer may plausibly do: place, think and pay as
/// often as allowed, ask for the money back.
fn latest_action_ns(scenario: &Scenario) -> u64 {
    let customers = &scenario.customers;
    let think_ns = customers.think_time.largest(Tail::Plausible);
    let patience_ns = customers.patience_ns as f64;
    let payments = f64::from(customers.pay_attempts) * (think_ns + patience_ns);
    let refund = if customers.intents.pay_then_refund > 0.0 {
        customers.refund_delay.largest(Tail::Plausible) + patience_ns
    } else {
        0.0
    };
    // A cast from a double saturates.
    (patience_ns + payments + refund) as u64
}

fn whole_seconds(ns: u64) -> u64 {
    ns.div_ceil(1_000_000_000).saturating_mul(1_000_000_000)
}

/// Marks must outlive everything that may still arrive late.
fn retention(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let protection = &scenario.protection;
    let held_ns = scenario.faults.iter().map(|fault| longest_delay_ns(fault, scenario)).max();
    let needed_ns = protection.longest_call_ns().saturating_add(protection.relay_interval_ns);
    let needed_ns = needed_ns.saturating_add(held_ns.unwrap_or(0));
    if protection.mark_retention_ns >= needed_ns {
        return;
    }
    let given = file.protection.as_ref().map(|protection| &protection.mark_retention);
    let title = format!(
        "marks are dropped after {}, but a message may be {} late",
        format_duration(protection.mark_retention_ns),
        format_duration(whole_seconds(needed_ns)),
    );
    let no_table: Field<()> = None;
    let problem = Diagnostic::at(place(given, &no_table), title);
    let help = format!(
        "retries, timeouts, the relay interval and the longest fault add up to that: write \
         `mark_retention = \"{}\"` or more",
        format_duration(whole_seconds(needed_ns)),
    );
    sink.add_once(problem.help(help));
}

/// How late a fault can make a message.
fn longest_delay_ns(fault: &Fault, scenario: &Scenario) -> u64 {
    let load_ns = scenario.run.duration_ns.unwrap_or(u64::MAX);
    let window_ns = || match fault.windows(load_ns).next() {
        // How long a log is, only the log knows.
        Some((_, u64::MAX)) | None => 0,
        Some((from_ns, until_ns)) => until_ns - from_ns,
    };
    match fault.kind {
        FaultKind::Crash { restart_ns: Some(restart_ns) } => restart_ns,
        FaultKind::Latency { add_ns, jitter_ns } => add_ns.saturating_add(jitter_ns),
        FaultKind::Duplicate { delay_ns } => delay_ns,
        FaultKind::Reorder { within_ns } => within_ns,
        // What is refused is not late; what is slow is in service, and holds its place.
        FaultKind::Error | FaultKind::Slow { .. } => 0,
        FaultKind::Crash { restart_ns: None }
        | FaultKind::Pause
        | FaultKind::Drop
        | FaultKind::Partition { .. }
        | FaultKind::QueueFull
        | FaultKind::RedisDown
        | FaultKind::PlatformDown => window_ns(),
    }
}

fn coupons(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let Some(rate) = file.basket.as_ref().and_then(|basket| basket.get_ref().coupon_rate.as_ref())
    else {
        return;
    };
    if scenario.basket.coupon_rate > 0.0 && file.coupon.is_empty() {
        let problem =
            Diagnostic::at(rate.span(), "customers want coupons, but there is no `[[coupon]]`");
        sink.add_once(problem.help("add a `[[coupon]]`, or write `coupon_rate = 0`"));
    }
}

/// Users of closed loads are different people.
fn active_users(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let users: u64 = scenario.loads.iter().map(|block| u64::from(block.load.users())).sum();
    if users <= u64::from(scenario.users.count) {
        return;
    }
    let given = |load: &Spanned<LoadFile>| {
        let load = load.get_ref();
        let users = load.users.as_ref().map(Spanned::span);
        users.or_else(|| load.stages.as_ref().map(Spanned::span))
    };
    if let Some(place) = file.load.iter().rev().find_map(given) {
        let count = scenario.users.count;
        let title = format!("{users} active users, but there are only {count} in `[users] count`");
        sink.add_once(Diagnostic::at(place, title));
    }
}

/// Every load falls into the run.
fn windows(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let Some(duration_ns) = scenario.run.duration_ns else { return };
    if file.load.len() != scenario.loads.len() {
        return;
    }
    for (field, block) in file.load.iter().zip(&scenario.loads) {
        let load = field.get_ref();
        let start = load.start.as_ref().map(Spanned::span);
        let length = load.duration.as_ref().map(Spanned::span);
        let stages = load.stages.as_ref().map(Spanned::span);
        let label = format!("`duration` of the run is {}", format_duration(duration_ns));
        let problem = if block.start_ns >= duration_ns {
            Diagnostic::at(start.unwrap_or(field.span()), "the load would begin after the run")
        } else if let Some(end_ns) = block.end_ns().filter(|end_ns| *end_ns > duration_ns) {
            let title = format!("the load would last until {}", format_duration(end_ns));
            Diagnostic::at(length.or(stages).unwrap_or(field.span()), title)
        } else {
            continue;
        };
        sink.add_once(problem.label(label));
    }
}

fn lines(file: &File, scenario: &Scenario, sink: &mut Sink) {
    if scenario.order_log().is_some() {
        return;
    }
    let most = match &scenario.basket.lines {
        Dist::Fixed(lines) => *lines,
        Dist::Uniform { max, .. } => *max,
        Dist::Zipf { max, .. } => i64::from(*max),
        Dist::Empirical(empirical) => empirical.largest(),
        Dist::Exponential { .. }
        | Dist::Normal { .. }
        | Dist::Lognormal { .. }
        | Dist::Pareto { .. } => return,
    };
    let Some(field) = file.basket.as_ref().and_then(|basket| basket.get_ref().lines.as_ref())
    else {
        return;
    };
    if most > i64::from(scenario.products.count) {
        let title =
            format!("up to {most} lines, but there are only {} products", scenario.products.count);
        sink.add_once(Diagnostic::at(field.span(), title));
    }
}

/// No sum may come near an overflow, not even with the most extreme draws.
fn sums(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let largest = limits::LARGEST_SUM as f64;
    let users = f64::from(scenario.users.count.max(1));
    let products = f64::from(scenario.products.count.max(1));
    let Scenario { basket, .. } = scenario;
    let units = basket.lines.largest(Tail::Extreme) * basket.quantity.largest(Tail::Extreme);
    let amount = units * scenario.products.price.largest(Tail::Extreme);
    let balance = users * scenario.users.balance.largest(Tail::Extreme);
    let stock = products * scenario.products.stock.largest(Tail::Extreme);
    let user_balance = file.users.as_ref().and_then(|users| users.balance.as_ref());
    let product = file.products.as_ref();
    let product_stock = product.and_then(|products| products.stock.as_ref());
    let product_price = product.and_then(|products| products.price.as_ref());
    let cases = [
        (balance, "all balances together", user_balance.map(Spanned::span)),
        (stock, "all stock together", product_stock.map(Spanned::span)),
        (amount, "a basket", product_price.map(Spanned::span)),
    ];
    for (sum, what, span) in cases {
        if sum > largest {
            let title = format!("{what} may exceed 2^60, the largest sum this tool adds up");
            let problem = Diagnostic::at(span.unwrap_or(0..0), title);
            sink.add_once(problem.help(format!("the largest draws reach {sum:.1e}")));
        }
    }
}

/// Order ids, and the ids of background traffic, have 32 bits.
fn request_counts(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let Some(duration_ns) = scenario.arrivals_end_ns() else { return };
    let duration_s = duration_ns as f64 / 1e9;
    let traffic = scenario.traffic;
    let background = traffic.top_up_per_s
        + traffic.list_coupons_per_s
        + traffic.list_products_per_s
        + traffic.popular_products_per_s
        + traffic.change_price_per_s;
    let arrivals = scenario.loads.iter().map(|block| orders(block, duration_ns)).sum();
    let background = background * duration_s;
    let duration = file.run.as_ref().map(|run| &run.get_ref().duration);
    for (count, what) in [(arrivals, "orders"), (background, "requests of `[traffic]`")] {
        if count > limits::MOST_REQUESTS as f64 {
            let title = format!("{count:.1e} {what} are too many for one run");
            let problem = Diagnostic::at(place(duration, &file.run), title);
            sink.add_once(problem.help("at most 4_000_000_000: lower the rate or the duration"));
        }
    }
}

/// How many orders a load places; 0 where that depends on how fast they are served.
fn orders(block: &Block, duration_ns: u64) -> f64 {
    let end_ns = block.end_ns().unwrap_or(duration_ns).min(duration_ns);
    let length_s = end_ns.saturating_sub(block.start_ns) as f64 / 1e9;
    match &block.load {
        Load::ConstantArrivalRate { rate_per_s, .. } => rate_per_s * length_s,
        Load::RampingArrivalRate { start_rate_per_s, stages, .. } => {
            let mut from_per_s = *start_rate_per_s;
            let stage = |stage: &Stage<f64>| {
                let from_per_s = std::mem::replace(&mut from_per_s, stage.target);
                f64::midpoint(from_per_s, stage.target) * stage.duration_ns as f64 / 1e9
            };
            stages.iter().map(stage).sum()
        }
        Load::FixedOrders { users, quota, .. } => quota.total(*users) as f64,
        Load::ConstantUsers { .. } | Load::RampingUsers { .. } | Load::OrderLog(_) => 0.0,
    }
}

/// The local date must stay within what 64 bits of nanoseconds can say.
fn calendar(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let run = &scenario.run;
    let length_ns = scenario.arrivals_end_ns().unwrap_or(0).saturating_add(run.drain_ns);
    if run.epoch_local_ns.checked_add_unsigned(length_ns).is_none() {
        let epoch = file.run.as_ref().map(|run| &run.get_ref().epoch);
        let title = "the run would go beyond the year 2262, where the calendar ends";
        sink.add_once(Diagnostic::at(place(epoch, &file.run), title));
    }
}

/// A fault that can never strike would make every run inconclusive.
fn fault_reachable(file: &FaultFile, trigger: Trigger, scenario: &Scenario, sink: &mut Sink) {
    match trigger {
        Trigger::Probability { from_ns, .. } => {
            if let (Some(at), Some(duration_ns)) = (&file.at, scenario.arrivals_end_ns())
                && from_ns >= duration_ns
            {
                let title = "the fault would begin after the load has ended";
                let label = format!("`duration` is {}", format_duration(duration_ns));
                sink.add_once(Diagnostic::at(at.span(), title).label(label));
            }
        }
        Trigger::Exact { n: Some(n), .. } if n > scenario.customers.pay_attempts => {
            if let Some(field) = &file.n {
                let attempts = scenario.customers.pay_attempts;
                let title = format!("payment {n} never happens: `pay_attempts` is {attempts}");
                sink.add_once(Diagnostic::at(field.span(), title));
            }
        }
        Trigger::Nth(_) | Trigger::Exact { .. } => {}
    }
}

/// A threshold that is not to stop the run before its load has ended would never stop it.
fn delays(file: &File, scenario: &Scenario, sink: &mut Sink) {
    let Some(duration_ns) = scenario.run.duration_ns else { return };
    for delay in file.threshold.iter().filter_map(|one| one.get_ref().delay_abort.as_ref()) {
        let Scalar::Text(text) = delay.get_ref() else { continue };
        if parse_duration(text).is_ok_and(|delay_ns| delay_ns > duration_ns) {
            let title = "the threshold could stop the run only after the load has ended";
            let label = format!("`duration` is {}", format_duration(duration_ns));
            sink.add_once(Diagnostic::at(delay.span(), title).label(label));
        }
    }
}
