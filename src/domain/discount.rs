//! What a coupon takes off.

/// What a coupon takes off, never more than the subtotal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Discount {
    /// Rounded down, 1 to 100.
    Percent(u8),
    /// In the smallest unit of money.
    Amount(i64),
}
