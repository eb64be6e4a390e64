//! Properties of reading and writing scenario files.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sagasim::sim::scenario::{
    HIGHEST_RATE_PER_S, LONGEST_NS, Paint, Scenario, format_duration, format_rate, parse,
    parse_duration, parse_rate, resolved_toml,
};
use std::path::Path;

use crate::scenario_generator::{SECOND_NS, scenario};

/// A valid scenario in which most of the format occurs.
const FULL: &str = r#"
version  = 1
name     = "flash-sale"
question = "Does a payment outage during a flash sale ever oversell or charge twice?"
answer   = "No."

[expect]
violated  = ["stock-conserved"]
sometimes = ["restore-coupon", "expired", "retry"]

[run]
clock    = "virtual"
seed     = 424242
duration = "4m"
warmup   = "20s"
drain    = "1h"
epoch    = "2026-11-22T00:00:00+09:00"

[flow]
coordination   = "orchestration"
payment_window = "5m"
omit           = ["expiry"]

[customers]
think_time   = { exponential = { mean = "2s" } }
intents      = { pay = 0.91, abandon = 0.05, cancel = 0.02, cancel_while_paying = 0.01, pay_then_refund = 0.01 }
refund_delay = { uniform = { min = "10s", max = "60s" } }
pay_attempts = 2
top_up       = false
patience     = "30s"

[traffic]
list_products = "20/s"

[users]
count   = 20_000
balance = { uniform = { min = 0, max = 200_000 } }

[products]
count      = 50
stock      = { fixed = 5_000 }
price      = { uniform = { min = 1_000, max = 50_000 } }
popularity = { zipf = { exponent = 1.1 } }

[[coupon]]
name     = "ten-percent"
discount = { percent = 10 }
quantity = 1_000
issue    = "before"

[basket]
lines       = { uniform = { min = 1, max = 3 } }
coupon_rate = 0.3

[service.payment]
workers      = 16
queue        = { capacity = 500, overflow = "reject" }
service_time = { lognormal = { median = "40ms", p99 = "250ms" } }

[network]
latency = { normal = { mean = "1ms", stddev = "250us" } }

[[load]]
executor = "constant-arrival-rate"
rate     = "36k/h"
spacing  = "even"

[protection]
inbox = true
retry = { max_attempts = 4, backoff = { initial = "50ms", multiplier = 2.0, max = "2s", jitter = "full" } }

[[fault]]
name        = "payment refuses"
at          = "115s"
for         = "8s"
target      = { step = "create-payment" }
probability = 0.5
error       = {}

[[threshold]]
metric        = "checkout{outcome=completed}"
expr          = "p(99) < 3s"
abort_on_fail = true
delay_abort   = "30s"

[[threshold]]
name     = "payments refused"
metric   = "faults{fault=payment refuses}"
expr     = "count < 1_000"
severity = "warn"
"#;

/// One way to spoil a text.
#[derive(Clone, Debug)]
enum Spoil {
    Delete(Index, usize),
    Repeat(Index, usize),
    Put(Index, char),
    SwapLines(Index, Index),
    Number(Index, &'static str),
    Unit(Index, &'static str),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let numbers =
        ["0", "-1", "5", "1e400", "nan", "-inf", "99999999999999999999", "0x7f", "1.5", ""];
    let units = ["M", "", "ms", "/s", "k/h", "d", "years", "µs", "€"];
    let odd = [
        '"', '\'', '[', ']', '{', '}', '=', '#', '\n', '\r', '\0', '.', ',', 'é', '日', '\u{feff}',
    ];
    prop_oneof![
        (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Spoil::Delete(at, count)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, count)| Spoil::Repeat(at, count)),
        (any::<Index>(), select(odd.to_vec())).prop_map(|(at, put)| Spoil::Put(at, put)),
        (any::<Index>(), any::<char>()).prop_map(|(at, put)| Spoil::Put(at, put)),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Spoil::SwapLines(a, b)),
        (any::<Index>(), select(numbers.to_vec())).prop_map(|(at, put)| Spoil::Number(at, put)),
        (any::<Index>(), select(units.to_vec())).prop_map(|(at, put)| Spoil::Unit(at, put)),
    ]
}

fn spoiled(text: &str, spoil: &Spoil) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    if chars.is_empty() {
        return String::new();
    }
    match spoil {
        Spoil::Delete(at, count) => {
            let start = at.index(chars.len());
            chars.drain(start..(start + count).min(chars.len()));
        }
        Spoil::Repeat(at, count) => {
            let start = at.index(chars.len());
            let again = chars[start..(start + count).min(chars.len())].to_vec();
            chars.splice(start..start, again);
        }
        Spoil::Put(at, put) => {
            let at = at.index(chars.len());
            chars[at] = *put;
        }
        Spoil::SwapLines(a, b) => {
            let mut lines: Vec<&str> = text.split('\n').collect();
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            return lines.join("\n");
        }
        Spoil::Number(at, put) => replace_run(&mut chars, at, |c| c.is_ascii_digit(), put),
        Spoil::Unit(at, put) => replace_run(&mut chars, at, char::is_alphabetic, put),
    }
    chars.into_iter().collect()
}

/// A scenario file, spoiled.
pub(crate) fn spoiled_text() -> impl Strategy<Value = String> {
    vec(spoil(), 1..6)
        .prop_map(|spoils| spoils.iter().fold(FULL.to_owned(), |text, one| spoiled(&text, one)))
}

/// Replaces the next run of such characters after `at`.
fn replace_run(chars: &mut Vec<char>, at: &Index, of: impl Fn(char) -> bool, put: &str) {
    let from = at.index(chars.len());
    let Some(start) = (from..chars.len()).find(|i| of(chars[*i])) else { return };
    let end = (start..chars.len()).find(|i| !of(chars[*i])).unwrap_or(chars.len());
    chars.splice(start..end, put.chars());
}

fn reads_back(scenario: &Scenario) {
    let text = resolved_toml(scenario);
    match parse(Path::new("resolved.toml"), &text) {
        Ok(again) => assert_eq!(again, *scenario, "{text}"),
        Err(found) => panic!("{found}\n{text}"),
    }
}

proptest! {
    #[test]
    fn a_spoiled_file_is_read_or_refused_at_a_place(text in spoiled_text()) {
        if let Err(found) = parse(Path::new("spoiled.toml"), &text) {
            prop_assert!(found.items().iter().any(|item| found.position(item).is_some()));
            prop_assert!(found.render(Paint::Plain).contains("spoiled.toml:"));
            prop_assert!(found.render(Paint::Coloured).contains("spoiled.toml:"));
        }
    }

    #[test]
    fn any_text_is_read_or_refused_at_a_place(text in ".{0,200}") {
        let found = parse(Path::new("any.toml"), &text).expect_err("it names no question");
        prop_assert!(found.items().iter().all(|item| found.position(item).is_some()));
    }

    #[test]
    fn a_written_duration_reads_back_as_itself(ns in prop_oneof![0..=LONGEST_NS, 0..=5 * SECOND_NS]) {
        prop_assert_eq!(parse_duration(&format_duration(ns)), Ok(ns));
    }

    #[test]
    fn no_text_breaks_the_readers_of_quantities(text in ".{0,30}", number in "[0-9._]{0,40}(ns|s|d|M|/h|k/s)") {
        for text in [text, number] {
            if let Ok(ns) = parse_duration(&text) {
                prop_assert!(ns <= LONGEST_NS);
            }
            if let Ok(rate) = parse_rate(&text) {
                prop_assert!((0.0..=HIGHEST_RATE_PER_S).contains(&rate));
            }
        }
    }

    #[test]
    fn a_written_rate_reads_back_as_itself(rate in 0.0..HIGHEST_RATE_PER_S) {
        prop_assert_eq!(parse_rate(&format_rate(rate)), Ok(rate));
    }

    #[test]
    fn a_resolved_synthetic_scenario_reads_back_as_itself(scenario in scenario(false)) {
        reads_back(&scenario);
    }

    #[test]
    fn a_resolved_replay_reads_back_as_itself(scenario in scenario(true)) {
        reads_back(&scenario);
    }
}

#[test]
fn the_text_that_is_spoiled_is_valid() {
    if let Err(found) = parse(Path::new("full.toml"), FULL) {
        panic!("{found}");
    }
}
