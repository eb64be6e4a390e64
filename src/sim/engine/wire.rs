//! First in, first out per sender, receiver and order.
//!
//! Remembers the newest arrival of each pair and order while it is on its way. Asked for every
//! message, so it is a table of slots that expire by themselves; what finds its slot taken by
//! another pair still on its way goes to a map.

use crate::domain::{Exchange, Service};
use rustc_hash::FxHashMap;

/// A power of two, far above the number of messages on their way at once in most runs.
const SLOTS: usize = 8_192;
/// Entries of the map before expired ones are dropped.
const CROWDED: usize = 1_024;

/// The newest arrival of one pair and order.
#[derive(Clone, Copy, Debug)]
struct Newest {
    pair: u64,
    at_ns: u64,
}

/// The newest arrivals of all pairs and orders.
#[derive(Debug)]
pub(super) struct Wire {
    slots: Box<[Newest]>,
    crowd: FxHashMap<u64, u64>,
}

impl Wire {
    pub(super) fn new() -> Self {
        // No order has this pair, so an empty slot matches none.
        let empty = Newest { pair: u64::MAX, at_ns: 0 };
        Wire { slots: vec![empty; SLOTS].into(), crowd: FxHashMap::default() }
    }

    /// When a message that would arrive at `at_ns` may arrive: after those before it.
    pub(super) fn in_order(
        &mut self,
        key: Exchange,
        (from, to): (Service, Service),
        at_ns: u64,
        now_ns: u64,
    ) -> u64 {
        let pair = u64::from(key.request.0) << 8 | (from as u64) << 4 | to as u64;
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
        let index = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SLOTS.trailing_zeros());
        let slot = &mut self.slots[index as usize];
        let last_ns = if slot.pair == pair {
            slot.at_ns
        } else {
            self.crowd.get(&pair).copied().unwrap_or(0)
        };
        let at_ns = if last_ns >= at_ns { last_ns + 1 } else { at_ns };
        if slot.pair == pair || slot.at_ns < now_ns {
            *slot = Newest { pair, at_ns };
        } else {
            if self.crowd.len() >= CROWDED {
                self.crowd.retain(|_, last_ns| *last_ns >= now_ns);
            }
            self.crowd.insert(pair, at_ns);
        }
        at_ns
    }
}
