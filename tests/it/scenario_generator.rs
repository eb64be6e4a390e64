//! Scenarios that are valid, and otherwise as odd as possible.

use crate::fault_generator::faults;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use sagasim::domain::{Coordination, Omitted, Protection, Service, UndoPolicy};
use sagasim::sim::lint::Lint;
use sagasim::sim::scenario::*;
use sagasim::sim::threshold::catalogue::{METRICS, Unit, Values};
use sagasim::sim::threshold::{
    Aggregation, Condition, Form, Operator, Selector, Severity, Threshold,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A second in nanoseconds.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;
/// A day in nanoseconds.
pub(crate) const DAY_NS: u64 = 86_400 * SECOND_NS;

pub(crate) fn ns(max: u64) -> impl Strategy<Value = u64> {
    prop_oneof![0..=max, (0..=max / SECOND_NS).prop_map(|s| s * SECOND_NS)]
}

/// A distribution of whole numbers between the limits; parameters are whole as well.
fn dist(min: i64, max: i64) -> impl Strategy<Value = Dist> {
    let pair = move || (min..=max, min..=max).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        (min..=max).prop_map(Dist::Fixed),
        pair().prop_map(|(min, max)| Dist::Uniform { min, max }),
        (min..=max).prop_map(|mean| Dist::Exponential { mean: mean as f64 }),
        (min..=max, 0..=max)
            .prop_map(|(mean, dev)| Dist::Normal { mean: mean as f64, stddev: dev as f64 }),
        pair().prop_map(|(low, high)| {
            let median = low.max(1) as f64;
            Dist::Lognormal { median, p99: median.max(high as f64).min(median * 10.0) }
        }),
        (min.max(1)..=max / 100, 6.0..20.0).prop_map(|(scale, shape)| {
            let scale = scale as f64;
            Dist::Pareto { scale, shape }
        }),
        percentiles(min, max),
    ]
}

/// Percentiles of values between the limits.
fn percentiles(min: i64, max: i64) -> impl Strategy<Value = Dist> {
    let between = btree_set(1..100_000_u32, 0..6);
    (between, vec(min..=max, 8)).prop_map(|(between, mut values)| {
        values.sort_unstable();
        let between = between.into_iter().map(|percent| f64::from(percent) / 1_000.0);
        let percents = std::iter::once(0.0).chain(between).chain([100.0]);
        Dist::Empirical(Arc::new(Empirical::Percentiles(percents.zip(values).collect())))
    })
}

/// Numbers, among them ranks.
fn numbers(min: i64, max: i64) -> impl Strategy<Value = Dist> {
    let most = u32::try_from(max.min(1_000)).expect("above 0");
    prop_oneof![
        4 => dist(min, max),
        1 => (0.0..4.0, 1..=most).prop_map(|(exponent, max)| Dist::Zipf { exponent, max }),
    ]
}

/// What a service in production measured, in one of two units.
fn logged() -> impl Strategy<Value = Dist> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/hiccup.hlog");
    let of = move |(unit, tag)| {
        let text = format!(
            "version = 1\nname = \"a\"\nquestion = \"?\"\n[run]\nduration = \"1s\"\n[network]\n\
             latency = {{ empirical = {{ file = {file:?}, unit = \"{unit}\", tag = \"{tag}\" }} }}\n\
             [[load]]\nexecutor = \"constant-arrival-rate\"\nrate = \"1/s\"\n"
        );
        let scenario = parse(Path::new("logged.toml"), &text).unwrap_or_else(|e| panic!("{e}"));
        scenario.network_latency
    };
    (select(&["1ns", "3us"][..]), select(&["", "A"][..])).prop_map(of)
}

fn time() -> impl Strategy<Value = Dist> {
    prop_oneof![9 => dist(0, 3_600 * SECOND_NS as i64), 1 => logged()]
}

fn names(known: Vec<&'static str>) -> impl Strategy<Value = Vec<String>> {
    let most = known.len();
    subsequence(known, 0..=most)
        .prop_map(|names| names.into_iter().map(str::to_owned).collect::<Vec<String>>())
}

fn expect() -> impl Strategy<Value = Expect> {
    let verdicts = [Verdict::Passed, Verdict::Failed, Verdict::Inconclusive];
    (select(verdicts.to_vec()), names(INVARIANTS.to_vec()), names(sometimes()))
        .prop_map(|(verdict, violated, sometimes)| Expect { verdict, violated, sometimes })
}

fn run(optional_duration: bool) -> impl Strategy<Value = Run> {
    let duration = (100_000..=10 * DAY_NS).prop_map(Some);
    let duration = if optional_duration {
        prop_oneof![duration, Just(None)].boxed()
    } else {
        duration.boxed()
    };
    let offset = (-23 * 60..=23 * 60).prop_map(|minutes| minutes * 60);
    let epoch = -7_000_000_000_000_000_000..=7_000_000_000_000_000_000_i64;
    let drain = 200 * DAY_NS..=300 * DAY_NS;
    let all = (option::of(any::<u64>()), duration, any::<Index>(), drain, epoch, offset);
    (all, any::<bool>()).prop_map(
        |((seed, duration_ns, warmup, drain_ns, epoch_local_ns, epoch_offset_s), anomalies)| {
            let most = usize::try_from(duration_ns.unwrap_or(DAY_NS)).expect("64 bits");
            let warmup_ns = warmup.index(most) as u64;
            Run {
                seed,
                duration_ns,
                warmup_ns,
                drain_ns,
                epoch_local_ns,
                epoch_offset_s,
                anomalies,
            }
        },
    )
}

fn flow() -> impl Strategy<Value = Flow> {
    let omit = any::<[bool; 3]>().prop_map(|[restore_coupon, expiry, undo_final_amount]| Omitted {
        restore_coupon,
        expiry,
        undo_final_amount,
    });
    (select(&Coordination::ALL[..]), ns(DAY_NS), omit).prop_map(
        |(coordination, payment_window_ns, omit)| Flow { coordination, payment_window_ns, omit },
    )
}

fn customers() -> impl Strategy<Value = Customers> {
    let intents = proptest::array::uniform5(0..=1_000_u32).prop_map(|weights| {
        let sum = f64::from(weights.iter().sum::<u32>() + 1);
        let [abandon, cancel, cancel_while_paying, pay_then_refund, rest] =
            weights.map(|weight| f64::from(weight) / sum);
        let pay = rest + 1.0 / sum;
        Intents { pay, abandon, cancel, cancel_while_paying, pay_then_refund }
    });
    (time(), intents, time(), 1..=31_u8, any::<bool>(), ns(3_600 * SECOND_NS)).prop_map(
        |(think_time, intents, refund_delay, pay_attempts, top_up, patience_ns)| Customers {
            think_time,
            intents,
            refund_delay,
            pay_attempts,
            top_up,
            patience_ns,
        },
    )
}

fn traffic() -> impl Strategy<Value = Traffic> {
    proptest::array::uniform5(0.0..100.0).prop_map(|rates: [f64; 5]| Traffic {
        top_up_per_s: rates[0],
        list_coupons_per_s: rates[1],
        list_products_per_s: rates[2],
        popular_products_per_s: rates[3],
        change_price_per_s: rates[4],
    })
}

fn products() -> impl Strategy<Value = Products> {
    let popularity = prop_oneof![
        Just(Popularity::Uniform),
        (0.0..5.0).prop_map(|exponent| Popularity::Zipf { exponent }),
    ];
    (200..10_000_u32, numbers(0, 1_000_000), numbers(0, 1_000_000), popularity)
        .prop_map(|(count, stock, price, popularity)| Products { count, stock, price, popularity })
}

fn coupons() -> impl Strategy<Value = Vec<Campaign>> {
    let discount = prop_oneof![
        (1..=100_u8).prop_map(Discount::Percent),
        (1..=1_000_000_i64).prop_map(Discount::Amount),
    ];
    let issue = select(&[Issue::Before, Issue::OnDemand][..]);
    let campaign = (text(), discount, 1..=1_000_000_u32, issue);
    vec(campaign, 0..4).prop_map(|campaigns| {
        let numbered = campaigns.into_iter().enumerate();
        let campaign = |(number, (name, discount, quantity, issue))| Campaign {
            name: format!("{name}{number}"),
            discount,
            quantity,
            issue,
        };
        numbered.map(campaign).collect()
    })
}

/// Any text that is not blank, quotes, controls and all.
pub(crate) fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..12).prop_map(|chars| format!("x{}", String::from_iter(chars)))
}

fn services() -> impl Strategy<Value = [ServiceSettings; Service::STATIONS]> {
    let one = (1..=1_000_u32, option::of(0..=10_000_u32), time()).prop_map(
        |(workers, queue_capacity, service_time)| ServiceSettings {
            workers,
            queue_capacity,
            service_time,
        },
    );
    proptest::array::uniform9(one)
}

fn order_log() -> impl Strategy<Value = Vec<Block>> {
    let amount =
        prop_oneof![text().prop_map(LogAmount::LineAmount), text().prop_map(LogAmount::UnitPrice)];
    let columns = proptest::array::uniform5(text());
    (columns, amount, option::of(text()), 0.001..1e6).prop_map(
        |([order, user, product, quantity, time], amount, cancel_prefix, speed)| {
            let log = Load::OrderLog(LogSettings {
                file: PathBuf::from("/logs/orders of \"2017\".csv"),
                order,
                user,
                product,
                quantity,
                amount,
                time,
                cancel_prefix,
                speed,
            });
            vec![log.into()]
        },
    )
}

fn stages<T: Copy + std::fmt::Debug + 'static>(
    targets: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<Stage<T>>> {
    // Shares of the time there is; at least one is above 0.
    vec((targets, 0..=1_000_u64), 1..4).prop_map(|mut stages| {
        stages[0].1 += 1;
        let stage = |(target, duration_ns)| Stage { target, duration_ns };
        stages.into_iter().map(stage).collect()
    })
}

/// Up to four loads beside each other; times are shares of the run, see [`within`].
fn synthetic_loads() -> impl Strategy<Value = Vec<Block>> {
    let spacing = || select(&[Spacing::Even, Spacing::Poisson][..]);
    let rate = || 0.001..500.0_f64;
    let quota = prop_oneof![
        (1..=1_000_000_u32).prop_map(Quota::Shared),
        (1..=1_000_000_u32).prop_map(Quota::Each)
    ];
    let load = prop_oneof![
        (rate(), spacing())
            .prop_map(|(rate_per_s, spacing)| Load::ConstantArrivalRate { rate_per_s, spacing }),
        (0.0..500.0, stages(rate()), spacing()).prop_map(|(start_rate_per_s, stages, spacing)| {
            Load::RampingArrivalRate { start_rate_per_s, stages, spacing }
        }),
        (1..=25_u32, time()).prop_map(|(users, pause)| Load::ConstantUsers { users, pause }),
        (1..=25_u32, stages(0..=25_u32), time()).prop_map(|(start_users, stages, pause)| {
            Load::RampingUsers { start_users, stages, pause }
        }),
        (1..=25_u32, quota, time()).prop_map(|(users, quota, pause)| Load::FixedOrders {
            users,
            quota,
            pause
        }),
    ];
    let block = (option::of(text()), 0..=1_000_u64, option::of(1..=1_000_u64), load);
    vec(block, 1..5).prop_map(|blocks| {
        let numbered = blocks.into_iter().enumerate();
        let block =
            |(number, (name, start_ns, duration_ns, load)): (_, (Option<String>, _, _, _))| {
                let name = name.map(|name| format!("{name}{number}"));
                Block { name, start_ns, duration_ns, load }
            };
        numbered.map(block).collect()
    })
}

/// Fits a load into a run that lasts so long: shares become times.
fn within(block: &mut Block, duration_ns: u64) {
    // At most half of the run, and a quarter, for up to four thousandths.
    block.start_ns *= duration_ns / 2_000;
    let unit_ns = (duration_ns / 16_000).max(1);
    match &mut block.load {
        Load::RampingArrivalRate { stages, .. } => {
            stages.iter_mut().for_each(|stage| stage.duration_ns *= unit_ns);
            block.duration_ns = None;
        }
        Load::RampingUsers { stages, .. } => {
            stages.iter_mut().for_each(|stage| stage.duration_ns *= unit_ns);
            block.duration_ns = None;
        }
        Load::ConstantArrivalRate { .. }
        | Load::ConstantUsers { .. }
        | Load::FixedOrders { .. }
        | Load::OrderLog(_) => {
            block.duration_ns = block.duration_ns.map(|share| share * unit_ns);
        }
    }
}

fn protection() -> impl Strategy<Value = ProtectionSettings> {
    let switches = any::<[bool; 7]>().prop_map(|on| Protection {
        outbox: on[0],
        inbox: on[1],
        idempotency_key: on[2],
        tombstone: on[3],
        semantic_lock: on[4],
        saga_log: on[5],
        fencing: on[6],
    });
    let policies = [UndoPolicy::Completed, UndoPolicy::UnknownToo, UndoPolicy::RegisterBefore];
    let hour_ns = 3_600 * SECOND_NS;
    let pauses = (ns(hour_ns), ns(hour_ns)).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let retry = (1..=20_u8, pauses, 1.0..10.0, any::<bool>()).prop_map(
        |(max_attempts, (initial_ns, max_ns), multiplier, full_jitter)| Retry {
            max_attempts,
            initial_ns,
            multiplier,
            max_ns,
            full_jitter,
        },
    );
    let timeout = option::of(1..=600 * SECOND_NS);
    let breaker = (1..=1_000_u32, 1..=hour_ns)
        .prop_map(|(failures, open_for_ns)| Breaker { failures, open_for_ns });
    (
        switches,
        select(policies.to_vec()),
        timeout,
        option::of(retry),
        1..=hour_ns,
        20 * DAY_NS..=30 * DAY_NS,
        (option::of(1..=hour_ns), option::of(breaker)),
    )
        .prop_map(
            |(switches, compensate, timeout_ns, retry, relay_interval_ns, retention, others)| {
                let (mark_retention_ns, (lease_ns, circuit_breaker)) = (retention, others);
                ProtectionSettings {
                    switches,
                    compensate,
                    timeout_ns,
                    retry,
                    relay_interval_ns,
                    mark_retention_ns,
                    lease_ns,
                    circuit_breaker,
                }
            },
        )
}

/// A selector and a condition that fits it.
pub(crate) fn judged() -> impl Strategy<Value = (Selector, Condition)> {
    let whole = (select(&METRICS[..]), any::<[Index; 3]>(), any::<Index>(), 0.0..1.0_f64);
    let numbers = (select(&Operator::ALL[..]), 1..=999_u32, 1..=100_000_000_000_000_u64);
    (whole, numbers).prop_map(|((metric, values, form, share), (operator, tenth, whole))| {
        let tags = metric.tags.iter().zip(values).filter_map(|(tag, at)| match tag.values {
            Values::Known(known) => Some(format!("{}={}", tag.name, at.get(&known(metric.name)))),
            Values::Faults => None,
        });
        let tags: Vec<String> = tags.collect();
        let text = format!("{}{{{}}}", metric.name, tags.join(" , ")).replace("{}", "");
        let selector = Selector::parse(&text, &[]).expect("known tags");
        let (form, unit) = *form.get(metric.kind.forms());
        let aggregation = match form {
            Form::Percentile => Aggregation::Percentile(1.0 + f64::from(tenth) / 10.1),
            Form::Min => Aggregation::Min,
            Form::Max => Aggregation::Max,
            Form::Avg => Aggregation::Avg,
            Form::Med => Aggregation::Med,
            Form::Count => Aggregation::Count,
            Form::Rate => Aggregation::Rate,
            Form::Value => Aggregation::Value,
        };
        let limit = match unit {
            Unit::Time | Unit::Number => whole as f64,
            Unit::Share => share.max(0.000_1),
            Unit::Rate => share * 1e6 + 0.001,
        };
        (selector, Condition { aggregation, operator, limit, unit })
    })
}

fn thresholds() -> impl Strategy<Value = Vec<Threshold>> {
    let stops = option::of(Just(0));
    let one = (option::of(text()), judged(), select(&Severity::ALL[..]), stops);
    vec(one, 0..4).prop_map(|thresholds| {
        let numbered = thresholds.into_iter().enumerate();
        let threshold = numbered.map(|(number, (name, judged, severity, stops))| {
            let (selector, condition): (Selector, Condition) = judged;
            let may_stop = severity == Severity::Fail && !selector.metric().at_rest;
            Threshold {
                name: name.map(|name| format!("{name}{number}")),
                abort_from_ns: stops.filter(|_| may_stop),
                selector,
                condition,
                severity,
            }
        });
        let mut all: Vec<Threshold> = threshold.collect();
        all.dedup_by_key(|threshold| threshold.title());
        all
    })
}

/// A scenario that contradicts itself nowhere; with an order log, or with a load of its own.
pub(crate) fn scenario(from_log: bool) -> impl Strategy<Value = Scenario> {
    let loads = if from_log { order_log().boxed() } else { synthetic_loads().boxed() };
    let basket = (numbers(1, 100), numbers(1, 100), 0.0..=1.0)
        .prop_map(|(lines, quantity, coupon_rate)| BasketShape { lines, quantity, coupon_rate });
    let users = (100..1_000_000_u32, dist(0, 1_000_000))
        .prop_map(|(count, balance)| Users { count, balance });
    let allowed = subsequence(Lint::ALL.to_vec(), 0..=Lint::ALL.len());
    let words = ("[a-z][a-z0-9_-]{0,20}", text(), text(), expect(), allowed);
    let world = (run(from_log), flow(), customers(), traffic(), users, products(), coupons());
    let limits = (faults(), thresholds());
    let system = (basket, services(), time(), loads, protection(), limits);
    (words, world, system).prop_map(move |(words, world, system)| {
        let (name, question, answer, expect, allowed) = words;
        let (run, flow, customers, traffic, mut users, mut products, coupons) = world;
        let (mut basket, services, network_latency, mut loads, protection, limits) = system;
        let (faults, thresholds) = limits;
        if from_log {
            (users.count, products.count) = (0, 0);
            let [lines, quantity] = [Dist::Fixed(1), Dist::Fixed(1)];
            basket = BasketShape { lines, quantity, coupon_rate: 0.0 };
        } else {
            let duration_ns = run.duration_ns.expect("loads of its own need one");
            loads.iter_mut().for_each(|block| within(block, duration_ns));
            if coupons.is_empty() {
                basket.coupon_rate = 0.0;
            }
        }
        Scenario {
            name,
            question,
            answer,
            expect,
            allowed,
            run,
            flow,
            customers,
            traffic,
            users,
            products,
            coupons,
            basket,
            services,
            network_latency,
            loads,
            protection,
            faults,
            thresholds,
        }
    })
}
