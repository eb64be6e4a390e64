//! The records of the two sinks, and what is known about each.

use std::fmt;

use dashmap::DashMap;

/// One fact for both sinks: a completed order, or its refund.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SinkRecord {
    /// The order.
    pub order: u32,
    /// `false`: the sale. `true`: the sale taken back.
    pub refund: bool,
    /// The day of the sale, in local days since 1970-01-01. A refund carries it too.
    pub day: i32,
    /// Product and quantity, line by line; a product may stand in several lines.
    pub lines: Box<[(u32, u32)]>,
    /// What the customer paid or got back, in the smallest unit of money.
    pub amount: i64,
    /// The customer.
    pub user: u32,
}

impl SinkRecord {
    /// The identity of the record: both sinks take each key once.
    #[must_use]
    pub const fn key(&self) -> RecordKey {
        RecordKey { order: self.order, refund: self.refund }
    }

    /// Product and units to add to the ranking, line by line: negative in a refund.
    pub(super) fn units(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        let sign = if self.refund { -1 } else { 1 };
        self.lines.iter().map(move |&(product, quantity)| (product, sign * i64::from(quantity)))
    }
}

/// Names a record: the idempotency key of both sinks, written `17:sale` or `17:refund`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordKey {
    /// The order.
    pub order: u32,
    /// Whether it is the refund.
    pub refund: bool,
}

impl RecordKey {
    /// The second half of the key.
    pub(super) const fn kind(self) -> &'static str {
        if self.refund { "refund" } else { "sale" }
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.order, self.kind())
    }
}

/// How far a record has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Receipt {
    /// Redis has not acknowledged it (it may have it: an answer can be lost).
    Owed,
    /// Redis has acknowledged it in both sinks.
    Taken,
}

/// The receipts of a run: written by the writer's thread, looked up by the caller's.
/// Walked only where order does not matter.
pub(super) type Receipts = DashMap<RecordKey, Receipt>;
