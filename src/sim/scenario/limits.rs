//! How large or small the numbers of a scenario may be.

use super::diagnostics::Diagnostic;
use std::ops::Range;

/// Limits of a whole number, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// What is counted, as in "the number of workers".
    pub(super) what: &'static str,
    /// Smallest.
    pub(super) min: i64,
    /// Largest.
    pub(super) max: i64,
}

impl Limits {
    const fn new(what: &'static str, min: i64, max: i64) -> Self {
        Limits { what, min, max }
    }

    /// Says that `found` is outside.
    pub(super) fn refuse(&self, place: Range<usize>, found: &str, too_small: bool) -> Diagnostic {
        let (word, bound) = match too_small {
            true => ("small", format!("at least {}", grouped(self.min))),
            false => ("large", format!("at most {}", grouped(self.max))),
        };
        let title = format!("{}: {found} is too {word}", self.what);
        Diagnostic::at(place, title).label(bound)
    }
}

/// A whole number with underscores, as TOML allows them: `20_000`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// Members: ids are 32 bits, and each takes memory.
pub(super) const USERS: Limits = Limits::new("number of users", 1, 100_000_000);
/// Products: as members.
pub(super) const PRODUCTS: Limits = Limits::new("number of products", 1, 100_000_000);
/// Customers of a closed load.
pub(super) const ACTIVE_USERS: Limits = Limits::new("number of active users", 1, 100_000_000);
/// Users of a closed load that ramps.
pub(super) const RAMPED_USERS: Limits = Limits::new("number of active users", 0, 100_000_000);
/// Orders of a fixed load.
pub(super) const ORDERS: Limits = Limits::new("number of orders", 1, MOST_REQUESTS);
/// Orders of one user: the key of a visit has 29 bits for them.
pub(super) const USER_ORDERS: Limits = Limits::new("number of orders", 1, 500_000_000);
/// Workers of a service.
pub(super) const WORKERS: Limits = Limits::new("number of workers", 1, 1_000_000);
/// Waiting messages; 0: whoever finds no free worker is refused.
pub(super) const CAPACITY: Limits = Limits::new("queue capacity", 0, 1_000_000_000);
/// Coupons of a campaign.
pub(super) const COUPONS: Limits = Limits::new("number of coupons", 1, 4_000_000_000);
/// Discount in percent.
pub(super) const PERCENT: Limits = Limits::new("percent", 1, 100);
/// Discount in the smallest unit of money.
pub(super) const DISCOUNT: Limits = Limits::new("amount", 1, 1_000_000_000_000);
/// Payments of an order: the key of an exchange has five bits for them.
pub(super) const PAYMENTS: Limits = Limits::new("number of payments", 1, 31);
/// Attempts of a call: the key of an exchange has eight bits for them.
pub(super) const ATTEMPTS: Limits = Limits::new("number of attempts", 1, 255);
/// Occurrences, from 1.
pub(super) const OCCURRENCE: Limits = Limits::new("occurrence", 1, i64::MAX);
/// Windows of a fault.
pub(super) const WINDOWS: Limits = Limits::new("number of windows", 1, 1_000_000);
/// Calls in a row without an answer.
pub(super) const FAILURES: Limits = Limits::new("number of failures", 1, 1_000_000_000);
/// Faults of a scenario: a decision has six bits for which of them is asked.
pub(super) const MOST_FAULTS: usize = 64;
/// Order ids.
pub(super) const ORDER_ID: Limits = Limits::new("order id", 0, MOST_REQUESTS);
/// Initial balance in the smallest unit of money.
pub(super) const BALANCE: Limits = Limits::new("balance", 0, 1_000_000_000_000_000);
/// Initial stock of a product.
pub(super) const STOCK: Limits = Limits::new("stock", 0, 1_000_000_000_000);
/// Price of a unit in the smallest unit of money.
pub(super) const PRICE: Limits = Limits::new("price", 0, 1_000_000_000_000);
/// Largest number of a Zipf distribution: each takes 24 to 40 bytes.
pub(super) const ZIPF_MAX: Limits = Limits::new("largest number", 1, 1_000_000);
/// Lines of a basket.
pub(super) const LINES: Limits = Limits::new("number of lines", 1, 10_000);
/// Units of a line: 32 bits.
pub(super) const QUANTITY: Limits = Limits::new("quantity", 1, 1_000_000_000);
/// Requests of one kind in a run: ids are 32 bits.
pub(super) const MOST_REQUESTS: i64 = 4_000_000_000;
/// Sums (of money, of units) stay below this, far from overflow: 2^60.
pub(super) const LARGEST_SUM: i64 = 1 << 60;
