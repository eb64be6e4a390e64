//! A timing wheel that keeps the exact order of its entries.
//!
//! Hierarchical timing wheels (G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels",
//! SOSP 1987): time is cut into short buckets, and these into long ones. An entry waits in the
//! bucket it falls into; a bucket is put in order, by a heap, only when its time has come. With
//! about one entry a bucket an entry costs a few instructions, where one heap of them all costs a
//! comparison for each doubling of their number.

use super::queue::instant;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A short bucket lasts 2^14 ns (16 µs), a long one 2^26 ns (67 ms).
const SHORT: u32 = 14;
const LONG: u32 = SHORT + BITS;
/// 2^12 short buckets make a long one; 2^12 long ones make a turn of the wheel (275 s).
const BITS: u32 = 12;
const TURN: u32 = LONG + BITS;
const BUCKETS: usize = 1 << BITS;
const WORDS: usize = BUCKETS / 64;
/// Ends a list.
const NONE: u32 = u32::MAX;

/// An entry in a bucket: a link of its list, at the index of its slot.
#[derive(Clone, Copy, Debug)]
struct Link {
    at_ns: u64,
    tie: u32,
    next: u32,
}

/// Buckets of one length: lists, and a bit for each that has an entry.
#[derive(Debug)]
struct Buckets {
    heads: Box<[u32]>,
    words: [u64; WORDS],
    /// A bit for each word that has one.
    summary: u64,
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets { heads: vec![NONE; BUCKETS].into(), words: [0; WORDS], summary: 0 }
    }
}

impl Buckets {
    /// Puts an entry into a bucket; returns the entry that is next in its list.
    #[inline]
    fn put(&mut self, bucket: usize, slot: u32) -> u32 {
        let bucket = bucket % BUCKETS;
        self.words[bucket / 64] |= 1 << (bucket % 64);
        self.summary |= 1 << (bucket / 64);
        std::mem::replace(&mut self.heads[bucket], slot)
    }

    /// The first bucket with an entry. Those before it are in the past and empty.
    #[inline]
    fn first(&self) -> Option<usize> {
        if self.summary == 0 {
            return None;
        }
        let word = self.summary.trailing_zeros() as usize % WORDS;
        Some(word * 64 + self.words[word].trailing_zeros() as usize)
    }

    /// Empties a bucket; returns the head of its list.
    #[inline]
    fn empty(&mut self, bucket: usize) -> u32 {
        let bucket = bucket % BUCKETS;
        let word = &mut self.words[bucket / 64];
        *word &= !(1 << (bucket % 64));
        if *word == 0 {
            self.summary &= !(1 << (bucket / 64));
        }
        std::mem::replace(&mut self.heads[bucket], NONE)
    }
}

/// Entries (instant, tie, slot) in that order; each slot once at a time.
#[derive(Debug, Default)]
pub struct Wheel {
    /// What the wheel has reached: everything up to the end of the short bucket `reached`.
    due: BinaryHeap<Reverse<u128>>,
    /// The short bucket that is reached, counted from time 0.
    reached: u64,
    /// The rest of the long bucket that is reached.
    short: Buckets,
    /// The rest of the turn.
    long: Buckets,
    /// Later turns.
    far: BinaryHeap<Reverse<u128>>,
    links: Vec<Link>,
}

impl Wheel {
    /// For a run of a few orders: all of time is one bucket, kept in order by its heap.
    pub(super) fn of_few() -> Self {
        let none = || Buckets { heads: Box::default(), words: [0; WORDS], summary: 0 };
        Wheel {
            due: BinaryHeap::new(),
            reached: u64::MAX,
            short: none(),
            long: none(),
            far: BinaryHeap::new(),
            links: Vec::new(),
        }
    }

    /// Adds an entry; its slot is not in the wheel.
    #[inline]
    pub fn add(&mut self, at_ns: u64, tie: u32, slot: u32) {
        let bucket = at_ns >> SHORT;
        if bucket <= self.reached {
            self.add_due(at_ns, tie, slot);
        } else if bucket >> (2 * BITS) == self.reached >> (2 * BITS) {
            self.link(at_ns, tie, slot);
        } else {
            self.far.push(Reverse(instant(at_ns, tie) | u128::from(slot)));
        }
    }

    fn add_due(&mut self, at_ns: u64, tie: u32, slot: u32) {
        self.due.push(Reverse(instant(at_ns, tie) | u128::from(slot)));
    }

    /// Adds to the lists of this turn.
    fn link(&mut self, at_ns: u64, tie: u32, slot: u32) {
        let bucket = at_ns >> SHORT;
        let index = slot as usize;
        if index >= self.links.len() {
            self.grow(index);
        }
        let next = if bucket >> BITS == self.reached >> BITS {
            self.short.put(bucket as usize, slot)
        } else {
            self.long.put((bucket >> BITS) as usize, slot)
        };
        self.links[index] = Link { at_ns, tie, next };
    }

    #[cold]
    fn grow(&mut self, index: usize) {
        self.links.resize(2 * index + 64, Link { at_ns: 0, tie: 0, next: NONE });
    }

    /// The earliest entry, if it is not after an instant. The wheel turns no further than to
    /// there, so that what is added in the meantime still finds its bucket.
    #[inline]
    pub fn first_until(&mut self, until_ns: u64) -> Option<u128> {
        loop {
            if let Some(Reverse(entry)) = self.due.peek() {
                return ((entry >> 64) as u64 <= until_ns).then_some(*entry);
            }
            if !self.turn(until_ns) {
                return None;
            }
        }
    }

    /// Takes the entry that `first_until` found.
    #[inline]
    pub fn take(&mut self) -> Option<u128> {
        self.due.pop().map(|Reverse(entry)| entry)
    }

    /// Goes on to the next bucket with an entry; false if there is none up to this instant.
    fn turn(&mut self, until_ns: u64) -> bool {
        let until = until_ns >> SHORT;
        if let Some(bucket) = self.short.first() {
            let next = self.reached >> BITS << BITS | bucket as u64;
            if next > until {
                return false;
            }
            self.reached = next;
            let mut slot = self.short.empty(bucket);
            while slot != NONE {
                let Link { at_ns, tie, next } = self.links[slot as usize];
                self.add_due(at_ns, tie, slot);
                slot = next;
            }
        } else if let Some(bucket) = self.long.first() {
            let next = (self.reached >> (2 * BITS) << BITS | bucket as u64) << BITS;
            if next > until {
                return false;
            }
            self.reached = next;
            let mut slot = self.long.empty(bucket);
            while slot != NONE {
                let Link { at_ns, tie, next } = self.links[slot as usize];
                self.add(at_ns, tie, slot);
                slot = next;
            }
        } else {
            let Some(Reverse(entry)) = self.far.peek() else { return false };
            let next = (entry >> (64 + TURN)) as u64;
            if next << (2 * BITS) > until {
                return false;
            }
            self.reached = next << (2 * BITS);
            while let Some(Reverse(entry)) = self.far.peek()
                && (entry >> (64 + TURN)) as u64 == next
            {
                let entry = *entry;
                self.far.pop();
                self.add((entry >> 64) as u64, (entry >> 32) as u32, entry as u32);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_oneof, proptest};
    use std::collections::BTreeSet;

    /// How far ahead something is scheduled: within a bucket, a turn, and beyond.
    fn ahead_ns() -> impl proptest::strategy::Strategy<Value = u64> {
        prop_oneof![0..100_u64, 0..1_000_000_u64, 0..1_u64 << LONG, 0..1_u64 << (TURN + 2)]
    }

    proptest! {
        #[test]
        fn entries_come_out_in_the_order_of_instant_tie_and_slot(
            steps in proptest::collection::vec((ahead_ns(), any::<u8>(), 0..3_u8), 1..300)
        ) {
            let (mut wheel, mut model) = (Wheel::default(), BTreeSet::new());
            let mut now_ns = 0;
            for (slot, (ahead_ns, tie, takes)) in (0..).zip(steps) {
                wheel.add(now_ns + ahead_ns, u32::from(tie), slot);
                model.insert((now_ns + ahead_ns, u32::from(tie), slot));
                for _ in 0..takes {
                    let first = model.first().copied();
                    let Some((at_ns, tie, slot)) = first else { break };
                    // What is not due yet is not shown, and does not turn the wheel too far.
                    if at_ns > now_ns {
                        assert_eq!(wheel.first_until(at_ns - 1), None);
                    }
                    let entry = instant(at_ns, tie) | u128::from(slot);
                    assert_eq!(wheel.first_until(at_ns), Some(entry));
                    assert_eq!(wheel.take(), Some(entry));
                    model.pop_first();
                    now_ns = at_ns;
                }
            }
            while let Some((at_ns, tie, slot)) = model.pop_first() {
                let entry = instant(at_ns, tie) | u128::from(slot);
                assert_eq!(wheel.first_until(u64::MAX), Some(entry));
                assert_eq!(wheel.take(), Some(entry));
            }
            assert_eq!(wheel.first_until(u64::MAX), None);
        }
    }
}
