//! First in, first out per sender, receiver and order.
//!
//! Remembers the newest arrival of each pair and order while it is on its way. Asked for every
//! message, so it is a table of slots that expire by themselves, two for each hash; what finds both
//! taken by other pairs still on their way goes to a map.

use crate::domain::{Exchange, Service};
use rustc_hash::FxHashMap;

/// Powers of two, far above the number of messages on their way at once in most runs, and in a run
/// of a few orders.
const SLOTS: usize = 1_024;
const FEW_SLOTS: usize = 64;
/// Bits of a hash that are looked at.
const BITS: u32 = SLOTS.trailing_zeros();

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
    /// The newest arrival in the map: after it the map is out of date.
    crowd_ns: u64,
}

impl Wire {
    /// `few`: for a run of a few orders.
    pub(super) fn new(few: bool) -> Self {
        // No order has this pair, so an empty slot matches none.
        let empty = Newest { pair: u64::MAX, at_ns: 0 };
        let slots = if few { FEW_SLOTS } else { SLOTS };
        Wire { slots: vec![empty; slots].into(), crowd: FxHashMap::default(), crowd_ns: 0 }
    }

    /// When a message that would arrive at `at_ns` may arrive: after those before it.
    pub(super) fn in_order(
        &mut self,
        key: Exchange,
        (from, to): (Service, Service),
        at_ns: u64,
        now_ns: u64,
    ) -> u64 {
        let pair = u64::from(key.request().0) << 8 | (from as u64) << 4 | to as u64;
        // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
        let hash = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS);
        let index = hash as usize & (self.slots.len() - 1);
        if let Some(own) = [index, index ^ 1].into_iter().find(|way| self.slots[*way].pair == pair)
        {
            let newest = &mut self.slots[own];
            newest.at_ns = at_ns.max(newest.at_ns + 1);
            return newest.at_ns;
        }
        let at_ns =
            self.last_in_crowd(pair, now_ns).map_or(at_ns, |last_ns| at_ns.max(last_ns + 1));
        match [index, index ^ 1].into_iter().find(|way| self.slots[*way].at_ns < now_ns) {
            Some(free) => self.slots[free] = Newest { pair, at_ns },
            None => {
                self.crowd.insert(pair, at_ns);
                self.crowd_ns = self.crowd_ns.max(at_ns);
            }
        }
        at_ns
    }

    fn last_in_crowd(&mut self, pair: u64, now_ns: u64) -> Option<u64> {
        if self.crowd_ns < now_ns {
            if !self.crowd.is_empty() {
                self.crowd.clear();
            }
            return None;
        }
        self.crowd.get(&pair).copied()
    }
}
