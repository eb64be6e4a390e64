//! Scenarios that are valid and odd. With every protection on, nothing is violated and nothing is
//! stuck, whatever the oddity.

use crate::harness::{assert_sound, ended, made_of, plan, run, run_plan};
use sagasim::domain::{Coordination, Exchange, Process, RequestId, Step, Turn};
use sagasim::sim::check::Outcome;
use sagasim::sim::engine::{Position, Strike};

const SEEDS: u64 = 5;

/// A shop with little of everything, where customers are in each other's way.
const SHOP: &str = r#"
[run]
duration = "1s"
drain = "20m"
[flow]
payment_window = "5m"
[customers]
think_time = { exponential = { mean = "50ms" } }
intents = { pay = 0.4, abandon = 0.1, cancel = 0.1, cancel_while_paying = 0.2, pay_then_refund = 0.2 }
refund_delay = { uniform = { min = "0ms", max = "1s" } }
pay_attempts = 3
top_up = true
patience = "30s"
[users]
count = 20
balance = { uniform = { min = 0, max = 60_000 } }
[products]
count = 20
stock = { uniform = { min = 0, max = 12 } }
price = { uniform = { min = 0, max = 20_000 } }
[basket]
lines = { uniform = { min = 1, max = 3 } }
quantity = { uniform = { min = 1, max = 3 } }
coupon_rate = 0.7
[[coupon]]
name = "few"
discount = { percent = 100 }
quantity = 3
issue = "before"
[[coupon]]
name = "rush"
discount = { amount = 3_000 }
quantity = 5
issue = "on-demand"
[network]
latency = "1ms"
[protection]
timeout = "1s"
retry = true
compensate = "unknown-too"
[[load]]
executor = "constant-arrival-rate"
rate = "60/s"
"#;

/// The shop with other values for some of its keys, and with more tables.
fn shop(changes: &[(&str, &str)], tables: &str) -> String {
    let line = |line: &str| {
        let key = line.split(" = ").next().unwrap_or_default();
        let change = changes.iter().find(|(changed, _)| *changed == key);
        change.map_or_else(|| line.to_owned(), |(key, value)| format!("{key} = {value}"))
    };
    let text: Vec<String> = SHOP.lines().map(line).collect();
    let unknown = changes.iter().find(|(key, _)| !SHOP.contains(&format!("\n{key} = ")));
    assert_eq!(unknown, None, "the shop has no such key");
    format!("{}\n{tables}", text.join("\n"))
}

fn sound_with(changes: &[(&str, &str)], tables: &str) {
    let scenario = made_of(&shop(changes, tables));
    for coordination in Coordination::ALL {
        for seed in 0..SEEDS {
            let run = run(&scenario, seed, coordination);
            assert_sound(&run, &format!("{}, seed {seed}", coordination.name()));
        }
    }
}

/// Every service with these settings.
fn services(settings: &str) -> String {
    let names = [
        "product",
        "order",
        "coupon",
        "user",
        "payment",
        "orchestrator",
        "monolith",
        "platform",
        "ranking",
    ];
    names.map(|name| format!("[service.{name}]\n{settings}\n")).concat()
}

#[test]
fn nobody_thinks_and_nothing_takes_time() {
    sound_with(
        &[("think_time", "\"0ms\""), ("refund_delay", "\"0ms\""), ("latency", "\"0ms\"")],
        &services("service_time = \"0ms\""),
    );
}

#[test]
fn one_worker_for_everything() {
    sound_with(&[], &services("workers = 1\nservice_time = { exponential = { mean = \"5ms\" } }"));
}

#[test]
fn a_great_rush_for_a_moment() {
    sound_with(&[("duration", "\"20ms\""), ("rate", "\"20_000/s\"")], "");
    sound_with(&[("duration", "\"20ms\""), ("rate", "\"20_000/s\"")], &services("workers = 1"));
}

#[test]
fn the_window_closes_before_anything_can_be_paid() {
    for window in ["1ms", "5ms", "20ms"] {
        let window = format!("\"{window}\"");
        sound_with(&[("payment_window", &window)], "");
        sound_with(&[("payment_window", &window), ("think_time", "\"0ms\"")], "");
    }
}

#[test]
fn customers_try_five_times_with_a_topped_up_balance() {
    let poor = [("pay_attempts", "5"), ("balance", "0"), ("stock", "1_000")];
    sound_with(&poor, "[traffic]\ntop_up = \"50/s\"\nprice_change = \"50/s\"");
    sound_with(
        &poor,
        "[[fault]]\nname = \"p\"\ntarget = { step = \"create-payment\" }\nprobability = 0.5\n\
         error = {}\n\
         [[fault]]\nname = \"c\"\ntarget = { step = \"complete-order\" }\nprobability = 0.5\n\
         error = {}",
    );
}

#[test]
fn customers_give_up_after_a_millisecond() {
    sound_with(&[("patience", "\"1ms\"")], "");
    sound_with(&[("patience", "\"15ms\""), ("think_time", "\"0ms\"")], "");
}

#[test]
fn calls_time_out_before_they_are_served() {
    let settings = "service_time = { uniform = { min = \"1ms\", max = \"40ms\" } }";
    for policy in ["\"unknown-too\"", "\"register-before\""] {
        let changes = [("timeout", "\"15ms\""), ("compensate", policy), ("rate", "\"20/s\"")];
        sound_with(&changes, &services(settings));
    }
}

#[test]
fn nobody_retries() {
    sound_with(&[("retry", "false")], "");
    // The reply is late, but it comes.
    let settings = "service_time = { uniform = { min = \"1ms\", max = \"40ms\" } }";
    sound_with(&[("retry", "false"), ("timeout", "\"15ms\"")], &services(settings));
}

#[test]
fn everybody_cancels_while_paying() {
    let changes = [("intents", "{ cancel_while_paying = 1 }"), ("think_time", "\"0ms\"")];
    sound_with(&changes, "");
    sound_with(&changes, &services("service_time = { exponential = { mean = \"5ms\" } }"));
}

#[test]
fn everybody_wants_one_of_a_few_coupons() {
    sound_with(&[("coupon_rate", "1"), ("quantity", "1"), ("stock", "1_000")], "");
}

#[test]
fn baskets_of_twenty_lines() {
    sound_with(&[("lines", "20"), ("stock", "30")], "");
}

#[test]
fn a_single_product_and_a_single_customer() {
    let one = [("count", "1"), ("lines", "1"), ("stock", "40")];
    sound_with(&one, "");
    sound_with(&[one[0], one[1], one[2], ("coupon_rate", "1")], "");
}

#[test]
fn full_queues_everywhere() {
    let queue = "queue = { capacity = 1, overflow = \"reject\" }\nworkers = 1";
    sound_with(&[("rate", "\"200/s\"")], &services(queue));
    sound_with(&[], &services("queue = { capacity = 0, overflow = \"reject\" }"));
}

#[test]
fn every_refusable_step_is_refused_half_of_the_time() {
    let steps = ["create-order", "use-coupon", "set-final-amount", "create-payment"];
    let later = ["complete-order", "restore-coupon", "restore-stock", "cancel-payment"];
    let fault = |step: &&str| {
        format!(
            "[[fault]]\nname = \"{step}\"\ntarget = {{ step = \"{step}\" }}\nprobability = 0.5\n\
             error = {{}}\n"
        )
    };
    let faults: String = steps.iter().chain(&later).map(fault).collect();
    sound_with(&[], &faults);
}

#[test]
fn orders_that_cost_nothing_are_paid_and_paid_back_like_others() {
    // Two payments of nothing are created and cancelled.
    let scenario = made_of(&shop(
        &[("price", "0"), ("intents", "{ pay = 1 }"), ("stock", "1_000")],
        "[[fault]]\nname = \"first\"\ntarget = { step = \"complete-order\" }\norder = 0\n\
         error = {}",
    ));
    for coordination in Coordination::ALL {
        let run = run(&scenario, 1, coordination);
        assert_sound(&run, coordination.name());
        assert_eq!(ended(&run, Outcome::Expired), 1);
    }
}

#[test]
fn an_amount_whose_setting_is_unclear_is_asked_for_until_it_is_clear() {
    // set-final-amount has no compensation: an order that awaits payment cannot be rolled back.
    let alone = made_of(&shop(
        &[
            ("duration", "\"10ms\""),
            ("rate", "\"1_000/s\""),
            ("coupon_rate", "0"),
            ("intents", "{ pay = 1 }"),
            ("stock", "1_000"),
            ("retry", "{ max_attempts = 1 }"),
        ],
        "",
    ));
    let plan = plan(&alone, 1, Coordination::Orchestration);
    let key = Exchange::new(RequestId(0), Process::Order, 0, Step::SetFinalAmount, Turn::Do);
    for position in [Position::LateReply, Position::ReplyLost] {
        let run = run_plan(&plan, &[Strike { key, position, every_attempt: false, answer: false }]);
        assert_sound(&run, "an unclear amount");
        assert_eq!(run.strikes[0].1, 1);
        assert_eq!(ended(&run, Outcome::Completed), run.started);
    }
}
