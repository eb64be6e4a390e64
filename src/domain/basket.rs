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
    /// The campaign whose coupon the customer presents.
    pub coupon: Option<u32>,
    /// What is bought. The same product may stand on several lines.
    pub lines: Box<[Line]>,
}

impl Basket {
    /// The sum of the lines, before any discount.
    #[must_use]
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.line_amount).sum()
    }
}

/// A shared basket: eight bytes in each message and row.
pub type SharedBasket = Arc<Basket>;
