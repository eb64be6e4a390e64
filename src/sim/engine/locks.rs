//! Row locks of the monolith: taken in one global order, held until the commit.
//!
//! Taking them in order makes a deadlock impossible; waiting is first come, first served per row.

use super::queue::Slot;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// A row of the monolith's database. The order of the variants is the order of taking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Lock {
    Product(u32),
    User(u32),
    Coupon(u32, u32),
    Order(u32),
}

/// A transaction that holds or wants rows.
#[derive(Debug)]
struct Transaction {
    wants: Vec<Lock>,
    held: usize,
}

/// Who holds what, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Locks {
    lines: FxHashMap<Lock, VecDeque<Slot>>,
    transactions: FxHashMap<Slot, Transaction>,
}

impl Locks {
    /// Takes as many of the sorted rows as are free; true if that was all of them.
    pub(super) fn request(&mut self, slot: Slot, wants: Vec<Lock>) -> bool {
        self.transactions.insert(slot, Transaction { wants, held: 0 });
        self.proceed(slot)
    }

    fn proceed(&mut self, slot: Slot) -> bool {
        let Some(transaction) = self.transactions.get_mut(&slot) else { return false };
        while let Some(lock) = transaction.wants.get(transaction.held) {
            let line = self.lines.entry(*lock).or_default();
            if line.front() != Some(&slot) {
                line.push_back(slot);
            }
            if line.front() != Some(&slot) {
                return false;
            }
            transaction.held += 1;
        }
        true
    }

    /// Frees the rows of a transaction; returns those that can now begin, in the order of rows.
    pub(super) fn release(&mut self, slot: Slot) -> Vec<Slot> {
        let Some(transaction) = self.transactions.remove(&slot) else { return Vec::new() };
        let mut ready = Vec::new();
        for lock in &transaction.wants[..transaction.held] {
            let Some(line) = self.lines.get_mut(lock) else { continue };
            line.pop_front();
            match line.front().copied() {
                None => {
                    self.lines.remove(lock);
                }
                Some(next) => {
                    if self.proceed(next) {
                        ready.push(next);
                    }
                }
            }
        }
        ready
    }

    /// Transactions that hold or want rows, in ascending order.
    pub(super) fn left(&self) -> Vec<Slot> {
        let mut left: Vec<Slot> = self.transactions.keys().copied().collect();
        left.sort_unstable();
        left
    }
}
