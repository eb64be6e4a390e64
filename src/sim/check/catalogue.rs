//! The invariants by name: what each one says, and what breaking it means for a shop.
//!
//! Plain data, shared by the checker, the reports and `sagasim explain`. A *sale* is an order that
//! was completed and not refunded.

/// When an invariant is judged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum InvariantKind {
    /// After every commit.
    Always,
    /// Once, when the run has settled.
    AtRest,
    /// Must have happened at least once, or the run proved nothing.
    Sometimes,
}

impl InvariantKind {
    /// All three, in the order reports show them.
    pub const ALL: [InvariantKind; 3] =
        [InvariantKind::Always, InvariantKind::AtRest, InvariantKind::Sometimes];

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            InvariantKind::Always => "always",
            InvariantKind::AtRest => "at-rest",
            InvariantKind::Sometimes => "sometimes",
        }
    }
}

/// One thing that must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Invariant {
    /// The name used in scenario files and reports.
    pub name: &'static str,
    /// When it is judged.
    pub kind: InvariantKind,
    /// What it says, in one sentence.
    pub meaning: &'static str,
    /// What breaking it means for a shop, in one sentence.
    pub breaking: &'static str,
}

/// The invariant of this name.
#[must_use]
pub fn invariant(name: &str) -> Option<&'static Invariant> {
    INVARIANTS.iter().find(|invariant| invariant.name == name)
}

const fn always(name: &'static str, meaning: &'static str, breaking: &'static str) -> Invariant {
    Invariant { name, kind: InvariantKind::Always, meaning, breaking }
}

const fn at_rest(name: &'static str, meaning: &'static str, breaking: &'static str) -> Invariant {
    Invariant { name, kind: InvariantKind::AtRest, meaning, breaking }
}

const fn sometimes(name: &'static str, meaning: &'static str, breaking: &'static str) -> Invariant {
    Invariant { name, kind: InvariantKind::Sometimes, meaning, breaking }
}

/// Every invariant, in the order reports show them: always, at rest, sometimes.
pub const INVARIANTS: [Invariant; 25] = [
    always(
        "stock-never-negative",
        "The units a product has available never fall below zero.",
        "Units are sold that do not exist: customers pay for goods that cannot be shipped.",
    ),
    always(
        "stock-conserved",
        "No order ever holds or has sold fewer than zero units, and at rest the units available, \
         held and sold add up to the units the shop started with, in the ledger, in Product's \
         state and in the plan.",
        "Units appear from nowhere or vanish: the shop oversells later, or keeps goods it can \
         never sell.",
    ),
    always(
        "balance-never-negative",
        "The balance of a member never falls below zero.",
        "A member spends money that was never there; the shop has given credit without knowing.",
    ),
    always(
        "money-conserved",
        "No order ever holds or has earned less than nothing, and at rest all balances, money held \
         and revenue add up to what members started with and topped up, in the ledger, in User's \
         state and in the plan.",
        "Money is created or destroyed: somebody is paid back twice, or loses what was taken.",
    ),
    always(
        "coupon-used-at-most-once",
        "A coupon is used by at most one order at any time; one that was given back may be used \
         again.",
        "One coupon pays for two discounts.",
    ),
    always(
        "coupon-issue-within-limit",
        "No campaign issues more coupons than its quantity, nor more than one to a member.",
        "The campaign costs more than was budgeted; first come, first served was a false promise.",
    ),
    always(
        "charged-at-most-once",
        "The money an order holds or has earned is nothing or exactly its final amount, at all \
         times.",
        "A customer is charged twice for one order, or charged a wrong amount.",
    ),
    always(
        "refund-within-charge",
        "For each payment no more is given back than was taken.",
        "A customer gets back more than was paid.",
    ),
    always(
        "undo-follows-its-effect",
        "Whatever is undone was done before, by the same process of the same order.",
        "Something is given back that was never taken: free stock, free money or a free coupon.",
    ),
    always(
        "undo-in-reverse-order",
        "Inside one process, effects are undone in exactly the reverse order of being done.",
        "What a later step relied on is taken away while it still stands, for instance stock on \
         sale again while its order still exists.",
    ),
    always(
        "order-state-machine",
        "An order's state changes only along the moves the flow allows.",
        "An expired order is completed, or a completed one expires: paid and never shipped, or \
         shipped and never paid.",
    ),
    always(
        "nothing-published-before-pivot",
        "Neither the data platform nor the ranking hears of a sale before complete-order has \
         committed.",
        "Reports and the ranking count sales that never happen.",
    ),
    at_rest(
        "every-order-terminal",
        "Every order is rolled back, expired, cancelled, completed or refunded.",
        "Orders hang for ever; somebody has to find and repair them by hand.",
    ),
    at_rest(
        "nothing-held",
        "No order holds stock or money any more.",
        "Stock that nobody can buy and money that nobody can spend: it leaks with every failure.",
    ),
    at_rest(
        "completed-means-paid-once",
        "Every sale has exactly one live payment, of exactly the planned amount, and no other \
         order has one.",
        "Goods leave unpaid, or a payment stands with no goods behind it.",
    ),
    at_rest(
        "undone-left-no-trace",
        "Every account of an order that is no sale nets to zero; never completed, it is in neither \
         platform nor ranking; refunded, the platform has one sale and one refund and the ranking \
         nets to zero on the day of sale.",
        "A failed order still costs somebody something, or still shows in the figures.",
    ),
    at_rest(
        "coupon-used-iff-completed",
        "A coupon is marked as used by an order exactly if that order is a sale that presented it.",
        "Customers lose coupons to orders that failed, or get the discount and keep the coupon.",
    ),
    at_rest(
        "ranking-equals-sales",
        "For every day and product the ranking shows exactly the units of that day's sales.",
        "The popular products shown to customers are wrong.",
    ),
    at_rest(
        "platform-got-each-completed-once",
        "The data platform has every completed order exactly once.",
        "Figures and everything computed from them count a sale twice or miss it.",
    ),
    at_rest(
        "no-leaked-lock-timer-call-or-row",
        "No row lock, live timer, open call or unprocessed outbox row is left.",
        "Every failure leaves something behind; the system slows down and finally stops.",
    ),
    at_rest(
        "client-told-the-truth",
        "What each customer was told last agrees with what happened, and nobody was told two \
         different final words for one request.",
        "A customer told \u{201c}failed\u{201d} has paid, or one told \u{201c}paid\u{201d} gets \
         nothing.",
    ),
    at_rest(
        "amounts-as-planned",
        "Every order did to every account exactly what the plan, computed on its own, says it must \
         have done given how the order ended.",
        "Prices, discounts or quantities are wrong although the books balance.",
    ),
    sometimes(
        "compensation-ran",
        "At least one compensation undid an effect.",
        "Nothing: the run never had anything to undo, so it says nothing about undoing.",
    ),
    sometimes(
        "duplicate-absorbed",
        "At least one message that came again was recognised and had no second effect.",
        "Nothing: no message came twice, so the run says nothing about duplicates.",
    ),
    sometimes(
        "each-fault-hit",
        "Each declared fault that applies to the coordination struck at least once.",
        "Nothing: a fault that never struck has tested nothing.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for (at, one) in INVARIANTS.iter().enumerate() {
            assert_eq!(invariant(one.name), Some(one));
            assert!(INVARIANTS[..at].iter().all(|other| other.name != one.name), "{}", one.name);
        }
        assert_eq!(invariant("no-such-invariant"), None);
    }

    #[test]
    fn the_checker_judges_what_the_catalogue_explains() {
        let explained = INVARIANTS.iter().filter(|one| one.kind != InvariantKind::Sometimes);
        let judged = crate::sim::check::Law::ALL.map(crate::sim::check::Law::name);
        assert!(explained.map(|one| one.name).eq(judged));
    }

    #[test]
    fn kinds_stand_together_and_every_text_is_one_sentence() {
        assert!(INVARIANTS.is_sorted_by_key(|invariant| invariant.kind));
        for text in INVARIANTS.iter().flat_map(|one| [one.meaning, one.breaking]) {
            assert!(text.ends_with('.') && !text.contains(". "), "{text}");
        }
    }
}
