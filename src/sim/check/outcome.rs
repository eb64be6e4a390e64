//! How orders end: each in exactly one way.

/// How an order ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Outcome {
    /// It was sold; a refund later does not change that.
    Completed,
    /// deduct-stock refused it, or it never reached Product.
    Rejected,
    /// The order process failed at create-order or later.
    Compensated,
    /// The customer cancelled before paying.
    Cancelled,
    /// The payment window ran out.
    Expired,
    /// Something of it is not at rest.
    Stuck,
}

impl Outcome {
    /// Every outcome, in the order reports show them.
    pub const ALL: [Outcome; 6] = [
        Outcome::Completed,
        Outcome::Rejected,
        Outcome::Compensated,
        Outcome::Cancelled,
        Outcome::Expired,
        Outcome::Stuck,
    ];

    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Rejected => "rejected",
            Outcome::Compensated => "compensated",
            Outcome::Cancelled => "cancelled",
            Outcome::Expired => "expired",
            Outcome::Stuck => "stuck",
        }
    }
}

/// The end of one order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OrderEnd {
    /// How it ended.
    pub outcome: Outcome,
    /// It was completed and taken back.
    pub refunded: bool,
    /// What it earned.
    pub amount: i64,
    /// It uses a coupon.
    pub coupon: bool,
}

/// Orders by outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OutcomeCounts {
    counts: [u64; Outcome::ALL.len()],
    /// Completed orders that were taken back later.
    pub refunded: u64,
}

impl OutcomeCounts {
    pub(super) const fn count(&mut self, outcome: Outcome, refunded: bool) {
        self.counts[outcome as usize] += 1;
        self.refunded += refunded as u64;
    }

    /// How many ended this way.
    #[must_use]
    pub const fn of(&self, outcome: Outcome) -> u64 {
        self.counts[outcome as usize]
    }

    /// How many ended at all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}
