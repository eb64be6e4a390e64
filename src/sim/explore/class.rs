//! What a broken invariant comes to, in one word.

use crate::sim::check::Law;

/// What became of a run. The worse, the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Every invariant held.
    Clean,
    /// A customer, a sink or a state says something that is not so.
    Wrong,
    /// Something never comes to rest.
    Stuck,
    /// Stock, money or a coupon is lost.
    Leak,
    /// Something was done, given back, charged or published twice, or without having been done.
    Double,
}

impl Class {
    /// All classes, in ascending order.
    pub const ALL: [Class; 5] =
        [Class::Clean, Class::Wrong, Class::Stuck, Class::Leak, Class::Double];

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Class::Clean => "clean",
            Class::Wrong => "wrong",
            Class::Stuck => "stuck",
            Class::Leak => "leak",
            Class::Double => "double",
        }
    }

    /// What breaking an invariant comes to.
    #[must_use]
    pub const fn of(law: Law) -> Class {
        match law {
            Law::EveryOrderTerminal | Law::NoLeakedLockTimerCallOrRow => Class::Stuck,
            Law::NothingHeld
            | Law::UndoneLeftNoTrace
            | Law::CouponUsedIffCompleted
            | Law::CompletedMeansPaidOnce => Class::Leak,
            Law::StockNeverNegative
            | Law::StockConserved
            | Law::BalanceNeverNegative
            | Law::MoneyConserved
            | Law::CouponUsedAtMostOnce
            | Law::CouponIssueWithinLimit
            | Law::ChargedAtMostOnce
            | Law::RefundWithinCharge
            | Law::UndoFollowsItsEffect
            | Law::RankingEqualsSales
            | Law::PlatformGotEachCompletedOnce => Class::Double,
            Law::UndoInReverseOrder
            | Law::OrderStateMachine
            | Law::NothingPublishedBeforePivot
            | Law::ClientToldTheTruth
            | Law::AmountsAsPlanned => Class::Wrong,
        }
    }
}
