//! What a customer asked for.

use std::sync::Arc;

/// One line of a basket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Line {
    /// Product id, dense from 0.
    pub product: u32,
    /// Units, at least 1.
    pub quantity: u32,
    /// What the whole line costs, in the smallest unit of money, as the customer was told.
    pub line_amount: i64,
}

/// What the customer asked for: immutable, allocated once, shared by messages and rows.
#[derive(PartialEq, Eq, Hash, Debug)]
pub struct Basket {
    /// User id, dense from 0.
    pub user: u32,
    /// Campaign + 1; 0: no coupon. A basket is kept for every order: four bytes, not eight.
    coupon: u32,
    /// What is bought. The same product may stand on several lines.
    pub lines: Box<[Line]>,
}

impl Basket {
    /// A basket, with the campaign whose coupon the customer presents.
    #[must_use]
    pub fn new(user: u32, coupon: Option<u32>, lines: Box<[Line]>) -> Self {
        Basket { user, coupon: coupon.map_or(0, |campaign| campaign.saturating_add(1)), lines }
    }

    /// The campaign whose coupon the customer presents.
    #[must_use]
    pub const fn coupon(&self) -> Option<u32> {
        self.coupon.checked_sub(1)
    }

    /// The sum of the lines, before any discount.
    #[must_use]
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.line_amount).sum()
    }
}

/// A shared basket: eight bytes in each message and row.
pub type SharedBasket = Arc<Basket>;
