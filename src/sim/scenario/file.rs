//! The shape of a scenario file: which keys exist where. Nothing is required and nothing is
//! judged here; an unknown key is an error.
//!
//! No `tag`, `untagged` or `flatten`: they lose the places of errors. A thing that comes in kinds
//! has one key per kind.

use super::value::{BareOr, DistField, Scalar};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A key that may be absent, with the place of its value.
pub(super) type Field<T> = Option<Spanned<T>>;

/// The whole file.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: Field<i64>,
    pub(super) name: Field<String>,
    pub(super) question: Field<String>,
    pub(super) answer: Field<String>,
    pub(super) expect: Option<ExpectFile>,
    pub(super) lint: Option<LintFile>,
    pub(super) run: Field<RunFile>,
    pub(super) flow: Option<FlowFile>,
    pub(super) customers: Option<CustomersFile>,
    pub(super) traffic: Option<TrafficFile>,
    pub(super) users: Option<UsersFile>,
    pub(super) products: Option<ProductsFile>,
    #[serde(default)]
    pub(super) coupon: Vec<Spanned<CouponFile>>,
    pub(super) basket: Field<BasketFile>,
    #[serde(default)]
    pub(super) service: BTreeMap<Spanned<String>, ServiceFile>,
    pub(super) network: Option<NetworkFile>,
    #[serde(default)]
    pub(super) load: Vec<Spanned<LoadFile>>,
    pub(super) protection: Option<ProtectionFile>,
    #[serde(default)]
    pub(super) fault: Vec<Spanned<FaultFile>>,
    #[serde(default)]
    pub(super) threshold: Vec<Spanned<ThresholdFile>>,
}

/// `[expect]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectFile {
    pub(super) verdict: Field<String>,
    #[serde(default)]
    pub(super) violated: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) sometimes: Vec<Spanned<String>>,
}

/// `[lint]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LintFile {
    #[serde(default)]
    pub(super) allow: Vec<Spanned<String>>,
}

/// `[run]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct RunFile {
    pub(super) clock: Field<String>,
    pub(super) seed: Field<u64>,
    pub(super) duration: Field<Scalar>,
    pub(super) warmup: Field<Scalar>,
    pub(super) drain: Field<Scalar>,
    pub(super) epoch: Field<String>,
    pub(super) anomalies: Option<bool>,
}

/// `[flow]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowFile {
    pub(super) coordination: Field<String>,
    pub(super) payment_window: Field<Scalar>,
    #[serde(default)]
    pub(super) omit: Vec<Spanned<String>>,
}

/// `[customers]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomersFile {
    pub(super) think_time: DistField,
    pub(super) intents: Field<IntentsFile>,
    pub(super) refund_delay: DistField,
    pub(super) pay_attempts: Field<i64>,
    pub(super) top_up: Option<bool>,
    pub(super) patience: Field<Scalar>,
}

/// `[customers] intents`: a share that is not named is 0.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct IntentsFile {
    pub(super) pay: Field<f64>,
    pub(super) abandon: Field<f64>,
    pub(super) cancel: Field<f64>,
    pub(super) cancel_while_paying: Field<f64>,
    pub(super) pay_then_refund: Field<f64>,
}

/// `[traffic]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct TrafficFile {
    pub(super) top_up: Field<Scalar>,
    pub(super) list_coupons: Field<Scalar>,
    pub(super) list_products: Field<Scalar>,
    pub(super) popular_products: Field<Scalar>,
    pub(super) price_change: Field<Scalar>,
}

/// `[users]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct UsersFile {
    pub(super) count: Field<i64>,
    pub(super) balance: DistField,
}

/// `[products]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductsFile {
    pub(super) count: Field<i64>,
    pub(super) stock: DistField,
    pub(super) price: DistField,
    pub(super) popularity: Field<BareOr<PopularityFile>>,
}

/// `[products] popularity`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct PopularityFile {
    pub(super) zipf: Option<ZipfFile>,
}

/// `zipf = { exponent = 1.1 }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ZipfFile {
    pub(super) exponent: Field<f64>,
}

/// `[[coupon]]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct CouponFile {
    pub(super) name: Field<String>,
    pub(super) discount: Field<DiscountFile>,
    pub(super) quantity: Field<i64>,
    pub(super) issue: Field<String>,
}

/// `discount = { percent = 10 }` or `{ amount = 3_000 }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscountFile {
    pub(super) percent: Field<i64>,
    pub(super) amount: Field<i64>,
}

/// `[basket]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct BasketFile {
    pub(super) lines: DistField,
    pub(super) quantity: DistField,
    pub(super) coupon_rate: Field<f64>,
}

/// `[service.NAME]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceFile {
    pub(super) workers: Field<i64>,
    pub(super) queue: Field<QueueFile>,
    pub(super) service_time: DistField,
}

/// `queue = { capacity = 500, overflow = "reject" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct QueueFile {
    pub(super) capacity: Field<i64>,
    pub(super) overflow: Field<String>,
}

/// `[network]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkFile {
    pub(super) latency: DistField,
}

/// `[[load]]`: the keys of all executors; which belong together is judged later.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LoadFile {
    pub(super) name: Field<String>,
    pub(super) executor: Field<String>,
    pub(super) start: Field<Scalar>,
    pub(super) duration: Field<Scalar>,
    pub(super) rate: Field<Scalar>,
    pub(super) spacing: Field<String>,
    pub(super) users: Field<i64>,
    pub(super) pause: DistField,
    pub(super) speed: Field<f64>,
    pub(super) log: Field<LogFile>,
    pub(super) start_rate: Field<Scalar>,
    pub(super) start_users: Field<i64>,
    pub(super) stages: Field<Vec<Spanned<StageFile>>>,
    pub(super) orders: Field<i64>,
    pub(super) orders_per_user: Field<i64>,
}

/// `{ target = "600/s", duration = "5s" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct StageFile {
    pub(super) target: Field<Scalar>,
    pub(super) duration: Field<Scalar>,
}

/// `[load.log]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LogFile {
    pub(super) file: Field<String>,
    pub(super) order: Field<String>,
    pub(super) user: Field<String>,
    pub(super) product: Field<String>,
    pub(super) quantity: Field<String>,
    pub(super) line_amount: Field<String>,
    pub(super) unit_price: Field<String>,
    pub(super) time: Field<String>,
    pub(super) cancel_prefix: Field<String>,
}

/// `[protection]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ProtectionFile {
    pub(super) outbox: Option<bool>,
    pub(super) inbox: Option<bool>,
    pub(super) idempotency_key: Option<bool>,
    pub(super) tombstone: Option<bool>,
    pub(super) semantic_lock: Option<bool>,
    pub(super) saga_log: Option<bool>,
    pub(super) fencing: Option<bool>,
    pub(super) circuit_breaker: Field<BareOr<BreakerFile>>,
    pub(super) lease: Field<Scalar>,
    pub(super) compensate: Field<String>,
    pub(super) timeout: Field<Scalar>,
    pub(super) retry: Field<BareOr<RetryFile>>,
    pub(super) relay_interval: Field<Scalar>,
    pub(super) mark_retention: Field<Scalar>,
}

/// `retry = { max_attempts = 4, backoff = { … } }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryFile {
    pub(super) max_attempts: Field<i64>,
    pub(super) backoff: Option<BackoffFile>,
}

/// `backoff = { initial = "50ms", multiplier = 2.0, max = "2s", jitter = "full" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct BackoffFile {
    pub(super) initial: Field<Scalar>,
    pub(super) multiplier: Field<f64>,
    pub(super) max: Field<Scalar>,
    pub(super) jitter: Field<String>,
}

/// `[[fault]]`: one key per kind.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultFile {
    pub(super) name: Field<String>,
    pub(super) at: Field<Scalar>,
    #[serde(rename = "for")]
    pub(super) lasting: Field<Scalar>,
    pub(super) target: Field<TargetFile>,
    pub(super) probability: Field<f64>,
    pub(super) nth: Field<i64>,
    pub(super) order: Field<i64>,
    pub(super) n: Field<i64>,
    pub(super) error: Field<NothingFile>,
    pub(super) attempt: Field<Scalar>,
    pub(super) every: Field<Scalar>,
    pub(super) repeat: Field<i64>,
    pub(super) crash: Field<CrashFile>,
    pub(super) pause: Field<NothingFile>,
    pub(super) slow: Field<SlowFile>,
    pub(super) latency: Field<LatencyFile>,
    pub(super) drop: Field<NothingFile>,
    pub(super) duplicate: Field<DuplicateFile>,
    pub(super) reorder: Field<ReorderFile>,
    pub(super) partition: Field<PartitionFile>,
    #[serde(rename = "queue-full")]
    pub(super) queue_full: Field<NothingFile>,
    #[serde(rename = "redis-down")]
    pub(super) redis_down: Field<NothingFile>,
    #[serde(rename = "platform-down")]
    pub(super) platform_down: Field<NothingFile>,
}

/// `target = { step = "create-order", position = "after-commit" }`, or a service, or a link
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetFile {
    pub(super) step: Field<String>,
    pub(super) position: Field<String>,
    pub(super) service: Field<String>,
    #[serde(default)]
    pub(super) services: Vec<Spanned<String>>,
    pub(super) link: Field<String>,
}

/// `error = {}`: a kind without settings
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct NothingFile {}

/// `crash = { restart = "1s" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct CrashFile {
    pub(super) restart: Field<Scalar>,
}

/// `slow = { factor = 10.0 }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct SlowFile {
    pub(super) factor: Field<f64>,
}

/// `latency = { add = "400ms", jitter = "150ms" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct LatencyFile {
    pub(super) add: Field<Scalar>,
    pub(super) jitter: Field<Scalar>,
}

/// `duplicate = { delay = "30ms" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct DuplicateFile {
    pub(super) delay: Field<Scalar>,
}

/// `reorder = { within = "50ms" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ReorderFile {
    pub(super) within: Field<Scalar>,
}

/// `partition = { direction = "in" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct PartitionFile {
    pub(super) direction: Field<String>,
}

/// `circuit_breaker = { failures = 20, open_for = "2s" }`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakerFile {
    pub(super) failures: Field<i64>,
    pub(super) open_for: Field<Scalar>,
}

/// `[[threshold]]`
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ThresholdFile {
    pub(super) name: Field<String>,
    pub(super) metric: Field<String>,
    pub(super) expr: Field<String>,
    pub(super) severity: Field<String>,
    pub(super) abort_on_fail: Field<bool>,
    pub(super) delay_abort: Field<Scalar>,
}
