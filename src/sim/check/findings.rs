//! What was checked, and what was found.

use crate::domain::{Exchange, RequestId};

/// An invariant, by the name it has in the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Law {
    /// Always: no product has fewer than no units available.
    StockNeverNegative,
    /// Always: no order holds or bought a negative number of units; at rest: ledger = state = plan.
    StockConserved,
    /// Always: no balance is below zero.
    BalanceNeverNegative,
    /// Always: no order holds a negative amount; at rest: ledger = state = plan.
    MoneyConserved,
    /// Always: a coupon is used by one order at most.
    CouponUsedAtMostOnce,
    /// Always: no more coupons are issued than the campaign has, one to a customer.
    CouponIssueWithinLimit,
    /// Always: what an order has been charged is nothing or its amount.
    ChargedAtMostOnce,
    /// Always: a payment gives back no more than it took.
    RefundWithinCharge,
    /// Always: an undo gives back what is there to give back.
    UndoFollowsItsEffect,
    /// Always: effective undos of a process run in reverse order.
    UndoInReverseOrder,
    /// Always: the order's states follow its machine.
    OrderStateMachine,
    /// Always: nothing reaches a sink before the pivot that allows it.
    NothingPublishedBeforePivot,
    /// At rest: every order is in a terminal state.
    EveryOrderTerminal,
    /// At rest: no stock and no money is held for an order.
    NothingHeld,
    /// At rest: an order is a sale exactly if it has one live payment of its amount.
    CompletedMeansPaidOnce,
    /// At rest: an order without a sale left no trace in any account or sink.
    UndoneLeftNoTrace,
    /// At rest: a coupon is used by an order exactly if the order is a sale with that coupon.
    CouponUsedIffCompleted,
    /// At rest: the ranking holds what was sold, per day.
    RankingEqualsSales,
    /// At rest: the platform got each completed order once.
    PlatformGotEachCompletedOnce,
    /// At rest: no lock, timer, call or outbox row is left.
    NoLeakedLockTimerCallOrRow,
    /// At rest: what customers were told is so.
    ClientToldTheTruth,
    /// At rest: every amount is the plan's.
    AmountsAsPlanned,
}

impl Law {
    /// Every invariant, in the catalogue's order.
    pub const ALL: [Law; 22] = [
        Law::StockNeverNegative,
        Law::StockConserved,
        Law::BalanceNeverNegative,
        Law::MoneyConserved,
        Law::CouponUsedAtMostOnce,
        Law::CouponIssueWithinLimit,
        Law::ChargedAtMostOnce,
        Law::RefundWithinCharge,
        Law::UndoFollowsItsEffect,
        Law::UndoInReverseOrder,
        Law::OrderStateMachine,
        Law::NothingPublishedBeforePivot,
        Law::EveryOrderTerminal,
        Law::NothingHeld,
        Law::CompletedMeansPaidOnce,
        Law::UndoneLeftNoTrace,
        Law::CouponUsedIffCompleted,
        Law::RankingEqualsSales,
        Law::PlatformGotEachCompletedOnce,
        Law::NoLeakedLockTimerCallOrRow,
        Law::ClientToldTheTruth,
        Law::AmountsAsPlanned,
    ];

    /// The name in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Law::StockNeverNegative => "stock-never-negative",
            Law::StockConserved => "stock-conserved",
            Law::BalanceNeverNegative => "balance-never-negative",
            Law::MoneyConserved => "money-conserved",
            Law::CouponUsedAtMostOnce => "coupon-used-at-most-once",
            Law::CouponIssueWithinLimit => "coupon-issue-within-limit",
            Law::ChargedAtMostOnce => "charged-at-most-once",
            Law::RefundWithinCharge => "refund-within-charge",
            Law::UndoFollowsItsEffect => "undo-follows-its-effect",
            Law::UndoInReverseOrder => "undo-in-reverse-order",
            Law::OrderStateMachine => "order-state-machine",
            Law::NothingPublishedBeforePivot => "nothing-published-before-pivot",
            Law::EveryOrderTerminal => "every-order-terminal",
            Law::NothingHeld => "nothing-held",
            Law::CompletedMeansPaidOnce => "completed-means-paid-once",
            Law::UndoneLeftNoTrace => "undone-left-no-trace",
            Law::CouponUsedIffCompleted => "coupon-used-iff-completed",
            Law::RankingEqualsSales => "ranking-equals-sales",
            Law::PlatformGotEachCompletedOnce => "platform-got-each-completed-once",
            Law::NoLeakedLockTimerCallOrRow => "no-leaked-lock-timer-call-or-row",
            Law::ClientToldTheTruth => "client-told-the-truth",
            Law::AmountsAsPlanned => "amounts-as-planned",
        }
    }
}

/// One broken invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// The order it is about, where there is one.
    pub order: Option<RequestId>,
    /// When, in nanoseconds; at rest: the end of the run.
    pub at_ns: u64,
    /// The exchange whose commit broke it.
    pub key: Option<Exchange>,
    /// What was found, and what should have been.
    pub detail: String,
}

/// Violations of one invariant that are kept in full; all are counted.
const KEPT: usize = 20;

/// Counts of checks and violations, and the first violations of each kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    checked: [u64; Law::ALL.len()],
    violated: [u64; Law::ALL.len()],
    kept: Vec<Violation>,
    /// Orders whose story is told: all their violations are kept.
    told: Vec<RequestId>,
}

/// Where a check is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) order: Option<RequestId>,
    pub(super) at_ns: u64,
    pub(super) key: Option<Exchange>,
}

impl Findings {
    /// Keeps every violation of these orders.
    pub(crate) fn tell(&mut self, orders: &[RequestId]) {
        self.told = orders.to_vec();
    }

    /// Checks one thing. Place and detail are only worked out when they are needed.
    #[inline]
    pub(super) fn must(
        &mut self,
        law: Law,
        holds: bool,
        place: impl FnOnce() -> Place,
        detail: impl FnOnce() -> String,
    ) {
        self.checked[law as usize] += 1;
        if !holds {
            self.violate(law, place(), detail());
        }
    }

    #[cold]
    fn violate(&mut self, law: Law, place: Place, detail: String) {
        self.violated[law as usize] += 1;
        let told = place.order.is_some_and(|order| self.told.contains(&order));
        if told || self.violated[law as usize] <= KEPT as u64 {
            let Place { order, at_ns, key } = place;
            self.kept.push(Violation { law, order, at_ns, key, detail });
        }
    }

    /// How often an invariant was checked.
    #[must_use]
    pub const fn checked(&self, law: Law) -> u64 {
        self.checked[law as usize]
    }

    /// How often an invariant was violated.
    #[must_use]
    pub const fn violated(&self, law: Law) -> u64 {
        self.violated[law as usize]
    }

    /// The violations kept, in the order they were found: the first one names the failure.
    #[must_use]
    pub fn kept(&self) -> &[Violation] {
        &self.kept
    }

    /// Whether nothing was violated.
    #[must_use]
    pub fn clean(&self) -> bool {
        self.violated.iter().all(|&count| count == 0)
    }
}
