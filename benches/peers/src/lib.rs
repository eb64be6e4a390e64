//! What every peer shares: the shape of the load, one source of chance, and the line each prints.

use serde::{Deserialize, Serialize};
use std::time::Instant;

/// The five hops of an order, in this order.
pub const HOPS: [&str; 5] = ["place", "stock", "order", "payment", "complete"];
/// Orders arrive evenly: one every 100 µs, 10,000 a second.
pub const GAP_NS: u64 = 100_000;
/// Mean of the exponential service time of a hop.
pub const SERVICE_NS: f64 = 2e6;
/// Mean of the exponential network latency before a hop.
pub const NETWORK_NS: f64 = 1e6;
/// Orders a hop serves at once; the others wait in line.
pub const WORKERS: u32 = 60;

/// The allocator of sagasim's binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A stream of exponential draws (SplitMix64, inverse of the distribution function).
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Chance(u64);

impl Chance {
    /// A stream.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next draw, in nanoseconds, at least 1: simulators refuse to schedule for the present.
    pub fn exponential_ns(&mut self, mean_ns: f64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((z ^ z >> 31) >> 11) as f64 / (1_u64 << 53) as f64;
        ((-mean_ns * (1.0 - unit).ln()) as u64).max(1)
    }
}

/// The number of orders: the only argument.
///
/// # Panics
/// There is no such argument.
#[must_use]
pub fn orders() -> u64 {
    let orders = std::env::args().nth(1).and_then(|text| text.parse().ok());
    orders.expect("usage: PEER ORDERS")
}

/// Prints the line that `run` reads.
///
/// # Panics
/// Not all orders were completed: then there is nothing to compare.
pub fn report(orders: u64, completed: u64, events_per_order: u64, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    assert_eq!(completed, orders, "all orders are completed");
    let events = events_per_order * orders;
    println!("{{\"orders\":{orders},\"seconds\":{seconds:.6},\"events\":{events}}}");
}
