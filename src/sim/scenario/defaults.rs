//! What holds where a scenario says nothing. Durations in nanoseconds, money in its smallest unit.

use super::{BasketShape, Breaker, Customers, Dist, Intents, Popularity, Retry, Spacing};
use crate::domain::{Coordination, UndoPolicy};

const MILLISECOND_NS: u64 = 1_000_000;
const SECOND_NS: u64 = 1_000 * MILLISECOND_NS;
const MINUTE_NS: u64 = 60 * SECOND_NS;

/// `run.warmup`: none.
pub(super) const WARMUP_NS: u64 = 0;
/// `run.drain`: 10 minutes.
pub(super) const DRAIN_NS: u64 = 10 * MINUTE_NS;
/// `run.epoch`.
pub(super) const EPOCH: &str = "2026-01-01T00:00:00+00:00";
/// `flow.coordination`.
pub(super) const COORDINATION: Coordination = Coordination::Choreography;
/// `flow.payment_window`: 5 minutes.
pub(super) const PAYMENT_WINDOW_NS: u64 = 5 * MINUTE_NS;
/// `[customers]`: everyone pays after 2 seconds, once, and waits 30 seconds for a final word; a
/// refund would be asked for after 30 seconds.
pub(super) const CUSTOMERS: Customers = Customers {
    think_time: Dist::Fixed(2_000_000_000),
    intents: Intents {
        pay: 1.0,
        abandon: 0.0,
        cancel: 0.0,
        cancel_while_paying: 0.0,
        pay_then_refund: 0.0,
    },
    refund_delay: Dist::Fixed(30_000_000_000),
    pay_attempts: 1,
    top_up: false,
    patience_ns: 30 * SECOND_NS,
};
/// `users.count`.
pub(super) const USERS: u32 = 1_000;
/// `users.balance`.
pub(super) const BALANCE: Dist = Dist::Fixed(1_000_000);
/// `products.count`.
pub(super) const PRODUCTS: u32 = 100;
/// `products.stock`.
pub(super) const STOCK: Dist = Dist::Fixed(10_000);
/// `products.price`.
pub(super) const PRICE: Dist = Dist::Fixed(10_000);
/// `products.popularity`.
pub(super) const POPULARITY: Popularity = Popularity::Uniform;
/// `[basket]`: one unit of one product, no coupon.
pub(super) const BASKET: BasketShape =
    BasketShape { lines: Dist::Fixed(1), quantity: Dist::Fixed(1), coupon_rate: 0.0 };
/// `service.*.workers`.
pub(super) const WORKERS: u32 = 8;
/// `service.*.service_time`: 2 ms.
pub(super) const SERVICE_TIME: Dist = Dist::Fixed(2_000_000);
/// `network.latency`: 1 ms.
pub(super) const NETWORK_LATENCY: Dist = Dist::Fixed(1_000_000);
/// `load.spacing`.
pub(super) const SPACING: Spacing = Spacing::Poisson;
/// `load.pause`: 1 second.
pub(super) const PAUSE: Dist = Dist::Fixed(1_000_000_000);
/// `load.speed`: as it happened.
pub(super) const SPEED: f64 = 1.0;
/// `protection.compensate`.
pub(super) const COMPENSATE: UndoPolicy = UndoPolicy::UnknownToo;
/// `protection.timeout`: 1 second.
pub const TIMEOUT_NS: u64 = SECOND_NS;
/// `protection.retry`: 4 attempts in all; pauses from 50 ms, doubled up to 2 s, drawn evenly below
/// that.
pub const RETRY: Retry = Retry {
    max_attempts: 4,
    initial_ns: 50 * MILLISECOND_NS,
    multiplier: 2.0,
    max_ns: 2 * SECOND_NS,
    full_jitter: true,
};
/// `protection.relay_interval`: 1 second.
pub(super) const RELAY_INTERVAL_NS: u64 = SECOND_NS;
/// `protection.mark_retention`: 10 minutes.
pub(super) const MARK_RETENTION_NS: u64 = 10 * MINUTE_NS;
/// After the last payment window has closed everything is expected to be settled within this
/// (60 s).
pub(super) const SETTLE_NS: u64 = MINUTE_NS;
/// `protection.lease`: 10 seconds.
pub(super) const LEASE_NS: u64 = 10 * SECOND_NS;
/// `protection.circuit_breaker`: opens after 20 calls in a row without an answer, for 2 seconds.
pub const BREAKER: Breaker = Breaker { failures: 20, open_for_ns: 2 * SECOND_NS };
/// `fault.crash.restart`: 1 second.
pub(super) const RESTART_NS: u64 = SECOND_NS;
/// `fault.duplicate.delay`: 10 ms.
pub(super) const DUPLICATE_NS: u64 = 10 * MILLISECOND_NS;
/// `fault.reorder.within`: 50 ms.
pub(super) const REORDER_NS: u64 = 50 * MILLISECOND_NS;
