//! Small worlds: forty orders in four seconds, and one thing that happens to them.

use crate::harness::as_built;
use sagasim::domain::{Coordination, Discount, Step};
use sagasim::sim::scenario::{
    Dist, Fault, Intents, Issue, Load, Scenario, Spacing, Trigger, parse,
};
use std::path::Path;

const TOWN: &str = r#"
version  = 1
name     = "small-town"
question = "Is each seeded defect caught?"
answer   = "Yes."

[run]
seed     = 7
duration = "4s"
drain    = "10m"

[flow]
payment_window = "20s"

[customers]
think_time   = "100ms"
refund_delay = "1s"

[users]
count   = 100
balance = 10_000_000

[products]
count = 5
stock = 1_000
price = 10_000

[[coupon]]
name     = "ten-percent"
discount = { percent = 10 }
quantity = 100
issue    = "before"

[basket]
quantity    = { uniform = { min = 1, max = 3 } }
coupon_rate = 0.5

[[load]]
executor = "constant-arrival-rate"
rate     = "10/s"
spacing  = "even"
"#;

const HECTIC: &str = r#"
version  = 1
name     = "hectic"
question = "Does the checker cry wolf?"
answer   = "No."

[run]
seed     = 1
duration = "4s"
drain    = "20m"

[flow]
payment_window = "3s"

[customers]
think_time   = { exponential = { mean = "700ms" } }
intents      = { pay = 0.5, abandon = 0.1, cancel = 0.1, cancel_while_paying = 0.15, pay_then_refund = 0.15 }
refund_delay = { uniform = { min = "10ms", max = "2s" } }
pay_attempts = 3
top_up       = true
patience     = "10s"

[traffic]
top_up           = "5/s"
list_coupons     = "5/s"
list_products    = "5/s"
popular_products = "5/s"
price_change     = "5/s"

[users]
count   = 30
balance = { uniform = { min = 0, max = 60_000 } }

[products]
count = 6
stock = { uniform = { min = 5, max = 60 } }
price = { uniform = { min = 1_000, max = 20_000 } }

[[coupon]]
name     = "a-tenth"
discount = { percent = 10 }
quantity = 20
issue    = "before"

[[coupon]]
name     = "five-thousand"
discount = { amount = 5_000 }
quantity = 15
issue    = "on-demand"

[basket]
lines       = { uniform = { min = 1, max = 3 } }
quantity    = { uniform = { min = 1, max = 3 } }
coupon_rate = 0.6

[service.product]
workers = 1
queue   = { capacity = 2, overflow = "reject" }

[service.order]
workers = 2
queue   = { capacity = 3, overflow = "reject" }

[service.coupon]
workers      = 1
queue        = { capacity = 2, overflow = "reject" }
service_time = { lognormal = { median = "5ms", p99 = "60ms" } }

[service.user]
workers = 1
queue   = { capacity = 2, overflow = "reject" }

[service.payment]
workers      = 2
queue        = { capacity = 2, overflow = "reject" }
service_time = { lognormal = { median = "15ms", p99 = "120ms" } }

[service.orchestrator]
workers      = 1
queue        = { capacity = 3, overflow = "reject" }
service_time = "1ms"

[service.monolith]
workers = 3
queue   = { capacity = 2, overflow = "reject" }

[network]
latency = { exponential = { mean = "3ms" } }

[[load]]
executor = "constant-arrival-rate"
rate     = "50/s"
spacing  = "poisson"

[protection]
timeout = "40ms"

[[fault]]
name        = "order rows refused"
target      = { step = "create-order" }
probability = 0.05
error       = {}

[[fault]]
name        = "amounts refused"
target      = { step = "set-final-amount" }
probability = 0.05
error       = {}

[[fault]]
name        = "payments refused"
target      = { step = "create-payment" }
probability = 0.1
error       = {}

[[fault]]
name        = "completions refused"
target      = { step = "complete-order" }
probability = 0.05
error       = {}
"#;

const NOBODY: Intents =
    Intents { pay: 0.0, abandon: 0.0, cancel: 0.0, cancel_while_paying: 0.0, pay_then_refund: 0.0 };

fn town(intents: Intents) -> Scenario {
    let mut scenario =
        parse(Path::new("small-town.toml"), TOWN).unwrap_or_else(|errors| panic!("{errors:?}"));
    scenario = as_built(scenario);
    scenario.customers.intents = intents;
    scenario
}

/// Everybody pays.
pub(super) fn paid() -> Scenario {
    town(Intents { pay: 1.0, ..NOBODY })
}

/// Nobody pays, every order expires.
pub(super) fn abandoned() -> Scenario {
    town(Intents { abandon: 1.0, ..NOBODY })
}

/// Everybody cancels before paying.
pub(super) fn cancelled() -> Scenario {
    town(Intents { cancel: 1.0, ..NOBODY })
}

/// Everybody pays and takes the order back.
pub(super) fn refunded() -> Scenario {
    town(Intents { pay_then_refund: 1.0, ..NOBODY })
}

/// A business rule refuses this step, now and then or always.
pub(super) fn refuse(mut scenario: Scenario, step: Step, probability: f64) -> Scenario {
    let trigger = Trigger::Probability { probability, from_ns: 0, until_ns: u64::MAX };
    scenario.faults.push(Fault::error(step.name(), step, false, trigger));
    scenario
}

/// Every payment is refused after the money was taken.
pub(super) fn payments_fail() -> Scenario {
    refuse(paid(), Step::CreatePayment, 1.0)
}

/// Half of the payments are refused; the customer tries again, and takes the order back.
pub(super) fn paid_at_second_try() -> Scenario {
    let mut scenario = refuse(refunded(), Step::CreatePayment, 0.5);
    scenario.customers.pay_attempts = 3;
    scenario
}

/// No coupon is accepted: orders that present one are rolled back.
pub(super) fn coupons_fail() -> Scenario {
    refuse(paid(), Step::UseCoupon, 1.0)
}

/// Balances do not cover the price of an order; who cannot pay charges the balance.
pub(super) fn poor() -> Scenario {
    let mut scenario = paid();
    scenario.users.balance = Dist::Fixed(5_000);
    scenario.customers.pay_attempts = 2;
    scenario.customers.top_up = true;
    scenario
}

/// Two orders within a millisecond.
fn two_at_once(mut scenario: Scenario) -> Scenario {
    scenario.run.duration_ns = Some(2_000_000);
    scenario.loads =
        vec![Load::ConstantArrivalRate { rate_per_s: 1_000.0, spacing: Spacing::Even }.into()];
    scenario
}

/// Two customers want the last unit.
pub(super) fn last_unit() -> Scenario {
    let mut scenario = two_at_once(paid());
    scenario.products.count = 1;
    scenario.products.stock = Dist::Fixed(1);
    scenario.basket.quantity = Dist::Fixed(1);
    scenario
}

/// A customer presents one coupon with two orders, and cancels both.
pub(super) fn one_coupon_twice() -> Scenario {
    let mut scenario = two_at_once(cancelled());
    scenario.users.count = 1;
    scenario.basket.coupon_rate = 1.0;
    scenario
}

/// Two customers, each with a coupon.
pub(super) fn two_members() -> Scenario {
    let mut scenario = paid();
    scenario.users.count = 2;
    scenario.basket.coupon_rate = 1.0;
    scenario
}

/// Everybody asks for a coupon right before ordering; there are ten.
pub(super) fn rush() -> Scenario {
    let mut scenario = paid();
    scenario.basket.coupon_rate = 1.0;
    scenario.coupons[0].issue = Issue::OnDemand;
    scenario.coupons[0].quantity = 10;
    scenario
}

/// The payment takes longer than the window is open.
pub(super) fn slow_payment() -> Scenario {
    let mut scenario = paid();
    scenario.services[sagasim::domain::Service::Payment as usize].service_time =
        Dist::Fixed(25_000_000_000);
    scenario.services[sagasim::domain::Service::Payment as usize].workers = 100;
    scenario
}

/// Everybody has a coupon that takes off the whole price, and takes the order back.
pub(super) fn free() -> Scenario {
    let mut scenario = refunded();
    scenario.basket.coupon_rate = 1.0;
    scenario.coupons[0].discount = Discount::Percent(100);
    scenario
}

/// Everything at once: many customers, little of everything, full queues, short timeouts.
pub(super) fn hectic() -> Scenario {
    as_built(parse(Path::new("hectic.toml"), HECTIC).unwrap_or_else(|errors| panic!("{errors:?}")))
}

/// The same world, coordinated by somebody else.
pub(super) fn by(coordination: Coordination, mut scenario: Scenario) -> Scenario {
    scenario.flow.coordination = coordination;
    scenario
}

/// Three units, and two customers who want two each.
pub(super) fn three_units() -> Scenario {
    let mut scenario = last_unit();
    scenario.products.stock = Dist::Fixed(3);
    scenario.basket.quantity = Dist::Fixed(2);
    scenario
}

/// One customer, half of whose payments fail.
pub(super) fn one_payer() -> Scenario {
    let mut scenario = refuse(paid(), Step::CreatePayment, 0.5);
    scenario.users.count = 1;
    scenario.basket.coupon_rate = 0.0;
    scenario
}

/// Three customers ask for coupons, again and again.
pub(super) fn rush_of_few() -> Scenario {
    let mut scenario = rush();
    scenario.users.count = 3;
    scenario
}

/// Everybody has a coupon, and cancels before paying.
pub(super) fn all_coupons() -> Scenario {
    let mut scenario = cancelled();
    scenario.basket.coupon_rate = 1.0;
    scenario
}
