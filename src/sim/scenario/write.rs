//! A scenario as a scenario file, with every default spelled out.

use super::quantity::{format_duration, format_rate};
use super::resolve::format_epoch;
use super::write_fault::write_fault;
use super::writer::Writer;
use super::{
    Block, Breaker, Discount, Issue, Load, LogAmount, Popularity, Quota, Retry, Scenario, Spacing,
    Stage,
};
use crate::domain::Service;
use crate::sim::threshold::Threshold;

/// The scenario as a valid scenario file in which every default is spelled out. Parsing it gives
/// an equal scenario.
#[must_use]
pub fn resolved_toml(scenario: &Scenario) -> String {
    let mut out = Writer::default();
    out.line("version", 1);
    out.text("name", &scenario.name);
    out.text("question", &scenario.question);
    out.text("answer", &scenario.answer);
    question(&mut out, scenario);
    people(&mut out, scenario);
    shop(&mut out, scenario);
    system(&mut out, scenario);
    for block in &scenario.loads {
        load(&mut out, block);
    }
    protection(&mut out, scenario);
    for fault in &scenario.faults {
        write_fault(&mut out, fault);
    }
    for threshold in &scenario.thresholds {
        write_threshold(&mut out, threshold);
    }
    out.finish()
}

fn question(out: &mut Writer, scenario: &Scenario) {
    out.header("[expect]");
    out.text("verdict", scenario.expect.verdict.name());
    out.names("violated", &scenario.expect.violated);
    out.names("sometimes", &scenario.expect.sometimes);

    if !scenario.allowed.is_empty() {
        out.header("[lint]");
        let allowed = scenario.allowed.iter().map(|lint| lint.name().to_owned());
        out.names("allow", &allowed.collect::<Vec<_>>());
    }

    out.header("[run]");
    let run = &scenario.run;
    out.text("clock", "virtual");
    if let Some(seed) = run.seed {
        out.line("seed", seed);
    }
    if let Some(duration_ns) = run.duration_ns {
        out.duration("duration", duration_ns);
    }
    out.duration("warmup", run.warmup_ns);
    out.duration("drain", run.drain_ns);
    out.text("epoch", &format_epoch(run.epoch_local_ns, run.epoch_offset_s));
    if run.anomalies {
        out.line("anomalies", true);
    }

    out.header("[flow]");
    let flow = &scenario.flow;
    out.text("coordination", flow.coordination.name());
    out.duration("payment_window", flow.payment_window_ns);
    let parts = [
        (flow.omit.restore_coupon, "restore-coupon"),
        (flow.omit.expiry, "expiry"),
        (flow.omit.undo_final_amount, "undo-final-amount"),
    ];
    let omitted = parts.iter().filter(|(omitted, _)| *omitted);
    out.names("omit", &omitted.map(|(_, name)| (*name).to_owned()).collect::<Vec<_>>());
    if let Some(defect) = flow.defect {
        out.text("defect", defect.name);
    }
}

fn people(out: &mut Writer, scenario: &Scenario) {
    out.header("[customers]");
    let customers = &scenario.customers;
    out.time("think_time", &customers.think_time);
    let shares = customers.intents;
    let (pay, abandon, cancel) = (shares.pay, shares.abandon, shares.cancel);
    let (while_paying, refund) = (shares.cancel_while_paying, shares.pay_then_refund);
    let intents = format!(
        "{{ pay = {pay:?}, abandon = {abandon:?}, cancel = {cancel:?}, \
         cancel_while_paying = {while_paying:?}, pay_then_refund = {refund:?} }}"
    );
    out.line("intents", intents);
    out.time("refund_delay", &customers.refund_delay);
    out.line("pay_attempts", customers.pay_attempts);
    out.line("top_up", customers.top_up);
    out.duration("patience", customers.patience_ns);

    out.header("[traffic]");
    let traffic = scenario.traffic;
    out.text("top_up", &format_rate(traffic.top_up_per_s));
    out.text("list_coupons", &format_rate(traffic.list_coupons_per_s));
    out.text("list_products", &format_rate(traffic.list_products_per_s));
    out.text("popular_products", &format_rate(traffic.popular_products_per_s));
    out.text("price_change", &format_rate(traffic.change_price_per_s));
}

fn shop(out: &mut Writer, scenario: &Scenario) {
    let from_log = scenario.order_log().is_some();
    out.header("[users]");
    if !from_log {
        out.line("count", scenario.users.count);
    }
    out.whole("balance", &scenario.users.balance);

    out.header("[products]");
    if !from_log {
        out.line("count", scenario.products.count);
    }
    out.whole("stock", &scenario.products.stock);
    out.whole("price", &scenario.products.price);
    match scenario.products.popularity {
        Popularity::Uniform => out.text("popularity", "uniform"),
        Popularity::Zipf { exponent } => {
            out.line("popularity", format!("{{ zipf = {{ exponent = {exponent:?} }} }}"));
        }
    }

    for coupon in &scenario.coupons {
        out.header("[[coupon]]");
        out.text("name", &coupon.name);
        let discount = match coupon.discount {
            Discount::Percent(percent) => format!("{{ percent = {percent} }}"),
            Discount::Amount(amount) => format!("{{ amount = {amount} }}"),
        };
        out.line("discount", discount);
        out.line("quantity", coupon.quantity);
        let issue = match coupon.issue {
            Issue::Before => "before",
            Issue::OnDemand => "on-demand",
        };
        out.text("issue", issue);
    }

    if !from_log {
        out.header("[basket]");
        out.whole("lines", &scenario.basket.lines);
        out.whole("quantity", &scenario.basket.quantity);
        out.float("coupon_rate", scenario.basket.coupon_rate);
    }
}

fn system(out: &mut Writer, scenario: &Scenario) {
    for (service, settings) in Service::ALL.iter().zip(&scenario.services) {
        out.header(&format!("[service.{}]", service.name()));
        out.line("workers", settings.workers);
        if let Some(capacity) = settings.queue_capacity {
            out.line("queue", format!("{{ capacity = {capacity}, overflow = \"reject\" }}"));
        }
        out.time("service_time", &settings.service_time);
    }
    out.header("[network]");
    out.time("latency", &scenario.network_latency);
}

fn load(out: &mut Writer, block: &Block) {
    out.header("[[load]]");
    if let Some(name) = &block.name {
        out.text("name", name);
    }
    out.text("executor", block.load.name());
    if block.start_ns > 0 {
        out.duration("start", block.start_ns);
    }
    if let Some(duration_ns) = block.duration_ns {
        out.duration("duration", duration_ns);
    }
    match &block.load {
        Load::ConstantArrivalRate { rate_per_s, spacing } => {
            out.text("rate", &format_rate(*rate_per_s));
            out.text("spacing", spacing_name(*spacing));
        }
        Load::RampingArrivalRate { start_rate_per_s, stages, spacing } => {
            out.text("start_rate", &format_rate(*start_rate_per_s));
            out.line("stages", stage_list(stages, |rate| format!("\"{}\"", format_rate(*rate))));
            out.text("spacing", spacing_name(*spacing));
        }
        Load::ConstantUsers { users, pause } => {
            out.line("users", users);
            out.time("pause", pause);
        }
        Load::RampingUsers { start_users, stages, pause } => {
            out.line("start_users", start_users);
            out.line("stages", stage_list(stages, u32::to_string));
            out.time("pause", pause);
        }
        Load::FixedOrders { users, quota, pause } => {
            out.line("users", users);
            match quota {
                Quota::Shared(orders) => out.line("orders", orders),
                Quota::Each(orders) => out.line("orders_per_user", orders),
            }
            out.time("pause", pause);
        }
        Load::OrderLog(log) => {
            out.float("speed", log.speed);
            out.header("[load.log]");
            out.text("file", &log.file.to_string_lossy());
            out.text("order", &log.order);
            out.text("user", &log.user);
            out.text("product", &log.product);
            out.text("quantity", &log.quantity);
            match &log.amount {
                LogAmount::LineAmount(column) => out.text("line_amount", column),
                LogAmount::UnitPrice(column) => out.text("unit_price", column),
            }
            out.text("time", &log.time);
            if let Some(prefix) = &log.cancel_prefix {
                out.text("cancel_prefix", prefix);
            }
        }
    }
}

const fn spacing_name(spacing: Spacing) -> &'static str {
    match spacing {
        Spacing::Even => "even",
        Spacing::Poisson => "poisson",
    }
}

fn stage_list<T>(stages: &[Stage<T>], target: impl Fn(&T) -> String) -> String {
    let stage = |stage: &Stage<T>| {
        let duration = format_duration(stage.duration_ns);
        format!("{{ target = {}, duration = \"{duration}\" }}", target(&stage.target))
    };
    format!("[{}]", stages.iter().map(stage).collect::<Vec<_>>().join(", "))
}

fn protection(out: &mut Writer, scenario: &Scenario) {
    out.header("[protection]");
    let protection = &scenario.protection;
    let switches = protection.switches;
    out.line("outbox", switches.outbox);
    out.line("inbox", switches.inbox);
    out.line("idempotency_key", switches.idempotency_key);
    out.line("tombstone", switches.tombstone);
    out.line("semantic_lock", switches.semantic_lock);
    out.line("saga_log", switches.saga_log);
    out.line("fencing", switches.fencing);
    out.text("compensate", protection.compensate.name());
    match protection.timeout_ns {
        Some(timeout_ns) => out.duration("timeout", timeout_ns),
        None => out.line("timeout", false),
    }
    match &protection.retry {
        Some(retry) => out.line("retry", retry_table(retry)),
        None => out.line("retry", false),
    }
    out.duration("relay_interval", protection.relay_interval_ns);
    out.duration("mark_retention", protection.mark_retention_ns);
    match protection.lease_ns {
        Some(lease_ns) => out.duration("lease", lease_ns),
        None => out.line("lease", false),
    }
    match protection.circuit_breaker {
        Some(Breaker { failures, open_for_ns }) => {
            let open_for = format_duration(open_for_ns);
            let table = format!("{{ failures = {failures}, open_for = \"{open_for}\" }}");
            out.line("circuit_breaker", table);
        }
        None => out.line("circuit_breaker", false),
    }
}

fn retry_table(retry: &Retry) -> String {
    let initial = format_duration(retry.initial_ns);
    let max = format_duration(retry.max_ns);
    let jitter = if retry.full_jitter { "full" } else { "none" };
    format!(
        "{{ max_attempts = {}, backoff = {{ initial = \"{initial}\", multiplier = {:?}, \
         max = \"{max}\", jitter = \"{jitter}\" }} }}",
        retry.max_attempts, retry.multiplier,
    )
}

fn write_threshold(out: &mut Writer, threshold: &Threshold) {
    out.header("[[threshold]]");
    if let Some(name) = &threshold.name {
        out.text("name", name);
    }
    out.text("metric", &threshold.selector.to_string());
    out.text("expr", &threshold.condition.to_string());
    out.text("severity", threshold.severity.name());
    out.line("abort_on_fail", threshold.abort_from_ns.is_some());
    if let Some(from_ns) = threshold.abort_from_ns {
        out.duration("delay_abort", from_ns);
    }
}
